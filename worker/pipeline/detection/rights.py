"""Rights to more beside a firm flow: "peut ajouter jusqu'à 2 milliards", told in a sentence that need not name both
parties.

Theory: after its firm flow an article tells the option in a sentence of its own, with a size and with words of a right:
"la faculté d'en reprendre", "de plus", "aux mêmes conditions", "avant la fin de". Hardly one of these is sure alone; a
logistic model over the stems of a sentence and their pairs weighs them. Known exception: shares that may be acquired;
frames read those, for they are a flow of their own kind. Weights: `rights` in config/detector.json, trained.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from worker.model import Kind
from worker.pipeline.detection.document import Document, Sentence
from worker.pipeline.detection.flows import Gathered
from worker.pipeline.detection.frames import Candidate
from worker.pipeline.detection.lexicon import Hit
from worker.pipeline.detection.mentions import OrgType
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.quantities import Dimension, Quantity
from worker.pipeline.detection.wording import stem, tokens

_SIZES = {
    Dimension.MONEY: frozenset((Kind.COMPUTE, Kind.CHIPS, Kind.SITE, Kind.POWER, Kind.DEBT)),
    Dimension.POWER: frozenset((Kind.COMPUTE, Kind.SITE, Kind.POWER)),
    Dimension.CHIPS: frozenset((Kind.COMPUTE, Kind.CHIPS)),
}
_KINDS = _SIZES[Dimension.MONEY]
RECALLED = 0.4
# How words begin that make a size a further one, and within how many words behind it.
_MORE = ("plus", "suppl", "additi", "autre", "encore", "davant")
_MORE_REACH = 4
# Words behind those of a right within which its size stands: "une option a été accordée à la firme de Redmond pour une
# deuxième phase de" are fourteen (2026-11-30: in four of 6,979 articles a size more than with twelve, none lost).
_REACH = 16
LISTED = "#right"


def signs(document: Document, sentence: Sentence, mode: Mode) -> Iterator[str]:
    """Return the stems of a sentence and their pairs, and whether the lexicon knows words of a right among them."""
    if mode.rights:
        yield LISTED
    words = [token.word for token in tokens(document, sentence)]
    yield from words
    for word, following in pairwise(words):
        yield f"{word} {following}"


class Rights:
    """The trained weights, a table of `bias`, `threshold` and `weights`. Without them no sentence tells a right."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._bias = float(table.get("bias", 0.0))
        self._threshold = float(table.get("threshold", 0.0))
        self._weights: dict[str, float] = {str(name): float(w) for name, w in table.get("weights", {}).items()}

    def told_by(self, document: Document, sentence: Sentence, mode: Mode) -> bool:
        """Whether a sentence of the body tells a right to so much more."""
        if not self._weights or sentence.part == "title" or mode.recalled > RECALLED:
            return False
        if not any(word[:1].isdigit() for word in document.words.folds[sentence.first : sentence.after]):
            return False
        found = {sign for sign in signs(document, sentence, mode) if sign in self._weights}
        return self._bias + math.fsum(self._weights[sign] for sign in found) > self._threshold

    def place(self, document: Document, sentence: Sentence) -> int:
        """Return the word of a sentence that says a right most plainly."""
        folds = document.words.folds
        return max(range(sentence.first, sentence.after), key=lambda word: self._weights.get(stem(folds[word]), 0.0))


def beside(document: Document, kept: Sequence[Gathered], modes: Mapping[int, Mode], rights: Rights) -> list[Gathered]:
    """Return the options that stand beside firm flows and that no frame read."""
    found: list[Gathered] = []
    for sentence in document.sentences:
        if not kept or not rights.told_by(document, sentence, modes[sentence.number]):
            continue
        one = _firm(document, sentence, kept)
        if one is None or any(_reads(other, sentence) for other in kept if not _same(one, other)):
            continue
        twin = _twin(document, sentence, one, rights.place(document, sentence))
        told = next((other for other in (*kept, *found) if other.option and _same(one, other)), None)
        if told is None:
            found.append(twin)
        elif told in kept:
            # A frame has read it; that it is plainly told, and what it adds, is told here.
            told.said += twin.said
            told.sizes = told.sizes or twin.sizes
    return found


def _reads(one: Gathered, sentence: Sentence) -> bool:
    """Whether a frame reads the right that a sentence tells as that of another flow."""
    return one.option and any(said.sentence is sentence for said in one.said)


def _firm(document: Document, sentence: Sentence, kept: Sequence[Gathered]) -> Gathered | None:
    """Return the firm flow that a right adds to: all whom the sentence names are its parties, and what it measures
    fits its kind. Of several the one whose goods it names, else the one whose parties were both named last."""
    names = {mention.name for mention in sentence.mentions if mention.name and mention.type is not OrgType.MEDIA}
    measured = any(quantity.dimension in _SIZES for quantity in sentence.quantities)
    fitting = [
        one
        for one in kept
        if one.kind in _KINDS
        and not one.option
        and names <= {one.payer, one.payee}
        and (_sizes(sentence, one.kind) or not measured)
    ]
    if len(fitting) < 2:
        return next(iter(fitting), None)
    last: dict[str, int] = {}
    for other in document.sentences[: sentence.number + 1]:
        last.update((mention.name, other.number) for mention in other.mentions)

    def near(one: Gathered) -> tuple[bool, bool, int]:
        named = [last.get(name, 0) for name in (one.payer, one.payee) if name]
        return one.kind.value in (sentence.objects or {}), len(named) > 1, min(named)

    return max(fitting, key=near)


def _same(one: Gathered, other: Gathered) -> bool:
    return (one.payer, one.payee, one.kind) == (other.payer, other.payee, other.kind)


def _sizes(sentence: Sentence, kind: Kind) -> list[Quantity]:
    return [q for q in sentence.quantities if kind in _SIZES.get(q.dimension, ()) and not q.role and q.value]


def _twin(document: Document, sentence: Sentence, one: Gathered, word: int) -> Gathered:
    firm = one.said[0]
    hit = Hit(word, word, firm.hit.frame, noun=True, past=False, conditional=False)
    said: Candidate = replace(firm, sentence=sentence, hit=hit, how="right")
    twin = Gathered(one.payer, one.payee, one.kind, True, one.raw, one.weight, [said], one.rank, one.features)
    twin.sizes = [(sentence, size) for size in _sizes(sentence, one.kind) if _is_more(document, size, word)][-1:]
    return twin


def _is_more(document: Document, size: Quantity, word: int) -> bool:
    """Whether a size is what a right adds: it stands soon behind its words, or "de plus" behind it."""
    first, last = document.word_at(size.start), document.word_at(size.end - 1)
    beyond = (document.words.fold_at(last + step) for step in range(1, _MORE_REACH))
    return 0 < first - word <= _REACH or any(one.startswith(_MORE) for one in beyond)
