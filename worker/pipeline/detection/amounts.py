"""Which quantity belongs to which flow.

Theory: a quantity belongs to the flow whose words stand nearest before or around it in its sentence; what a sentence
without parties says of "the contract" belongs to the article's first flow of a fitting kind. This rule of thumb is one
sign among others of boosted trees (`amounts` in config/detector.json, trained), which know the words that make a figure
a price and those that make it another, and who is named right before and after it. Each quantity has one owner.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from worker.model import Bound, Kind
from worker.pipeline.detection.belonging import common, is_stake, own
from worker.pipeline.detection.document import Document, Sentence
from worker.pipeline.detection.forest import Forest
from worker.pipeline.detection.frames import OUTRIGHT
from worker.pipeline.detection.logistic import probability
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.quantities import Dimension, Quantity

if TYPE_CHECKING:
    from worker.pipeline.detection.flows import Gathered

_FIELD = {
    Dimension.MONEY: "amount",
    Dimension.POWER: "megawatts",
    Dimension.CHIPS: "chips",
    Dimension.YEARS: "years",
}
# Which measures make sense for which kinds; a purchase of shares has no megawatts of its own.
_FITS = {
    Dimension.MONEY: frozenset(Kind) - {Kind.PARTNERSHIP},
    Dimension.POWER: frozenset((Kind.COMPUTE, Kind.CHIPS, Kind.SITE, Kind.POWER)),
    Dimension.CHIPS: frozenset((Kind.COMPUTE, Kind.CHIPS)),
    Dimension.YEARS: frozenset((Kind.COMPUTE, Kind.CHIPS, Kind.SITE, Kind.POWER, Kind.DEBT)),
}


# A claim weaker than this is a guess.
_LEAST = 0.2
# A claim that the first trees find as unlikely as this is none. (2026-11-30: none of 2,262 kept is lost.)
_HOPELESS = -3.0
# How much surer a flow that is not told must be of a figure than one that is.
_DOUBT = 0.2
# From here on a sentence tells older news, whose figures are not those of today's.
_BACKGROUND = 0.6
# What a number measures that no flow's field ever is; other roles are signs like others.
_NEVER = frozenset(("converted", "share_price", "per_unit", "denied"))
# Beyond this an article is a table.
_MOST = 60


@dataclass
class Amounts:
    """The numbers of one flow and where each stands."""

    amount: float | None = None
    currency: str | None = None
    megawatts: float | None = None
    chips: float | None = None
    years: float | None = None
    bound: Bound = Bound.EXACT
    sources: dict[str, tuple[Sentence, Quantity]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """One quantity and one flow that may own it; `values` are the features of the claim."""

    owner: int
    sentence: Sentence
    quantity: Quantity
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Bid:
    score: float
    owner: int
    sentence: Sentence
    quantity: Quantity


def best_amounts(
    document: Document,
    kept: Sequence[Gathered],
    overlooked: Sequence[Gathered],
    modes: Mapping[int, Mode],
    claimer: Claimer,
) -> dict[tuple[str, str, Kind, bool], Amounts]:
    """Share the quantities of an article out among its flows.

    overlooked: flows that are not sure enough to be told, but may own what would else go to one that is.
    """
    owners = [*kept, *overlooked]
    bids = sorted(_bids(document, owners, len(kept), modes, claimer), key=lambda bid: -bid.score)
    found = [Amounts() for _ in owners]
    taken: set[int] = set()
    values: set[tuple[str, float]] = set()
    for amounts, one in zip(found, owners, strict=True):
        for sentence, quantity in one.sizes:
            _give(amounts, _FIELD[quantity.dimension], _Bid(1.0, 0, sentence, quantity))
            # Its value is not taken: a right to as much again leaves the firm flow its own figure.
            taken.add(quantity.start)
    for bid in bids:
        name = _FIELD[bid.quantity.dimension]
        if bid.quantity.value is None or getattr(found[bid.owner], name) is not None:
            continue
        part = _firm_part(document, bid, owners, modes)
        bid = bid if part.quantity.start in taken else part
        value = bid.quantity.value or 0.0
        if bid.quantity.start in taken or ((name, value) in values and _is_told_once(bid, owners[bid.owner])):
            continue
        taken.add(bid.quantity.start)
        values.add((name, value))
        _give(found[bid.owner], name, bid)
    told = found[: len(kept)]
    _share_terms(kept, told)
    for amounts in told:
        _limit(amounts, document, modes)
    return {one.key: amounts for one, amounts in zip(kept, told, strict=True)}


def _share_terms(kept: Sequence[Gathered], found: Sequence[Amounts]) -> None:
    """Give the one term that is told of a borrower's loans to the other lenders of that loan: a pool.

    They stand in a sentence with its lender, or no other sum is told of them.
    """
    for borrower in {one.payee for one in kept if one.kind is Kind.DEBT and one.payee}:
        loans = [
            (own, {said.sentence.number for said in one.said})
            for one, own in zip(kept, found, strict=True)
            if one.kind is Kind.DEBT and one.payee == borrower
        ]
        told = [(own, places) for own, places in loans if own.years is not None]
        if len({own.years for own, _ in told}) == 1:
            first, places = told[0]
            for own, others in loans:
                if own.years is None and (places & others or own.amount in (None, first.amount)):
                    own.years, own.sources["years"] = first.years, first.sources["years"]


def _limit(amounts: Amounts, document: Document, modes: Mapping[int, Mode]) -> None:
    """Take over the limit that the same figure has elsewhere: a title drops the "environ" that the text has."""
    name = "amount" if amounts.amount is not None else "megawatts"
    told = amounts.sources.get(name)
    if told is None or amounts.bound is not Bound.EXACT:
        return
    value, dimension = told[1].value, told[1].dimension
    limits = Counter(
        quantity.bound
        for sentence in document.sentences
        for quantity in sentence.quantities
        if quantity.dimension is dimension and quantity.value == value and modes[sentence.number].recalled < _BACKGROUND
    )
    del limits[Bound.EXACT]
    if limits:
        amounts.bound = limits.most_common(1)[0][0]


def _give(amounts: Amounts, name: str, bid: _Bid) -> None:
    setattr(amounts, name, bid.quantity.value)
    amounts.sources[name] = (bid.sentence, bid.quantity)
    if name == "amount":
        amounts.currency = bid.quantity.unit or None
        amounts.bound = bid.quantity.bound
    elif name == "megawatts" and amounts.amount is None:
        amounts.bound = bid.quantity.bound


def _bids(
    document: Document, owners: Sequence[Gathered], told: int, modes: Mapping[int, Mode], claimer: Claimer
) -> list[_Bid]:
    """Return what is sure enough. told: of so many owners, the first ones, the article is told to speak."""
    found: list[_Bid] = []
    for claim in claims(document, owners, modes):
        if all(said.how == "right" for said in owners[claim.owner].said):
            # Its sentence tells what it adds, or nothing does: the other figures there are the contract's.
            continue
        score = claimer.weigh(claim) - (_DOUBT if claim.owner >= told else 0.0)
        if score >= claimer.threshold:
            found.append(_Bid(score, claim.owner, claim.sentence, claim.quantity))
    return found


def claims(document: Document, kept: Sequence[Gathered], modes: Mapping[int, Mode]) -> list[Claim]:
    """Return every quantity that may belong to every flow, with what speaks for and against it."""
    told = [(sentence, quantity) for sentence in document.sentences for quantity in sentence.quantities]
    denied = {(quantity.dimension, quantity.value) for _, quantity in told if quantity.role == "denied"}
    free = [
        (sentence, quantity)
        for sentence, quantity in told
        if quantity.role not in _NEVER
        and quantity.value is not None
        and quantity.dimension in _FIELD
        and (quantity.dimension, quantity.value) not in denied
    ][:_MOST]
    sizes = Counter((quantity.dimension, quantity.value) for _, quantity in free)
    orders: dict[Dimension, list[float]] = {}
    for _, quantity in free:
        orders.setdefault(quantity.dimension, []).append(quantity.value or 0.0)
    found: list[Claim] = []
    first = _first_places(document)
    for place, (sentence, quantity) in enumerate(free):
        recalled = modes[sentence.number].recalled >= _BACKGROUND
        stake = is_stake(document, sentence, quantity)
        fitting = [
            (owner, one)
            for owner, one in enumerate(kept)
            if _may_own(one, quantity)
            and not (stake and one.kind is not Kind.EQUITY)
            and not (recalled and _told_as_news(one, modes))
            and not _of_another_line(one, kept, sentence, quantity)
        ]
        shared = common(document, sentence, quantity, modes[sentence.number])
        same = orders[quantity.dimension]
        earlier = sum(other.dimension is quantity.dimension for _, other in free[:place])
        shared |= {
            "largest": float(quantity.value == max(same)),
            "repeated": min(sizes[quantity.dimension, quantity.value] - 1, 3) / 2,
            "order": min(earlier, 5) / 3,
            "rivals": min(len(set(same)) - 1, 5) / 3,
            "flows": min(len(fitting), 4) / 2,
        }
        for rank, (owner, one) in enumerate(fitting):
            mine = own(document, sentence, quantity, one, owner, modes[sentence.number])
            mine["rank"] = min(rank, 3) / 2
            if not _outright(one, sentence) and any(_outright(other, sentence) for _, other in fitting):
                # The sentence says another flow in so many words: its figure is that one's.
                mine["claim"] *= 0.5
            mine |= _siblings(one, [other for _, other in fitting], first)
            found.append(Claim(owner, sentence, quantity, {**shared, **mine}))
    return found


def _of_another_line(one: Gathered, kept: Sequence[Gathered], sentence: Sentence, quantity: Quantity) -> bool:
    """Whether a quantity stands in a list's line of another flow, or this flow's own line has one of its own."""
    lines = {id(other): {c.sentence.number: c.sentence for c in other.said if c.how == "listed"} for other in kept}
    own = lines[id(one)]
    if sentence.number in own:
        return False
    told = any(q.dimension is quantity.dimension for line in own.values() for q in line.quantities)
    return told or any(sentence.number in held for held in lines.values())


def _is_told_once(bid: _Bid, one: Gathered) -> bool:
    """Whether the same figure told again belongs to its first owner alone.

    So it is for money and chips, but not for chips on two lines of a list; a right to more is to more than the firm
    size; and the founders of a joint venture have its size once.
    """
    listed = any(said.sentence is bid.sentence and said.how == "listed" for said in one.said)
    if bid.quantity.dimension is Dimension.CHIPS and listed:
        return False
    return bid.quantity.dimension in (Dimension.MONEY, Dimension.CHIPS) or one.option or not one.payee


def _firm_part(document: Document, bid: _Bid, owners: Sequence[Gathered], modes: Mapping[int, Mode]) -> _Bid:
    """Return the bid of the firm part for one of a whole that holds a right too: of "jusqu'à 27 milliards" that are 12
    and then 15 at will, the 12. The bid itself where no such part is told."""
    one, whole = owners[bid.owner], bid.quantity
    if whole.dimension is not Dimension.MONEY or whole.bound is not Bound.UP_TO or one.option or not whole.value:
        return bid
    rights = [
        size.value
        for other in owners
        if other.option and other.key[:3] == one.key[:3]
        for _, size in other.sizes
        if size.unit == whole.unit and size.value
    ]
    parties = {one.payer, one.payee}
    for sentence in document.sentences if rights else ():
        if modes[sentence.number].recalled >= _BACKGROUND or {m.name for m in sentence.mentions if m.name} - parties:
            continue
        for part in sentence.quantities:
            alike = part.unit == whole.unit and not part.role and part.value and part.value not in rights
            if alike and any(math.isclose((part.value or 0.0) + right, whole.value) for right in rights):
                return replace(bid, sentence=sentence, quantity=part)
    return bid


def _outright(one: Gathered, sentence: Sentence) -> bool:
    return any(said.sentence is sentence and said.how in OUTRIGHT for said in one.said)


def _told_as_news(one: Gathered, modes: Mapping[int, Mode]) -> bool:
    return any(modes[candidate.sentence.number].recalled < _BACKGROUND for candidate in one.said)


def _may_own(one: Gathered, quantity: Quantity) -> bool:
    """Whether a flow of this kind can have this measure at all; what a firm is valued at is the price of the whole."""
    priced = quantity.role != "valuation" or one.kind is Kind.ACQUISITION
    return priced and one.kind in _FITS[quantity.dimension]


def _first_places(document: Document) -> dict[str, int]:
    """Return where each organisation is named first."""
    found: dict[str, int] = {}
    for sentence in document.sentences:
        for mention in sentence.mentions:
            found.setdefault(mention.name, mention.start)
    return found


def _siblings(one: Gathered, fitting: Sequence[Gathered], first: Mapping[str, int]) -> dict[str, float]:
    """What flows of the same kind to or from the same party say: a joint sum goes to the party named first."""
    same = [other for other in fitting if other.kind is one.kind and other is not one]
    payers = [other.payer for other in same if other.payee == one.payee and other.payer != one.payer]
    payees = [other.payee for other in same if other.payer == one.payer and other.payee != one.payee]
    own = first.get(one.payer, 0)
    return {
        "with payers": min(len(payers), 3) / 2,
        "with payees": min(len(payees), 3) / 2,
        "named later": float(any(first.get(name, 0) < own for name in payers)),
    }


class Claimer:
    """The trained trees, one forest for each measure. Without them (in training) the rule of thumb decides."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.threshold = float(table.get("threshold", _LEAST))
        self._forests = {Dimension(name): Forest(row) for name, row in table.items() if name != "threshold"}

    def weigh(self, claim: Claim) -> float:
        """Return how sure a claim is, 0 to 1."""
        forest = self._forests.get(claim.quantity.dimension)
        if forest is None:
            return claim.values["claim"]
        return probability(forest.logit(claim.values, hopeless=_HOPELESS))
