"""Who does what to whom, sentence by sentence: frames with their parties by preposition, side and voice.

Theory: in French news the subject stands before its verb and bears no preposition; what a preposition brings in has the
role that the frame gives this preposition; a passive swaps subject and object and brings the agent in with "par". Known
exceptions (inversion, long appositions, titles without verbs) are left to `pairs`, and `weighing` decides how far each
reading holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from worker.model import Kind
from worker.pipeline.detection.document import Document, Sentence
from worker.pipeline.detection.entities import Mention
from worker.pipeline.detection.groups import Group
from worker.pipeline.detection.lexicon import Hit

_BE = frozenset(["est", "sont", "sera", "seront", "serait", "seraient", "ete", "etre", "etait", "etaient", "etant"])
_HAVE = frozenset(["a", "ont", "aura", "auront", "aurait", "auraient", "avait", "avaient", "ayant", "avoir", "s"])
_REACH = 28
_NEAR = 5
# Words after a verb within which the owner of its object stands.
_OWNED = 12
_COMMA = re.compile(r"[,;]\s")
_BEFORE = 12
# Prepositions that bring in the other party of a mutual deal.
_MUTUAL = frozenset(("avec", "entre", "aupres", "chez", "a", "de", "pour", "par", "dans"))
_SIDE = frozenset(
    ("selon", "apres", "depuis", "face", "outre", "malgre", "avant", "devant", "comme", "via", "sans", "contre")
)
_RELATIVE = frozenset(("qui", "lequel", "laquelle", "lesquels", "lesquelles"))
_BEYOND = _RELATIVE | {"dont", "que"}


# Readings in which a frame itself holds both parties.
OUTRIGHT = frozenset(("said", "clitic", "mutual", "listed", "pool"))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible flow of one sentence. `weight` is how surely the words say it, 0 to 1, before tone and place.

    how: "said" (both roles by syntax), "turned" (syntax against trades), "mutual" (parties of a mutual deal), "joint"
    (both in one coordination), "alone" (one party), "clitic" (the other party is "lui" or "leur"), "carried" (it was
    named before), "listed" (a line of a list), "pool" (one of several lenders or investors), "founder" (of a joint
    venture), "beside" (no frame links them), "open" (another kind or way of parties that were read).
    """

    payer: Mention | None
    payee: Mention | None
    kind: Kind
    weight: float
    sentence: Sentence
    hit: Hit
    rank: int = 0
    how: str = "said"


@dataclass(frozen=True, slots=True)
class Side:
    """A group of parties and its role beside one frame: "payer", "payee" or "either"; `strength` 0 to 1."""

    group: Group
    role: str
    strength: float
    direct: bool = False


def sides(document: Document, sentence: Sentence, hit: Hit, present: Sequence[Group]) -> list[Side]:
    """Return the parties of a frame among the groups of its sentence, those before it first."""
    passive = is_passive(document, hit)
    owned = {last for places in (sentence.objects or {}).values() for _, last in places}
    return [*_left(document, hit, present, passive), *_right(document, hit, present, passive, owned)]


def is_passive(document: Document, hit: Hit) -> bool:
    """Return whether a hit is a passive: a participle beside a form of "être", or beside none of "avoir"."""
    if not hit.past or hit.noun:
        return False
    before = document.words.folds[max(0, hit.first - 4) : hit.first]
    if any(word in _BE for word in before):
        return True
    return not any(word in _HAVE for word in before)


def _left(document: Document, hit: Hit, present: Sequence[Group], passive: bool) -> Iterator[Side]:
    """The subject: the nearest group before the frame that no preposition governs, or the antecedent of "qui"."""
    before = [group for group in present if group.last < hit.first]
    if not before:
        return
    role = hit.frame.object if passive and hit.frame.subject != "either" else hit.frame.subject
    folds = document.words.folds
    between = folds[max(before[-1].last + 1, hit.first - 4) : hit.first]
    if any(word in _RELATIVE for word in between):
        if role:
            yield Side(before[-1], role, 0.9)
        return
    nominal = [group for group in before if group.preposition in ("", "que")]
    if nominal:
        group = nominal[-1]
        if role:
            yield Side(group, role, 0.75 if broken(document, group.last, hit.first) else 1.0)
    elif hit.noun or hit.frame.subject == "either":
        if before[-1].preposition not in _SIDE:
            yield Side(before[-1], role or "either", 0.6)
    elif role and before[-1].preposition in ("de", "pour", "chez"):
        yield Side(before[-1], role, 0.45)
    yield from _before(hit, before, nominal)


