"""The relations hold on every twentieth labelled article; `python -m tests.quality.metamorphic` runs them on all."""

from __future__ import annotations

import pytest

from tests.quality.corpus import tables
from tests.quality.metamorphic.check import RENAMED, articles, run
from tests.quality.metamorphic.relations import RELATIONS
from worker.pipeline.detection import Detector
from worker.pipeline.detection.registry import Registry

pytestmark = pytest.mark.quality

# The least share of cases that must hold, by relation; those not named here must hold always.
FLOORS = {
    "curly apostrophes": 0.97, "straight apostrophes": 0.97, "milliards as Md": 0.95, "Md as milliards": 0.85,
    "amounts doubled": 0.91, "last paragraph earlier": 0.92, "parties swapped": 0.75,
    "older deal recalled": 0.9, "years in digits": 0.98, "quotation marks": 0.99,
    "weather appended": 0.97, "subscription appended": 0.97, "letters taken apart (NFD)": 0.99, RENAMED: 0.85,
}  # fmt: skip
TOGETHER = 0.975


def test_the_answer_follows_every_change() -> None:
    read = tables()
    counts = run(Detector.from_tables(**read), Registry.from_table(read["companies"]), articles()[::20])
    fallen = {
        name: (round(one.share, 3), one.broken) for name, one in counts.items() if one.share < FLOORS.get(name, 1.0)
    }
    assert not fallen
    assert len(counts) >= len(RELATIONS) >= 12
    assert [name for name, one in counts.items() if not one.asked] == []
    assert sum(one.kept for one in counts.values()) >= TOGETHER * sum(one.asked for one in counts.values())
