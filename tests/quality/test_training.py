"""The parts of the training that decide what is compared with what."""

from __future__ import annotations

import json
from typing import Any

from tests.quality.flow_thresholds import best_flow_threshold
from tests.quality.news import news_of
from worker import settings
from worker.pipeline.detection.weighing import SAID


def row(name: str, story: str | None, *flows: tuple[str, str, int | None]) -> dict[str, Any]:
    told = [
        {"payer": payer, "payee": payee, "kind": "compute", "amount": amount, "megawatts": None}
        for payer, payee, amount in flows
    ]
    return {"id": name, "story": story, "flows": told}


def test_articles_that_share_a_story_or_a_sized_flow_are_one_news() -> None:
    rows = [
        row("a", "kelvan-2026", ("Kelvan", "Brindal", 300)),
        row("b", "brindal-contrat", ("KELVAN", "Brindal", 300)),
        row("c", "brindal-contrat", ("Kelvan", "Brindal", None)),
        row("d", "autre", ("Kelvan", "Brindal", 400), ("Kelvan", "Brindal", None)),
        row("e", None),
        row("f", None),
        row("e", None),
    ]
    assert news_of(rows) == [0, 0, 0, 3, 4, 5, 4]


def test_the_threshold_is_the_one_with_the_best_balance() -> None:
    # Of each article right, told and wanted flows at 26 thresholds: below the eleventh each tells a wrong one besides.
    one = [(1, 2, 1)] * 10 + [(1, 1, 1)] * 3 + [(0, 0, 1)] * 13
    assert best_flow_threshold([one, one], [True, False]) == 0.425


def test_the_shipped_trees_know_every_way_in_which_a_flow_is_read() -> None:
    weights = json.loads((settings.packaged() / "detector.json").read_text("utf-8"))
    asked = set(weights["flows"]["forest"]["names"]) | set(weights["flows"]["weights"])
    # Flows that no sentence joins are told from others by other features.
    ways = {"said", "turned", "mutual", "joint", "alone", "clitic", "carried", "listed", "pool", "founder", "beside"}
    assert {f"how.{way}" for way in ways} <= asked
    assert SAID in asked
