"""From the parties of frames to candidates for flows: who pays, who is paid, and of which kind it can be.

Generous on purpose: an alternative kind, a reversed reading or a party carried over from the opening is a candidate of
less weight; `weighing` sees all candidates of an article together and knows by training what each is worth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from worker.model import Kind
from worker.pipeline.detection import kinds
from worker.pipeline.detection.document import Document, Sentence
from worker.pipeline.detection.entities import Mention, OrgType, Registry
from worker.pipeline.detection.frames import Candidate, Side, sides
from worker.pipeline.detection.groups import groups
from worker.pipeline.detection.lexicon import Hit, Lexicon
from worker.pipeline.detection.quantities import Dimension

_OBJECT_REACH = 18
_DESCRIBED = frozenset(("definite", "pronoun", "unnamed", "metonym"))
# Words after a word of purchase among which goods show that they, not a firm, are bought.
_GOODS_REACH = 6
_GOODS = frozenset((Dimension.CHIPS, Dimension.POWER))
# Before a verb these are pronouns.
_OBJECTS = frozenset(("l", "le", "la", "les"))
_INFINITIVES = ("er", "ir", "dre", "tre", "ire", "vre")
_SUBJECTS = frozenset(("qui", "il", "elle", "ils", "elles", "on"))
# Kinds of which the press often names one party alone: a borrower, a builder of his own site.
_LONELY = frozenset((Kind.DEBT, Kind.SITE))


def candidates(
    document: Document, sentence: Sentence, focus: Sequence[Mention], *, registry: Registry, lexicon: Lexicon
) -> list[Candidate]:
    """Return what the frames of a sentence say. focus: the article's main parties, the first the surest."""
    if not sentence.mentions or not sentence.hits:
        return []
    found: list[Candidate] = []
    present = groups(document, sentence, registry)
    for said in sentence.hits:
        objects = objects_near(document, sentence, said, lexicon)
        hit = _of_goods(document, sentence, said, registry)
        parties = sides(document, sentence, hit, present)
        found += _of_hit(sentence, hit, parties, objects)
        if len({mention.name for side in parties for mention in side.group.mentions}) == 1 or _one_role(parties, hit):
            found += _carried(document, sentence, hit, parties, objects, focus)
    return found


def _one_role(parties: Sequence[Side], hit: Hit) -> bool:
    return hit.frame.subject != "either" and len({side.role for side in parties}) == 1


def objects_near(document: Document, sentence: Sentence, hit: Hit, lexicon: Lexicon) -> dict[str, float]:
    """Return the weight of each kind's object words around a hit: nearer words count more."""
    found: dict[str, float] = {}
    for name, places in sentence_objects(document, sentence, lexicon).items():
        total = 0.0
        for first, last in places:
            distance = max(hit.first - last, first - hit.last, 0)
            total += (1.0 + 0.5 * (last > first)) / (1.0 + distance / _OBJECT_REACH)
        found[name] = total
    return found


def sentence_objects(document: Document, sentence: Sentence, lexicon: Lexicon) -> dict[str, list[tuple[int, int]]]:
    """Return where a sentence names the objects of each kind; found once for a sentence."""
    if sentence.objects is None:
        window = (document.words.folds, sentence.first, sentence.after)
        # "Capital" in the name of a fund is no word of shares; "Banque" and "Compute" do say what a firm sells.
        named = {
            word
            for mention in sentence.mentions
            if mention.via not in _DESCRIBED
            for word in range(document.word_at(mention.start), document.word_at(mention.end - 1) + 1)
        }
        found = {name: listed.find(*window) for name, listed in lexicon.phrases["objects"].items()}
        free = {
            name: [place for place in places if name != Kind.EQUITY or place[0] not in named]
            for name, places in found.items()
        }
        sentence.objects = {name: places for name, places in free.items() if places}
    return sentence.objects


def _of_hit(sentence: Sentence, hit: Hit, found: Sequence[Side], objects: Mapping[str, float]) -> Iterator[Candidate]:
    payers = [side for side in found if side.role == "payer"]
    payees = [side for side in found if side.role == "payee"]
    either = [side for side in found if side.role == "either"]
    if hit.frame.subject == "either" or (either and not (payers and payees)):
        parties = [*payers, *payees, *either]
        yield from _mutual(sentence, hit, parties, objects)
        if hit.frame.kind is Kind.PARTNERSHIP and objects.get("site", 0) > 0:
            yield from _founders(sentence, hit, parties)
    elif payers and payees:
        for payer in payers:
            for payee in payees:
                yield from _pairs(sentence, hit, payer, payee, objects)
    elif payers or payees:
        yield from _alone(sentence, hit, (*payers, *payees), objects)


