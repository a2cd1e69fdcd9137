"""sweep: whatever the store says is unfinished goes back to its step; digests of first polls are closed."""

from __future__ import annotations

from collections import defaultdict

from worker.ports import AlertRow
from worker.steps.parts import BATCH, Parts, Ring, rings

# Per pass and step: enough to keep every worker busy until the next pass, few enough to keep the queue short.
_PASSES = 10


def sweep(parts: Parts) -> tuple[Ring, ...]:
    """Return the rows that are due and that nobody was asked about lately."""
    now = parts.clock.now()
    close_digests(parts)
    found: list[Ring] = []
    for step in ("deliver", "judge", "read"):
        found += rings(
            step, parts.store.ready(step, now=now, limit=_PASSES * BATCH[step], quiet_s=parts.policy.quiet_s)
        )
    parts.store.beat("sweep", now)
    return tuple(found)


def close_digests(parts: Parts) -> tuple[str, ...]:
    """Turn held alerts into one digest per recipient, once the first polls are through or the oldest waited too long.

    One held alert alone goes out by itself: a digest of one says nothing more.
    """
    held = parts.store.held_alerts()
    if not held:
        return ()
    now = parts.clock.now()
    waited = now - min(row.alert.created_at for row in held)
    if waited < parts.policy.digest_wait and (parts.store.never_polled() or parts.store.backlog_open()):
        return ()
    by_recipient: dict[str, list[AlertRow]] = defaultdict(list)
    for row in held:
        by_recipient[row.alert.recipient_id].append(row)
    fresh: list[str] = []
    for recipient_id, rows in by_recipient.items():
        fresh += _close_digest(parts, recipient_id, rows)
    return tuple(fresh)


def _close_digest(parts: Parts, recipient_id: str, rows: list[AlertRow]) -> tuple[str, ...]:
    now = parts.clock.now()
    recipient = parts.recipients.get(recipient_id)
    rule = next((rule for rule in parts.rules if rule.id == rows[0].alert.rule_id), None)
    if len(rows) == 1 or recipient is None or rule is None:
        for row in rows:
            parts.store.release(row.alert.id, now)
        return tuple(row.alert.id for row in rows)
    digest = parts.messages().compose_digest([row.alert for row in rows], rule=rule, recipient=recipient, now=now)
    return parts.store.bundle(digest, [row.alert.id for row in rows], now)
