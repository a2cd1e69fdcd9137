"""The words of an article as stems, names left out: an organisation stands as its trade, a size as what it measures.

So that what is learnt from them holds for other firms and other figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from worker.pipeline.detection.document import BACKGROUND, Document, Sentence, Token
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.quantities import Dimension

_STEM = 6
# Words that say where a name or a noun is, and nothing of what an article is about.
_DETERMINERS = frozenset(("un", "une", "d", "qu"))
_SILENT = frozenset(("le", "la", "l", "les"))
SIZES = {Dimension.MONEY: "#money", Dimension.POWER: "#power", Dimension.CHIPS: "#chips", Dimension.YEARS: "#years"}


def tokens(document: Document, sentence: Sentence) -> tuple[Token, ...]:
    """Return the words of a sentence in order, articles and bare figures left out."""
    if sentence.tokens is None:
        sentence.tokens = tuple(_tokens(document, sentence))
    return sentence.tokens


def _tokens(document: Document, sentence: Sentence) -> Iterator[Token]:
    inside: dict[int, Token] = {}
    covered: set[int] = set()
    for quantity in sentence.quantities:
        first = document.word_at(quantity.start)
        covered.update(range(first, document.word_at(quantity.end - 1) + 1))
        inside[first] = Token(SIZES.get(quantity.dimension, "#share"), "")
    for mention in sentence.mentions:
        first = document.word_at(mention.start)
        covered.update(range(first, document.word_at(mention.end - 1) + 1))
        word = "@it" if mention.via in ("pronoun", "definite") else f"@{mention.type.value}"
        inside[first] = Token(word, mention.name)
    folds = document.words.folds
    for place in range(sentence.first, sentence.after):
        if place in inside:
            yield inside[place]
        elif place not in covered and folds[place] not in _SILENT and not folds[place][:1].isdigit():
            yield Token(stem(folds[place]), "")


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
        told = {token.word for token in tokens(document, sentence)} - _DETERMINERS
        found |= _marked(told, head=sentence.part != "text")
    return frozenset(found)


def plain_bag(head: Iterable[str], body: Iterable[str]) -> frozenset[str]:
    """Return the stems of folded words in the same way, those of title and summary and those of the body, whatever they
    name."""
    return frozenset(_marked(_plain(head), head=True) | _marked(_plain(body), head=False))


def _plain(folds: Iterable[str]) -> set[str]:
    return {stem(word) for word in folds if word not in _SILENT and not word[:1].isdigit()} - _DETERMINERS


def _marked(told: Iterable[str], *, head: bool) -> set[str]:
    found = {f"word:{token}" for token in told}
    return found | {f"head:{token}" for token in told} if head else found
