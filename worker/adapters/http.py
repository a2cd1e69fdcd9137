"""The one HTTP client. Every request of gigawatch passes here: feeds, pages, robots.txt, webhooks.

What httpx leaves open is closed here: the address dialled is checked (`address`), a request has a total time, raw and
decoded sizes have limits (`inflate`), redirects are followed hop by hop, environment proxies are ignored, no cookies.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import NoReturn
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import httpcore
import httpx

from worker.adapters.address import Guard, GuardedBackend
from worker.adapters.inflate import OFFERED, Inflater
from worker.errors import BlockedAddress, FetchError
from worker.model import Cause
from worker.ports import Fetcher, Response

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_ANSWER_BYTES = 20_000
ANSWER_S = 5.0
# Idle pools kept by one client: more would only hold sockets that nobody asks again within a step.
_POOLS = 64
# Headers that belong to the first host alone.
_OWN = frozenset({"authorization", "cookie", "proxy-authorization"})


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Bounds of one request: seconds in all and for connecting, bytes as received, redirects followed."""

    total_s: float = 20.0
    connect_s: float = 10.0
    raw_bytes: int = 5 * 2**20
    redirects: int = 5


_LIMITS = HttpLimits()


@functools.cache
def _tls() -> ssl.SSLContext:
    # 20 ms and several MB each, so one for all clients of the process. SSL_CERT_FILE and SSL_CERT_DIR, OpenSSL's own
    # variables for a house's certificates, are heeded; nothing else of the environment is.
    context = httpx.create_ssl_context(verify=True, trust_env=True)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Stream(httpx.AsyncByteStream):
    def __init__(self, inner: httpcore.Response) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._inner.aiter_stream():
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Transport(httpx.AsyncBaseTransport):
    """httpcore pools over the guarded backend, one small pool per origin.

    One pool for all would let thirty slow hosts use up its places while healthy ones wait; and a pool's cost per
    request grows with its connections (5.4 ms at 50, 1.0 ms at 10).
    """

    def __init__(self, backend: GuardedBackend) -> None:
        self._backend = backend
        self._pools: dict[tuple[str, str, int | None], httpcore.AsyncConnectionPool] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        pool = await self._pool(url.scheme, url.host, url.port)
        answer = await pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Stream(answer), extensions=answer.extensions
        )

    async def _pool(self, scheme: str, host: str, port: int | None) -> httpcore.AsyncConnectionPool:
        key = (scheme, host, port)
        if key not in self._pools:
            idle = [k for k, pool in self._pools.items() if all(c.is_idle() for c in pool.connections)]
            for old in idle[: max(0, len(self._pools) - _POOLS)]:
                await self._pools.pop(old).aclose()
            self._pools[key] = httpcore.AsyncConnectionPool(
                ssl_context=_tls(),
                # Several receivers may share a host, and a slow one must not keep the others' connections.
                max_connections=32,
                max_keepalive_connections=1,
                keepalive_expiry=10.0,
                network_backend=self._backend,
            )
        return self._pools[key]

    async def aclose(self) -> None:
        pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            await pool.aclose()


