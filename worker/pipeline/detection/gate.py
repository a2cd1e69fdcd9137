"""The cheap look at title and summary that decides whether a page is fetched. Tuned for recall: a miss is for ever.

Theory: a deal shows by who is named (firms of the trade, two at once, financiers), by what moves (computing, chips,
energy) and by the word of a deed or a sum; everyday news, goods and programme notes speak against it. The weights of
such counts are fitted on labelled deals against ordinary headlines (tests/quality/fit_gate.py), each ground bound to
its sign.
Known exceptions: titles that play on words and name no firm of the trade ("the hospital rents its neurons").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from worker.model import Reason
from worker.pipeline.detection.lexicon import Lexicon
from worker.pipeline.detection.mentions import OrgType, Words
from worker.pipeline.detection.registry import Registry

_TRADES = frozenset((OrgType.LAB, OrgType.NEOCLOUD, OrgType.CHIPS, OrgType.DATACENTER, OrgType.SYSTEMS))
# Firms that buy and sell computing beside much else.
_GIANTS = frozenset((OrgType.CLOUD, OrgType.SOFTWARE))
_FINANCIERS = frozenset((OrgType.FUND, OrgType.BANK))
# Of a long summary, the rest repeats or wanders off.
_SUMMARY = 600
_SHORT = 40
# Fitted on 2026-11-25 by tests/quality/fit_gate.py: 289 of 290 labelled deals pass, 8.8 % of 18,161 headlines.
BIAS = -0.95
WEIGHTS: Mapping[str, float] = {
    "sure": 3.2, "sure.title": 0.4, "means": 1.7, "means.title": 0.3, "means.deed": 0.9, "means.firm": 1.2,
    "ai.deed": 0.3, "energy.deed": 1.7, "firm": 0.7, "firm.deed": 0.1, "two": 1.8, "financier": 1.3, "named": 0.7,
    "money": 1.1, "deed.title": 1.5, "deed.computing": 0.9, "roundup": 1.4, "short": 3.6,
    "far": -1.8, "state": -0.1, "goods": -2.9, "everyday": -2.0, "market": -2.1, "broadcast": -3.1,
}  # fmt: skip
# Grounds that can only speak against a deal; all others can only speak for it.
AGAINST = frozenset(("far", "state", "goods", "everyday", "market", "broadcast"))


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether an item may be a deal, and by which words."""

    passed: bool
    reasons: tuple[Reason, ...]


@dataclass
class _Seen:
    """What stands in title and summary. `counts` are distinct phrases of each list, `heads` those of the title."""

    summary: int
    counts: dict[str, int] = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)
    firms: dict[str, OrgType] = field(default_factory=dict)
    named: bool = False

    def types(self, wanted: frozenset[OrgType]) -> int:
        return sum(kind in wanted for kind in self.firms.values())

    @property
    def computing(self) -> bool:
        """Whether anything at all points to computing."""
        return self.named or bool(self.types(_TRADES | _GIANTS)) or any(map(self.counts.get, ("sure", "means", "ai")))

    @property
    def deed(self) -> bool:
        return bool(self.counts["deed"] or self.counts["money"])


def look(title: str, summary: str, *, registry: Registry, lexicon: Lexicon) -> Gate:
    """Return whether an item may be a deal. The reasons are the grounds with their parts of the score."""
    values = grounds(title, summary, registry=registry, lexicon=lexicon)
    parts = {name: round(WEIGHTS.get(name, 0.0) * value, 2) for name, value in values.items()}
    reasons = sorted(
        (Reason(f"gate.{name}", part) for name, part in parts.items() if part), key=lambda reason: -abs(reason.weight)
    )
    said = bool(title.strip() or summary.strip())
    return Gate(said and BIAS + sum(parts.values()) >= 0.0, tuple(reasons))


def may_pass_with(less: str, fallen: Gate) -> bool:
    """Whether an item that fell may pass with less of its text: fewer words may take grounds against it away, and give
    it but one for it, that it is short."""
    grounds_for = sum(max(reason.weight, 0.0) for reason in fallen.reasons)
    return len(less.strip()) < _SHORT or BIAS + grounds_for >= 0.0


