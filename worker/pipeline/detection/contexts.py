"""The words around two parties, names left out: what stands between them, before the first and after the second.

Theory: that one firm pays another is said by hundreds of verbs and idioms; no list holds them all, but each leaves its
words in the same places. The words are stems, an organisation stands as its trade and a size as what it measures, so
that what is learnt from them holds for other firms and other figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from worker.pipeline.detection.document import BACKGROUND, Document, Token
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.wording import tokens

# Words between two parties beyond which they say nothing of each other.
_FAR = 25
# Words looked at before the first party and after the second; and beside a party that stands alone.
_BEFORE, _AFTER = 3, 4
_LEFT, _RIGHT = 4, 7


class Contexts:
    """The contexts of one document, made when asked for."""

    def __init__(self, document: Document, modes: Mapping[int, Mode]) -> None:
        self._document = document
        self._sentences = [one for one in document.sentences if modes[one.number].recalled < BACKGROUND]
        self._named = [frozenset(mention.name for mention in one.mentions) for one in self._sentences]
        self._found: dict[tuple[str, str], frozenset[str]] = {}

    def words(self, payer: str, payee: str) -> frozenset[str]:
        """Return the words around two parties, each with its place: "PQ b:" between them, payer first. "" is nobody."""
        key = payer, payee
        if key not in self._found:
            self._found[key] = frozenset(self._words(payer, payee))
        return self._found[key]

    def _words(self, payer: str, payee: str) -> Iterator[str]:
        for sentence, named in zip(self._sentences, self._named, strict=True):
            pays, paid = bool(payer) and payer in named, bool(payee) and payee in named
            if not (pays or paid):
                continue
            words = tokens(self._document, sentence)
            first = [place for place, token in enumerate(words) if pays and token.name == payer]
            second = [place for place, token in enumerate(words) if paid and token.name == payee]
            if first and second:
                yield from _between(words, *_nearest(first, second))
            elif first or second:
                yield from _beside(words, (first or second)[0], "P" if first else "Q")


def _nearest(first: Sequence[int], second: Sequence[int]) -> tuple[int, int]:
    return min(((one, other) for one in first for other in second), key=lambda pair: abs(pair[0] - pair[1]))


def _between(told: Sequence[Token], payer: int, payee: int) -> Iterator[str]:
    way, first, last = ("PQ", payer, payee) if payer < payee else ("QP", payee, payer)
    inner = [token.word for token in told[first + 1 : last]]
    if len(inner) <= _FAR:
        for word in inner:
            yield f"{way} b:{word}"
        for word, following in zip(("^", *inner), (*inner, "$"), strict=True):
            yield f"{way} bb:{word} {following}"
    for token in told[max(0, first - _BEFORE) : first]:
        yield f"{way} l:{token.word}"
    for token in told[last + 1 : last + 1 + _AFTER]:
        yield f"{way} r:{token.word}"
    yield f"{way} t:{told[payer].word} {told[payee].word}"


def _beside(told: Sequence[Token], place: int, side: str) -> Iterator[str]:
    for token in told[place + 1 : place + 1 + _RIGHT]:
        yield f"{side} r:{token.word}"
    for token in told[max(0, place - _LEFT) : place]:
        yield f"{side} l:{token.word}"