def _pairs(sentence: Sentence, hit: Hit, payer: Side, payee: Side, objects: Mapping[str, float]) -> Iterator[Candidate]:
    strength = hit.frame.weight * min(payer.strength, payee.strength)
    for rank, one in enumerate(payer.group.mentions):
        for other in payee.group.mentions:
            if unfit(one, other):
                continue
            fixed = hit.frame.kind
            if fixed is None and payee.direct and not hit.noun:
                fixed = hit.frame.bought
            for kind, share in kinds.ranked(fixed, one.type, other.type, objects):
                yield Candidate(one, other, kind, strength * share, sentence, hit, rank)
            if fixed in (None, Kind.SITE) and kinds.inverted(one.type, other.type):
                # Trades speak against the syntax that was read: more often the reading is wrong than the world.
                for kind, share in kinds.ranked(fixed, other.type, one.type, objects):
                    yield Candidate(other, one, kind, strength * share * 0.6, sentence, hit, rank, "turned")


def _of_goods(document: Document, sentence: Sentence, hit: Hit, registry: Registry) -> Hit:
    """Return a hit without its kind where goods are bought from a firm, not the firm: "acquiert 800 GPU de X"."""
    if hit.frame.kind is not Kind.ACQUISITION:
        return hit
    folds = document.words.folds
    objects = sentence.objects or {}
    goods = [first for name in ("compute", "chips", "power") for first, _ in objects.get(name, ())]
    goods += [document.word_at(q.end) - 1 for q in sentence.quantities if q.dimension in _GOODS]
    for place in range(hit.last + 1, min(hit.last + 1 + _GOODS_REACH, sentence.after)):
        if registry.vocabulary.descriptor_at(folds, place) is not None:
            return hit
        if place in goods:
            return replace(hit, frame=replace(hit.frame, kind=None))
    return hit


def unfit(one: Mention, other: Mention) -> bool:
    """Return whether two mentions cannot be the two ends of a flow."""
    return one.name == other.name or OrgType.MEDIA in (one.type, other.type)


def _mutual(sentence: Sentence, hit: Hit, parties: Sequence[Side], objects: Mapping[str, float]) -> Iterator[Candidate]:
    """Pair the parties of a mutual deal; their trades say who pays."""
    for place, left in enumerate(parties):
        inside = left.group.mentions
        pairs = [
            (one, other, min(left.strength, side.strength), "mutual")
            for side in parties[place + 1 :]
            for other in side.group.mentions
            for one in inside
        ]
        alone = len(parties) == 1 or left.group.preposition == "entre"
        pairs += [
            (one, other, left.strength, "mutual" if alone else "joint")
            for i, one in enumerate(inside)
            for other in inside[i + 1 :]
        ]
        for one, other, share, how in pairs:
            if not unfit(one, other):
                yield from _open(sentence, hit, (one, other), hit.frame.weight * share, objects, how)


def _founders(sentence: Sentence, hit: Hit, parties: Sequence[Side]) -> Iterator[Candidate]:
    """Who found a joint venture that builds pay each for its sites, and name nobody who is paid."""
    founders = [mention for side in parties for mention in side.group.mentions if mention.name]
    for rank, mention in enumerate(founders if len({one.name for one in founders}) > 1 else ()):
        if mention.type is not OrgType.MEDIA:
            yield Candidate(mention, None, Kind.SITE, hit.frame.weight, sentence, hit, rank, "founder")


def _open(
    sentence: Sentence, hit: Hit, pair: tuple[Mention, Mention], weight: float, objects: Mapping[str, float], how: str
) -> Iterator[Candidate]:
    one, other = pair
    fixed = hit.frame.kind
    if fixed is Kind.PARTNERSHIP:
        yield Candidate(one, other, Kind.PARTNERSHIP, weight, sentence, hit, how=how)
        weight, fixed = weight * 0.8, None
    for payer, payee, likely in directions(one, other):
        for kind, share in kinds.ranked(fixed, payer.type, payee.type, objects):
            yield Candidate(payer, payee, kind, weight * share * likely, sentence, hit, how=how)


def directions(one: Mention, other: Mention) -> tuple[tuple[Mention, Mention, float], ...]:
    """Return (payer, payee, likelihood) of two parties whom only their trades tell apart; both ways where these do
    not."""
    if one.type is OrgType.UNKNOWN and other.type is OrgType.UNKNOWN:
        return (one, other, 0.6), (other, one, 0.5)
    return ((one, other, 1.0),) if kinds.pays(one.type, other.type) else ((other, one, 1.0),)


