"""The tone of sentences: rumour, talks, rights, what is given up, and what is recalled rather than news."""

from __future__ import annotations

import pytest

from tests.pipeline.detection.readers import LEXICON, document
from worker.pipeline.detection.modality import Mode, modes


def tone(sentence: str) -> Mode:
    read = document("Kelvan", "", f"Kelvan avance.\n\n{sentence}")
    return modes(read, LEXICON)[read.sentences[-1].number]


@pytest.mark.parametrize(
    ("sentence", "field"),
    [
        ("Kelvan louerait des serveurs chez Brindal.", "conditional"),
        ("Kelvan est en pourparlers avec Brindal.", "talks"),
        ("Selon des sources, Kelvan loue des serveurs.", "sourced"),
        ("Kelvan a annoncé un contrat dans un communiqué.", "official"),
        ("Kelvan pourra ajouter 20 mégawatts.", "option"),
        ("Kelvan renonce à ses serveurs.", "cancelled"),
        ("Kelvan dément tout contrat.", "denied"),
        ("Un analyste y voit une bulle.", "comment"),
    ],
)
def test_each_tone_is_heard(sentence: str, field: str) -> None:
    assert getattr(tone(sentence), field)
    assert not getattr(tone("Kelvan loue des serveurs chez Brindal."), field)


@pytest.mark.parametrize(
    "sentence",
    [
        "En 2024, Kelvan avait signé avec Orthis.",
        "Pour rappel, Kelvan a signé en 2023 avec Orthis.",
        "Kelvan avait déjà investi chez Orthis l'an dernier.",
    ],
)
def test_older_news_is_recalled(sentence: str) -> None:
    assert tone(sentence).recalled >= 0.5


@pytest.mark.parametrize("sentence", ["Les serveurs seront livrés en 2028.", "Kelvan signe avec Brindal en mars."])
def test_own_news_is_not(sentence: str) -> None:
    assert tone(sentence).recalled < 0.3


def test_a_title_recalls_nothing() -> None:
    read = document("Kelvan avait signé en 2024")
    assert modes(read, LEXICON)[read.sentences[0].number].recalled == 0
