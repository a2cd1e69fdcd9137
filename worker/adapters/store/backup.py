"""Backup and restore of a SQLite store: a verified copy, taken and put back without a moment in which there is none.

A copy is written beside its place under another name, checked, and only then renamed, so that what stands under the
name asked for is whole. It is one file: a store of its own holds its latest commits in a second one (`-wal`).
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from worker.adapters.store.claims import ClaimQueries
from worker.adapters.store.migrate import migrate
from worker.errors import StoreError, UsageError

Progress = Callable[[int, int], None]

_MAGIC = b"SQLite format 3\0"
_COUNTED = ("feed", "entry", "article", "story", "alert")
_PAGES = 2_000
_BUSY_S = 2.0
_BESIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Copy:
    """A verified copy of a store: its file, size in bytes, schema revision, and rows by table."""

    path: Path
    size: int
    revision: str
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: the copy as it was, the revision that it was brought to, and where the replaced store is."""

    copy: Copy
    revision: str
    kept: Path | None


def sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite address, None for another database or one in memory."""
    parsed = make_url(url)
    named = parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:")
    return Path(str(parsed.database)).absolute() if named else None


def dump_command(url: str, file: Path, *, restore: bool) -> str:
    """Return the command of PostgreSQL's own that does the same for its database; it asks for the password itself."""
    # The `set` of an address leaves alone what is to become None.
    bare = make_url(url)._replace(drivername="postgresql", password=None)
    address = bare.render_as_string(hide_password=False)
    if restore:
        words = ("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", f"--dbname={address}")
        return shlex.join((*words, str(file)))
    return shlex.join(("pg_dump", "--format=custom", f"--file={file}", f"--dbname={address}"))


def back_up(store: Path, target: Path, *, force: bool = False, progress: Progress | None = None) -> Copy:
    """Copy the store as it is at one moment to `target`, readable by its owner alone, while others go on writing.

    Raises UsageError for a `target` that exists (unless `force`) or cannot be one, StoreError where the copy cannot be
    made or does not hold.
    """
    if not store.is_file():
        raise StoreError(f"there is no store at {store}; is --data or store.url right?")
    if target.is_dir():
        raise UsageError(f"{target} is a folder; name a file in it, such as {target / 'gigawatch-backup.db'}")
    if target.exists() and not force:
        raise UsageError(f"{target} exists already; choose another name, or --force to replace it")
    if target.exists() and target.samefile(store):
        raise UsageError(f"{target} is the store itself; choose another file")
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder {target.parent}; make it, or choose another")
    with _beside(target, need=_size(store)) as draft:
        _copy(store, draft, progress)
        found = _inspect(draft)
        _sync(draft)
        draft.replace(target)
        _sync(target.parent)
    return Copy(target, found.size, found.revision, found.rows)


def restore(source: Path, store: Path, *, now: datetime) -> Restored:
    """Put a copy into the store's place, brought to this version's schema; the replaced store is kept beside it.

    For one who knows that nobody works on the store. Raises UsageError for a `source` that is no copy or where some
    process has the store open, StoreError where the copy does not hold; the store then stays as it was.
    """
    if not source.is_file():
        raise UsageError(f"{source}: no such file")
    if store.exists() and source.samefile(store):
        raise UsageError(f"{source} is the store itself; name a backup of it")
    if (beside := Path(f"{source}-wal")).exists() and beside.stat().st_size:
        raise UsageError(
            f"{beside} holds commits that {source} lacks: this is the file of a store in use, or a plain copy of one; "
            "make a backup with `gigawatch backup`"
        )
    with _beside(store, need=_size(source)) as draft:
        shutil.copyfile(source, draft)
        found = _inspect(draft, name=source)
        revision = _prepare(draft)
        _like(draft, store)
        _sync(draft)
        kept = _set_aside(store, now) if store.exists() else None
        draft.replace(store)
        _sync(store.parent)
    return Restored(Copy(source, found.size, found.revision, found.rows), revision, kept)


def _size(store: Path) -> int:
    return sum(path.stat().st_size for path in (store, Path(f"{store}-wal")) if path.exists())


