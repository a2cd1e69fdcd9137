"""How two parties stand in an article and to each other, before any word between them is read.

Theory: most articles have one pair of main parties, named early, together and often; who is named once in a list of
clients, rivals or examples is not of the news.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from worker.pipeline.detection.document import BACKGROUND, Document
from worker.pipeline.detection.entities import Mention
from worker.pipeline.detection.modality import Mode

if TYPE_CHECKING:
    from worker.pipeline.detection.flows import Gathered

_OWN_WORDS = frozenset(("name", "alias", "brand", "metonym", "shape", "apposition"))
# What stands before a place more often than before a firm.
_AT = frozenset(("a", "au", "aux", "en", "dans", "vers", "depuis", "pres"))
# Words of distance beyond which two names of a sentence are as good as apart.
_FAR = 40


@dataclass(slots=True)
class _Party:
    """Where one organisation is named: in the head, in the lead, in how many sentences, first where."""

    title: float = 0.0
    summary: float = 0.0
    lead: float = 0.0
    sentences: set[int] = field(default_factory=set)
    own: float = 0.0
    first: int = 1_000
    crowd: int = 1_000
    fresh: float = 0.0
    sure: float = 0.0
    placed: int = 0


class Standing:
    """The parties of one document."""

    def __init__(self, document: Document, modes: Mapping[int, Mode]) -> None:
        self._parties: dict[str, _Party] = defaultdict(_Party)
        self._gaps: dict[frozenset[str], float] = {}
        self._together: dict[frozenset[str], int] = defaultdict(int)
        for sentence in document.sentences:
            if modes[sentence.number].recalled >= BACKGROUND:
                continue
            named = {mention.name: mention for mention in sentence.mentions if mention.name}
            for mention in sentence.mentions:
                if not mention.name:
                    continue
                one = self._parties[mention.name]
                one.title = max(one.title, float(sentence.part == "title"))
                one.summary = max(one.summary, float(sentence.part == "summary"))
                one.lead = max(one.lead, float(sentence.part == "text" and sentence.paragraph == 0))
                one.sentences.add(sentence.number)
                if mention.via in _OWN_WORDS:
                    one.own += 1
                    one.sure = max(one.sure, mention.sure)
                    one.placed += document.words.fold_at(document.word_at(mention.start) - 1) in _AT
                one.first = min(one.first, sentence.number)
                one.crowd = min(one.crowd, len(named))
                one.fresh = max(one.fresh, 1.0 - modes[sentence.number].recalled)
            self._near(document, sentence.mentions, len(named))
        ranked = sorted(
            self._parties, key=lambda name: (-len(self._parties[name].sentences), self._parties[name].first)
        )
        self._rank = {name: place for place, name in enumerate(ranked)}

    def _near(self, document: Document, mentions: Sequence[Mention], named: int) -> None:
        if not 2 <= named <= 12:
            return
        for place, one in enumerate(mentions[:20]):
            for other in mentions[place + 1 : 20]:
                if one.name and other.name and one.name != other.name:
                    pair = frozenset((one.name, other.name))
                    gap = float(document.word_at(other.start) - document.word_at(one.end - 1))
                    self._gaps[pair] = min(self._gaps.get(pair, _FAR), gap)
        for pair in {frozenset((a.name, b.name)) for a in mentions[:20] for b in mentions[:20] if a.name and b.name}:
            self._together[pair] += 1

    def features(self, one: Gathered) -> dict[str, float]:
        """Return the features of a flow, most between 0 and 3."""
        result: dict[str, float] = {}
        for role, name in (("payer", one.payer), ("payee", one.payee)):
            party = self._parties.get(name) or _Party()
            result[f"{role}.title"], result[f"{role}.summary"] = party.title, party.summary
            result[f"{role}.lead"] = party.lead
            result[f"{role}.sentences"] = min(len(party.sentences), 8) / 4
            result[f"{role}.own"] = min(party.own, 6) / 3
            result[f"{role}.first"] = min(party.first, 12) / 6 if name else 3.0
            result[f"{role}.crowd"] = min(party.crowd, 6) / 3 if name else 0.0
            result[f"{role}.fresh"] = party.fresh
            result[f"{role}.sure"] = party.sure
            result[f"{role}.placed"] = party.placed / party.own if party.own else 0.0
            result[f"{role}.rank"] = min(self._rank.get(name, 8), 8) / 4 if name else 3.0
        pair = frozenset((one.payer, one.payee))
        result["pair.gap"] = self._gaps.get(pair, _FAR) / 10
        result["pair.together"] = min(self._together.get(pair, 0), 5) / 2
        result["pair.title"] = result["payer.title"] * result["payee.title"]
        result["parties"] = min(len(self._parties), 12) / 4
        return result
