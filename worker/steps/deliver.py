"""deliver: send what the outbox holds, record what became of it."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from worker.errors import DeliveryError
from worker.model import CANARY, ChannelKind, Receipt, Recipient, RecipientState
from worker.pipeline import alerts, recipients
from worker.ports import AlertRow, Channel
from worker.steps import canary
from worker.steps.parts import Parts, Ring

log = logging.getLogger("gigawatch.deliver")

# More than any schedule has: an alert claimed so often and never recorded ends its worker each time.
MOST_ATTEMPTS = 60


def deliver(parts: Parts, ids: Sequence[str]) -> tuple[Ring, ...]:
    """Send those of `ids` that are due and free, each recipient's in turn, recipients side by side."""
    by_recipient: dict[str, list[AlertRow]] = defaultdict(list)
    for row in parts.store.alerts_by_id(ids):
        by_recipient[row.alert.recipient_id].append(row)
    if by_recipient:
        asyncio.run(_deliver_all(parts, by_recipient))
    return ()


async def _deliver_all(parts: Parts, by_recipient: Mapping[str, Sequence[AlertRow]]) -> None:
    deadline = parts.later(parts.policy.work_s)
    states = {state.id: state for state in parts.store.recipient_states()}
    async with parts.fetcher() as fetcher:
        channels = parts.channels(fetcher)
        await asyncio.gather(
            *(_deliver_to(parts, channels, name, rows, states, deadline) for name, rows in by_recipient.items())
        )


async def _deliver_to(
    parts: Parts,
    channels: Mapping[ChannelKind, Channel],
    recipient_id: str,
    rows: Sequence[AlertRow],
    states: Mapping[str, RecipientState],
    deadline: datetime,
) -> None:
    recipient = parts.recipients.get(recipient_id)
    state = states.get(recipient_id, RecipientState(recipient_id))
    for row in rows:
        if parts.clock.now() >= deadline:
            return
        lease = _claim(parts, row)
        if lease is None:
            continue
        if row.attempts >= MOST_ATTEMPTS:
            down = DeliveryError("sending it took the worker down repeatedly", permanent=True)
            _record_failure(parts, row, down, lease)
            continue
        try:
            if state.disabled_at is not None:
                raise DeliveryError(_refusal(state), permanent=True)
            receipt = await _sent(parts, channels, row, recipient)
        except DeliveryError as error:
            _record_failure(parts, row, error, lease)
            if recipient is not None and recipient.channel is row.alert.channel and recipient.channel in channels:
                state = _failed(parts, state, row, error)
            continue
        except Exception as error:
            # Whatever it is, it is this alert's: the other recipients' are under way beside it.
            log.exception("sending alert %s failed", row.alert.id)
            _record_failure(parts, row, DeliveryError(repr(error)), lease)
            continue
        detail = f"{receipt.status} {receipt.response}".strip()
        parts.store.save_delivered(row.alert.id, attempt=row.attempts + 1, now=parts.clock.now(), detail=detail)
        if state.failing_since is not None:
            parts.store.forget_failures(recipient_id)
            state = RecipientState(recipient_id)


def _claim(parts: Parts, row: AlertRow) -> datetime | None:
    """Take an alert for as long as an attempt may last; returns until when. None where it is not this worker's turn."""
    policy = parts.policy
    lease_s = policy.sending_s[row.alert.channel] + policy.record_s
    begun = parts.clock.now()
    if not parts.store.claim("deliver", (row.alert.id,), now=begun, lease_s=lease_s):
        return None
    now = parts.clock.now()
    if now - begun > timedelta(seconds=policy.record_s / 2):
        # The store kept the claim waiting: what is left of the lease may be too short for an attempt.
        parts.store.postpone("deliver", row.alert.id, until=now, counted=False)
        return None
    return begun + timedelta(seconds=lease_s)


async def _sent(
    parts: Parts, channels: Mapping[ChannelKind, Channel], row: AlertRow, recipient: Recipient | None
) -> Receipt:
    """Send one alert within what its lease allows. Raises DeliveryError."""
    limit = parts.policy.sending_s[row.alert.channel]
    try:
        async with asyncio.timeout(limit):
            return await send(parts, channels, row, recipient)
    except TimeoutError as error:
        raise DeliveryError(f"{row.alert.channel.value}: not handed over within {limit:.0f} s") from error


async def send(
    parts: Parts, channels: Mapping[ChannelKind, Channel], row: AlertRow, recipient: Recipient | None
) -> Receipt:
    """Send one alert. Raises DeliveryError; one without a recipient in the configuration is refused for good."""
    if row.alert.recipient_id == CANARY:
        return await asyncio.to_thread(canary.receive, parts, row.alert)
    if recipient is None:
        name = row.alert.recipient_id
        raise DeliveryError(f"alerts.toml names no recipient `{name}` any more; put it back and retry", permanent=True)
    channel = channels.get(row.alert.channel)
    if channel is None:
        raise DeliveryError(f"no way out for {row.alert.channel.value} alerts is set up; smtp.host may be empty")
    if recipient.channel is not row.alert.channel:
        raise DeliveryError(
            f"recipient `{recipient.id}` no longer takes {row.alert.channel.value} alerts", permanent=True
        )
    return await channel.send(row.alert, recipient, now=parts.clock.now())


def _refusal(state: RecipientState) -> str:
    return (
        f"recipient `{state.id}` is disabled since {state.disabled_at:%Y-%m-%d %H:%M} UTC ({state.reason}); "
        f"`gigawatch alerts enable {state.id}` puts it back, `alerts retry` sends this again"
    )


def _failed(parts: Parts, state: RecipientState, row: AlertRow, error: DeliveryError) -> RecipientState:
    """Save and return how a recipient stands after a failure; one line in the log where it is disabled by it."""
    if state.disabled_at is not None:
        return state
    after = recipients.after_failure(state, row.alert.channel, error, now=parts.clock.now())
    if after != state:
        parts.store.save_recipient_state(after)
    if after.disabled_at is not None:
        log.error("%s", _refusal(after))
    return after


def _record_failure(parts: Parts, row: AlertRow, error: DeliveryError, lease: datetime) -> None:
    now = parts.clock.now()
    next_at = alerts.next_attempt(
        row.alert.channel,
        attempts=row.attempts + 1,
        error=error,
        now=now,
        jitter=parts.clock.jitter(),
        factor=parts.policy.retry_factor,
    )
    parts.store.save_failed(
        row.alert.id, attempt=row.attempts + 1, now=now, error=str(error), next_at=next_at, lease=lease
    )
