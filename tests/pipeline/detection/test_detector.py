"""The detector as a whole: invented names change nothing, time is linear, any text is read, tables are checked."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bench import texts
from tests.pipeline.detection.readers import COMPANIES, DETECTOR, WEIGHTS, WORDS, article
from tests.quality.corpus import article_of, rows_of
from worker.errors import ConfigError
from worker.model import Article
from worker.pipeline.detection import Detector
from worker.pipeline.detection.document import Document
from worker.pipeline.detection.subject import Subject

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


def test_a_deal_of_which_no_flow_is_sure_must_be_the_surer_itself() -> None:
    weights = {**WEIGHTS, "threshold": 0.05, "flows": {**WEIGHTS["flows"], "threshold": 2.0}}
    wary = Detector.from_tables(companies=COMPANIES, lexicon=WORDS, weights=weights)
    told = [wary.judge(article_of(row)) for row in rows_of(Path(__file__).parents[2] / "quality" / "own.jsonl")]
    assert {one.score >= 0.7 for one in told if one.deal} == {True}
    assert any(0.05 <= one.score < 0.7 for one in told)
    assert all(bool(one.flows) is one.deal for one in told)


def test_words_as_they_stand_rule_out_what_is_far_from_a_deal_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    far = next(one for one in texts.articles(100, size=2_500) if DETECTOR.opening(one).passed)
    told = article("Kelvan loue des serveurs chez Brindal", "", SENTENCE)
    explained = DETECTOR.explain(far)
    read: list[str] = []
    build = Detector._build

    def counted(self: Detector, one: Article) -> Document:
        read.append(one.title)
        return build(self, one)

    monkeypatch.setattr(Detector, "_build", counted)
    verdict = DETECTOR.judge(far)
    assert not verdict.deal
    assert [reason.code for reason in verdict.reasons] == ["words.deal"]
    assert DETECTOR.judge(told).deal
    assert read == [told.title]
    assert explained.reasons == verdict.reasons


def test_a_faulty_table_is_named() -> None:
    with pytest.raises(ConfigError, match=r"companies\.toml"):
        Detector.from_tables(companies={"company": [{"type": "lab"}]}, lexicon=WORDS, weights=WEIGHTS)
    with pytest.raises(ConfigError, match=r"lexicon\.toml"):
        Detector.from_tables(companies=COMPANIES, lexicon={}, weights=WEIGHTS)
    with pytest.raises(ConfigError, match=r"detector\.json"):
        Detector.from_tables(companies=COMPANIES, lexicon=WORDS, weights={})


@pytest.mark.parametrize("part", ["referents", "names"])
def test_weights_of_a_version_without_a_part_are_refused(part: str) -> None:
    old = {name: value for name, value in WEIGHTS.items() if name != part}
    with pytest.raises(ConfigError, match=rf"detector\.json.*{part}"):
        Detector.from_tables(companies=COMPANIES, lexicon=WORDS, weights=old)


@pytest.mark.parametrize(
    "kinds",
    [{}, {"names": ["chips"], "bias": [], "weights": {}}, {"names": [], "bias": [], "weights": {"w:loue": 0.5}}],
)
def test_a_subject_of_another_version_is_refused(kinds: dict[str, object]) -> None:
    old = {**WEIGHTS, "subject": {"deal": WEIGHTS["subject"]["deal"], "kinds": kinds}}
    with pytest.raises(ConfigError, match=r"detector\.json.*subject"):
        Detector.from_tables(companies=COMPANIES, lexicon=WORDS, weights=old)


def test_what_an_article_is_about_is_told_for_deal_and_for_every_kind() -> None:
    learnt = Subject(
        {
            "floor": -5.0,
            "deal": {"bias": -1.0, "weights": {"loue": 2.0}},
            "kinds": {"names": ["compute", "power"], "bias": [-2.0, -3.0], "weights": {"loue": "0 1.5 1 -0.5"}},
        }
    )
    told = learnt.logits({"loue": 2.0, "inconnu": 1.0})
    assert told["deal"] == learnt.deal({"loue": 2.0}) == 3.0
    assert (told["compute"], told["power"], told["chips"]) == (1.0, -4.0, -4.0)
    assert set(Subject({}).logits({"loue": 2.0}).values()) == {0.0}