def _before(hit: Hit, before: Sequence[Group], nominal: Sequence[Group]) -> Iterator[Side]:
    """Governed groups before the frame: "À X, Y fournit...", "13 millions pour X, apportés par Y"."""
    if hit.frame.subject == "either":
        # "Pour X, un contrat avec Y": a second, governed group before a mutual frame is a party as well.
        for group in before:
            if group.preposition in ("entre", "avec", "chez", "aupres") and group not in nominal[-1:]:
                yield Side(group, "either", 0.7)
        return
    for group in before[-2:]:
        if hit.first - group.last > _BEFORE or group in nominal[-1:]:
            continue
        if group.preposition in hit.frame.payee and group.preposition != "de":
            yield Side(group, "payee", 0.5)
        elif group.preposition in hit.frame.payer and group.preposition != "de":
            yield Side(group, "payer", 0.5)


def broken(document: Document, first: int, last: int) -> bool:
    """Return whether a strong mark stands between two words of a sentence."""
    text = document.text[document.words.ends[first] : document.words.starts[last]]
    return ";" in text or " : " in text or "\u00a0:" in text


def _right(
    document: Document, hit: Hit, present: Sequence[Group], passive: bool, owned: Collection[int]
) -> Iterator[Side]:
    """Objects and prepositional groups after the frame, nearer ones surer."""
    seen_agent = False
    for group in present:
        # A group may stand inside an expression: "passe chez X une commande".
        if group.first <= hit.first or group.first - hit.last > _REACH:
            continue
        near = 1.0 / (1.0 + max(group.first - hit.last - 8, 0) / 14)
        if group.first > hit.last and broken(document, hit.last, group.first):
            near *= 0.5
        beyond = bool(_BEYOND.intersection(document.words.folds[hit.last + 1 : group.first]))
        if beyond:
            # Beyond a relative pronoun another verb holds the parties.
            near *= 0.4
        # "X investit dans Y, qui remplira les serveurs de Z": Z belongs to what Y does.
        role = "" if beyond and group.preposition == "de" else _role(hit, group, passive, seen_agent)
        if not role and not beyond and _owner(hit, group, owned):
            role = hit.frame.object
        if not role and _gapped(document, hit, group):
            yield Side(group, hit.frame.subject, 0.8)
        elif role:
            seen_agent = seen_agent or (hit.noun and group.preposition == "de")
            yield Side(group, role, near, direct=group.preposition == "")
        elif hit.frame.subject == "either" and group.preposition in _MUTUAL:
            yield Side(group, "either", near)


def _owner(hit: Hit, group: Group, owned: Collection[int]) -> bool:
    """Whether a group owns the object: "approvisionner les centres de X" serves X."""
    if group.preposition != "de" or hit.noun or group.first - hit.last > _OWNED:
        return False
    return any(place in owned for place in range(max(hit.last + 1, group.first - 4), group.first))


def _gapped(document: Document, hit: Hit, group: Group) -> bool:
    """Whether a group is the subject of the same verb left out: "X versera 5 millions, et Y, 10 millions"."""
    if hit.noun or hit.frame.subject == "either" or group.preposition != "":
        return False
    words = document.words
    joined = any(
        words.folds[place] in ("et", "tandis", "puis") for place in range(max(group.first - 8, hit.last), group.first)
    )
    following = words.folds[group.last + 1 : group.last + 5]
    parted = words.gap(group.last).strip() == "," and joined
    # "X met 400 millions, Y 350": a comma before, the sum right after.
    listed = bool(_COMMA.search(document.text, words.ends[group.first - 2], words.starts[group.first]))
    if listed and words.folds[group.last + 1 : group.last + 2] and words.folds[group.last + 1][:1].isdigit():
        return True
    return parted and any(word[:1].isdigit() or word == "jusqu" for word in following)


def _role(hit: Hit, group: Group, passive: bool, seen_agent: bool) -> str:
    frame, preposition = hit.frame, group.preposition
    if preposition == "par" and (passive or hit.noun):
        return "payee" if "par" in frame.payee else frame.subject
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
