"""Who is named as a rival alone is no party to what is only guessed."""

from __future__ import annotations

import pytest

from tests.pipeline.detection.readers import explained


def parties(text: str) -> set[str]:
    seen = explained("Kelvan conçoit sa puce d'IA", "", f"Le laboratoire d'IA Kelvan conçoit sa propre puce. {text}")
    return {name for one in seen.weighed for name in (one.payer, one.payee)}


@pytest.mark.parametrize(
    "text",
    [
        "Kelvan veut concurrencer celles de NVIDIA avec ces puces.",
        "Ces puces doivent rivaliser avec NVIDIA.",
        "Kelvan cherche ainsi une alternative à NVIDIA pour ses puces.",
    ],
)
def test_a_rival_is_no_party(text: str) -> None:
    assert "NVIDIA" not in parties(text)


@pytest.mark.parametrize(
    "text",
    [
        "Kelvan veut concurrencer NVIDIA avec ces puces. NVIDIA lui livre pourtant 5 000 GPU.",
        "Pour concurrencer Brindal, Kelvan prend des puces chez NVIDIA.",
        "Kelvan achète 5 000 puces à NVIDIA.",
    ],
)
def test_a_rival_that_is_named_otherwise_too_stays(text: str) -> None:
    assert "NVIDIA" in parties(text)
