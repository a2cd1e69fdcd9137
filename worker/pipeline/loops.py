"""Loops of money: who pays whom, and where the money comes round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice, pairwise

import networkx as nx

from worker import text
from worker.model import Edge, Kind, Loop, Status, Story, StoryFlow

# The big parties deal with one another so often that the paths among them are many; beyond this many per edge the
# next one says nothing that a reader has not seen.
_PATHS_PER_EDGE = 200


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
        date, source = _first_told(story, held)
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
                source=source,
            )
        )
    return tuple(found)


def _first_told(story: Story, held: StoryFlow) -> tuple[datetime, str]:
    """Return when the article that first told a flow was published, and where; when the flow was first seen, and who
    told it last, if no source says."""
    told = [
        (one.published, one.source)
        for one in story.sources
        if one.seen_at == held.first_seen and one.published is not None
    ]
    return min(told, default=(held.first_seen, held.source))


def closed(known: Sequence[Edge], new: Sequence[Edge], *, window_days: int = 730, longest: int = 5) -> tuple[Loop, ...]:
    """Return the cycles of two to `longest` parties in `known` and `new` that use at least one new edge, by id.

    All edges of a loop lie within `window_days` of one another. Between two parties the most recent edge stands for
    all, a new one before a known one of any age. A loop begins with its alphabetically first party.
    """
    window = timedelta(days=window_days)
    loops: dict[str, Loop] = {}
    for start in sorted(new, key=_order):
        near = _standing([*known, *new], new, start=start, window=window)
        for path in _paths_back(near, start, longest):
            # The window holds between any two edges, not only between each and the new one.
            dates = [edge.date for edge in path]
            if max(dates) - min(dates) <= window:
                loop = _loop(path)
                loops.setdefault(loop.id, loop)
    return tuple(loops[name] for name in sorted(loops))


def _order(edge: Edge) -> tuple[str, str, str, str, float]:
    return text.fold(edge.payer), text.fold(edge.payee), edge.story_id, edge.kind.value, edge.amount or 0.0


def _pair(edge: Edge) -> tuple[str, str]:
    return text.fold(edge.payer), text.fold(edge.payee)


def _standing(
    every: Sequence[Edge], new: Sequence[Edge], *, start: Edge, window: timedelta
) -> dict[tuple[str, str], Edge]:
    """Return for each pair of parties the edge that stands for it, among those within `window` of `start`."""
    fresh = set(new)
    best: dict[tuple[str, str], Edge] = {}
    for edge in sorted(every, key=lambda one: (one in fresh, one.date, one.amount or 0.0, _order(one)), reverse=True):
        payer, payee = _pair(edge)
        if payer != payee and abs(edge.date - start.date) <= window:
            best.setdefault((payer, payee), edge)
    return best


def _paths_back(near: dict[tuple[str, str], Edge], start: Edge, longest: int) -> Iterator[tuple[Edge, ...]]:
    """Yield the simple cycles of at most `longest` edges through the pair of `start`, each beginning with it."""
    payer, payee = _pair(start)
    if (payer, payee) not in near or longest < 2:
        return
    graph = nx.DiGraph(sorted(near))
    if payer not in graph or payee not in graph:
        return
    # Short ones first, so that the bound never costs the plainest loop: A pays B, B pays A.
    found = (
        path
        for length in range(1, longest)
        for path in nx.all_simple_paths(graph, payee, payer, cutoff=length)
        if len(path) == length + 1
    )
    for path in islice(found, _PATHS_PER_EDGE):
        yield (near[payer, payee], *(near[pair] for pair in pairwise(path)))


def _loop(path: Sequence[Edge]) -> Loop:
    names = [text.fold(edge.payer) for edge in path]
    first = names.index(min(names))
    turned = names[first:] + names[:first]
    return Loop(id=text.digest("loop", *turned), edges=(*path[first:], *path[:first]))
