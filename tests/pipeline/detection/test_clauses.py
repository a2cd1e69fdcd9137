"""Sentences of French press text: where they end and where they do not."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.pipeline.detection.clauses import sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Kelvan signe. Brindal livre.", ["Kelvan signe.", "Brindal livre."]),
        ("Kelvan signe avec M. Brun. Puis rien.", ["Kelvan signe avec M. Brun.", "Puis rien."]),
        ("Un prêt de 1.5 milliard. Deux ans.", ["Un prêt de 1.5 milliard.", "Deux ans."]),
        ("Vingt milliards... ou pas. Fin.", ["Vingt milliards... ou pas.", "Fin."]),
        ("Qui paie ? Brindal !", ["Qui paie ?", "Brindal !"]),
        ("Kelvan livre. xAI paie. eStruxture bâtit.", ["Kelvan livre.", "xAI paie.", "eStruxture bâtit."]),
        ("Premier\n\nSecond", ["Premier", "Second"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_cuts(text: str, wanted: list[str]) -> None:
    assert cut(text) == wanted


@given(st.text(alphabet="Ab .!?…\n«»é1", max_size=120))
def test_sentences_are_in_order_apart_and_hold_every_word(text: str) -> None:
    spans = sentences(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())


def test_time_is_linear_in_the_text() -> None:
    began = time.perf_counter()
    sentences("Kelvan et M. Brun signent... avec Brindal. " * 5_000)
    assert time.perf_counter() - began < 3
