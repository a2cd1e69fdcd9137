"""The cheap look at title and summary that decides whether a page is fetched. Tuned for recall: a miss is for ever."""

from __future__ import annotations

from dataclasses import dataclass

from worker.model import Reason
from worker.pipeline.detection.lexicon import Lexicon
from worker.pipeline.detection.mentions import OrgType, Words
from worker.pipeline.detection.registry import Registry


_TRADES = frozenset(
    (OrgType.LAB, OrgType.CLOUD, OrgType.NEOCLOUD, OrgType.CHIPS, OrgType.DATACENTER, OrgType.SYSTEMS)
)


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether an item may be a deal, and by which words."""

    passed: bool
    reasons: tuple[Reason, ...]


def look(title: str, summary: str, *, registry: Registry, lexicon: Lexicon) -> Gate:
    """Let an item pass that names means of computing (or a firm of the trade) beside the word of a deed."""
    words = Words(f"{title}\n{summary[:1_500]}")
    phrases = lexicon.phrases["gate"]
    sure = phrases["sure"].find(words.folds)
    means = phrases["means"].find(words.folds)
    deeds = phrases["deed"].find(words.folds)
    firms = [
        term.company.name
        for index in registry.beginnings(words)
        if (match := registry.match_at(words, index)) and (term := match[0]).company.type in _TRADES
    ]
    weight = min(len(means), 3) * 1.0 + min(len(set(firms)), 2) * 1.2 + min(len(deeds), 3) * 0.8 + 2.0 * bool(sure)
    passed = bool(sure) or (bool(deeds) and bool(means or firms) and weight >= PASS)
    told = [Reason("gate.means", float(len(means))), Reason("gate.firms", float(len(firms)), ", ".join(firms[:5]))]
    return Gate(passed, (*told, Reason("gate.deeds", float(len(deeds)))))


# Chosen on the labelled corpus and on ordinary headlines: see tests/quality/README.md for both shares.
PASS = 2.6
