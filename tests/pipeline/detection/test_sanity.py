"""Figures that no deal can have."""

from __future__ import annotations

import pytest

from tests.pipeline.detection.readers import CAST, DETECTOR, article
from worker.model import Flow, Kind
from worker.pipeline.detection.sanity import plausible


def _of(**figures: float | None) -> Flow:
    return Flow("Baldane", "Corvalis", Kind.COMPUTE, **figures)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [float("inf"), float("nan"), -1.0, 1e36])
@pytest.mark.parametrize("name", ["amount", "megawatts", "chips", "years"])
def test_an_impossible_figure_is_unsaid_and_the_others_stay(name: str, value: float) -> None:
    given: dict[str, float | None] = {"amount": 1.0, "megawatts": 2.0, "chips": 3.0, "years": 4.0, name: value}
    assert plausible(_of(**given)) == _of(**{**given, name: None})


@pytest.mark.parametrize("value", [None, 0.0, 0.5, 1.4e12, 9e17])
def test_others_are_left(value: float | None) -> None:
    flow = _of(amount=value)
    assert plausible(flow) is flow


def test_three_hundred_digits_are_no_amount() -> None:
    told = f"Kelvan loue pour {'9' * 400} euros de serveurs chez Brindal"
    flows = DETECTOR.judge(article(told, "", f"{told}.\n\n{CAST}")).flows
    assert flows
    assert all(flow.amount is None for flow in flows)
