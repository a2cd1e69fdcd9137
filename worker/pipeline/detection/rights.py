"""Rights to more beside a firm flow: "peut ajouter jusqu'à 2 milliards", told in a sentence that need not name both
parties.

Theory: after its firm flow an article tells the option in a sentence with a word of right and a size, and names no
party but the two. Known exception: shares that may be acquired; frames read those, for they are a flow of their own
kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from worker.model import Kind
from worker.pipeline.detection.document import Document, Sentence
from worker.pipeline.detection.flows import Gathered
from worker.pipeline.detection.frames import Candidate
from worker.pipeline.detection.lexicon import Hit
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.quantities import Dimension

_SIZES = frozenset((Dimension.MONEY, Dimension.POWER))
_KINDS = frozenset((Kind.COMPUTE, Kind.CHIPS, Kind.SITE, Kind.POWER, Kind.DEBT))
_RECALLED = 0.4
# Words after the word of right within which its size stands.
_REACH = 25


def beside(document: Document, kept: Sequence[Gathered], modes: Mapping[int, Mode]) -> list[Gathered]:
    """Return the options that stand beside firm flows and that no frame read."""
    found: list[Gathered] = []
    for sentence in document.sentences:
        mode = modes[sentence.number]
        right = _sized_right(document, sentence, mode)
        if right < 0 or mode.recalled > _RECALLED:
            continue
        names = {mention.name for mention in sentence.mentions if mention.name}
        for one in kept:
            parties = {one.payer, one.payee} - {""}
            if one.kind not in _KINDS or one.option or not names <= parties:
                continue
            taken = any(
                (other.payer, other.payee) == (one.payer, one.payee) and other.option for other in (*kept, *found)
            )
            if not taken:
                found.append(_twin(sentence, one, right))
            break
    return found


def _sized_right(document: Document, sentence: Sentence, mode: Mode) -> int:
    """Return the word of a right with a size after it, -1 for none."""
    if sentence.part == "title":
        return -1
    for word in mode.rights:
        for quantity in sentence.quantities:
            place = document.word_at(quantity.start)
            if quantity.dimension in _SIZES and not quantity.role and quantity.value and 0 < place - word <= _REACH:
                return word
    return -1


def _twin(sentence: Sentence, one: Gathered, word: int) -> Gathered:
    firm = one.said[0]
    hit = Hit(word, word, firm.hit.frame, noun=True, past=False, conditional=False)
    said: Candidate = replace(firm, sentence=sentence, hit=hit, how="carried")
    return Gathered(one.payer, one.payee, one.kind, True, one.raw, one.weight, [said], one.rank, one.features)
