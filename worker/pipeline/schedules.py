"""When an alert may leave: at once, at its recipient's hour, after quiet hours, or with others once too many left.

Times of day are local and follow the zone's clock changes. A time that a change leaves out is read with the offset
before it; of a time that comes twice the first counts, and for the end of quiet hours the second where the first is
over (PEP 495).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from worker.model import Hold, Pace, Schedule

_HOUR = timedelta(hours=1)
_DAYS = {Pace.DAILY: 1, Pace.WEEKLY: 7}
_HOLDS = {Pace.DAILY: Hold.DAILY, Pace.WEEKLY: Hold.WEEKLY}


@dataclass(frozen=True, slots=True)
class Departure:
    """When an alert leaves, and what keeps it until then; both None for at once."""

    until: datetime | None = None
    hold: Hold | None = None


def departure(
    schedule: Schedule, *, now: datetime, sent: Sequence[datetime] = (), bundle: datetime | None = None
) -> Departure:
    """Return when an alert decided at `now` may leave. Times are aware, those returned UTC.

    `sent` are the times at which the recipient's latest alerts left, `bundle` when those leave that the ceiling holds
    already: whoever comes after them waits with them, or they would be overtaken for ever.
    """
    if schedule.pace is not Pace.IMMEDIATE:
        return Departure(_after_quiet(schedule, _slot(schedule, now)), _HOLDS[schedule.pace])
    ready = _after_quiet(schedule, now)
    if ready > now:
        return Departure(ready, Hold.QUIET)
    if schedule.ceiling is None:
        return Departure()
    if bundle is not None:
        return Departure(bundle, Hold.CEILING)
    recent = sorted(one for one in sent if now - _HOUR < one <= now)
    if len(recent) < schedule.ceiling:
        return Departure()
    return Departure(_after_quiet(schedule, recent[-schedule.ceiling] + _HOUR), Hold.CEILING)


def still_quiet(schedule: Schedule, now: datetime) -> datetime | None:
    """Return when the quiet hours end that `now` is in, None outside them."""
    ready = _after_quiet(schedule, now)
    return ready if ready > now else None


def _slot(schedule: Schedule, now: datetime) -> datetime:
    """Return the first time of the recipient's day and hour at or after `now`."""
    zone = ZoneInfo(schedule.timezone)
    today = now.astimezone(zone).date()
    step = _DAYS[schedule.pace]
    ahead = (schedule.day - today.weekday()) % step
    for days in (ahead, ahead + step):
        found = datetime.combine(today + timedelta(days=days), schedule.at, zone).astimezone(UTC)
        if found >= now:
            return found
    raise AssertionError("the second slot lies a whole step after today")


def _after_quiet(schedule: Schedule, at: datetime) -> datetime:
    """Return `at`, or the end of the quiet hours that it falls into; UTC."""
    if schedule.quiet is None:
        return at.astimezone(UTC)
    start, end = schedule.quiet
    local = at.astimezone(ZoneInfo(schedule.timezone))
    if not _within(local.time(), start, end):
        return at.astimezone(UTC)
    day = local.date() + timedelta(days=1 if end <= local.time() else 0)
    first = datetime.combine(day, end, local.tzinfo)
    return next(
        (found for fold in (0, 1) if (found := first.replace(fold=fold).astimezone(UTC)) > at), at.astimezone(UTC)
    )


def _within(moment: time, start: time, end: time) -> bool:
    return start <= moment < end if start < end else moment >= start or moment < end
