"""What a description or a pronoun may mean: the organisations read so far, and the choice among them.

Theory: a typed noun means the nearest organisation of that type; an untyped one or a pronoun means the subject, that is
the first organisation without a preposition in this sentence or the nearest before. A pronoun agrees with the words
last used ("la start-up... elle"), not with the organisation.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from worker.pipeline.detection.mentions import Mention, OrgType

# How many earlier sentences a subject is looked for in.
REACH = 5
# How many mentions back a description may mean; more would be guessing, and cost time on endless texts.
MEMORY = 80
_MISFIT = 9
# A name that only its shape tells, and hardly, may be none.
_DOUBTFUL = 0.3
_FIRST = 12
_NEVER = (OrgType.MEDIA,)
_SELDOM = (OrgType.FUND, OrgType.BANK, OrgType.STATE)


@dataclass(frozen=True, slots=True)
class Seen:
    """One mention read so far. `leads` where it may be its clause's subject; `gender` of its words, "" for a name."""

    mention: Mention
    sentence: int
    leads: bool
    gender: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a description asks for: types (empty: any), the one preferred, a country."""

    types: tuple[OrgType, ...] = ()
    prefer: OrgType = OrgType.UNKNOWN
    country: str = ""


class History:
    """The mentions read so far, in order."""

    def __init__(self, before: Iterable[Mention], countries: Mapping[str, str]) -> None:
        self._countries = dict(countries)
        self.types: dict[str, OrgType] = {}
        self._groups: dict[int, list[Seen]] = {}
        self._recent: deque[Seen] = deque(maxlen=MEMORY)
        for mention in before:
            self.add(Seen(mention, -1, True))

    def add(self, seen: Seen) -> None:
        """Remember a mention; the press and nameless parties are never meant later."""
        if seen.mention.name and seen.mention.type not in _NEVER:
            group = self._groups.setdefault(seen.sentence, [])
            group.append(seen)
            if len(group) > 2 * _FIRST:
                # A sentence without end: its beginning and what was said last are enough.
                group.pop(_FIRST)
            self._recent.append(seen)

    def learn_country(self, name: str, country: str) -> None:
        """Keep what a description says of a name's country."""
        if country and not self._countries.get(name):
            self._countries[name] = country

    def type_of(self, mention: Mention) -> OrgType:
        """Return a mention's type, or the one that an earlier description told of its name."""
        return mention.type if mention.type is not OrgType.UNKNOWN else self.types.get(mention.name, OrgType.UNKNOWN)

    def subject(self, sentence: int) -> Mention | None:
        """Return the first organisation of a sentence so far, one that leads if there is one."""
        group = self._groups.get(sentence, [])
        return next((seen.mention for seen in group if seen.leads), group[0].mention if group else None)

    def leads_in(self, sentence: int) -> bool:
        """Whether an organisation may be the subject of a sentence, as far as it is read."""
        return any(seen.leads for seen in self._groups.get(sentence, ()))

    def reporter(self, sentence: int) -> Mention | None:
        """Return the last subject of a sentence so far: "Amazon..., X rappelle qu'elle" means X."""
        return next((seen.mention for seen in reversed(self._groups.get(sentence, [])) if seen.leads), None)

    def leading(self, sentence: int, wanted: Wanted) -> Mention | None:
        """Return the fitting subject of this sentence so far, else of the nearest sentence before."""

        def choose(group: list[Seen]) -> Mention | None:
            fitting = [seen for seen in group if self._rank(seen.mention, wanted) < 1]
            leads = [seen for seen in fitting if seen.leads]
            return leads[0].mention if leads else None

        def take(group: list[Seen]) -> Mention | None:
            return next((seen.mention for seen in group if self._rank(seen.mention, wanted) < _MISFIT), None)

        return self._by_sentence(sentence, choose) or self._by_sentence(sentence, take)

    def agreeing(self, sentence: int, gender: str) -> Mention | None:
        """Return what "il" (m) or "elle" (f) means: words of that gender first, then a name that leads."""

        def choose(group: list[Seen]) -> Mention | None:
            same = [seen for seen in group if seen.gender == gender]
            leading = [seen for seen in same if seen.leads]
            if leading or same:
                return (leading or same[-1:])[0].mention
            return next((seen.mention for seen in group if seen.leads and not seen.gender), None)

        return self._by_sentence(sentence, choose) or self.leading(sentence, Wanted())

    def _by_sentence(self, current: int, choose: Callable[[list[Seen]], Mention | None]) -> Mention | None:
        looked = 0
        for sentence in reversed(self._groups):
            if sentence > current:
                continue
            found = choose(self._groups[sentence])
            if found:
                return found
            looked += 1
            if looked > REACH:
                break
        return None

    def last(self, sentence: int, gender: str) -> Mention | None:
        """Return what "celui-ci" (m) or "cette dernière" (f) means: the last one said, here or one sentence before."""
        pool = [seen for number in (-1, sentence - 1, sentence) for seen in self._groups.get(number, [])]
        fitting = [seen for seen in pool if seen.gender in ("", gender)]
        return (fitting or pool)[-1].mention if pool else None

    def nearest(self, wanted: Wanted, excluded: frozenset[str]) -> Mention | None:
        """Return the best fitting mention, the nearest among equals."""
        best: tuple[int, int] | None = None
        chosen: Mention | None = None
        for distance, seen in enumerate(reversed(self._recent)):
            if seen.mention.name in excluded:
                continue
            rank = self._rank(seen.mention, wanted)
            if rank < _MISFIT and (best is None or (rank, distance) < best):
                best, chosen = (rank, distance), seen.mention
        return chosen

    def of_country(self, country: str) -> Mention | None:
        """Return the mention nearest before of an organisation that is known to be of a country."""
        fitting = (one.mention for one in reversed(self._recent) if self._countries.get(one.mention.name) == country)
        return next(fitting, None)

    def _rank(self, mention: Mention, wanted: Wanted) -> int:
        """Return how badly a mention fits; _MISFIT or more means not at all."""
        country = self._countries.get(mention.name, "")
        if wanted.country and country and country != wanted.country:
            return _MISFIT
        rank = -1 if wanted.country and country == wanted.country else 0
        kind = self.type_of(mention)
        if kind is wanted.prefer and wanted.prefer is not OrgType.UNKNOWN:
            return rank
        if not wanted.types:
            vague = kind is OrgType.UNKNOWN and mention.via == "shape" and mention.sure < _DOUBTFUL
            preferred = wanted.prefer is not OrgType.UNKNOWN
            return rank + vague + (kind in _SELDOM) + preferred
        if kind in wanted.types:
            return rank + 2
        return rank + 3 if kind is OrgType.UNKNOWN else _MISFIT