class HttpClient(Fetcher):
    """The guarded client, an async context manager for one event loop. See `worker.ports.Fetcher`.

    `allow` opens private addresses and further ports: `host:port`, or a network in CIDR form; ValueError for others.
    """

    def __init__(self, *, user_agent: str, allow: tuple[str, ...] = (), limits: HttpLimits = _LIMITS) -> None:
        self._limits = limits
        # A resolver that hangs holds its thread for as long as it likes; it must not hold the other hosts' names.
        self._resolver = ThreadPoolExecutor(max_workers=16, thread_name_prefix="resolve")
        self._transport = _Transport(GuardedBackend(Guard(allow), self._resolver))
        self._headers = {"User-Agent": user_agent, "Accept-Language": "fr", "Accept-Encoding": OFFERED}

    async def __aenter__(self) -> HttpClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()
        self._resolver.shutdown(wait=False, cancel_futures=True)

    async def get(self, url: str, *, accept: str, headers: Mapping[str, str] | None = None, limit: int) -> Response:
        """Fetch `url`, at most `limit` bytes after decoding, redirects followed; every status is an answer."""
        sent = {**self._headers, "Accept": accept, **(headers or {})}
        with _translated(_shown(url)):
            async with asyncio.timeout(self._limits.total_s):
                return await self._follow(url, sent, limit)

    async def post(self, url: str, *, body: bytes, headers: Mapping[str, str], timeout: float) -> Response:
        """Send `body` once; a redirect is an answer. At most 20,000 bytes of the answer's body are kept.

        A status, once received, is the receiver's word: a body that is endless, slow or damaged does not take it back.
        """
        # The path of a webhook address is often its secret, so errors name the host alone.
        with _translated(_shown(url, path=False)):
            async with asyncio.timeout(timeout) as clock:
                checked = _checked(url)
                request = self._request("POST", checked, {**self._headers, **headers}, timeout, content=body)
                async with self._answer(request) as answer:
                    clock.reschedule(None)
                    return Response(answer.status_code, checked, _plain(answer), await _first_bytes(answer, timeout))

    async def _follow(self, url: str, headers: dict[str, str], limit: int) -> Response:
        permanent = True
        for hop in range(self._limits.redirects + 1):
            with _hop(url if hop else ""):
                url = _checked(url)
                async with self._answer(self._request("GET", url, headers, self._limits.total_s)) as answer:
                    target = answer.headers.get("location", "")
                    if answer.status_code not in _REDIRECTS or not target:
                        moved = url if hop and permanent else None
                        return Response(answer.status_code, url, _plain(answer), await self._body(answer, limit), moved)
                following = _next(url, target)
            # A step down from https is followed, but never remembered as the feed's new home.
            downgrade = url.startswith("https:") and not following.startswith("https:")
            permanent = permanent and answer.status_code in _PERMANENT and not downgrade
            if urlsplit(following).netloc != urlsplit(url).netloc:
                headers = {name: value for name, value in headers.items() if name.casefold() not in _OWN}
            url = following
        raise FetchError(Cause.REDIRECTS, f"more than {self._limits.redirects} redirects, the last to {_shown(url)}")

    def _request(
        self, method: str, url: str, headers: Mapping[str, str], seconds: float, *, content: bytes | None = None
    ) -> httpx.Request:
        timeout = httpx.Timeout(seconds, connect=min(seconds, self._limits.connect_s))
        wire = [(name.encode("ascii"), _wire(value)) for name, value in headers.items()]
        return httpx.Request(method, url, headers=wire, content=content, extensions={"timeout": timeout.as_dict()})

    @contextlib.asynccontextmanager
    async def _answer(self, request: httpx.Request) -> AsyncIterator[httpx.Response]:
        # Straight through the transport: httpx.AsyncClient would add cookies, default headers and a log line that
        # shows the whole address.
        answer = await self._transport.handle_async_request(request)
        try:
            yield answer
        finally:
            await answer.aclose()

    async def _body(self, answer: httpx.Response, limit: int) -> bytes:
        raw_limit = self._limits.raw_bytes
        announced = answer.headers.get("content-length", "")
        if announced.isascii() and announced.isdigit() and int(announced) > raw_limit:
            raise FetchError(Cause.TOO_LARGE, f"the body is announced as {int(announced):,} bytes")
        inflater = Inflater(answer.headers.get("content-encoding", ""), limit)
        body = bytearray()
        received = 0
        async for raw in answer.aiter_raw():
            received += len(raw)
            if received > raw_limit:
                raise FetchError(Cause.TOO_LARGE, f"the body is larger than {raw_limit:,} bytes as sent")
            # Not a list of pieces: a body sent in chunks of one byte would take forty times its size.
            body += inflater.feed(raw)
        inflater.finish()
        return bytes(body)


async def _first_bytes(answer: httpx.Response, seconds: float) -> bytes:
    kept = bytearray()
    with contextlib.suppress(FetchError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        inflater = Inflater(answer.headers.get("content-encoding", ""), _ANSWER_BYTES + 2**20)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, ANSWER_S)):
                async for raw in answer.aiter_raw():
                    kept += inflater.feed(raw)
                    if len(kept) >= _ANSWER_BYTES:
                        break
    return bytes(kept[:_ANSWER_BYTES])


