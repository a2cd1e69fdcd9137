# One image for every role: the command says which (worker, beat, migrate, up, ...).
FROM python:3.13-slim-bookworm AS build

# For a mirror of PyPI: docker compose build --build-arg PIP_INDEX_URL=... Only this stage knows it.
ARG PIP_INDEX_URL
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
RUN python -m venv /opt/gigawatch
# The lock changes less often than the code, so its layer stays.
COPY constraints.txt ./
RUN /opt/gigawatch/bin/pip install --require-hashes -r constraints.txt
COPY pyproject.toml README.md LICENSE ./
COPY config ./config
COPY worker ./worker
RUN /opt/gigawatch/bin/pip install --no-deps . \
    && /opt/gigawatch/bin/pip check \
    && /opt/gigawatch/bin/python -m compileall -q /opt/gigawatch/lib \
    && /opt/gigawatch/bin/pip uninstall -y pip


FROM python:3.13-slim-bookworm

LABEL org.opencontainers.image.title="gigawatch" \
      org.opencontainers.image.licenses="MIT"
# A fixed number, so that volumes keep their owner from one image to the next.
RUN groupadd --gid 10001 gigawatch \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/gigawatch --shell /usr/sbin/nologin gigawatch \
    && install -d -o 10001 -g 10001 -m 0750 /var/lib/gigawatch
COPY --from=build /opt/gigawatch /opt/gigawatch

# The root file system may be read-only: what is written goes to the data folder and to /tmp.
ENV PATH=/opt/gigawatch/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/var/lib/gigawatch \
    GIGAWATCH_DATA=/var/lib/gigawatch
WORKDIR /var/lib/gigawatch
VOLUME /var/lib/gigawatch
USER 10001:10001

STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=15s --start-period=60s --retries=3 CMD ["gigawatch", "healthcheck"]
ENTRYPOINT ["gigawatch"]
CMD ["up"]
