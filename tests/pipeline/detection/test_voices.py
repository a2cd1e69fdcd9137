"""Active, passive, reflexive, causative: who pays whom by the words alone, whatever the weights say of it."""

from __future__ import annotations

import pytest

from tests.pipeline.detection.readers import CAST, document, explained
from worker.pipeline.detection.inflection import forms


def read(sentence: str) -> set[tuple[str, str]]:
    """Return (payer, payee) of what a frame of the sentence itself says of both."""
    seen = explained(sentence, "", f"{sentence}\n\n{CAST}")
    outright = ("said", "clitic")
    return {
        (one.payer, one.payee)
        for one in seen.weighed
        for said in one.said
        if said.how in outright and said.sentence.part == "title"
    }


@pytest.mark.parametrize(
    ("sentence", "payer", "payee"),
    [
        ("Kelvan s'est offert 10 000 GPU d'Orthis", "Kelvan", "Orthis"),
        ("Brindal s'est fait prêter 500 millions d'euros par Sarment Capital", "Sarment Capital", "Brindal"),
        ("Brindal se fait financer par Sarment Capital à hauteur de 500 millions", "Sarment Capital", "Brindal"),
        ("Brindal se fait racheter par Orthis pour 2 milliards d'euros", "Orthis", "Brindal"),
        ("Brindal est racheté 2 milliards d'euros par Orthis", "Orthis", "Brindal"),
        ("Brindal rejoint le giron d'Orthis", "Orthis", "Brindal"),
        ("Orthis mise 15 milliards de dollars sur Kelvan", "Orthis", "Kelvan"),
        ("Orthis apporte 2 milliards d'euros à Kelvan", "Orthis", "Kelvan"),
        ("Orthis débourse 2 milliards de dollars pour Brindal", "Orthis", "Brindal"),
        ("Un investissement de 2 milliards d'euros d'Orthis dans Kelvan", "Orthis", "Kelvan"),
        ("L'entrée d'Orthis au capital de Kelvan est confirmée", "Orthis", "Kelvan"),
        ("Kelvan accueille Orthis à son capital", "Orthis", "Kelvan"),
        ("Brindal construira pour Kelvan un centre de données", "Kelvan", "Brindal"),
    ],
)
def test_who_pays_whom(sentence: str, payer: str, payee: str) -> None:
    assert (payer, payee) in read(sentence)
    assert (payee, payer) not in read(sentence)


def test_an_object_before_its_verb_is_whom_the_sentence_before_named() -> None:
    text = f"Brindal perd son indépendance. Orthis l'a racheté pour 2 milliards d'euros.\n\n{CAST}"
    seen = explained("Les GPU changent de mains", "", text)
    assert any(
        (one.payer, one.payee) == ("Orthis", "Brindal") and any(said.how == "clitic" for said in one.said)
        for one in seen.weighed
    )


def test_whom_a_subsidiary_and_a_relative_clause_mean() -> None:
    named = "Brindal s'équipe. La filiale de Voltane a commandé à Orthis 10 000 puces."
    mentions = document("Le jour de l'IA", "", f"{CAST}\n\n{named}").sentences[-1].mentions
    assert [mention.name for mention in mentions] == ["Brindal", "Voltane", "Orthis"]
    named = "Kelvan achètera du calcul à Brindal, qui investit 5 millions dans la start-up."
    mentions = document("Le jour de l'IA", "", f"{CAST}\n\n{named}").sentences[-1].mentions
    assert [mention.name for mention in mentions] == ["Kelvan", "Brindal", "Kelvan"]


def test_forms_that_follow_from_others() -> None:
    listed = {"rejoindre": ("rejoint*", "rejoindra")}
    found = {form.word: form for form in forms("rejoindre", listed)}
    assert {"rejoindront", "rejoindrait", "rejoindraient"} <= found.keys()
    assert found["rejointes"].past
    assert found["rejoindraient"].conditional
    assert {"jette", "jettera", "jetait"} <= {form.word for form in forms("jeter", {})}
