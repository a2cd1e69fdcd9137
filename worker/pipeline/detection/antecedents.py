"""What a description or a pronoun may mean: the organisations read so far, and a trained choice among them.

Theory: whom "le groupe" or "elle" means hangs on many small signs at once: who was named last, who led the sentence
before, who fits the noun by trade and country, whom the title names, whether the words stand as subject or object. A
log-linear model adds up their weights for every organisation named before and for nobody, and the highest sum is meant;
nobody is where the words mean a person, a thing or somebody unnamed. Weights: `referents` in config/detector.json,
trained.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from worker.pipeline.detection.mentions import Mention, OrgType

# How many mentions back a description may mean; more would be guessing, and cost time on endless texts.
MEMORY = 80
# Of those, so many organisations, the last named ones, and those of the first sentence, which is the title.
_MOST, _TITLED = 8, 4
# A name that only its shape tells, and hardly, may be none.
_DOUBTFUL = 0.3
# So many of the last verbs of an organisation tell what it does.
_VERBS = 3
# Sentences, ranks and counts beyond which more makes no difference.
_FAR = 4
_NEVER = (OrgType.MEDIA,)
_STANDING_FOR = frozenset(("pronoun", "definite"))
_ORDERED = ("first", "second")


@dataclass(frozen=True, slots=True)
class Seen:
    """One mention read so far. `leads` where it may be its clause's subject; `gender` of its words, "" for a name;
    `verb` the stem of the word after it, `led` the preposition before it."""

    mention: Mention
    sentence: int
    leads: bool
    gender: str = ""
    verb: str = ""
    led: str = ""


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


@dataclass(slots=True)
class _Party:
    """One organisation as far as it was read: its first mention, how often it was named, and its last mention.

    opened: whether it was first named as a subject; stands: whether it was last meant by other words than its name;
    verbs: the last words behind it as a subject.
    """

    mention: Mention
    first: int
    opened: bool
    times: int = 0
    sentence: int = 0
    leads: bool = False
    gender: str = ""
    stands: bool = False
    led: str = ""
    verbs: deque[str] = field(default_factory=lambda: deque(maxlen=_VERBS))


class Referents:
    """The trained weights of the signs, a table. Without them a rule of thumb by nearness and trade answers."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._weights: Mapping[str, float] = {str(name): float(w) for name, w in table.items()} or _PLAIN

    def choose(self, anaphor: Anaphor, told: Iterable[tuple[str, Sequence[str]]]) -> str:
        """Return the name of the organisation that is meant, "" for nobody.

        told: "" and the names that may be meant, each with its signs. The anaphor itself is for who overrides this.
        """
        del anaphor
        weights = self._weights
        best, chosen = -math.inf, ""
        for name, signs in told:
            total = sum(weights[sign] for sign in signs if sign in weights)
            if total > best:
                best, chosen = total, name
        return chosen


# For texts read without trained weights.
_PLAIN = {"rank0": 1.0, "rank1": 0.5, "fit:clash": -9.0, "country:clash": -9.0, "country:same": 1.0, "fit:prefer": 1.0}