@contextmanager
def _beside(target: Path, *, need: int) -> Iterator[Path]:
    """Give an empty file beside `target` that is gone at the end, unless it was renamed."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield draft
    except (OSError, sqlite3.OperationalError) as error:
        free = shutil.disk_usage(target.parent).free
        short = f"; {free // 2**20} MB are free there, some {need // 2**20 + 1} MB are needed" if free < need else ""
        raise StoreError(f"{target} cannot be written: {_reason(error)}{short}") from error
    finally:
        for path in (draft, *(Path(f"{draft}{end}") for end in _BESIDE)):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _copy(store: Path, draft: Path, progress: Progress | None) -> None:
    with closing(_open(store)) as live, closing(sqlite3.connect(draft)) as copy:
        # A snapshot held over the whole copy: without it every commit of another process starts the copy anew.
        live.isolation_level = None
        live.execute("BEGIN")
        try:
            live.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{store} cannot be read: {error}; restore a backup") from error
        live.backup(
            copy, pages=_PAGES, progress=lambda _, left, total: progress(total - left, total) if progress else None
        )
        copy.execute("PRAGMA journal_mode=DELETE")


def _open(path: Path, mode: str = "rw") -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=30.0)


def _inspect(path: Path, *, name: Path | None = None) -> Copy:
    """Return what `path` holds. Raises StoreError that calls it `name` unless it is a whole store of gigawatch."""
    name = name or path
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise StoreError(f"{name} is no SQLite database, so no backup of gigawatch's")
    try:
        with closing(_open(path)) as connection:
            # A copy of a store says that its commits are in a second file; it has none.
            connection.execute("PRAGMA journal_mode=DELETE").fetchone()
            verdict = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
            if verdict != "ok":
                raise StoreError(f"{name} is damaged: {verdict}")
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not {"alembic_version", *_COUNTED} <= tables:
                raise StoreError(f"{name} is a SQLite database, but no store of gigawatch's")
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            rows = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _COUNTED}  # noqa: S608
    except sqlite3.DatabaseError as error:
        if "full" in str(error):
            raise
        raise StoreError(f"{name} is damaged: {error}") from error
    return Copy(path, path.stat().st_size, str(revision[0]) if revision else "", rows)


def _prepare(draft: Path) -> str:
    database = ClaimQueries(f"sqlite:///{draft}")
    try:
        revision = migrate(database)
        # Whoever held these leases is long gone; that is no fault of the rows.
        database.release_leases()
    finally:
        database.close()
    return revision


def _like(draft: Path, store: Path) -> None:
    """Give `draft` the owner and the rights of the store that it replaces, or the owner of its folder."""
    model = store if store.exists() else store.parent
    found = model.stat()
    if os.geteuid() == 0:
        os.chown(draft, found.st_uid, found.st_gid)
    if store.exists():
        draft.chmod(found.st_mode & 0o777)


def _set_aside(store: Path, now: datetime) -> Path:
    """Give the store a second name, under which it stays when its first one is given away; returns that."""
    _settle(store)
    kept = store.with_name(f"{store.name}.before-restore-{now:%Y%m%dT%H%M%SZ}")
    if kept.exists():
        raise UsageError(f"{kept} exists already; try again in a second")
    for end in _BESIDE:
        # Left where they are, they would be taken for the new store's own and spoil it.
        if (beside := Path(f"{store}{end}")).exists():
            beside.replace(f"{kept}{end}")
    try:
        os.link(store, kept)
    except OSError:  # a file system that has no second names
        store.replace(kept)
    return kept


def _settle(store: Path) -> None:
    """Bring the store into one file, unless it is damaged. Raises UsageError where another process has it open."""
    try:
        with closing(sqlite3.connect(store, timeout=_BUSY_S)) as connection:
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            return
        mode = "locked"
    except sqlite3.DatabaseError:
        return
    if mode != "delete":
        raise UsageError(
            f"some process still has {store} open (a worker, beat or a command of gigawatch); stop it, then try again"
        )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
