"""Drafts into the outbox, each as its recipient's schedule has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from worker.model import Draft, Pace
from worker.pipeline.schedules import Departure, departure
from worker.ports import Filing
from worker.steps.parts import Parts

HELD, OPEN = "held", "open"
_HOUR = timedelta(hours=1)


def put(parts: Parts, filing: Filing, drafts: Sequence[Draft], *, backlog: bool = False) -> tuple[str, ...]:
    """Save the alerts of `drafts`; returns the ids of those that leave now. Those of a backlog wait for its digest."""
    leaving: list[str] = []
    for draft in drafts:
        alert = parts.messages().compose(draft)
        if backlog:
            filing.save_alerts([alert], state=HELD)
            continue
        when = _departure(parts, filing, draft)
        if when.until is None:
            leaving += filing.save_alerts([alert], state=OPEN)
        else:
            filing.save_alerts([alert], state=HELD, leave_at=when.until, hold=when.hold or "")
    return tuple(leaving)


def _departure(parts: Parts, filing: Filing, draft: Draft) -> Departure:
    now, schedule = parts.clock.now(), draft.recipient.schedule
    if schedule.pace is not Pace.IMMEDIATE or schedule.ceiling is None:
        return departure(schedule, now=now)
    sent, bundle = filing.departures(draft.recipient.id, since=now - _HOUR)
    return departure(schedule, now=now, sent=sent, bundle=bundle)
