"""The words of an article as stems, names left out: an organisation stands as its trade, a size as what it measures.

So that what is learnt from them holds for other firms and other figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from worker.pipeline.detection.document import BACKGROUND, Document, Sentence
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.quantities import Dimension

_STEM = 6
_ARTICLES = frozenset(("le", "la", "l", "les", "un", "une", "d", "qu"))
SIZES = {Dimension.MONEY: "#money", Dimension.POWER: "#power", Dimension.CHIPS: "#chips", Dimension.YEARS: "#years"}


def stem(word: str) -> str:
    """Return a folded word cut to its stem."""
    return word[:_STEM]


def bag(document: Document, modes: Mapping[int, Mode]) -> frozenset[str]:
    """Return the stems of the words as "word:...", those of title and summary again as "head:...".

    Sentences of the body that name nobody and measure nothing, or tell old news, are left out: the weather, the
    newsletter, the background.
    """
    found: set[str] = set()
    for sentence in document.sentences:
        bare = not (sentence.mentions or sentence.quantities or sentence.is_lead)
        if bare or modes[sentence.number].recalled >= BACKGROUND:
            continue
        told = {token for token in _tokens(document, sentence) if token}
        found.update(f"word:{token}" for token in told)
        if sentence.part != "text":
            found.update(f"head:{token}" for token in told)
    return frozenset(found)


def _tokens(document: Document, sentence: Sentence) -> Iterator[str]:
    inside: dict[int, str] = {}
    for quantity in sentence.quantities:
        first = document.word_at(quantity.start)
        inside.update(dict.fromkeys(range(first, document.word_at(quantity.end - 1) + 1), ""))
        inside[first] = SIZES.get(quantity.dimension, "#share")
    for mention in sentence.mentions:
        first = document.word_at(mention.start)
        inside.update(dict.fromkeys(range(first, document.word_at(mention.end - 1) + 1), ""))
        inside[first] = "@it" if mention.via in ("pronoun", "definite") else f"@{mention.type.value}"
    folds = document.words.folds
    for word in range(sentence.first, sentence.after):
        if word in inside:
            yield inside[word]
        elif folds[word] not in _ARTICLES and not folds[word][:1].isdigit():
            yield stem(folds[word])
