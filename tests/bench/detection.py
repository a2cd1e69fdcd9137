"""How fast the detector is, how soon it is ready, what it holds in memory, how its time grows with the text.

    python -m tests.bench.detection [--json] [--quick]

One process, one core. Ordinary items and articles are made here (tests.bench.texts); where GIGAWATCH_EXTRA names the
folder with real headlines, the gate is timed on those as well. Deals come from the labelled slices, brought to the
size of the others by their own text. Ends with 1 where a bound is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.bench import texts
from tests.quality.corpus import article_of, rows_of, tables
from worker import settings
from worker.model import Article
from worker.pipeline.detection import Detector

SLICES = Path(__file__).resolve().parents[1] / "quality"
SIZE = 2_500
ONE_DEAL_IN = 20
LENGTHS = (5_000, 20_000, 50_000, 100_000, 200_000)
_FRESH = """
import json, re, sys, time
from pathlib import Path
def held():
    return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1])
bare, start, folder = held(), time.perf_counter(), Path(sys.argv[1])
import tomli
from worker.pipeline.detection import Detector
found = {name: tomli.loads((folder / f"{name}.toml").read_text("utf-8")) for name in ("companies", "lexicon")}
Detector.from_tables(**found, weights=json.loads((folder / "detector.json").read_text("utf-8")))
print(time.perf_counter() - start, (held() - bare) / 1024)
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure and its bound: at least (`floor`) or at most (`ceiling`)."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    ceiling: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the bound is kept."""
        low = self.floor is None or self.value >= self.floor
        return low and (self.ceiling is None or self.value <= self.ceiling)


def main() -> int:
    """Run as a program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="a tenth of the texts")
    asked = parser.parse_args()
    figures = measure(tenth=asked.quick)
    if asked.json:
        rows = [
            {"name": one.name, "value": round(one.value, 4), "unit": one.unit, "holds": one.holds} for one in figures
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for one in figures:
            bound = f">= {one.floor:g}" if one.floor is not None else f"<= {one.ceiling:g}"
            print(f"{'ok  ' if one.holds else 'MISS'} {one.value:12.2f} {one.unit:12} {bound:10} {one.name}")
    return 0 if all(one.holds for one in figures) else 1


def measure(*, tenth: bool) -> list[Figure]:
    """Return all figures."""
    detector = Detector.from_tables(**tables())
    count = 400 if tenth else 4_000
    figures = [_gate(detector, texts.items(count), "gate: made items of 300 characters")]
    headlines = _headlines(count)
    if headlines:
        figures.append(_gate(detector, headlines, "gate: real headlines"))
    figures.append(_mix(detector, count // 4))
    figures += _fresh()
    figures += _growth(detector)
    return figures


def _rate(work: Callable[[], int]) -> float:
    """Return how much work a second of this core does, the best of three runs."""
    best = 0.0
    for _ in range(3):
        start = time.process_time()
        done = work()
        best = max(best, done / (time.process_time() - start))
    return best


def _gate(detector: Detector, items: Sequence[tuple[str, str]], name: str) -> Figure:
    def work() -> int:
        for title, summary in items:
            detector.gate(title, summary)
        return len(items)

    return Figure(name, _rate(work), "items/s", floor=8_000)


def _headlines(count: int) -> list[tuple[str, str]]:
    extra = os.environ.get("GIGAWATCH_EXTRA", "")
    path = Path(extra) / "corpus" / "real-headlines.jsonl"
    if not extra or not path.is_file():
        print("without real headlines: GIGAWATCH_EXTRA does not name their folder", file=sys.stderr)
        return []
    return [(row["title"], (row.get("summary") or "")[:300]) for row in rows_of(path)][:count]


def _mix(detector: Detector, count: int) -> Figure:
    deals = [_sized(article_of(row)) for path in sorted(SLICES.glob("dev-*.jsonl")) for row in _deals(path)]
    ordinary = list(texts.articles(count, size=SIZE))
    mix = [
        deals[place // ONE_DEAL_IN % len(deals)] if place % ONE_DEAL_IN == 0 else one
        for place, one in enumerate(ordinary)
    ]

    def work() -> int:
        for one in mix:
            detector.judge(one)
        return len(mix)

    return Figure("full articles of 2,500 characters, one in 20 a deal", _rate(work), "articles/s", floor=400)


def _deals(path: Path) -> list[dict[str, Any]]:
    return [row for row in rows_of(path) if row["deal"] == "yes"]


def _sized(article: Article) -> Article:
    text = article.text or article.summary
    while len(text) < SIZE:
        text += "\n\n" + (article.text or article.summary)
    return replace(article, text=text[:SIZE])


def _fresh() -> list[Figure]:
    told = subprocess.run(
        [sys.executable, "-c", _FRESH, str(settings.packaged())],
        check=True,
        capture_output=True,
        text=True,
        cwd=SLICES.parents[1],
    )
    ready, held = (float(value) for value in told.stdout.split())
    return [
        Figure("start of the detector in a fresh process", ready, "s", ceiling=0.5),
        Figure("memory above a bare interpreter", held, "MB", ceiling=80),
    ]


def _growth(detector: Detector) -> list[Figure]:
    """Return for every kind of text how much more a character costs at 200,000 characters than at 20,000."""
    deal = next(article_of(row).text for row in _deals(SLICES / "dev-a.jsonl") if row["text"])
    kinds = {
        "a deal repeated": deal + "\n\n",
        "names in a list": "Nvidia, Orange, Bocadel, Tirvane, Mistral AI et ",
        "digits": "12 500 GPU 3,4 Md€ 2 GW 15 ",
        "quotes and brackets": "« (Il l'a dit) » [et (elle] ",
        "capitals": "ACCORD GEANT ENTRE DEUX ",
        "no spaces": "Xylophage",
        "one long sentence": "et la société loue des serveurs à son client ",
    }
    figures = []
    for name, piece in kinds.items():
        cost = {size: _cost(detector, (piece * (size // len(piece) + 1))[:size]) for size in (LENGTHS[1], LENGTHS[-1])}
        grows = (cost[LENGTHS[-1]] / LENGTHS[-1]) / max(cost[LENGTHS[1]] / LENGTHS[1], 1e-9)
        figures.append(
            Figure(f"growth, {name}: {cost[LENGTHS[-1]]:.2f} s at 200,000", grows, "x per char", ceiling=3.0)
        )
    return figures


def _cost(detector: Detector, text: str) -> float:
    article = Article(id="long", title="Nvidia loue 40 mégawatts de GPU", summary="", text=text)
    start = time.process_time()
    detector.judge(article)
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
