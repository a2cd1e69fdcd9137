"""Firms that an article names as those whom another wants to beat or do without: "concurrencer celle de Nvidia".

Theory: who is only ever named as a rival has no part in the deal, however well both trades would go together. Known
exception: a client that buys from its rival, whom some other sentence then names otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.pipeline.detection.document import BACKGROUND, Document, Sentence
from worker.pipeline.detection.entities import Mention
from worker.pipeline.detection.frames import Candidate
from worker.pipeline.detection.lexicon import Lexicon
from worker.pipeline.detection.modality import Mode

# Words between the word of rivalry and the name: "concurrencer celles que vend Nvidia".
_REACH = 4
# What stands near or is guessed; what a verb says outright holds whatever else is said.
_LOOSE = frozenset(("beside", "open", "carried"))


def without(
    document: Document, said: Sequence[Candidate], lexicon: Lexicon, modes: Mapping[int, Mode]
) -> list[Candidate]:
    """Return the candidates without what is only guessed of firms that are named as rivals alone."""
    words = lexicon.phrases["partners"].get("rivals")
    if words is None:
        return list(said)
    rivals: dict[str, bool] = {}
    for sentence in document.sentences:
        if modes[sentence.number].recalled < BACKGROUND:
            places = words.find(document.words.folds, sentence.first, sentence.after)
            for mention in sentence.mentions:
                rivals[mention.name] = rivals.get(mention.name, True) and _is_opposed(
                    document, sentence, mention, places
                )
    only = {name for name, opposed in rivals.items() if opposed and name}
    if not only:
        return list(said)
    return [
        one
        for one in said
        if one.how not in _LOOSE or only.isdisjoint(party.name for party in (one.payer, one.payee) if party)
    ]


def _is_opposed(document: Document, sentence: Sentence, mention: Mention, places: Sequence[tuple[int, int]]) -> bool:
    first = document.word_at(mention.start)
    for _, last in places:
        between = document.text[document.words.ends[last] : mention.start]
        near = 0 < first - last <= _REACH + 1 and not any(mark in between for mark in ",;:.()«")
        if near and not any(document.words.ends[last] < other.end <= mention.start for other in sentence.mentions):
            return True
    return False
