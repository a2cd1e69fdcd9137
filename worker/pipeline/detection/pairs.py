"""Parties that stand together without a frame that links them: titles without verbs, words that nobody foresaw.

Theory: where the opening of an article names a buyer's trade and a seller's trade beside an object of computing and a size,
the two deal with each other more often than not. Such pairs weigh less than what a frame says, and frames silence them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.model import Kind
from worker.pipeline.detection import kinds
from worker.pipeline.detection.document import Document, Sentence
from worker.pipeline.detection.entities import Mention, OrgType
from worker.pipeline.detection.frames import Candidate
from worker.pipeline.detection.lexicon import Frame, Hit, Lexicon
from worker.pipeline.detection.quantities import Dimension

_BUYERS = frozenset(
    (OrgType.LAB, OrgType.CLOUD, OrgType.NEOCLOUD, OrgType.SOFTWARE, OrgType.OTHER, OrgType.STATE, OrgType.TELECOM,
     OrgType.DATACENTER, OrgType.UNKNOWN)
)  # fmt: skip
_SELLERS = frozenset(
    (OrgType.CHIPS, OrgType.NEOCLOUD, OrgType.CLOUD, OrgType.DATACENTER, OrgType.ENERGY, OrgType.SYSTEMS, OrgType.TELECOM)
)
_SIZES = frozenset((Dimension.MONEY, Dimension.POWER, Dimension.CHIPS))
_MEANS = ("compute", "chips", "power", "site")
BESIDE = Frame("à côté", None, "either", "", frozenset(), frozenset(), 0.5)
_LATE = 2
_MANY = 3


def beside(document: Document, lexicon: Lexicon) -> list[Candidate]:
    """Return weak candidates for parties named together in the opening of an article."""
    found: list[Candidate] = []
    for sentence in document.sentences:
        if sentence.part == "text" and sentence.paragraph > _LATE:
            break
        named = _distinct(sentence)
        if len(named) < 2 or len(named) > _MANY:
            continue
        objects = _objects(document, sentence, lexicon)
        sized = any(q.dimension in _SIZES and not q.role for q in sentence.quantities)
        if not sized and not objects:
            continue
        weight = 0.3 + 0.15 * sized + 0.1 * bool(objects)
        for place, one in enumerate(named):
            for other in named[place + 1 :]:
                candidate = _pair(document, sentence, one, other, objects, weight)
                if candidate is not None:
                    found.append(candidate)
    return found


def _distinct(sentence: Sentence) -> list[Mention]:
    named: dict[str, Mention] = {}
    for mention in sentence.mentions:
        if mention.name and mention.type is not OrgType.MEDIA and mention.via != "person":
            named.setdefault(mention.name, mention)
    return list(named.values())


def _objects(document: Document, sentence: Sentence, lexicon: Lexicon) -> dict[str, float]:
    phrases = lexicon.phrases["objects"]
    window = (document.words.folds, sentence.first, sentence.after)
    return {name: float(count) for name in _MEANS if (count := len(phrases[name].find(*window)))}


def _pair(
    document: Document,
    sentence: Sentence,
    one: Mention,
    other: Mention,
    objects: Mapping[str, float],
    weight: float,
) -> Candidate | None:
    payer, payee = (one, other) if kinds.pays(one.type, other.type) else (other, one)
    if payer.type not in _BUYERS or payee.type not in _SELLERS or payer.type is payee.type:
        return None
    kind = kinds.kind_of(None, payer.type, payee.type, objects)
    word = document.word_at(other.start)
    hit = Hit(word, word, BESIDE, noun=True, past=False, conditional=False)
    share = 0.75 if OrgType.UNKNOWN in (payer.type, payee.type) else 1.0
    return Candidate(payer, payee, kind, weight * share, sentence, hit)


def needed(found: Sequence[Candidate], pair: Candidate) -> bool:
    """Whether no frame links these two parties already, in whatever way."""
    assert pair.payer is not None
    assert pair.payee is not None
    names = {pair.payer.name, pair.payee.name}
    linked = (
        {one.payer.name, one.payee.name}
        for one in found
        if one.payer is not None and one.payee is not None and one.kind is not Kind.PARTNERSHIP
    )
    return names not in list(linked)
