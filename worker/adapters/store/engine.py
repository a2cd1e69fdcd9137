"""Connections: one code path for SQLite and PostgreSQL, foreign errors translated here and nowhere else."""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, NoSuchModuleError, SQLAlchemyError

from worker.adapters.disk import room
from worker.errors import StoreError, StoreUnavailable
from worker.masking import NOTHING, Mask

# Any constant will do, as long as no two purposes share one.
FILING_LOCK = 7_406_001
MIGRATION_LOCK = 7_406_002

_READ = "gigawatch_read"
_SQLITE_BUSY_MS = 30_000
# A connection that rested for longer is asked whether it still stands.
_RESTED_S = 1.0


def _sqlite_connect(connection: Any, _record: Any) -> None:
    # FULL, for NORMAL may lose the last commits on a power cut, validators and alerts among them.
    # Without an isolation level the driver opens no transactions of its own; `_sqlite_begin` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={_SQLITE_BUSY_MS}", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    # Deferred transactions that read, then write, fail as locked under contention: 960 of 1,200 measured, immediate 0.
    reading = connection.get_execution_options().get(_READ)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _rested(_connection: Any, record: Any) -> None:
    record.info["rested_since"] = time.monotonic()


def _asked_after_a_rest(connection: Any, record: Any, _proxy: Any) -> None:
    # Asked every time, a server far away is asked nine times for one article. One that went away within the second is
    # seen by the next statement, which is tried again as any other.
    since = record.info.get("rested_since")
    if since is None or time.monotonic() - since < _RESTED_S:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as error:
        raise DisconnectionError from error


def make_engine(url: str) -> Engine:
    """Return an engine for `url`; raises StoreError for an address that SQLAlchemy cannot use."""
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite":
            engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": _SQLITE_BUSY_MS / 1000})
            event.listen(engine, "connect", _sqlite_connect)
            event.listen(engine, "begin", _sqlite_begin)
            return engine
        engine = create_engine(
            parsed,
            hide_parameters=True,
            pool_size=4,
            max_overflow=4,
            pool_timeout=10,
            connect_args={"connect_timeout": 5, "client_encoding": "utf8"},
        )
        event.listen(engine, "checkin", _rested)
        event.listen(engine, "checkout", _asked_after_a_rest)
        return engine
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise StoreError(
            f"GIGAWATCH_DATABASE_URL is not a usable address ({error}); expected sqlite:///FILE or "
            "postgresql://USER:PASSWORD@HOST/NAME"
        ) from error
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs the extra `postgres`: pip install 'gigawatch[postgres]'") from error


def lives_of(pid: int) -> str:
    """Return how the names of all lives of a process of this machine begin."""
    return f"{socket.gethostname()[:10]}.{pid}."


def new_life() -> str:
    """Return a name for one life of a worker, from the start of this process to its end; at most 32 characters."""
    return f"{lives_of(os.getpid())}{uuid.uuid4().hex[:8]}"


class Database:
    """An engine with two ways in: `read()` changes nothing, `write()` is one transaction, committed at its end.

    On SQLite `read()` sees a snapshot; on PostgreSQL each of its statements sees what is committed by then.

    `mask` hides secrets in what errors and receivers said before it is kept. `life` names the life of the worker that
    claims are made for, the same in all of its processes; one of its own where none is given.
    """

    def __init__(self, url: str, *, mask: Mask = NOTHING, life: str = "") -> None:
        self.engine = make_engine(url)
        self.mask = mask
        self.life = life or new_life()
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        # One statement sees one state of PostgreSQL, and a transaction around it takes two more trips to the server.
        reading: dict[str, Any] = {_READ: True} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._reading = self.engine.execution_options(**reading)

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()

    def ping(self) -> None:
        """Raise StoreUnavailable or StoreError unless the database answers."""
        with self.read() as connection:
            connection.execute(text("SELECT 1"))

    def now(self) -> datetime:
        """Return the time by the database's own clock: SQLite's is this machine's, to the millisecond."""
        asked = "SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')" if self.is_sqlite else "SELECT clock_timestamp()"
        with self.read() as connection:
            told = connection.scalar(text(asked))
        found = told if isinstance(told, datetime) else datetime.fromisoformat(str(told)).replace(tzinfo=UTC)
        return found.astimezone(UTC)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._translated(), self._reading.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self._translated(), self.engine.begin() as connection:
            yield connection

    def lock(self, connection: Connection, number: int) -> None:
        """Let one transaction at a time pass here, until its end. SQLite's immediate transactions already do."""
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})

    @property
    def absent(self) -> bool:
        """Return whether this is a SQLite file that nobody has made yet."""
        return self.is_sqlite and not Path(str(self.engine.url.database)).exists()

    def _full(self, reason: str) -> str:
        """Return what to say where `reason` means that there is no room on the disk, "" where it means something else.

        SQLite calls it an I/O error, or a file that cannot be opened, where its own index of the log finds no room.
        """
        where = self.engine.url.render_as_string(hide_password=True)
        rest = "free some space and it goes on by itself, nothing was lost"
        if not self.is_sqlite:
            told = "No space left" in reason or "disk full" in reason
            return f"the disk of {where} is full: {reason}; {rest}" if told else ""
        if not any(sign in reason for sign in ("full", "disk I/O error", "unable to open database file")):
            return ""
        file = Path(str(self.engine.url.database)).absolute()
        found = room(file.parent)
        if "full" not in reason and not found.full:
            return ""
        size = sum(one.stat().st_size for one in (file, Path(f"{file}-wal")) if one.exists())
        return f"the disk that holds {file} ({size / 2**20:.1f} MB) is full: {reason}, {found}; {rest}"

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
            where = self.engine.url.render_as_string(hide_password=True)
            if full := self._full(reason):
                raise StoreError(full) from error
            if any(sign in reason for sign in ("no such table", "no such column", "does not exist")):
                raise StoreError(f"{where} has no tables, or old ones: {reason}; run `gigawatch migrate`") from error
            if error.connection_invalidated or type(error.orig).__name__ == "OperationalError":
                raise StoreUnavailable(f"{where} cannot be used just now: {reason}") from error
            raise StoreError(f"{where} refused: {reason}") from error
        except SQLAlchemyError as error:
            raise StoreUnavailable(f"the store cannot be used just now: {error}") from error