def means_at(text: str, lexicon: Lexicon) -> int | None:
    """Return where a text first names what only AI computes with, as an offset; None where it does not."""
    words = Words(text)
    found = lexicon.phrases["gate"]["sure"].find(words.folds)
    return words.starts[found[0][0]] if found else None


def grounds(title: str, summary: str, *, registry: Registry, lexicon: Lexicon) -> dict[str, float]:
    """Return how far each ground holds, 0 where it does not."""
    seen = _see(title, summary[:_SUMMARY], registry, lexicon)
    return {name: float(value) for name, ground in GROUNDS.items() if (value := ground(seen))}


GROUNDS: Mapping[str, Callable[[_Seen], float]] = {
    "sure": lambda seen: min(seen.counts["sure"], 3),
    "sure.title": lambda seen: seen.heads["sure"] > 0,
    "means": lambda seen: min(seen.counts["means"], 3),
    "means.title": lambda seen: seen.heads["means"] > 0,
    "means.deed": lambda seen: (seen.counts["sure"] + seen.counts["means"] > 0) and seen.deed,
    "means.firm": lambda seen: seen.counts["means"] > 0 and seen.types(_TRADES | _GIANTS) > 0,
    "ai.deed": lambda seen: seen.counts["ai"] > 0 and seen.deed,
    "energy.deed": lambda seen: seen.counts["energy"] > 0 and seen.deed,
    "firm": lambda seen: min(seen.types(_TRADES), 2),
    "firm.deed": lambda seen: seen.types(_TRADES) > 0 and seen.deed,
    "two": lambda seen: len(seen.firms) > 1,
    "financier": lambda seen: seen.types(_FINANCIERS) > 0,
    "named": lambda seen: seen.named,
    "money": lambda seen: seen.counts["money"] > 0,
    "deed.title": lambda seen: seen.heads["deed"] > 0,
    "deed.computing": lambda seen: seen.deed and seen.computing,
    "roundup": lambda seen: seen.counts["roundup"] > 0 and seen.computing,
    "short": lambda seen: seen.summary < _SHORT,
    "far": lambda seen: not seen.computing,
    "state": lambda seen: seen.types(frozenset((OrgType.STATE,))) > 0,
    "goods": lambda seen: min(seen.counts["goods"], 3),
    "everyday": lambda seen: min(seen.counts["everyday"], 3),
    "market": lambda seen: min(seen.counts["market"], 3),
    "broadcast": lambda seen: min(seen.counts["broadcast"], 2),
}


def _see(title: str, summary: str, registry: Registry, lexicon: Lexicon) -> _Seen:
    words = Words(f"{title}\n{summary}")
    head = next((i for i, start in enumerate(words.starts) if start >= len(title)), len(words))
    seen = _Seen(len(summary.strip()))
    for name, phrases in lexicon.phrases["gate"].items():
        found = phrases.find(words.folds)
        seen.counts[name] = len({tuple(words.folds[first : last + 1]) for first, last in found})
        seen.heads[name] = sum(first < head for first, _ in found)
    _firms(seen, words, registry, lexicon)
    parts = lexicon.phrases["gate"]["name_parts"]
    seen.named = any(
        index and words.raw[index][0].isupper() and words.raw[index - 1][0].isupper() and words.gap(index - 1) == " "
        for index, _ in parts.find(words.folds)
    )
    return seen


def _firms(seen: _Seen, words: Words, registry: Registry, lexicon: Lexicon) -> None:
    after = 0
    household = lexicon.phrases["gate"]["household"]
    for index in registry.beginnings(words):
        match = registry.match_at(words, index) if index >= after else None
        if match is None:
            continue
        term, end = match
        if term.raw[0][:1].isupper() and not words.raw[index][:1].isupper():
            continue
        after = end
        name = term.company.group or term.company.name
        kind = registry.type_of(name) if term.company.group else term.company.type
        if kind is OrgType.MEDIA:
            continue
        # A brand, an everyday word or a household name says less than the name of a firm of the trade.
        weak = term.via == "brand" or term.company.ambiguous or household.at(words.folds, index) > 0
        weak = weak and kind in _TRADES
        seen.firms.setdefault(name, OrgType.UNKNOWN if weak else kind)
