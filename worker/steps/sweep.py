"""sweep: whatever the store says is unfinished goes back to its step, and held alerts whose time has come leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from worker.model import Alert, ChannelKind, Hold, Recipient, Rule
from worker.pipeline.schedules import Departure, departure, still_quiet
from worker.ports import AlertRow
from worker.steps.parts import BATCH, Parts, Ring, rings

# Per pass and step: enough to keep every worker busy until the next pass, few enough to keep the queue short.
_PASSES = 10


def sweep(parts: Parts) -> tuple[Ring, ...]:
    """Return the rows that are due and that nobody was asked about lately."""
    now = parts.clock.now()
    close_digests(parts)
    found: list[Ring] = []
    quiet_s, each = parts.policy.quiet_s, BATCH["deliver"]
    found += rings("deliver", parts.store.ready_alerts(now=now, limit=_PASSES * each, each=each, quiet_s=quiet_s))
    for step in ("judge", "read"):
        found += rings(step, parts.store.ready(step, now=now, limit=_PASSES * BATCH[step], quiet_s=quiet_s))
    parts.store.beat("sweep", now)
    return tuple(found)


def close_digests(parts: Parts) -> tuple[str, ...]:
    """Let held alerts go whose time has come: one digest per recipient. Returns the ids of what leaves.

    One held alert alone goes out by itself: a digest of one says nothing more.
    """
    return (*_close_backlog(parts), *_close_due(parts))


def _close_backlog(parts: Parts) -> tuple[str, ...]:
    """Let the alerts of first polls go once these are through, or the oldest waited too long."""
    held = parts.store.held_alerts()
    if not held:
        return ()
    now = parts.clock.now()
    waited = now - min(row.alert.created_at for row in held)
    if waited < parts.policy.digest_wait and (parts.store.never_polled() or parts.store.backlog_open()):
        return ()
    fresh: list[str] = []
    for recipient_id, rows in _by_recipient(held).items():
        recipient = parts.recipients.get(recipient_id)
        when = departure(replace(recipient.schedule, ceiling=None), now=now) if recipient else Departure()
        if when.until is not None and when.until > now:
            # The recipient's own time comes first; they then leave with whatever else waits for it.
            parts.store.hold([row.alert.id for row in rows], until=when.until, why=when.hold or "")
            continue
        fresh += _close(parts, recipient_id, rows, reason=Hold.BACKLOG)
    return tuple(fresh)


def _close_due(parts: Parts) -> tuple[str, ...]:
    """Let the alerts go that waited for an hour, the end of quiet hours or room under the ceiling."""
    now = parts.clock.now()
    fresh: list[str] = []
    for recipient_id, rows in _by_recipient(parts.store.due_holds(now)).items():
        recipient = parts.recipients.get(recipient_id)
        until = still_quiet(recipient.schedule, now) if recipient else None
        if until is not None:
            # Their time passed while nothing ran, or the quiet hours were changed.
            for why in {row.hold for row in rows}:
                parts.store.hold([row.alert.id for row in rows if row.hold == why], until=until, why=why)
            continue
        holds = {row.hold for row in rows}
        reason = Hold(holds.pop()) if len(holds) == 1 else Hold.QUIET if Hold.QUIET in holds else Hold.CEILING
        fresh += _close(parts, recipient_id, rows, reason=reason)
    return tuple(fresh)


def _by_recipient(rows: Sequence[AlertRow]) -> dict[str, list[AlertRow]]:
    found: dict[str, list[AlertRow]] = defaultdict(list)
    for row in rows:
        found[row.alert.recipient_id].append(row)
    return found


def _close(parts: Parts, recipient_id: str, rows: Sequence[AlertRow], *, reason: Hold) -> tuple[str, ...]:
    now = parts.clock.now()
    recipient = parts.recipients.get(recipient_id)
    if len(rows) == 1 or recipient is None:
        for row in rows:
            parts.store.release(row.alert.id, now)
        return tuple(row.alert.id for row in rows)
    digest = _digest(parts, recipient, rows, reason)
    if recipient.channel is ChannelKind.WEBHOOK and len(digest.data["alerts"]) < len(rows):
        # A webhook's body is bounded, and a program cannot look up what was left out: several digests tell it all.
        middle = len(rows) // 2
        return tuple(
            one for half in (rows[:middle], rows[middle:]) for one in _close(parts, recipient_id, half, reason=reason)
        )
    return parts.store.bundle(digest, [row.alert.id for row in rows], now)


def _digest(parts: Parts, recipient: Recipient, rows: Sequence[AlertRow], reason: Hold) -> Alert:
    names = dict.fromkeys(row.alert.rule_id for row in rows)
    # A rule that left the configuration still names the digest of what it caught.
    rule = next((rule for rule in parts.rules if rule.id in names), Rule(next(iter(names)), (recipient.id,)))
    return parts.messages().compose_digest(
        [row.alert for row in rows], rule=rule, recipient=recipient, now=parts.clock.now(), reason=reason
    )
