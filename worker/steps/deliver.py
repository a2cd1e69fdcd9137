"""deliver: send what the outbox holds, record what became of it."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic

from worker.errors import DeliveryError
from worker.model import CANARY, ChannelKind, Receipt, Recipient, RecipientState
from worker.pipeline import alerts, recipients
from worker.ports import AlertRow, Channel
from worker.steps import canary
from worker.steps.dispatch import PLACES, QUEUE, SHARE, Dispatch
from worker.steps.parts import BATCH, Parts, Ring, rings

log = logging.getLogger("gigawatch.deliver")

# More than any schedule has: an alert claimed so often and never recorded ends its worker each time.
MOST_ATTEMPTS = 60
# Of one recipient's alerts so many are held ready at a time: well above what counts as a long queue, or a queue of
# hundreds would be taken for a short one and leave one by one.
_READY = 4 * QUEUE
# With many recipients some queue is always low, and to ask costs more the more is due. In seconds.
_LOOK_S = 0.25
# And of all together.
_AT_ONCE = 10 * PLACES
# A repeat that is due so soon does not wait for the sweep. In seconds.
_SOON_S = 10.0


def deliver(parts: Parts, ids: Sequence[str]) -> tuple[Ring, ...]:
    """Send those of `ids` that are due and free, and what is filed meanwhile; returns what is to be sent soon.

    One process of a machine delivers at a time: while another does, it is told to look, and this one has nothing to do.
    """
    wanted: Sequence[str] | None = ids
    made: list[Ring] = []
    begun = monotonic()
    while True:
        with parts.turn.take() as mine:
            if not mine:
                return tuple(made)
            made += asyncio.run(_Delivery(parts).run(wanted))
        if not parts.turn.asked():
            return tuple(made)
        if parts.leaving() or monotonic() - begun >= parts.policy.work_s:
            size = BATCH["deliver"]
            return (*made, *rings("deliver", parts.store.due_alerts(parts.clock.now(), limit=size, each=size)))
        wanted = None


class _Delivery:
    """One turn: what is known of the recipients while it lasts, and the alerts on their way."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._states: dict[str, RecipientState] = {}
        self._channels: Mapping[ChannelKind, Channel] = {}
        self._dispatch = Dispatch(self._one, share=self._share, limit_s=parts.policy.work_s, leaving=parts.leaving)
        self._soon: dict[datetime, list[str]] = {}
        self._long: set[str] = set()
        self._looked_at = 0.0

    async def run(self, ids: Sequence[str] | None) -> tuple[Ring, ...]:
        """Send those of `ids`, whatever is due for None; returns what was not reached and what is due again soon."""
        rows = self._due() if ids is None else self._parts.store.alerts_by_id(ids)
        if not rows:
            return ()
        async with self._parts.fetcher() as fetcher:
            self._channels = self._parts.channels(fetcher)
            # As many as a ring carries at most: there may be more of them, whoever they are for.
            self._take(rows, 1 if len(rows) >= BATCH["deliver"] else _READY)
            left = await self._dispatch.run(self._look)
        now = self._parts.clock.now()
        soon = (Ring("deliver", tuple(due), (at - now).total_seconds()) for at, due in self._soon.items())
        return (*rings("deliver", left[: BATCH["deliver"]]), *soon)

    def _look(self) -> None:
        """Take in what was filed meanwhile, and the next of a long queue; waiting for a slow receiver is work too."""
        self._parts.alive()
        asked = self._parts.turn.asked()
        low = monotonic() - self._looked_at >= _LOOK_S and any(
            self._dispatch.waiting(name) <= QUEUE for name in self._long
        )
        if asked or low:
            self._looked_at = monotonic()
            self._take(self._due(), _READY)

    def _take(self, rows: Sequence[AlertRow], most: int) -> None:
        """Take in alerts; of a recipient who has `most` of them there may be more, of all where there is no room."""
        ready = self._ready(rows)
        self._dispatch.add(ready)
        counts = Counter(row.alert.recipient_id for row in ready)
        self._long = {name for name, count in counts.items() if count >= most or len(rows) >= _AT_ONCE}

    def _due(self) -> tuple[AlertRow, ...]:
        found = self._parts.store.due_alerts(self._parts.clock.now(), limit=_AT_ONCE, each=_READY)
        return self._parts.store.alerts_by_id(found)

    def _ready(self, rows: Iterable[AlertRow]) -> list[AlertRow]:
        """Return those of `rows` whose recipients may be sent to now; the others' wait until they may."""
        now = self._parts.clock.now()
        self._states = {state.id: state for state in self._parts.store.recipient_states()}
        resting = {state.id: state.rests_until for state in self._states.values() if recipients.rests(state, now)}
        for name in {row.alert.recipient_id for row in rows} & set(resting):
            if (until := resting[name]) is not None:
                self._parts.store.put_off(name, now=now, until=until)
        return [row for row in rows if row.alert.recipient_id not in resting]

    def _state(self, recipient_id: str) -> RecipientState:
        return self._states.get(recipient_id, RecipientState(recipient_id))

    def _share(self, row: AlertRow) -> int:
        # One probe shows whether a receiver that was left alone is back.
        probed = self._state(row.alert.recipient_id).rests_until is not None
        return 1 if probed else SHARE[row.alert.channel]

    async def _one(self, row: AlertRow) -> None:
        """Claim, send and record one alert."""
        parts = self._parts
        lease = _claim(parts, row)
        if lease is None:
            return
        if row.attempts >= MOST_ATTEMPTS:
            down = DeliveryError("sending it took the worker down repeatedly", permanent=True)
            self._failed(row, down, lease)
            return
        recipient = parts.recipients.get(row.alert.recipient_id)
        begun = monotonic()
        try:
            state = self._state(row.alert.recipient_id)
            if state.disabled_at is not None:
                raise DeliveryError(_refusal(state), permanent=True)
            receipt = await _sent(parts, self._channels, row, recipient)
        except DeliveryError as error:
            self._failed(row, error, lease)
            if recipient is not None and recipient.channel is row.alert.channel and recipient.channel in self._channels:
                self._note(row, error, waited_s=monotonic() - begun)
            return
        except Exception as error:
            # Whatever it is, it is this alert's: the others are under way beside it.
            log.exception("sending alert %s failed", row.alert.id)
            self._failed(row, DeliveryError(repr(error)), lease)
            return
        detail = f"{receipt.status} {receipt.response}".strip()
        parts.store.save_delivered(row.alert.id, attempt=row.attempts + 1, now=parts.clock.now(), detail=detail)
        state = self._state(row.alert.recipient_id)
        if state.disabled_at is None and self._states.pop(row.alert.recipient_id, None) is not None:
            parts.store.forget_failures(row.alert.recipient_id)

    def _failed(self, row: AlertRow, error: DeliveryError, lease: datetime) -> None:
        parts = self._parts
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
        if next_at is not None and (next_at - now).total_seconds() <= _SOON_S:
            self._soon.setdefault(next_at, []).append(row.alert.id)

    def _note(self, row: AlertRow, error: DeliveryError, *, waited_s: float) -> None:
        """Save how a recipient stands after a failure; one line in the log where it is disabled by it."""
        parts, name = self._parts, row.alert.recipient_id
        state, now = self._state(name), parts.clock.now()
        if state.disabled_at is not None:
            return
        after = recipients.after_failure(
            state, row.alert.channel, error, now=now, waited_s=waited_s, factor=parts.policy.retry_factor
        )
        if after != state:
            parts.store.save_recipient_state(after)
            self._states[name] = after
        if after.disabled_at is not None:
            log.error("%s", _refusal(after))
        elif after.rests_until is not None and recipients.rests(after, now):
            self._dispatch.drop(name)
            parts.store.put_off(name, now=now, until=after.rests_until)


def _claim(parts: Parts, row: AlertRow) -> datetime | None:
    """Take an alert for as long as an attempt may last; returns until when. None where it is not this worker's turn."""
    parts.alive()
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