def _plain(answer: httpx.Response) -> dict[str, str]:
    # Latin-1 loses no byte, and `_wire` gives the same bytes back: validators return exactly as they came.
    return {name.decode("latin-1").casefold(): value.decode("latin-1") for name, value in answer.headers.raw}


def _wire(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8")


@contextlib.contextmanager
def _hop(url: str) -> Iterator[None]:
    """Name the address of a redirect that failed; the first address is named by `_translated`."""
    try:
        yield
    except FetchError as error:
        if not url:
            raise
        raise type(error)(error.cause, f"redirected to {_shown(url)}: {error}") from error


def _checked(url: str) -> str:
    """Return `url` without fragment; raises BlockedAddress for what is not a plain http(s) address."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise BlockedAddress(Cause.BLOCKED, f"not a web address ({error})") from error
    if parts.scheme not in ("http", "https"):
        raise BlockedAddress(
            Cause.BLOCKED, f"only http and https are fetched, not {parts.scheme[:20] or 'a bare path'}"
        )
    if "@" in parts.netloc:
        raise BlockedAddress(Cause.BLOCKED, "an address must not carry a user name or password")
    if not host:
        raise BlockedAddress(Cause.BLOCKED, "the address names no host")
    return urlunsplit(parts._replace(fragment=""))


def _next(url: str, target: str) -> str:
    # An address is shown, stored and mailed: what of it nobody sees, or a terminal would obey, goes in percent signs.
    written = "".join(c if c.isprintable() and c != " " else quote(c, errors="replace") for c in target.strip())
    try:
        return urljoin(url, written)
    except ValueError as error:
        raise FetchError(Cause.REDIRECTS, f"a redirect leads to no address ({error})") from error


def _shown(url: str, *, path: bool = True) -> str:
    """Return `url` for people: no credentials, no query (it may hold a token), at most 200 characters."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that cannot be read"
    bare = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path if path else "", "", ""))
    return "".join(c for c in bare if c.isprintable())[:200]


_ADVICE = {
    Cause.DNS: "check the name",
    Cause.TIMEOUT: "it is tried again later",
    Cause.CONNECT: "it is tried again later",
    Cause.TLS: "its certificate must be valid; a house's own authority can be named with SSL_CERT_FILE",
    Cause.TOO_LARGE: "raise the limit in [fetch] if this size is normal for it",
    Cause.ENCODING: "nothing was read; ask its operator to send gzip or nothing",
    Cause.REDIRECTS: "correct the address",
}


@contextlib.contextmanager
def _translated(shown: str) -> Iterator[None]:
    """Turn whatever went wrong into a FetchError that says where, what and what to do."""
    try:
        yield
    except FetchError as error:
        _fail(type(error), Cause(error.cause), shown, str(error), error)
    except (TimeoutError, httpcore.TimeoutException, httpx.TimeoutException) as error:
        _fail(FetchError, Cause.TIMEOUT, shown, "no whole answer in time", error)
    except (httpcore.ConnectError, httpx.ConnectError) as error:
        tls = isinstance(error.__cause__, ssl.SSLError) or isinstance(error.__context__, ssl.SSLError)
        _fail(FetchError, Cause.TLS if tls else Cause.CONNECT, shown, str(error) or "no connection", error)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpcore.UnsupportedProtocol, UnicodeError) as error:
        _fail(BlockedAddress, Cause.BLOCKED, shown, f"not a web address ({error})", error)
    except (httpcore.NetworkError, httpcore.ProtocolError, httpx.TransportError, OSError) as error:
        _fail(
            FetchError, Cause.CONNECT, shown, f"the connection broke off ({str(error) or type(error).__name__})", error
        )


def _fail(kind: type[FetchError], cause: Cause, shown: str, problem: str, error: BaseException) -> NoReturn:
    advice = _ADVICE.get(cause, "")
    raise kind(cause.value, f"{shown}: {problem}" + (f"; {advice}" if advice else "")) from error
