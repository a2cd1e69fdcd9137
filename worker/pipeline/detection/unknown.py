"""Organisations that no list has: names accepted by the sum of their signs, short and long forms as one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from worker.pipeline.detection.candidates import Run
from worker.pipeline.detection.likeness import Names, around, whole
from worker.pipeline.detection.listed import Layout
from worker.pipeline.detection.mentions import Mention, OrgType, Words
from worker.pipeline.detection.signs import Judge, Signs
from worker.pipeline.detection.vocabulary import Vocabulary

# With fewer words an article is hardly more than its title, where nothing comes again.
_BODY = 40
# How far acceptance travels along a list of names, one neighbour at a time.
_LONGEST_LIST = 6


@dataclass(slots=True)
class Named:
    """One unlisted organisation: its name, and what the text says of it."""

    name: str
    type: OrgType = OrgType.UNKNOWN
    country: str = ""
    introduced: bool = False
    sure: float = 0.0


@dataclass(slots=True)
class _Group:
    key: tuple[str, ...]
    surface: str
    runs: list[Run] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    types: list[OrgType] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    country: str = ""
    introduced: bool = False
    # How far above what accepts it, and how sure.
    ahead: float = 0.0
    sure: float = 0.0

    @property
    def total(self) -> float:
        """Return the best sign, moved by the others: many weak signs add up, contrary ones count unless outnumbered."""
        repeats = 1.0 if len(self.runs) > 2 else 0.5 if len(self.runs) > 1 else 0.0
        worst = min(self.weights)
        if worst <= -1 and max(self.weights) < 1:
            # A place is named as often as a firm.
            repeats = 0.0
        contrary, clear = sum(one <= -4 for one in self.weights), sum(one >= 2 for one in self.weights)
        counts = worst <= -4 and contrary >= clear and not self.introduced
        return max(self.weights) + repeats + (worst if counts else 0.0)


class Unknown:
    """The unlisted organisations of one text."""

    def __init__(self, layout: Layout, vocabulary: Vocabulary, likeness: Names) -> None:
        self._layout, self._vocabulary, self._likeness = layout, vocabulary, likeness
        self.names: dict[tuple[str, ...], Named] = {}

    def remember(self, mentions: Iterable[Mention]) -> None:
        """Take over the unlisted names of earlier parts of the article."""
        for mention in mentions:
            if not mention.known and mention.name and mention.via in ("shape", "apposition"):
                key = tuple(Words(mention.name).folds)
                introduced = mention.via == "apposition"
                self.names.setdefault(key, Named(mention.name, mention.type, "", introduced, mention.sure))

    def judge(self, runs: Sequence[Run], known: Sequence[bool], people: frozenset[str]) -> None:
        """Accept names among `runs`. known: words of accepted neighbours; people: folded surnames to leave out."""
        groups = self._groups(runs, people)
        accepted: list[_Group] = []
        waiting: list[_Group] = []
        for group in groups.values():
            if group.ahead >= 0 or group.key in self.names:
                accepted.append(group)
            elif group.ahead >= -1:
                waiting.append(group)
        taken = list(known)
        for group in accepted:
            _take(taken, group)
        for _ in range(_LONGEST_LIST):
            joined = {group.key: group for group in waiting if self._enumerated(group, taken)}
            accepted += joined.values()
            waiting = [group for group in waiting if group.key not in joined]
            for group in joined.values():
                _take(taken, group)
        for group in sorted(accepted, key=lambda group: -len(group.key)):
            self._accept(group)
        self._link(groups)

    def _groups(self, runs: Sequence[Run], people: frozenset[str]) -> dict[tuple[str, ...], _Group]:
        judge = Judge(self._layout, self._vocabulary)
        words = self._layout.words
        groups: dict[tuple[str, ...], _Group] = {}
        for run in runs:
            key = tuple(words.folds[run.first : run.after])
            if key[-1] in people and (len(key) == 1 or key[0] in people):
                continue
            group = groups.get(key)
            if group is None:
                surface = words.text[words.starts[run.first] : words.ends[run.after - 1]]
                group = groups[key] = _Group(key, surface)
            signs = judge.signs(run)
            _add(group, run, signs)
            group.shown.update(around(self._layout, run, signs))
        titled = self._layout.sentence[0] if self._layout.sentence else 0
        for key, group in list(groups.items()):
            if self._heads(group):
                del groups[key]
                continue
            total, place = group.total, self._layout.sentence[group.runs[0].first]
            told = {"introduced": group.introduced, "lower": key[0] in judge.lower, "title": place == titled}
            group.shown.update(whole(key, group.surface, group.weights, total, told=told))
            group.ahead, group.sure = self._likeness.weigh(group.surface, group.shown, total)
        return groups

    def _heads(self, group: _Group) -> bool:
        """True for what stands before the colon of a title and nowhere else: its section or subject, "Santé : ..."."""
        run, words = group.runs[0], self._layout.words
        headed = not run.first and words.gap(run.after - 1).strip().startswith(":")
        if not headed or len(group.runs) > 1 or len(words) < _BODY or group.key[-1] in self._vocabulary.suffixes:
            return False
        title = [index for index, sentence in enumerate(self._layout.sentence) if sentence == 0 and index >= run.after]
        if any(self._vocabulary.descriptor_at(words.folds, index) for index in title):
            # "Nexalis : OpenAI loue 300 mégawatts au néocloud lyonnais".
            return False
        return all(words.folds[index] != group.key[0] for index in words.capitals if index >= run.after)

    def _enumerated(self, group: _Group, taken: Sequence[bool]) -> bool:
        """True where the name stands in a list beside an organisation: "MGX, X et Bpifrance"."""
        words = self._layout.words
        for run in group.runs:
            before, after = run.first - 1, run.after
            if words.fold_at(before) == "et":
                before -= 1
            if words.fold_at(after) == "et":
                after += 1
            left = before >= 0 and taken[before] and words.text[words.ends[before] : words.starts[run.first]] in _LISTS
            right = after < len(taken) and taken[after]
            right = right and words.text[words.ends[run.after - 1] : words.starts[after]] in _LISTS
            if left or (right and (group.total >= 0 or self._goes_on(after, taken))):
                return True
        return False

    def _goes_on(self, index: int, taken: Sequence[bool]) -> bool:
        """True where the list has a further accepted member: its first word may be an ordinary one, but not then."""
        words = self._layout.words
        while index + 1 < len(taken) and taken[index + 1] and words.gap(index) == " ":
            index += 1
        return index + 1 < len(taken) and taken[index + 1] and words.gap(index) in _LISTS

    def _accept(self, group: _Group) -> None:
        kind = next((kind for kind in group.types if kind is not OrgType.UNKNOWN), OrgType.UNKNOWN)
        named = self.names.get(group.key)
        if named is None:
            name = _LEGAL.sub("", group.surface)
            self.names[group.key] = Named(name, kind, group.country, group.introduced, group.sure)
            return
        named.sure = max(named.sure, group.sure)
        named.type = named.type if named.type is not OrgType.UNKNOWN else kind
        named.country, named.introduced = named.country or group.country, named.introduced or group.introduced

    def _link(self, groups: Mapping[tuple[str, ...], _Group]) -> None:
        """Make short forms mean the long name: "Hélios" for "Hélios Compute", "Horizon" for "Banque Horizon"."""
        for key, named in sorted(self.names.items(), key=lambda pair: -len(pair[0])):
            for short in self._short_forms(key):
                if short in groups or short in self.names:
                    other = self.names.get(short)
                    if other and named.type is OrgType.UNKNOWN:
                        named.type = other.type
                    if other:
                        named.sure = max(named.sure, other.sure)
                    self.names[short] = named

    def _short_forms(self, key: tuple[str, ...]) -> list[tuple[str, ...]]:
        headed = key[0] in self._vocabulary.heads or (key[0],) in self._vocabulary.bare_institutions
        forms = [key[:length] for length in range(len(key) - 1, 0, -1) if not (length == 1 and headed)]
        tails = [key[-length:] for length in range(len(key) - 1, 0, -1)] if headed else []
        # "Namur" is the town, not the university.
        return forms + [tail for tail in tails if not self._is_place(tail)]

    def _is_place(self, key: tuple[str, ...]) -> bool:
        vocabulary, name = self._vocabulary, " ".join(key)
        return name in vocabulary.towns or all(word in vocabulary["places"] for word in key)

    def occurrences(self, taken: Sequence[bool]) -> list[tuple[Run, Named]]:
        """Return where the accepted names stand, the longest form at each place, outside the words `taken`."""
        by_first: dict[str, list[tuple[str, ...]]] = {}
        for key in sorted(self.names, key=len, reverse=True):
            by_first.setdefault(key[0], []).append(key)
        found: list[tuple[Run, Named]] = []
        free = 0
        for index in self._layout.words.capitals:
            here = self._key_at(by_first, index, taken) if index >= free else None
            if here is not None:
                free = index + len(here)
                found.append((Run(index, free), self.names[here]))
        return found

    def _key_at(
        self, by_first: dict[str, list[tuple[str, ...]]], index: int, taken: Sequence[bool]
    ) -> tuple[str, ...] | None:
        words = self._layout.words
        for key in by_first.get(words.folds[index], ()):
            after = index + len(key)
            if tuple(words.folds[index:after]) == key and not any(taken[index:after]):
                return key
        return None


# A firm's legal form is no part of the name that the press and the labels use.
_LEGAL = re.compile(
    r"(?<=\w)[\s,]+(?:A/?S|ASA|AB|Oyj?|GmbH|AG|S\.?A\.?S?|SARL|SE|N\.?V|B\.?V|SpA|Srl|Inc|Ltd|LLC|PLC|plc|Corp|KK|SCA|SRL)\.?$"
)
_LISTS = frozenset((", ", " et ", ", et ", " ou ", "/", " / ", " + ", "-", " - ", ",\u00a0"))


def _add(group: _Group, run: Run, signs: Signs) -> None:
    group.runs.append(run)
    group.weights.append(signs.weight)
    if signs.introduced:
        group.types.insert(0, signs.type)
    else:
        group.types.append(signs.type)
    group.country = group.country or signs.country
    group.introduced = group.introduced or signs.introduced


def _take(taken: list[bool], group: _Group) -> None:
    for run in group.runs:
        for index in range(run.first, run.after):
            taken[index] = True