class History:
    """The mentions read so far, in order."""

    def __init__(self, before: Iterable[Mention], countries: Mapping[str, str], referents: Referents) -> None:
        self._countries = dict(countries)
        self._referents = referents
        self.types: dict[str, OrgType] = {}
        self._parties: dict[str, _Party] = {}
        self._recent: deque[Seen] = deque(maxlen=MEMORY)
        self._leaders: dict[int, list[str]] = {}
        self._named: dict[int, list[str]] = {}
        self._called: dict[str, str] = {}
        # Those of the last sentence that names two.
        self._pair: list[str] = []
        for mention in before:
            self.add(Seen(mention, 0, True))

    def add(self, seen: Seen) -> None:
        """Remember a mention; the press and nameless parties are never meant later."""
        name = seen.mention.name
        if not name or seen.mention.type in _NEVER:
            return
        party = self._parties.get(name)
        if party is None:
            party = self._parties[name] = _Party(seen.mention, seen.sentence, seen.leads)
        elif party.mention.type is OrgType.UNKNOWN:
            party.mention = seen.mention
        party.times += 1
        party.sentence, party.leads, party.gender = seen.sentence, seen.leads, seen.gender
        party.stands = seen.mention.via in _STANDING_FOR
        party.led = seen.led
        if seen.verb and seen.leads:
            party.verbs.append(seen.verb)
        named = self._named.setdefault(seen.sentence, [])
        if len(named) < _TITLED and name not in named:
            named.append(name)
            if len(named) > 1:
                self._pair = named
        leaders = self._leaders.setdefault(seen.sentence, [])
        if seen.leads and len(leaders) < _TITLED:
            leaders.append(name)
        self._recent.append(seen)

    def learn_country(self, name: str, country: str) -> None:
        """Keep what a description says of a name's country."""
        if country and not self._countries.get(name):
            self._countries[name] = country

    def call(self, name: str, word: str) -> None:
        """Keep that the text itself calls an organisation so: "l'hébergeur X", "X, hébergeur"."""
        self._called[word] = name

    def leads_in(self, sentence: int) -> bool:
        """Whether an organisation may be the subject of a sentence, as far as it is read."""
        return bool(self._leaders.get(sentence))

    def choose(self, anaphor: Anaphor) -> Mention | None:
        """Return a mention of the organisation that is meant, None where nobody is likelier."""
        name = self._referents.choose(anaphor, self._told(anaphor))
        if name and anaphor.kind == "noun":
            self._called[anaphor.word] = name
        return self._parties[name].mention if name else None

    def _told(self, anaphor: Anaphor) -> Iterator[tuple[str, list[str]]]:
        """Return nobody and each organisation that may be meant, the last named first, with what speaks for and
        against it."""
        names = self._thinkable(anaphor)
        yield "", list(_nobody(anaphor, len(names)))
        kinds = {name: self._type(name) for name in names}
        fits = {name: _fit(anaphor.wanted, kind) for name, kind in kinds.items()}
        counts = Counter(fits.values())
        most = max((self._parties[name].times for name in names), default=1)
        surest = max((self._parties[name].mention.sure for name in names), default=1.0)
        for rank, name in enumerate(names):
            party = self._parties[name]
            gap, subject, fit = min(anaphor.sentence - party.sentence, _FAR), self._subject(anaphor, name), fits[name]
            place = [
                f"gap{gap}", f"rank{min(rank, _FAR)}", f"subject:{subject}", f"head{party.first == 0}.{party.opened}",
            ]  # fmt: skip
            standing = [
                *place, f"gap{gap}.{min(rank, _FAR)}", f"leads{party.leads}.{gap}", f"led:{party.led}.{gap}",
                f"stood:{gap}.{subject}.{party.leads}.{rank == 0}", f"stands{party.stands}.{gap}",
                f"named{_FAR * party.times // most}", f"alone{len(names) == 1}",
                f"doubtful{party.mention.sure < _DOUBTFUL <= surest}",
            ]  # fmt: skip
            fitting = [f"fit:{fit}", f"fit:{fit} {counts[fit] == 1}", f"type:{kinds[name]}"]
            fitting += self._agreeing(anaphor, party, name, gap)
            signs = [*standing, *fitting]
            signs += [f"{anaphor.kind} {sign}" for sign in signs]
            for sign in anaphor.signs:
                signs += [f"{sign}|{one}" for one in (f"gap{gap}", f"subject:{subject}", f"leads{party.leads}.{gap}")]
                signs += [f"{anaphor.kind} {sign}", f"{sign}|{anaphor.kind} gap{gap}"]
            if anaphor.word:
                noun = f"n:{anaphor.word}"
                signs.append(noun)
                signs += [f"{noun}|{one}" for one in place]
                if anaphor.kind == "relation":
                    signs += [f"{noun}|led:{party.led}", *(f"{noun}|v:{verb}" for verb in party.verbs)]
            yield name, signs

    def _thinkable(self, anaphor: Anaphor) -> list[str]:
        """Return the organisations that were named last, the last one first, then those of the title."""
        names: list[str] = []
        for seen in reversed(self._recent):
            if seen.mention.name not in names:
                names.append(seen.mention.name)
                if len(names) == _MOST:
                    break
        names += [name for name in self._named.get(0, ()) if name not in names]
        return [name for name in names if name not in anaphor.excluded]

    def _type(self, name: str) -> OrgType:
        kind = self._parties[name].mention.type
        return kind if kind is not OrgType.UNKNOWN else self.types.get(name, OrgType.UNKNOWN)

    def _subject(self, anaphor: Anaphor, name: str) -> str:
        """Return whether an organisation leads this sentence, or leads or follows in the last one that names any."""
        here = self._leaders.get(anaphor.sentence)
        if here and here[0] == name:
            return "here"
        before = next((number for number in reversed(self._leaders) if number < anaphor.sentence), -1)
        leaders = self._leaders.get(before, [])
        if name not in leaders:
            return ""
        return "before" if leaders[0] == name else "second"

    def _agreeing(self, anaphor: Anaphor, party: _Party, name: str, gap: int) -> Iterator[str]:
        """Return how an organisation agrees with the words in country, gender, order, and what it was called before."""
        yield f"country:{self._country(anaphor.wanted, name)}"
        if anaphor.gender and party.gender:
            yield f"gender{anaphor.gender == party.gender}.{gap}"
        if anaphor.word:
            called = self._called.get(anaphor.word, "")
            yield f"called:{'nobody' if not called else 'it' if called == name else 'other'}"
        if anaphor.kind in _ORDERED:
            yield f"order{self._pair.index(name) if name in self._pair else -1}"

    def _country(self, wanted: Wanted, name: str) -> str:
        if not wanted.country:
            return "any"
        country = self._countries.get(name, "")
        return "unknown" if not country else "same" if country == wanted.country else "clash"


def _nobody(anaphor: Anaphor, number: int) -> Iterator[str]:
    """Return the signs that none of so many organisations is meant."""
    yield "nobody"
    yield f"nobody of {min(number, _FAR)}"
    yield f"nobody {anaphor.kind}"
    yield f"nobody n:{anaphor.word}"
    for sign in anaphor.signs:
        yield f"nobody {sign}"
        yield f"nobody {anaphor.kind} {sign}"


def _fit(wanted: Wanted, kind: OrgType) -> str:
    """Return how an organisation's trade fits a description."""
    if kind is wanted.prefer and kind is not OrgType.UNKNOWN:
        return "prefer"
    if kind is OrgType.UNKNOWN:
        return "unknown" if wanted.types or wanted.prefer is not OrgType.UNKNOWN else "any"
    if not wanted.types:
        return "any" if wanted.prefer is OrgType.UNKNOWN else "other"
    return "listed" if kind in wanted.types else "clash"