def _alone(sentence: Sentence, hit: Hit, parties: Sequence[Side], objects: Mapping[str, float]) -> Iterator[Candidate]:
    """A frame with one party: the other is unnamed. Who spends a sum and names nobody builds for himself."""
    sized = any(q.dimension is Dimension.MONEY and not q.role for q in sentence.quantities)
    for side in parties:
        for rank, mention in enumerate(side.group.mentions):
            if mention.type is OrgType.MEDIA or not mention.name:
                continue
            is_payer = side.role == "payer"
            kind = hit.frame.kind or kinds.kind_of(
                None,
                mention.type if is_payer else OrgType.UNKNOWN,
                OrgType.UNKNOWN if is_payer else mention.type,
                objects,
            )
            if kind in (Kind.EQUITY, Kind.COMPUTE, Kind.CHIPS) and is_payer and (objects.get("site", 0) > 0 or sized):
                kind = Kind.SITE
            if (kind is Kind.DEBT and is_payer) or (kind is Kind.SITE and not is_payer) or kind not in _LONELY:
                continue
            payer, payee = (mention, None) if is_payer else (None, mention)
            yield Candidate(payer, payee, kind, hit.frame.weight * side.strength, sentence, hit, rank, "alone")


def _carried(
    document: Document,
    sentence: Sentence,
    hit: Hit,
    parties: Sequence[Side],
    objects: Mapping[str, float],
    focus: Sequence[Mention],
) -> Iterator[Candidate]:
    """A frame with one role filled; the other party was named before: by "lui", by "son", or in the opening."""
    side = max(parties, key=lambda one: one.strength)
    clitic = _clitic(document, sentence, hit)
    if not clitic and (sentence.part == "title" or hit.frame.alone):
        # Before a title nobody was named; and who borrows or raises money need not name who gives.
        return
    others = _antecedents(document, sentence, hit, side, focus)
    for place, other in enumerate(others[:2]):
        weight = hit.frame.weight * side.strength * (1.0, 0.6)[place]
        how = "clitic" if clitic and place == 0 else "carried"
        for rank, mention in enumerate(side.group.mentions):
            if unfit(mention, other):
                continue
            if side.role == "either" or hit.frame.subject == "either":
                yield from _open(sentence, hit, (mention, other), weight, objects, how)
                continue
            payer, payee = (mention, other) if side.role == "payer" else (other, mention)
            if hit.frame.kind is None and kinds.inverted(payer.type, payee.type):
                payer, payee = payee, payer
            for kind, share in kinds.ranked(hit.frame.kind, payer.type, payee.type, objects):
                yield Candidate(payer, payee, kind, weight * share, sentence, hit, rank, how)


def _clitic(document: Document, sentence: Sentence, hit: Hit) -> bool:
    """Whether a pronoun before the verb stands for the other party: "lui achète", "leur prête", "l'héberge"."""
    before = document.words.folds[max(sentence.first, hit.first - 3) : hit.first]
    return "lui" in before or "leur" in before or _stands_as_object(document, sentence, hit)


def _stands_as_object(document: Document, sentence: Sentence, hit: Hit) -> bool:
    """Whether a pronoun is the verb's object: "qui l'héberge", "de le racheter", but not "l'offre", "le prêt"."""
    folds, pronoun = document.words.folds, hit.first - 1
    if hit.noun or hit.past or hit.frame.object not in ("payer", "payee") or pronoun <= sentence.first:
        return False
    if folds[pronoun] not in _OBJECTS or document.words.gap(pronoun).strip() not in ("", "'", "’"):
        return False
    if folds[hit.first].endswith(_INFINITIVES) or folds[pronoun - 1] in _SUBJECTS:
        return True
    end = document.words.ends[pronoun - 1]
    return any(mention.end == end for mention in sentence.mentions)


def _antecedents(
    document: Document, sentence: Sentence, hit: Hit, side: Side, focus: Sequence[Mention]
) -> list[Mention]:
    """Return whom a party left out may be: one named earlier in the sentence or the one before, or a main party."""
    start = document.words.starts[hit.first]
    earlier = [mention for mention in sentence.mentions if mention.end <= start]
    if sentence.number:
        previous = document.sentences[sentence.number - 1].mentions
        earlier = (
            [*(m for m in reversed(earlier)), *previous[:1]] if _clitic(document, sentence, hit) else earlier[::-1]
        )
    taken = {mention.name for mention in side.group.mentions} | {""}
    found: list[Mention] = []
    for mention in (*earlier, *focus):
        if mention.name not in taken and mention.type is not OrgType.MEDIA:
            taken.add(mention.name)
            found.append(mention)
    return found
