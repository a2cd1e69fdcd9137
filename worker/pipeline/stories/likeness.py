"""Whether two flows, told by two articles, are one and the same, and how alike two articles read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from worker import text
from worker.model import Article, Bound, Flow, Kind, Status

# Two firm figures further apart than this are two figures; nearer, one was rounded.
FIRM = 0.05
# Within a week the press still settles on the figures of one announcement: another one is another reading of it.
ANEW_DAYS = 7.0
# "environ 30", "près de 30" and "plus de 30" stand for figures this far away.
_VAGUE = 0.25

# Kinds that the press words alike: a lease of megawatts, servers or a building; a stake, a majority, a convertible.
_ALIKE: tuple[frozenset[Kind], ...] = (
    frozenset({Kind.COMPUTE, Kind.CHIPS, Kind.SITE, Kind.POWER}),
    frozenset({Kind.EQUITY, Kind.ACQUISITION, Kind.DEBT}),
)
_LEAD = 400
_SHORTEST_WORD = 4
_COMMON = frozenset(
    text.words(
        "dans pour avec plus sous entre vers chez leur leurs cette sont être avoir fait faire selon après avant "
        "aussi mais comme milliard milliards million millions dollars euros entreprise groupe intelligence artificielle"
    )
)


class Figures(IntEnum):
    """How two flows' figures stand to one another."""

    CLASH = -1
    UNKNOWN = 0
    NEAR = 1
    AGREE = 2


