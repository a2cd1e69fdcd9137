"""prune: once a day, let go of what nobody needs any more, a little at a time."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta

from worker.steps.parts import Parts, Ring

log = logging.getLogger("gigawatch.prune")

_EVERY = timedelta(hours=23)
# Whoever has given no sign for so long was one of the containers of an earlier day.
_GONE = timedelta(days=2)
# Whole rows first, so that no text is emptied right before its row goes.
SORTS = ("rejected", "articles", "deliveries", "alerts")


def prune(parts: Parts) -> tuple[Ring, ...]:
    """Prune unless that was done within the last day; what a task cannot reach is left for the next one."""
    now = parts.clock.now()
    last = parts.store.heartbeats().get("prune")
    # A beat from tomorrow was made by a clock that was wrong.
    if last is not None and timedelta(0) <= now - last < _EVERY:
        return ()
    parts.store.forget_heartbeats(now - _GONE)
    counts, whole = prune_all(parts)
    if any(counts.values()):
        log.info("pruned %s", ", ".join(f"{count} {sort}" for sort, count in counts.items()))
    parts.store.forget_hosts(before=now - _EVERY)
    if whole:
        parts.store.beat("prune", now)
    return ()


def prune_all(parts: Parts) -> tuple[Mapping[str, int], bool]:
    """Let go of all that is older than it is kept; returns how much of each sort, and whether that was all of it."""
    deadline = parts.later(parts.policy.work_s)
    counts = dict.fromkeys(SORTS, 0)
    now = parts.clock.now()
    for sort in SORTS:
        before = now - parts.policy.keep[sort]
        done = batch = parts.policy.prune_batch
        while done == batch:
            if parts.clock.now() >= deadline or parts.leaving():
                return counts, False
            parts.alive()
            done = parts.store.prune(sort, before=before, now=now, limit=batch)
            counts[sort] += done
    return counts, True


def prunable(parts: Parts) -> Mapping[str, int]:
    """Return how much of each sort `prune_all` would let go now."""
    now = parts.clock.now()
    return {sort: parts.store.prunable(sort, before=now - parts.policy.keep[sort]) for sort in SORTS}
