"""Which loops of money an alert tells of, and which its news breaks."""

from __future__ import annotations

from collections.abc import Sequence

from worker import text
from worker.model import Change, ChangeKind, Draft, Edge, Flow, Kind, Loop, Status, Story

_OPENING = frozenset({ChangeKind.NEW_STORY, ChangeKind.NEW_FLOW})


def loops_of(draft: Draft) -> tuple[Loop, ...]:
    """Return the loops that stand, those just closed first, each once."""
    closed = [change.loop for change in draft.changes if change.loop is not None]
    held = [loop for loop in draft.story.loops if not _is_broken(loop, draft.story)] if draft.story else []
    return tuple({loop.id: loop for loop in closed + held}.values())


def holds(loops: Sequence[Loop], flow: Flow) -> bool:
    """Return whether one of `loops` runs over `flow`."""
    pair = text.fold(flow.payer or ""), text.fold(flow.payee or "")
    return any(_pair(edge) == pair and edge.kind is flow.kind for loop in loops for edge in loop.edges)


def broken(draft: Draft) -> tuple[Loop, ...]:
    """Return the story's loops that what this alert calls off has broken."""
    if draft.story is None:
        return ()
    gone = {
        (text.fold(change.flow.payer or ""), text.fold(change.flow.payee or ""))
        for change in draft.changes
        if change.kind is ChangeKind.CANCELLED and change.flow is not None
    }
    if not gone:
        return ()
    return tuple(
        loop
        for loop in draft.story.loops
        if any(_pair(edge) in gone for edge in loop.edges) and _is_broken(loop, draft.story)
    )


def is_closed_anew(draft: Draft) -> bool:
    """Return whether the loops among the changes closed just now; False where only the terms of their edges changed.

    Amounts close no loop, and a flow that gets firmer was an edge before; a flow that is new, or back, does.
    """
    others = [change for change in draft.changes if change.kind is not ChangeKind.LOOP_CLOSED]
    if not others:
        return not all(change.before for change in draft.changes)
    return any(change.kind in _OPENING or _is_back(change) for change in others)


def _is_back(change: Change) -> bool:
    return change.kind is ChangeKind.STATUS and change.before.get("status") == Status.CANCELLED.value


def _is_broken(loop: Loop, story: Story) -> bool:
    """True where an edge that this story gave carries nothing any more; of other stories' edges nothing is known."""
    flows = [held.flow for held in story.flows if held.flow.kind is not Kind.PARTNERSHIP]
    pairs = {(text.fold(flow.payer or ""), text.fold(flow.payee or "")): False for flow in flows}
    for flow in flows:
        pair = text.fold(flow.payer or ""), text.fold(flow.payee or "")
        pairs[pair] = pairs[pair] or flow.status is not Status.CANCELLED
    return any(edge.story_id == story.id and not pairs.get(_pair(edge), True) for edge in loop.edges)


def _pair(edge: Edge) -> tuple[str, str]:
    return text.fold(edge.payer), text.fold(edge.payee)
