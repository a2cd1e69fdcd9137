"""Two verdicts on one article, told apart: does a deal appear, vanish, or read otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from worker import text
from worker.model import Flow, Verdict

# What a reader of a flow acts on; the evidence may move without any of these changing.
FIELDS = ("payer", "payee", "kind", "amount", "currency", "megawatts", "chips", "years", "bound", "status")


class Outcome(StrEnum):
    """What another verdict makes of an article."""

    APPEARS = "appears"
    VANISHES = "vanishes"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class FlowChange:
    """One flow before and after: None before where it is new, None after where it is gone, else `fields` differ."""

    before: Flow | None
    after: Flow | None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """How a second verdict differs from the first. `deal` is set where only that word changed and no flow tells it."""

    outcome: Outcome
    flows: tuple[FlowChange, ...]
    deal: bool | None = None


def tells(verdict: Verdict) -> bool:
    """Return whether a verdict makes a story: a deal of which nothing could be read makes none."""
    return verdict.deal and bool(verdict.flows)


def compare(before: Verdict, after: Verdict) -> Difference | None:
    """Return what `after` makes of an article that was judged `before`; None where a reader would notice nothing.

    Scores and reasons may move freely: only what is told counts.
    """
    was, now = tells(before), tells(after)
    if not was and not now:
        return None if before.deal is after.deal else Difference(Outcome.CHANGES, (), deal=after.deal)
    changes = _changes(before.flows if was else (), after.flows if now else ())
    if not changes:
        return None
    outcome = Outcome.CHANGES if was and now else Outcome.APPEARS if now else Outcome.VANISHES
    return Difference(outcome, changes)


def _changes(before: Sequence[Flow], after: Sequence[Flow]) -> tuple[FlowChange, ...]:
    pairs = _paired(before, after)
    kept = []
    for i, j in pairs.items():
        fields = tuple(name for name in FIELDS if getattr(before[i], name) != getattr(after[j], name))
        if fields:
            kept.append(FlowChange(before[i], after[j], fields))
    gone = [FlowChange(flow, None) for place, flow in enumerate(before) if place not in pairs]
    new = [FlowChange(None, flow) for place, flow in enumerate(after) if place not in pairs.values()]
    return (*new, *kept, *gone)


def _paired(before: Sequence[Flow], after: Sequence[Flow]) -> dict[int, int]:
    """Return which flow became which, one to one, the most alike first: kind and parties, parties alone, kind alone."""
    ranked = sorted(
        ((likeness, -i, -j) for i, left in enumerate(before) for j, right in enumerate(after)
         if (likeness := _likeness(left, right)) > 0),
        reverse=True,
    )  # fmt: skip
    pairs: dict[int, int] = {}
    for _, i, j in ranked:
        if -i not in pairs and -j not in pairs.values():
            pairs[-i] = -j
    return dict(sorted(pairs.items()))


def _likeness(left: Flow, right: Flow) -> int:
    """Return 0 for two flows that say different things, more for the same thing read otherwise."""
    kind = left.kind is right.kind
    ours, theirs = _names(left), _names(right)
    if left.key == right.key:
        return 5
    if kind and _sides(left) == _sides(right):
        return 4
    if ours and ours == theirs:
        return 3 if kind else 2
    return 1 if kind and ours & theirs else 0


def _sides(flow: Flow) -> tuple[str, str]:
    return text.fold(flow.payer or ""), text.fold(flow.payee or "")


def _names(flow: Flow) -> frozenset[str]:
    return frozenset(text.fold(name) for name in flow.parties)
