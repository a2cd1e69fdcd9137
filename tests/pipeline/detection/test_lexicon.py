"""The lexicon: forms of verbs, expressions with gaps, sizes, reflexives, and what a faulty file says."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.pipeline.detection.readers import WORDS, document
from worker.errors import ConfigError
from worker.pipeline.detection.inflection import forms
from worker.pipeline.detection.lexicon import Lexicon


def hits(sentence: str) -> set[tuple[str, str]]:
    read = document(f"Le laboratoire Kelvan : {sentence}")
    return {
        (" ".join(read.words.folds[hit.first : hit.last + 1]), hit.frame.name)
        for one in read.sentences
        for hit in one.hits
    }


@pytest.mark.parametrize("form", ["achète", "achètent", "achètera", "achèterait", "acheté", "achetant"])
def test_every_form_of_a_verb_is_its_frame(form: str) -> None:
    assert "acheter" in {frame for _, frame in hits(f"on {form} des serveurs")}


def test_an_expression_spans_its_words_and_silences_those_inside() -> None:
    found = hits("elle signe un chèque de 3 millions d'euros")
    assert ("signe un cheque", "acheter") in found
    assert ("signe", "contracter") not in found


def test_a_reflexive_verb_asks_for_its_pronoun() -> None:
    assert "racheter" in {frame for _, frame in hits("elle s'adjuge la start-up")}
    assert "racheter" not in {frame for _, frame in hits("elle adjuge la start-up")}


def test_an_amount_stands_for_any_amount() -> None:
    assert "lever" in {frame for _, frame in hits("elle lève 300 millions d'euros")}
    assert "lever" not in {frame for _, frame in hits("elle lève le voile")}
    assert "vendre" not in {frame for phrase, frame in hits("un contrat de 300 millions d'euros") if "300" in phrase}


def test_a_participle_is_known_by_its_accent() -> None:
    read = document("Le laboratoire Kelvan réserve des serveurs, réservés par Brindal")
    pasts = [hit.past for one in read.sentences for hit in one.hits if hit.frame.name == "acheter"]
    assert pasts == [False, True]


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("un montant de trois millions", "montant"),
        ("le montant du chantier", "montant"),
        ("elle part aux États-Unis", "unis"),
        ("elle part au Royaume-Uni", "uni"),
    ],
)
def test_a_noun_is_no_form_of_a_verb(sentence: str, word: str) -> None:
    assert word not in {phrase for phrase, _ in hits(sentence)}


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("Brindal SA loue 5 000 GPU", "loue"),
        ("SES loue 5 000 GPU", "loue"),
        ("l’un loue les salles", "loue"),
        ("trois contrats, dont un signé hier", "signe"),
        ("en leur louant des salles", "louant"),
        ("en les louant", "louant"),
    ],
)
def test_a_pronoun_or_a_name_makes_no_noun_of_a_verb(sentence: str, word: str) -> None:
    assert word in {phrase.split()[0] for phrase, _ in hits(sentence)}


def test_forms_of_regular_verbs() -> None:
    assert {"loger", "loge", "logent", "logera", "logerait", "logea"} <= {form.word for form in forms("loger", {})}
    assert {form.word for form in forms("louer", {}) if form.past} >= {"louee", "louees", "loues"}
    assert {form.word for form in forms("bondir", {}) if form.conditional} == {"bondirait", "bondiraient"}
    with pytest.raises(KeyError):
        forms("clore", {})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": "gift"}, "kind"),
        ({"subject": "giver"}, "subject"),
        ({"verbs": ["paître"]}, "paitre"),
    ],
)
def test_a_faulty_frame_is_named(change: dict[str, Any], says: str) -> None:
    table = copy.deepcopy(WORDS)
    table["frame"][0].update(change)
    with pytest.raises(ConfigError, match=says):
        Lexicon(table)


def test_a_missing_section_is_named() -> None:
    table = {name: part for name, part in WORDS.items() if name != "cues"}
    with pytest.raises(ConfigError, match="cues"):
        Lexicon(table)
