"""No text, however odd, takes the detector long: its time grows with the text's length and no faster."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.pipeline.detection.readers import DETECTOR, article

TITLE = "Nvidia loue 40 mégawatts de GPU à Brindal"
# Pieces that patterns could stumble over: numbers, units, names, brackets, marks, white space, words of deeds.
PIECES = st.sampled_from(
    [
        "Nvidia ", "Mistral AI ", "Tirvane ", "la société ", "elle ", "le premier ", "son client ", "loue ", "achète ",
        "investit ", "dans ", "à ", "de ", "d'", "l’", ", ", ". ", " : ", "; ", "« ", " »", "(", ")", "\n",
        "\n\n", "- ",
        "12 ", "3,4 ", "20 000 ", "20.000.", "deux ", "milliards ", "d'euros ", "Md€ ", "$ ", "MW ", "GPU ", "ans ",
        "entre ", "et ", "en mars 2021 ", "aurait ", "\u00a0", "\u202f", "é", "e\u0301", "A", "1", "%", "%%%%", "....",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pieces=st.lists(PIECES, min_size=1, max_size=12), times=st.integers(min_value=1, max_value=400))
def test_repeated_pieces_cost_little(pieces: list[str], times: int) -> None:
    text = "".join(pieces) * times
    start = time.process_time()
    DETECTOR.judge(article(TITLE, "", text[:40_000]))
    assert time.process_time() - start < 2.0


@pytest.mark.parametrize(
    "piece",
    [
        "et la société loue des serveurs à son client ",
        "Nvidia, Orange, Tirvane, Brindal et ",
        "12 500 GPU 3,4 Md€ 2 GW 15 ",
        "« (Il l'a dit) » [et (elle] ",
        "Xylophage",
        "AAAA",
        "OpenAI\n ",
        "de l'université de la ville de ",
        "entre 10 et 12 milliards, ",
    ],
)
def test_two_hundred_thousand_characters_cost_seconds_at_most(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    start = time.process_time()
    DETECTOR.judge(article(TITLE, "", text))
    assert time.process_time() - start < 8.0


def test_a_run_of_stops_before_a_run_of_spaces_is_read_once() -> None:
    start = time.process_time()
    DETECTOR.judge(article(TITLE, "", "OpenAI" + "." * 50_000 + " " * 50_000))
    assert time.process_time() - start < 2.0
