"""Test 12: SQLite under contention. Four processes and the command line write while a slow reader holds a snapshot."""

from __future__ import annotations

import multiprocessing
import time

import sqlalchemy

from tests.faults.lab import Lab
from tests.faults.receivers import pending
from worker.adapters.store import Store

TITLE = "SQLite contention"
SHORT = True

_WRITERS, _ROWS = 4, 500
_READ_S = 10.0


def _write(url: str, name: str, rows: int, found: multiprocessing.Queue[str]) -> None:
    store = Store(url)
    try:
        for number in range(rows):
            pending(store, 1, prefix=f"{name} {number}")
        found.put("")
    except Exception as error:
        found.put(f"{name}: {error}")
    finally:
        store.close()


def run(lab: Lab) -> None:
    """Write 2,000 rows by four processes beside a reader of ten seconds and commands of a person."""
    url = f"sqlite:///{lab.folder / 'store.db'}"
    store = Store(url)
    store.migrate()
    context = multiprocessing.get_context("spawn")
    found: multiprocessing.Queue[str] = context.Queue()
    rows = lab.count(_ROWS)
    begun = time.monotonic()
    writers = [context.Process(target=_write, args=(url, f"w{n}", rows, found)) for n in range(_WRITERS)]
    with store.read() as snapshot:
        before = snapshot.scalar(sqlalchemy.text("SELECT count(*) FROM alert"))
        for writer in writers:
            writer.start()
        pending(store, 20, prefix="person")
        while time.monotonic() - begun < min(_READ_S, _READ_S * lab.scale):
            snapshot.execute(sqlalchemy.text("SELECT count(*) FROM alert"))
            time.sleep(0.05)
        after = snapshot.scalar(sqlalchemy.text("SELECT count(*) FROM alert"))
    errors = [text for _ in writers if (text := found.get(timeout=120))]
    for writer in writers:
        writer.join()
    with store.read() as connection:
        total = connection.scalar(sqlalchemy.text("SELECT count(*) FROM alert"))
        synchronous = connection.scalar(sqlalchemy.text("PRAGMA synchronous"))
    store.close()
    lab.figure("rows", int(total or 0))
    lab.figure("locked or other errors", len(errors))
    lab.figure("synchronous", int(synchronous or 0))
    lab.must(total == _WRITERS * rows + 20, f"{total} rows for {_WRITERS * rows + 20}")
    lab.must(not errors, "; ".join(errors))
    lab.must(before == after, "the reader saw rows appear within its snapshot")
    lab.must(synchronous == 2, "synchronous is not FULL")
