"""How far back a command looks: "24mo", "30d", "12h", "1h30m", or a date."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta

from worker.cli.phrases import phrase
from worker.errors import UsageError
from worker.text import one_line

# Days that any command may ask for: far beyond any store's age, and far from where dates overflow.
MOST_DAYS = 3_660
_PERIOD = re.compile(r"(\d{1,6})\s*(h|d|w|mo|y)")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}


def begin(since: str, now: datetime) -> datetime:
    """Return the time from which `since` looks back from `now`: what `start` takes, and "1h30m" as in the settings.

    Raises UsageError for what is neither, and for a duration beyond ten years.
    """
    from worker.settings.values import read_duration

    try:
        return now - timedelta(seconds=read_duration(since))
    except ValueError:
        pass
    try:
        found = start(since, now)
    except UsageError:
        found = None
    if found is None or now - found > timedelta(days=MOST_DAYS):
        raise UsageError(phrase("option.not_since", value=one_line(since, 80)))
    return found


def start(value: str, now: datetime) -> datetime | None:
    """Return when the period `value` before `now` begins, None for no period.

    Months and years are those of the calendar, a date begins at midnight UTC. Raises UsageError for what is neither a
    period nor a date; what lies before the year 1 begins there.
    """
    if not value:
        return None
    found = _PERIOD.fullmatch(value.strip().lower())
    try:
        if found is None:
            date = datetime.fromisoformat(value.strip())
            return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
        number, unit = int(found[1]), found[2]
        if unit in _HOURS:
            return now - timedelta(hours=number * _HOURS[unit])
        return _months_before(now, number * (12 if unit == "y" else 1))
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)
    except ValueError as error:
        raise UsageError(phrase("period.unknown", value=value)) from error


def _months_before(now: datetime, months: int) -> datetime:
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    if year < 1:
        raise OverflowError
    return now.replace(year=year, month=month + 1, day=min(now.day, calendar.monthrange(year, month + 1)[1]))
