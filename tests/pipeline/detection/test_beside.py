"""Flows of one article weighed beside each other."""

from __future__ import annotations

import pytest

from worker.model import Kind
from worker.pipeline.detection import beside
from worker.pipeline.detection.flows import Gathered
from worker.pipeline.detection.forest import Forest


def flow(payer: str, payee: str, kind: Kind, weight: float) -> Gathered:
    return Gathered(payer, payee, kind, option=False, weight=weight)


def article() -> list[Gathered]:
    return [
        flow("Kelvan", "Brindal", Kind.COMPUTE, 0.8),
        flow("Orthis", "Kelvan", Kind.EQUITY, 0.4),
        flow("Brindal", "Kelvan", Kind.COMPUTE, 0.2),
        flow("Kelvan", "Voltane", Kind.COMPUTE, 0.1),
        flow("Voltane", "Orthis", Kind.SITE, 0.01),
    ]


def test_a_flow_knows_its_rivals() -> None:
    first, shares, turned, rival, last = beside.features(article())
    assert first["behind"] == 0
    assert first["pair"] == pytest.approx(0.2)
    assert turned["pair"] == pytest.approx(0.8)
    assert turned["turned"] == pytest.approx(first["own"])
    assert rival["buys"] == pytest.approx(0.8)
    assert rival["buys.most"] == pytest.approx(0.8)
    assert rival["buys.others"] == 2
    assert shares["payee.pays"] == pytest.approx(0.9)
    assert shares["is.equity"] == 1
    assert "is.equity" not in first
    assert last["rank"] == 4
    assert {values["flows"] for values in (first, shares, turned, rival, last)} == {5}
    assert first["all.compute"] == pytest.approx(1.1)


def test_only_what_is_likely_at_all_is_weighed_again() -> None:
    told = article()
    beside.reweigh(told, Forest({"bias": 0.0, "names": ["is.equity"], "trees": ["0 0.5 1 2 -1 -1.0 0 0 -1 1.0 0 0"]}))
    assert [round(one.weight, 3) for one in told] == [0.269, 0.731, 0.269, 0.269, 0.01]


def test_no_flow_is_no_fault() -> None:
    assert beside.features([]) == []
