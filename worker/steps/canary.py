"""The canary's way through the steps: planted, served, rehearsed instead of filed, and its arrival."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from worker.errors import DeliveryError
from worker.model import CANARY, Alert, ChannelKind, Receipt, Trouble
from worker.pipeline import canary, feeds
from worker.steps.parts import Parts


def turn(parts: Parts, now: datetime, *, slept: bool) -> tuple[bool, Trouble | None]:
    """End the run under way where its time is over, clear up, plant the next one where it is due.

    Returns whether the canary's feed is to be polled, and the trouble where the last run was missed. `slept` says that
    no watch ran for a while: a run that was under way then proves nothing and is forgotten.
    """
    every, within = parts.policy.canary_every, parts.policy.canary_within
    if every is None:
        return False, None
    _record_miss(parts, now, slept=slept)
    for run in parts.store.unpruned_runs():
        if canary.is_over(run, now):
            _, kind, body = canary.document(run, "/feed.xml")
            parsed = feeds.parse(body, feed=canary.FEED, content_type=kind, base=canary.FEED.url, now=now)
            keys = [key for entry in parsed.entries for key in entry.keys]
            parts.store.prune_canary(run.id, keys, now)
    runs = parts.store.canary_runs()
    missed = canary.missed(runs, now)
    planted = canary.is_due(runs, now, every=every) and parts.store.plant(canary.run(now, within), canary.FEED, now=now)
    return planted, canary.trouble(missed) if missed is not None else None


def _record_miss(parts: Parts, now: datetime, *, slept: bool) -> None:
    for run in parts.store.canary_runs(limit=1):
        if run.arrived_at is not None or run.stage is not None:
            continue
        if slept or run.planted_at > now:
            parts.store.drop_run(run.id)
        elif now >= run.due_at:
            stage, detail = parts.store.canary_stage(run)
            parts.store.miss(run.id, stage, detail)


def private(parts: Parts) -> Parts:
    """Return `parts` as the canary's article is filed with: its own rule and recipient, and nobody else's."""
    kind = ChannelKind.EMAIL if parts.relay is not None else ChannelKind.CONSOLE
    return replace(parts, rules=(canary.RULE,), recipients={CANARY: canary.recipient(kind)})


def receive(parts: Parts, alert: Alert) -> Receipt:
    """Take the canary's alert in the place of a recipient, after asking the mail relay, if there is one, whether it
    would take a mail. Raises DeliveryError."""
    if parts.relay is not None:
        parts.relay()
    run_id = canary.arrived(alert.data)
    if not parts.store.arrive(run_id, parts.clock.now()):
        raise DeliveryError("canary: its alert cites no run that is known", permanent=True)
    return Receipt("arrived")
