"""What a description or a pronoun may mean: the organisations read so far, and what speaks for each of them.

Theory: whom "le groupe" or "elle" means hangs on many small signs at once: who was named last, who led the sentence
before, who fits the noun by trade and country, whom the title names, whether the words stand as subject or object.
`ranking` weighs them.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from worker.pipeline.detection.mentions import Mention, OrgType
from worker.pipeline.detection.ranking import Anaphor, Choosable, Referents, Wanted

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

    def _told(self, anaphor: Anaphor) -> Iterator[Choosable]:
        """Return nobody and each organisation that may be meant, the last named first, with what speaks for and
        against it."""
        names = self._thinkable(anaphor)
        yield Choosable("", tuple(_nobody(anaphor, len(names))))
        parties = [self._parties[name] for name in names]
        fits = [_fit(anaphor.wanted, self._type(name)) for name in names]
        counts = Counter(fits)
        most = max((party.times for party in parties), default=1)
        surest = max((party.mention.sure for party in parties), default=1.0)
        here = self._leaders.get(anaphor.sentence, ())
        before = self._leaders_before(anaphor.sentence)
        for rank, (name, party, fit) in enumerate(zip(names, parties, fits, strict=True)):
            gap, near = min(anaphor.sentence - party.sentence, _FAR), min(rank, _FAR)
            subject = _led_by(name, here, before)
            facts = (
                f"gap{gap}", f"subject:{subject}", f"leads{party.leads}.{gap}", f"rank{near}",
                f"head{party.first == 0}.{party.opened}",
                f"gap{gap}.{near}", f"led:{party.led}.{gap}", f"stands{party.stands}.{gap}",
                f"stood:{gap}.{subject}.{party.leads}.{rank == 0}",
                f"named{_FAR * party.times // most}", f"alone{len(names) == 1}",
                f"doubtful{party.mention.sure < _DOUBTFUL <= surest}",
                f"fit:{fit}", f"fit:{fit} {counts[fit] == 1}", f"type:{self._type(name)}",
                *self._agreeing(anaphor, party, name, gap),
            )  # fmt: skip
            acts = (f"led:{party.led}", *(f"v:{verb}" for verb in party.verbs)) if anaphor.kind == "relation" else ()
            yield Choosable(name, facts, acts)

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

    def _leaders_before(self, sentence: int) -> Sequence[str]:
        """Return who leads or follows in the last sentence before one that names any."""
        number = next((number for number in reversed(self._leaders) if number < sentence), -1)
        return self._leaders.get(number, ())

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


def _led_by(name: str, here: Sequence[str], before: Sequence[str]) -> str:
    """Return whether an organisation leads its sentence, or leads or follows in the last one that names any."""
    if here and here[0] == name:
        return "here"
    if name not in before:
        return ""
    return "before" if before[0] == name else "second"


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
