"""Who does what to whom, sentence by sentence: frames with their parties, as candidates for flows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from worker.model import Kind
from worker.pipeline.detection import kinds
from worker.pipeline.detection.document import Document, Sentence
from worker.pipeline.detection.entities import Mention, OrgType, Registry
from worker.pipeline.detection.groups import Group, groups
from worker.pipeline.detection.lexicon import Hit, Lexicon

_BE = frozenset("est sont sera seront serait seraient ete etre etait etaient etant".split())
_HAVE = frozenset("a ont aura auront aurait auraient avait avaient ayant avoir s".split())
_REACH = 28
_NEAR = 5
# Prepositions that bring in the other party of a mutual deal.
_MUTUAL = frozenset(("avec", "entre", "aupres", "chez", "a", "de", "pour", "par", "dans"))
_SIDE = frozenset(("selon", "apres", "depuis", "face", "outre", "malgre", "avant", "devant", "comme", "via", "sans", "contre"))
_OBJECT_REACH = 18
# Kinds of which the press often names one party alone: a borrower, a builder of his own site.
_LONELY = frozenset((Kind.DEBT, Kind.SITE))
_MEANS = frozenset((Kind.COMPUTE, Kind.CHIPS, Kind.POWER))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible flow of one sentence. `weight` is how surely the words say it, 0 to 1, before tone and place."""

    payer: Mention | None
    payee: Mention | None
    kind: Kind
    weight: float
    sentence: Sentence
    hit: Hit
    rank: int = 0


@dataclass(frozen=True, slots=True)
class _Side:
    group: Group
    role: str
    strength: float
    direct: bool = False


def candidates(
    document: Document, sentence: Sentence, *, registry: Registry, lexicon: Lexicon
) -> list[Candidate]:
    """Return what the frames of a sentence say."""
    if not sentence.mentions or not sentence.hits:
        return []
    found: list[Candidate] = []
    present = groups(document, sentence, registry)
    for hit in sentence.hits:
        objects = objects_near(document, sentence, hit, lexicon)
        found += _of_hit(document, sentence, hit, present, objects)
    return found


def objects_near(document: Document, sentence: Sentence, hit: Hit, lexicon: Lexicon) -> dict[str, float]:
    """Return the weight of each kind's object words around a hit: nearer words count more."""
    found: dict[str, float] = {}
    for name, phrases in lexicon.phrases["objects"].items():
        total = 0.0
        for first, last in phrases.find(document.words.folds, sentence.first, sentence.after):
            distance = max(hit.first - last, first - hit.last, 0)
            total += (1.0 + 0.5 * (last > first)) / (1.0 + distance / _OBJECT_REACH)
        if total:
            found[name] = total
    return found


def _of_hit(
    document: Document, sentence: Sentence, hit: Hit, present: Sequence[Group], objects: Mapping[str, float]
) -> Iterator[Candidate]:
    passive = _passive(document, hit)
    sides = [*_left(document, sentence, hit, present, passive), *_right(document, hit, present, passive)]
    payers = [side for side in sides if side.role == "payer"]
    payees = [side for side in sides if side.role == "payee"]
    either = [side for side in sides if side.role == "either"]
    if hit.frame.subject == "either" or (either and not (payers and payees)):
        yield from _mutual(sentence, hit, [*payers, *payees, *either], objects)
        return
    if payers and payees:
        for payer in payers:
            for payee in payees:
                yield from _pairs(sentence, hit, payer, payee, objects)
    elif payers or payees:
        yield from _single(sentence, hit, payers, payees, objects)


def _pairs(
    sentence: Sentence, hit: Hit, payer: _Side, payee: _Side, objects: Mapping[str, float]
) -> Iterator[Candidate]:
    strength = hit.frame.weight * min(payer.strength, payee.strength)
    for rank, one in enumerate(payer.group.mentions):
        for other in payee.group.mentions:
            if one.name == other.name or OrgType.MEDIA in (one.type, other.type):
                continue
            fixed = hit.frame.kind
            if fixed is None and payee.direct and not hit.noun:
                fixed = hit.frame.bought
            kind = kinds.kind_of(fixed, one.type, other.type, objects)
            if kind in _MEANS and kinds.inverted(one.type, other.type):
                # Trades speak against the syntax that was read: more often the reading is wrong than the world.
                yield Candidate(other, one, kinds.kind_of(fixed, other.type, one.type, objects), strength * 0.5, sentence, hit)
            else:
                yield Candidate(one, other, kind, strength, sentence, hit, rank)


def _mutual(
    sentence: Sentence, hit: Hit, sides: Sequence[_Side], objects: Mapping[str, float]
) -> Iterator[Candidate]:
    """Pair the parties of a mutual deal; their trades say who pays."""
    for place, left in enumerate(sides):
        inside = left.group.mentions
        rights = [(side.group.mentions, min(left.strength, side.strength)) for side in sides[place + 1 :]]
        pairs = [(one, other, share) for mentions, share in rights for one in inside for other in mentions]
        if not rights and len(sides) == 1 and len(inside) >= 2:
            pairs = [(one, other, left.strength) for i, one in enumerate(inside) for other in inside[i + 1 :]]
        for one, other, share in pairs:
            if one.name == other.name or OrgType.MEDIA in (one.type, other.type):
                continue
            payer, payee = (one, other) if kinds.pays(one.type, other.type) else (other, one)
            fixed = hit.frame.kind
            if fixed is Kind.PARTNERSHIP:
                fixed = Kind.PARTNERSHIP if not _complementary(payer.type, payee.type, objects) else None
            if fixed is Kind.PARTNERSHIP:
                kind = Kind.PARTNERSHIP
            else:
                kind = kinds.kind_of(fixed, payer.type, payee.type, objects)
            yield Candidate(payer, payee, kind, hit.frame.weight * share, sentence, hit)


