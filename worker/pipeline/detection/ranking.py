"""A trained choice among the organisations that words may stand for.

Theory: a log-linear model adds up weights of signs for every organisation named before and for nobody; the highest sum
is meant, and nobody is where the words mean a person, a thing or somebody unnamed. A sign is a fact about one
organisation ("named last"), alone and beside what asks ("elle", a subject: named last). Weights: `referents` in
config/detector.json, trained.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from worker.pipeline.detection.mentions import OrgType


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a description asks for: types (empty: any), the one preferred, a country."""

    types: tuple[OrgType, ...] = ()
    prefer: OrgType = OrgType.UNKNOWN
    country: str = ""


@dataclass(frozen=True, slots=True)
class Anaphor:
    """Words that may stand for an organisation named before.

    kind: "il", "elle", "ce" (celui-ci, ce dernier), "noun", "relation" (seen from another party: "son client"),
    "countryman", "first", "second" (of two); place: its word in the text; word: the folded noun; signs: how the words
    stand in their sentence; excluded: whom they cannot mean.
    """

    kind: str
    place: int
    sentence: int
    word: str = ""
    gender: str = ""
    wanted: Wanted = Wanted()
    signs: tuple[str, ...] = ()
    excluded: frozenset[str] = frozenset()


class Choosable(NamedTuple):
    """One organisation that may be meant, or nobody ("").

    facts: what speaks for and against it; of an organisation the first five say how long ago it was named, whether it
    led, both together, how many were named since, and how it was named first. acts: what it does, asked of relations.
    """

    name: str
    facts: tuple[str, ...]
    acts: tuple[str, ...] = ()


# Places of the facts that weigh otherwise behind each sign, and behind each noun, of what asks.
_DISTANCE, _ASKED, _STANDING = (0,), (0, 1, 2), (0, 1, 3, 4)


def signs(anaphor: Anaphor, one: Choosable) -> list[str]:
    """Return all signs of an organisation, or of nobody, for training."""
    if not one.name:
        return list(one.facts)
    found = [*one.facts, *(f"{anaphor.kind} {fact}" for fact in one.facts), *_common(anaphor)]
    found += [prefix + one.facts[place] for prefix, places in _crossed(anaphor) for place in places]
    return found + [_by_noun(anaphor) + act for act in one.acts]


def _common(anaphor: Anaphor) -> Iterator[str]:
    """Return the signs of every organisation alike, against nobody."""
    for sign in anaphor.signs:
        yield f"{anaphor.kind} {sign}"
    if anaphor.word:
        yield f"n:{anaphor.word}"


def _crossed(anaphor: Anaphor) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Return what is put before which facts, by their places."""
    for sign in anaphor.signs:
        yield f"{sign}|", _ASKED
        yield f"{sign}|{anaphor.kind} ", _DISTANCE
    if anaphor.word:
        yield _by_noun(anaphor), _STANDING


def _by_noun(anaphor: Anaphor) -> str:
    return f"n:{anaphor.word}|"


class Referents:
    """The trained weights of the signs, a table. Without them a rule of thumb by nearness and trade answers."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._weights: Mapping[str, float] = {str(name): float(w) for name, w in table.items()} or _PLAIN
        self._prefixes = {_prefix(name) for name in self._weights if "|" in name}
        self._kinds: dict[str, _Sums] = {}
        self._behind: dict[str, _Sums] = {}

    def choose(self, anaphor: Anaphor, told: Iterable[Choosable]) -> str:
        """Return the name of the organisation that is meant, "" for nobody. told: nobody and all who may be meant."""
        weights = self._weights
        common = sum(weights.get(sign, 0.0) for sign in _common(anaphor))
        alone = self._kinds.get(anaphor.kind)
        if alone is None:
            alone = self._kinds[anaphor.kind] = _Sums(weights, ("", f"{anaphor.kind} "))
        crossed = [(self._sums(prefix), places) for prefix, places in _crossed(anaphor) if prefix in self._prefixes]
        noun = _by_noun(anaphor)
        best, chosen = -math.inf, ""
        for name, facts, acts in told:
            if name:
                total = common + sum(alone[fact] for fact in facts)
                for sums, places in crossed:
                    for place in places:
                        total += sums[facts[place]]
                for act in acts:
                    total += weights.get(noun + act, 0.0)
            else:
                total = sum(weights.get(fact, 0.0) for fact in facts)
            if total > best:
                best, chosen = total, name
        return chosen

    def _sums(self, prefix: str) -> _Sums:
        found = self._behind.get(prefix)
        if found is None:
            found = self._behind[prefix] = _Sums(self._weights, (prefix,))
        return found


class _Sums(dict[str, float]):
    """What a fact weighs behind each of some prefixes, all together: to write the signs out for each organisation
    of each place would cost more than all else here. Facts are few, so that all may be kept."""

    def __init__(self, weights: Mapping[str, float], prefixes: tuple[str, ...]) -> None:
        super().__init__()
        self._weights, self._prefixes = weights, prefixes

    def __missing__(self, fact: str) -> float:
        total = self[fact] = sum(self._weights.get(prefix + fact, 0.0) for prefix in self._prefixes)
        return total


def _prefix(name: str) -> str:
    """Return what stands before the fact in a sign such as "opens|gap0" and "opens|elle gap0"."""
    asked, fact = name.split("|", 1)
    kind, _, rest = fact.rpartition(" ")
    return f"{asked}|{kind} " if kind and rest else f"{asked}|"


# For texts read without trained weights.
_PLAIN = {"rank0": 1.0, "rank1": 0.5, "fit:clash": -9.0, "country:clash": -9.0, "country:same": 1.0, "fit:prefer": 1.0}
