"""Test 12: SQLite under contention. Four processes and the command line write while a slow reader holds a snapshot."""

from __future__ import annotations

import multiprocessing
import time

import sqlalchemy

from tests.faults.lab import Lab, Part
from tests.faults.receivers import pending
from worker.adapters.store import Store

TITLE = "SQLite contention"

_WRITERS, _ROWS = 4, 500
_READ_S = 10.0
_FEEDS = 200


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


def _person(lab: Lab, url: str) -> list[Part]:
    """Start what a person types meanwhile: a list of feeds taken in, one row a transaction, and one feed added."""
    rows = "".join(f'<outline text="F{n}" xmlUrl="https://f{n}.example/rss"/>' for n in range(_FEEDS))
    file = lab.folder / "feeds.opml"
    file.write_text(f"<opml version='2.0'><body>{rows}</body></opml>", encoding="utf-8")
    environ = {**lab.configure(), "GIGAWATCH_DATABASE_URL": url}
    added = ("feeds", "add", "https://one.example/rss", "--no-check")
    return [
        lab.part("feeds", "import", str(file), environ=environ, log="import").start(),
        lab.part(*added, environ=environ, log="add").start(),
    ]


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
        commands = _person(lab, url)
        while time.monotonic() - begun < min(_READ_S, _READ_S * lab.scale):
            snapshot.execute(sqlalchemy.text("SELECT count(*) FROM alert"))
            time.sleep(0.05)
        after = snapshot.scalar(sqlalchemy.text("SELECT count(*) FROM alert"))
    errors = [text for _ in writers if (text := found.get(timeout=120))]
    for writer in writers:
        writer.join()
    codes = [command.process.wait(60) if command.process else 1 for command in commands]
    with store.read() as connection:
        total = connection.scalar(sqlalchemy.text("SELECT count(*) FROM alert"))
        feeds = connection.scalar(sqlalchemy.text("SELECT count(*) FROM feed WHERE origin = 'operator'"))
        synchronous = connection.scalar(sqlalchemy.text("PRAGMA synchronous"))
    store.close()
    lab.figure("rows", int(total or 0))
    lab.figure("feeds taken in by commands", int(feeds or 0))
    lab.figure("locked or other errors", len(errors))
    lab.figure("synchronous", int(synchronous or 0))
    lab.must(total == _WRITERS * rows, f"{total} rows for {_WRITERS * rows}")
    lab.must(codes == [0, 0], "; ".join(command.words() for command in commands))
    lab.must(feeds == _FEEDS + 1, f"{feeds} feeds for {_FEEDS + 1}")
    said = " ".join(command.words() for command in commands)
    lab.must("locked" not in said, said)
    lab.must(not errors, "; ".join(errors))
    lab.must(before == after, "the reader saw rows appear within its snapshot")
    lab.must(synchronous == 2, "synchronous is not FULL")
