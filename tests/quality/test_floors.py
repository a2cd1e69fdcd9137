"""The detector, with the packaged configuration, on labelled articles: no figure falls below its floor."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.quality.conftest import Judged
from worker import settings as configuration
from worker.model import Article, Story, Verdict
from worker.pipeline import stories
from worker.pipeline.messages.records import flow_record
from worker.pipeline.scoring import Figures, score

pytestmark = pytest.mark.quality

HERE = Path(__file__).resolve().parent
FLOORS: Mapping[str, Mapping[str, Any]] = tomllib.loads((HERE / "floors.toml").read_text("utf-8"))
SLICES = {path.stem: path for path in sorted(HERE.rglob("*.jsonl"))}
TOGETHER = {
    "dev": tuple(name for name in SLICES if name.startswith("dev-")),
    "ours": tuple(name for name in SLICES if name.startswith("own")),
}
GROUPS = {name: (name,) for name in SLICES} | TOGETHER
# A floor is written with four digits, so it may lie half of the last one above what was measured.
ROUNDING = 0.00005


def rows_of(name: str) -> list[dict[str, Any]]:
    text = SLICES[name].read_text("utf-8")
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def article_of(row: Mapping[str, Any]) -> Article:
    published = datetime.fromisoformat(row["published"])
    return Article(
        id=row["id"],
        title=row["title"],
        summary=row["summary"],
        text=row["text"],
        source=row["source"],
        house=row["source"],
        published=published if published.tzinfo else published.replace(tzinfo=UTC),
    )


class Measure:
    """The figures of groups of slices."""

    def __init__(self, judged: Judged, window: timedelta) -> None:
        self.judged = judged
        self.window = window
        self._known: dict[str, Figures] = {}

    def figures(self, group: str) -> Figures:
        """Return the figures of a group, with stories filed among all its articles."""
        if group not in self._known:
            gold = [row for name in GROUPS[group] for row in rows_of(name)]
            # From the last: other processes judge the slices from the first.
            slices = [self.judged.of(SLICES[name]) for name in reversed(GROUPS[group])]
            verdicts = {key: one for found in slices for key, one in found.items()}
            self._known[group] = score(gold, dict(self._predictions([article_of(row) for row in gold], verdicts)))
        return self._known[group]

    def _predictions(
        self, articles: Sequence[Article], verdicts: Mapping[str, Verdict]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (article id, prediction), the articles arriving in order of publication as the daemon meets them."""
        told: dict[str, Story] = {}
        for article in sorted(articles, key=lambda one: one.published or datetime.min.replace(tzinfo=UTC)):
            verdict = verdicts[article.id]
            if not verdict.deal:
                continue
            now = article.published
            assert now is not None
            young = [story for story in told.values() if story.updated_at >= now - self.window]
            filed = stories.file(article, self.judged.detector.listed(verdict), young, now=now)
            told[filed.story.id] = filed.story
            flows = [flow_record(flow) for flow in verdict.flows]
            yield article.id, {"deal": True, "story": filed.story.id, "flows": flows}


@pytest.fixture(scope="module")
def measure(judged: Judged, tmp_path_factory: pytest.TempPathFactory) -> Measure:
    overrides = {"general": {"data": tmp_path_factory.mktemp("data")}}
    settings = configuration.load(config=configuration.packaged(), environ={}, overrides=overrides)
    return Measure(judged, timedelta(days=settings.stories.window_days))


def flat(figures: Figures) -> dict[str, float]:
    """Return the figures that have floors, as "detection.f1", "right.amount", "record"...

    "right.amount" is the share of all labelled flows that are found with that field right. The bare share among the
    flows found would fall when more of the hard ones are found.
    """
    found: dict[str, float] = {}
    for name, value in figures.as_dict().items():
        parts = value if isinstance(value, dict) else {"": value}
        found |= {f"{name}.{part}".rstrip("."): share for part, share in parts.items() if isinstance(share, float)}
    recall = found.pop("flows.recall")
    found.pop("flows.precision")
    return {
        name.replace("fields.", "right."): share * recall if "fields." in name else share
        for name, share in found.items()
    }


@pytest.mark.parametrize("group", GROUPS)
def test_no_figure_falls_below_its_floor(measure: Measure, group: str) -> None:
    figures = flat(measure.figures(group))
    floors = {name: entry["floor"] for name, entry in FLOORS[group].items()}
    fallen = {name: (figures[name], floor) for name, floor in floors.items() if figures[name] < floor - ROUNDING}
    assert not fallen, "figure: (measured, floor); see tests/quality/README.md"


def test_every_group_has_a_dated_floor_for_every_figure() -> None:
    names = set(flat(score([], {})))
    assert set(FLOORS) == set(GROUPS)
    for group, floors in FLOORS.items():
        assert set(floors) == names, group
        for name, entry in floors.items():
            assert set(entry) == {"floor", "set"}, (group, name)
            assert 0 <= entry["floor"] <= 1, (group, name)
            assert isinstance(entry["set"], date), (group, name)


def test_a_prediction_counts_only_where_the_detector_sees_a_deal(measure: Measure) -> None:
    figures = measure.figures("own")
    assert figures.articles + figures.borderline == len(rows_of("own"))
    assert figures.detection.tp > 0, "the detector found none of the deals: the floors would measure nothing"
    assert figures.stories.items == figures.detection.tp