def _complementary(payer: OrgType, payee: OrgType, objects: Mapping[str, float]) -> bool:
    buyers = (OrgType.LAB, OrgType.CLOUD, OrgType.NEOCLOUD, OrgType.SOFTWARE, OrgType.OTHER, OrgType.STATE)
    sellers = (OrgType.CHIPS, OrgType.NEOCLOUD, OrgType.CLOUD, OrgType.DATACENTER, OrgType.ENERGY, OrgType.SYSTEMS)
    return payer in buyers and payee in sellers and payer is not payee and bool(objects)


def _single(
    sentence: Sentence, hit: Hit, payers: Sequence[_Side], payees: Sequence[_Side], objects: Mapping[str, float]
) -> Iterator[Candidate]:
    """A frame with one party: the other may be unnamed, or named in another sentence."""
    for side in (*payers, *payees):
        for rank, mention in enumerate(side.group.mentions):
            if mention.type is OrgType.MEDIA or not mention.name:
                continue
            is_payer = side.role == "payer"
            kind = hit.frame.kind or kinds.kind_of(
                None, mention.type if is_payer else OrgType.UNKNOWN, OrgType.UNKNOWN if is_payer else mention.type, objects
            )
            if kind is Kind.EQUITY and is_payer and objects.get("site", 0) > 0:
                kind = Kind.SITE
            if (kind is Kind.DEBT and is_payer) or (kind is Kind.SITE and not is_payer) or kind not in _LONELY:
                continue
            payer, payee = (mention, None) if is_payer else (None, mention)
            yield Candidate(payer, payee, kind, hit.frame.weight * side.strength * 0.6, sentence, hit, rank)


def _passive(document: Document, hit: Hit) -> bool:
    if not hit.past or hit.noun:
        return False
    before = document.words.folds[max(0, hit.first - 4) : hit.first]
    if any(word in _BE for word in before):
        return True
    return not any(word in _HAVE for word in before)


def _left(
    document: Document, sentence: Sentence, hit: Hit, present: Sequence[Group], passive: bool
) -> Iterator[_Side]:
    """The subject: the nearest group before the frame that no preposition governs, or the antecedent of "qui"."""
    before = [group for group in present if group.last < hit.first]
    if not before:
        return
    role = hit.frame.object if passive and hit.frame.subject != "either" else hit.frame.subject
    folds = document.words.folds
    relative = any(word in ("qui", "lequel", "laquelle") for word in folds[max(before[-1].last + 1, hit.first - 4) : hit.first])
    if relative:
        yield _Side(before[-1], role, 0.9)
        return
    nominal = [group for group in before if group.preposition in ("", "que")]
    if nominal:
        group = nominal[-1]
        broken = _broken(document, group.last, hit.first)
        if role:
            yield _Side(group, role, 0.75 if broken else 1.0)
    elif hit.noun or hit.frame.subject == "either":
        group = before[-1]
        if group.preposition not in _SIDE:
            yield _Side(group, role or "either", 0.6)
    elif role and before[-1].preposition in ("de", "pour", "chez"):
        yield _Side(before[-1], role, 0.45)
    if hit.frame.subject == "either":
        # "Pour Meta, un contrat avec X": a second, governed group before a mutual frame is a party as well.
        for group in before:
            if group.preposition in ("entre", "avec", "chez", "aupres") and group is not (nominal[-1] if nominal else None):
                yield _Side(group, "either", 0.7)


def _broken(document: Document, first: int, last: int) -> bool:
    text = document.text[document.words.ends[first] : document.words.starts[last]]
    return ";" in text or " : " in text or "\u00a0:" in text


def _right(document: Document, hit: Hit, present: Sequence[Group], passive: bool) -> Iterator[_Side]:
    """Objects and prepositional groups after the frame, nearer ones surer."""
    frame = hit.frame
    seen_agent = False
    for group in present:
        if group.first <= hit.last or group.first - hit.last > _REACH:
            continue
        near = 1.0 / (1.0 + max(group.first - hit.last - 8, 0) / 14)
        if _broken(document, hit.last, group.first):
            near *= 0.5
        role = _role(hit, group, passive, seen_agent)
        if role:
            seen_agent = seen_agent or (hit.noun and group.preposition == "de")
            yield _Side(group, role, near, direct=group.preposition == "")
        elif frame.subject == "either" and group.preposition in _MUTUAL:
            yield _Side(group, "either", near)


def _role(hit: Hit, group: Group, passive: bool, seen_agent: bool) -> str:
    frame, preposition = hit.frame, group.preposition
    if preposition == "par" and (passive or hit.noun):
        return frame.subject
    if frame.subject == "either":
        direct = preposition == "" and group.first - hit.last <= _NEAR and not hit.noun
        return "either" if direct else ""
    if hit.noun and preposition == "de" and not seen_agent and group.first - hit.last <= _NEAR:
        # "le rachat de X", "la levée de X": the complement of a noun is its object where it has one.
        return frame.object or frame.subject
    if preposition in frame.payee:
        return "payee"
    if preposition in frame.payer:
        return "payer"
    if preposition == "" and not hit.noun and group.first - hit.last <= _NEAR:
        return frame.object
    return ""
