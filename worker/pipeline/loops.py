"""Loops of money: who pays whom, where the money comes round, and when a loop is worth telling again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any

import networkx as nx

from worker import text
from worker.model import Bound, Edge, Kind, Loop, Status, Story
from worker.pipeline.dating import first_told

Pair = tuple[str, str]

LONGEST = 5
# The big parties deal with one another so often that the paths among them are many; beyond this many per edge the
# next one says nothing that a reader has not seen.
_PATHS_PER_EDGE = 24
# A search that finds nothing must end too: so many steps cost about 20 ms.
_STEPS_PER_EDGE = 20_000
# Two figures nearer than this are one, rounded; the same bound as for a story's own amounts.
_MATERIAL = 0.05

_fold = lru_cache(maxsize=8192)(text.fold)


def edges(story: Story) -> tuple[Edge, ...]:
    """Return the flows of `story` that carry money between two named parties, dated by the article that brought them.

    An option and an "up to" count; a partnership carries nothing, nor does what was called off, nor what a group pays
    itself.
    """
    found = []
    for held in story.flows:
        flow = held.flow
        if flow.kind is Kind.PARTNERSHIP or flow.status is Status.CANCELLED:
            continue
        if not flow.payer or not flow.payee or text.fold(flow.payer) == text.fold(flow.payee):
            continue
        date, source = first_told(story, held)
        found.append(
            Edge(
                payer=flow.payer,
                payee=flow.payee,
                kind=flow.kind,
                amount=flow.amount,
                currency=flow.currency,
                status=flow.status,
                bound=flow.bound,
                story_id=story.id,
                date=date,
                source=source.source if source else held.source,
            )
        )
    return tuple(found)


def closed(
    known: Sequence[Edge], new: Sequence[Edge], *, window_days: int = 730, longest: int = LONGEST
) -> tuple[Loop, ...]:
    """Return the cycles of two to `longest` parties in `known` and `new` that use at least one new edge.

    All edges of a loop lie within `window_days` of one another. Between two parties the most recent edge stands for
    all, a new one before a known one of any age. A loop begins with its alphabetically first party. The shortest loops
    come first, then those of the most recent edges; of each new edge a bounded number.
    """
    window = timedelta(days=window_days)
    fresh = set(new)
    every = sorted(
        [*known, *new], key=lambda one: (one in fresh, one.date, one.amount or 0.0, _order(one)), reverse=True
    )
    loops: dict[str, Loop] = {}
    for start in sorted(fresh, key=_order):
        near = _standing(every, start, window)
        if _pair(start) in near and longest > 1:
            for path in islice(_Search(near, start, window).paths(longest), _PATHS_PER_EDGE):
                loop = _loop(path)
                loops.setdefault(loop.id, loop)
    return tuple(sorted(loops.values(), key=_rank))


def _rank(loop: Loop) -> tuple[int, float, list[str]]:
    newest = max(edge.date for edge in loop.edges)
    return len(loop.edges), -newest.timestamp(), [_fold(edge.payer) for edge in loop.edges]


def _order(edge: Edge) -> tuple[str, str, str, str, float, str]:
    return _fold(edge.payer), _fold(edge.payee), edge.story_id, edge.kind.value, edge.amount or 0.0, edge.status.value


def _pair(edge: Edge) -> Pair:
    return _fold(edge.payer), _fold(edge.payee)


def _standing(every: Sequence[Edge], start: Edge, window: timedelta) -> dict[Pair, Edge]:
    """Return for each pair of parties the first of `every` within `window` of `start`."""
    best: dict[Pair, Edge] = {}
    for edge in every:
        payer, payee = _pair(edge)
        if payer != payee and abs(edge.date - start.date) <= window:
            best.setdefault((payer, payee), edge)
    return best


class _Search:
    """The ways back to the payer of one edge, depth first, never a step from which the payer is out of reach."""

    def __init__(self, near: Mapping[Pair, Edge], start: Edge, window: timedelta) -> None:
        self._start = near[_pair(start)]
        self._window = window
        self._payer, self._payee = _pair(start)
        self._next: dict[str, list[tuple[str, Edge]]] = {}
        for (payer, payee), edge in near.items():
            self._next.setdefault(payer, []).append((payee, edge))
        for ways in self._next.values():
            ways.sort(key=lambda way: (-way[1].date.timestamp(), -(way[1].amount or 0.0), way[0]))
        self._graph = nx.DiGraph(list(near))
        self._steps = 0

    def paths(self, longest: int) -> Iterator[tuple[Edge, ...]]:
        """Yield the simple cycles of at most `longest` edges that begin with the edge, the short ones first."""
        back = self._graph.reverse(copy=False)
        self._left: dict[str, int] = nx.single_source_shortest_path_length(back, self._payer, cutoff=longest - 1)
        date = self._start.date
        for length in range(1, longest):
            yield from self._walk(self._payee, length, (self._start,), (date, date))

    def _walk(
        self, at: str, hops: int, path: tuple[Edge, ...], dates: tuple[datetime, datetime]
    ) -> Iterator[tuple[Edge, ...]]:
        """Yield the continuations of `path` from `at` to the payer in exactly `hops` steps.

        The window holds between any two edges, not only between each and the first.
        """
        passed = {_fold(edge.payer) for edge in path}
        for to, edge in self._next.get(at, ()):
            self._steps += 1
            if self._steps > _STEPS_PER_EDGE:
                return
            span = min(dates[0], edge.date), max(dates[1], edge.date)
            if span[1] - span[0] > self._window:
                continue
            if to == self._payer:
                if hops == 1:
                    yield (*path, edge)
            elif to not in passed and to != at and self._left.get(to, hops) < hops:
                yield from self._walk(to, hops - 1, (*path, edge), span)


def _loop(path: Sequence[Edge]) -> Loop:
    names = [_fold(edge.payer) for edge in path]
    first = names.index(min(names))
    turned = names[first:] + names[:first]
    return Loop(id=text.digest("loop", *turned), edges=(*path[first:], *path[:first]))


def news(
    found: Sequence[Loop],
    told: Mapping[str, Loop],
    present: Sequence[Edge],
    *,
    revived: frozenset[Pair] = frozenset(),
    window_days: int = 730,
) -> tuple[Loop, ...]:
    """Return those of `found` that are to be told: never told before, or told when an edge was materially another.

    `told` are loops as they were last told, by id; `present` are edges of their stories as they now stand. An edge that
    was told speaks for its pair as long as it stands, so a further deal between the same two does not tell the loop
    again. `revived` are the pairs (folded names) between which money flows again that had been called off.
    """
    fresh = []
    for loop in found:
        before = told.get(loop.id)
        if before is None:
            fresh.append(loop)
            continue
        now = _renewed(before, loop, present, timedelta(days=window_days))
        steps = list(zip(before.edges, now.edges, strict=True))
        if any(is_material(was, edge) or _pair(edge) in revived for was, edge in steps):
            fresh.append(now)
    return tuple(fresh)


def _renewed(told: Loop, found: Loop, present: Sequence[Edge], window: timedelta) -> Loop:
    """Return the told loop with its edges as they now stand, the found ones in place of those that are gone."""
    edges = tuple(current(was, present) or edge for was, edge in zip(told.edges, found.edges, strict=True))
    dates = [edge.date for edge in edges]
    return Loop(found.id, edges) if max(dates) - min(dates) <= window else found


def current(told: Edge, present: Sequence[Edge]) -> Edge | None:
    """Return the edge of `present` that `told` has become: same story, parties and kind; None where it stands no more.

    Of several (a firm part and an option) it is the one of the same status, else of the nearest amount.
    """
    same = [
        edge
        for edge in present
        if edge.story_id == told.story_id and edge.kind is told.kind and _pair(edge) == _pair(told)
    ]

    def distance(edge: Edge) -> tuple[bool, float, str]:
        return edge.status is not told.status, abs((edge.amount or 0.0) - (told.amount or 0.0)), edge.status.value

    return min(same, key=distance, default=None)


def is_material(before: Edge, after: Edge) -> bool:
    """Return whether an edge says something else than before: kind, status, or a firm amount by more than 5 %.

    Date and source say nothing of the money. What is only "about" or "up to" is no firm amount; amounts in two
    currencies are two amounts.
    """
    if before.status is not after.status or before.kind is not after.kind:
        return True
    firm = [edge.amount is not None and edge.bound is Bound.EXACT for edge in (before, after)]
    if not any(firm):
        return False
    if before.amount is None or after.amount is None or before.currency != after.currency:
        return True
    largest = max(abs(before.amount), abs(after.amount))
    return abs(before.amount - after.amount) > _MATERIAL * largest


def revision(told: Loop, now: Loop) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return the terms, JSON-ready, of the first edge that is materially another than told: before and after.

    None where none is: then the loop was broken in between and has closed anew. `edge` is its place in the path.
    """
    for place, (was, edge) in enumerate(zip(told.edges, now.edges, strict=True)):
        if is_material(was, edge):
            return {"edge": place, **_terms(was)}, {"edge": place, **_terms(edge)}
    return None


def _terms(edge: Edge) -> dict[str, Any]:
    return {
        "kind": edge.kind.value, "amount": edge.amount, "currency": edge.currency, "bound": edge.bound.value,
        "status": edge.status.value,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Leg:
    """One edge of a told loop as it now stands. `gone` where nothing flows between the two any more; `changed` where
    its terms are materially others than those told."""

    edge: Edge
    gone: bool
    changed: bool


def legs(loop: Loop, present: Sequence[Edge]) -> tuple[Leg, ...]:
    """Return the edges of a told loop as they now stand among `present`, the edges between its parties.

    A further deal between the same two, the most recent, takes the place of one that is gone.
    """
    found = []
    for told in loop.edges:
        others = [edge for edge in present if _pair(edge) == _pair(told)]
        now = current(told, others) or max(others, key=lambda edge: (edge.date, _order(edge)), default=None)
        found.append(Leg(told, True, False) if now is None else Leg(now, False, is_material(told, now)))
    return tuple(found)
