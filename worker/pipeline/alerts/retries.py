"""When a delivery is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

from worker.errors import DeliveryError
from worker.model import ChannelKind

_MINUTE, _HOUR = 60.0, 3600.0

# Delay after the n-th attempt. Webhooks: the ten attempts over some three days that Standard Webhooks advises.
# Mail: the relay is ours, so a day is enough; RFC 5321 4.5.4.1 asks for two tries in the first hour.
_WEBHOOK_S = (
    5.0, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR,
)  # fmt: skip
_MAIL_FIRST_S = (1 * _MINUTE, 5 * _MINUTE, 15 * _MINUTE, 60 * _MINUTE)
_MAIL_TOTAL_S = 24 * _HOUR
_JITTER = 0.2
# A delay that a receiver asks for is at least what Svix waits after a 429. Svix keeps it within once and twice the
# planned one, which comes back after ten seconds to who asked for two minutes; so an hour may always be asked for, and
# no answer stretches the whole schedule to more than twice its length and some hours.
_LEAST_ASKED_S, _MOST_ASKED_S = 60.0, 1 * _HOUR


def next_attempt(
    channel: ChannelKind,
    *,
    attempts: int,
    error: DeliveryError,
    now: datetime,
    jitter: float,
    factor: float = 1.0,
) -> datetime | None:
    """Return when to try again after `attempts` attempts, the failed one included; None to give up.

    `jitter` is in -1 to 1 and moves the time by up to 20 %; `factor` scales every planned delay. A receiver that asks
    for a delay gets that and up to a fifth more, at least a minute, never less than planned, and `factor` leaves it as
    it is: its clock is not ours to speed up. It may ask for an hour, or for twice the planned delay
    where that is more.
    """
    if error.permanent or error.disable:
        return None
    planned = _planned_s(channel, max(1, attempts))
    if planned is None:
        return None
    jitter = max(-1.0, min(1.0, jitter))
    delay = planned * (1 + _JITTER * jitter) * factor
    if error.retry_after is not None:
        # Only ever later: an alert refused together with many others must not come back together with them.
        asked = min(max(error.retry_after, _LEAST_ASKED_S), max(_MOST_ASKED_S, 2 * planned))
        delay = max(delay, asked * (1 + _JITTER * (1 + jitter) / 2))
    return now + timedelta(seconds=delay)


def _planned_s(channel: ChannelKind, attempts: int) -> float | None:
    if channel is ChannelKind.WEBHOOK:
        return _WEBHOOK_S[attempts - 1] if attempts <= len(_WEBHOOK_S) else None
    if attempts <= len(_MAIL_FIRST_S):
        return _MAIL_FIRST_S[attempts - 1]
    spent = sum(_MAIL_FIRST_S) + (attempts - len(_MAIL_FIRST_S)) * _HOUR
    return _HOUR if spent <= _MAIL_TOTAL_S else None
