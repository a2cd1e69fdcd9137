"""The detector as a whole: invented names change nothing, time is linear, any text is read, tables are checked."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pipeline.detection.readers import COMPANIES, DETECTOR, WEIGHTS, WORDS, article
from worker.errors import ConfigError
from worker.pipeline.detection import Detector

SENTENCE = "Le laboratoire Kelvan loue 40 mégawatts de serveurs chez le néocloud Brindal pour 300 millions d'euros. "


@pytest.mark.parametrize(
    ("client", "host"), [("Tavrel", "Ondrix"), ("Mirzane AI", "Polvec Compute"), ("Quessant", "Dorvill")]
)
def test_names_make_no_difference(client: str, host: str) -> None:
    text = SENTENCE.replace("Kelvan", client).replace("Brindal", host)
    verdict = DETECTOR.judge(article(f"{client} loue 40 mégawatts chez {host}", text, text))
    assert verdict.deal
    assert [(flow.payer, flow.payee, flow.kind) for flow in verdict.flows] == [(client, host, "compute")]


def test_time_is_linear_on_a_very_long_text() -> None:
    began = time.perf_counter()
    DETECTOR.judge(article("Kelvan", "", SENTENCE * (200_000 // len(SENTENCE))))
    assert time.perf_counter() - began < 15


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.text(alphabet="KBe .,:;«»()-–\n1€à\u00a0", max_size=300))
def test_any_text_is_read(title: str, text: str) -> None:
    verdict = DETECTOR.judge(article(title, "", text))
    assert 0 <= verdict.score <= 1


def test_an_empty_article_is_no_deal() -> None:
    assert not DETECTOR.judge(article("")).deal


def test_a_faulty_table_is_named() -> None:
    with pytest.raises(ConfigError, match=r"companies\.toml"):
        Detector.from_tables(companies={"company": [{"type": "lab"}]}, lexicon=WORDS, weights=WEIGHTS)
    with pytest.raises(ConfigError, match=r"lexicon\.toml"):
        Detector.from_tables(companies=COMPANIES, lexicon={}, weights=WEIGHTS)
    with pytest.raises(ConfigError, match=r"detector\.json"):
        Detector.from_tables(companies=COMPANIES, lexicon=WORDS, weights={})


def test_weights_of_a_version_without_referents_are_refused() -> None:
    old = {name: value for name, value in WEIGHTS.items() if name != "referents"}
    with pytest.raises(ConfigError, match=r"detector\.json"):
        Detector.from_tables(companies=COMPANIES, lexicon=WORDS, weights=old)