class Parties(IntEnum):
    """How two flows' parties stand to one another."""

    OTHER = 0
    NAMELESS = 1
    PART = 2
    TURNED = 3
    SAME = 4


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two flows are. `same` says that they may be one flow; `rank` orders those that may, the best last."""

    same: bool
    parties: Parties
    kind: bool
    figures: Figures

    @property
    def rank(self) -> tuple[bool, int, int]:
        return self.kind, int(self.parties), int(self.figures)


def compare(left: Flow, right: Flow) -> Likeness:
    """Return how alike two flows are.

    The same flow has parties that do not contradict one another (an unnamed one matches any) and the same kind; or the
    same two parties and an amount that agrees, for an account may mistake the kind, or, between kinds that are easily
    taken for one another, who pays. A right and a duty are one only where a figure says so or one of them has none:
    "5 Md$ et jusqu'à 20 de plus" are two.
    """
    parties = _parties(left, right)
    kind = left.kind is right.kind
    if parties is Parties.OTHER:
        return Likeness(False, parties, kind, Figures.UNKNOWN)
    figure = figures(left, right)
    if parties is Parties.TURNED or not kind:
        close = any(left.kind in group and right.kind in group for group in _ALIKE)
        priced = (
            left.amount is not None and right.amount is not None and Kind.PARTNERSHIP not in (left.kind, right.kind)
        )
        misread = close or (priced and parties is Parties.SAME)
        same = parties >= Parties.TURNED and misread and figure is Figures.AGREE
    else:
        # Between the same parties another figure is other terms; where a name is missing it is another flow.
        same = parties is Parties.SAME or figure is not Figures.CLASH
    if same and is_right(left) != is_right(right):
        same = figure > Figures.UNKNOWN or not (_has_figure(left) and _has_figure(right))
    return Likeness(same, parties, kind, figure)


def is_right(flow: Flow) -> bool:
    """True for an option that still stands."""
    return flow.status is Status.OPTION


@lru_cache(maxsize=8192)
def _folded(name: str) -> str:
    # The same names are compared with those of every candidate: folding them anew is most of the cost.
    return text.fold(name)


def _has_figure(flow: Flow) -> bool:
    return any(size is not None for size in (flow.amount, flow.megawatts, flow.chips))


def _parties(left: Flow, right: Flow) -> Parties:
    straight = _side(left, right.payer, right.payee)
    if left.kind is Kind.PARTNERSHIP and right.kind is Kind.PARTNERSHIP:
        return max(straight, _side(left, right.payee, right.payer))
    return Parties.TURNED if straight is Parties.OTHER and same_two(left, right) else straight


def _side(left: Flow, payer: str | None, payee: str | None) -> Parties:
    # Every candidate of every article comes through here: no lists, no sets.
    first, second = _agree(left.payer, payer), _agree(left.payee, payee)
    if first is False or second is False:
        return Parties.OTHER
    if first and second:
        return Parties.SAME
    if not (first or second):
        return Parties.NAMELESS
    # Both leave the same side unnamed: nothing is missing on either.
    missing = (left.payee, payee) if first else (left.payer, payer)
    return Parties.PART if any(missing) else Parties.SAME


def _agree(mine: str | None, other: str | None) -> bool | None:
    """Return whether two names are one; None where one of them is missing."""
    if not mine or not other:
        return None
    return mine == other or _folded(mine) == _folded(other)


def same_two(left: Flow, right: Flow) -> bool:
    """True where both flows name the same two parties, in whatever direction."""
    if not (left.payer and left.payee and right.payer and right.payee):
        return False
    one, two = _folded(left.payer), _folded(left.payee)
    three, four = _folded(right.payer), _folded(right.payee)
    return one != two and ((one, two) == (three, four) or (one, two) == (four, three))


def figures(left: Flow, right: Flow) -> Figures:
    """Return how two flows' sizes compare: their amounts; where these cannot be compared (one missing, two
    currencies), their megawatts; where neither can, their chips."""
    if left.amount is not None and right.amount is not None and left.currency == right.currency:
        return compare_sizes(left.amount, right.amount, left.bound, right.bound)
    if left.megawatts is not None and right.megawatts is not None:
        # With an amount, the bound is the amount's; what it says of the megawatts is not known, so they are vague.
        bounds = [flow.bound if flow.amount is None else Bound.ABOUT for flow in (left, right)]
        return compare_sizes(left.megawatts, right.megawatts, bounds[0], bounds[1])
    if left.chips is not None and right.chips is not None:
        # A number of chips has no bound of its own and is rounded freely.
        return compare_sizes(left.chips, right.chips, Bound.ABOUT, Bound.ABOUT)
    return Figures.UNKNOWN


def apart(left: float, right: float) -> float:
    """Return how far apart two figures are, as a part of the larger."""
    largest = max(abs(left), abs(right))
    return abs(left - right) / largest if largest else 0.0


def compare_sizes(left: float, right: float, left_bound: Bound, right_bound: Bound) -> Figures:
    """Return how two figures of one unit stand to one another, each with its bound."""
    if apart(left, right) <= FIRM:
        return Figures.AGREE
    if left_bound is Bound.EXACT and right_bound is Bound.EXACT:
        return Figures.CLASH
    if apart(left, right) <= _VAGUE:
        return Figures.NEAR
    # "jusqu'à 100" and 30 do not contradict one another, nor do "au moins 10" and 30; "environ 10" and 30 do.
    for one, other, bound in ((left, right, left_bound), (right, left, right_bound)):
        if (bound is Bound.UP_TO and other < one) or (bound is Bound.AT_LEAST and other > one):
            return Figures.UNKNOWN
    return Figures.CLASH


def pair(told: Sequence[Flow], held: Sequence[Flow]) -> dict[int, int]:
    """Return which told flow is which held one, one to one, the most alike first."""
    ranked = []
    for i, left in enumerate(told):
        for j, right in enumerate(held):
            like = compare(left, right)
            if like.same:
                ranked.append((*like.rank, left.status is right.status, -i, -j))
    pairs: dict[int, int] = {}
    for *_, i, j in sorted(ranked, reverse=True):
        if -i not in pairs and -j not in pairs.values():
            pairs[-i] = -j
    return dict(sorted(pairs.items()))


def content_words(article: Article, parties: Sequence[str]) -> frozenset[str]:
    """Return the words by which an article's subject is known: those of title and summary (of the first lines where
    there is no summary) without short ones, common ones and the parties' names."""
    names = {word for name in parties for word in text.words(name)}
    lead = article.summary or article.text[:_LEAD]
    return frozenset(
        word
        for word in text.words(f"{article.title} {lead}")
        if len(word) >= _SHORTEST_WORD and word not in _COMMON and word not in names
    )


def shared(left: frozenset[str], right: frozenset[str]) -> float:
    """Return which part of the shorter text's words the other has too, 0 to 1; 0 where either has none."""
    return len(left & right) / min(len(left), len(right)) if left and right else 0.0
