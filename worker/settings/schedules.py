"""When a recipient's alerts leave: the keys of [recipients.NAME] that say so."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from worker.model import Pace, Schedule
from worker.settings import values
from worker.settings.files import did_you_mean
from worker.settings.rows import Reader, Row

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_QUIET = re.compile(r"\s*([0-9:]+)\s*[-–]\s*([0-9:]+)\s*")
_DEFAULT = Schedule()


def _read_time(value: Any) -> datetime.time:
    if isinstance(value, datetime.time):
        return value
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise ValueError('a time of day such as "08:00"')
    return datetime.time(int(match[1]), int(match[2]))


def _read_quiet(value: Any) -> tuple[datetime.time, datetime.time]:
    match = _QUIET.fullmatch(value) if isinstance(value, str) else None
    try:
        if not match:
            raise ValueError
        start, end = _read_time(match[1]), _read_time(match[2])
    except ValueError:
        raise ValueError('two times of day such as "22:00-07:00"') from None
    if start == end:
        raise ValueError("two times that differ; leave quiet out for none")
    return start, end


def _check_day(value: str) -> str:
    if value.lower() not in _DAYS:
        raise ValueError("one of " + ", ".join(_DAYS))
    return value.lower()


def _check_zone(value: str) -> str:
    if value != _DEFAULT.timezone and value not in available_timezones():
        near = did_you_mean(value, tuple(sorted(available_timezones())))
        raise ValueError(near or "a name of the IANA list, such as Europe/Paris")
    return value


class ScheduleRow(Row):
    """The keys of a recipient that say when."""

    when: Pace = Pace.IMMEDIATE
    at: Annotated[datetime.time, BeforeValidator(_read_time)] = _DEFAULT.at
    day: Annotated[str, AfterValidator(_check_day)] = _DAYS[_DEFAULT.day]
    timezone: Annotated[str, AfterValidator(_check_zone)] = _DEFAULT.timezone
    quiet: Annotated[tuple[datetime.time, datetime.time], BeforeValidator(_read_quiet)] | None = None
    ceiling: Annotated[values.Whole, Field(ge=1)] | None = None


def schedule(row: ScheduleRow, path: tuple[str | int, ...], reader: Reader) -> Schedule:
    """Return the schedule of a recipient; a key that its `when` makes meaningless is a fault."""
    for key, paces in (("at", (Pace.DAILY, Pace.WEEKLY)), ("day", (Pace.WEEKLY,)), ("ceiling", (Pace.IMMEDIATE,))):
        if key in row.model_fields_set and row.when not in paces:
            meant = " or ".join(f'when = "{pace.value}"' for pace in paces)
            reader.note((*path, key), f'has no meaning with when = "{row.when.value}"', f"{meant}, or no {key}")
    return Schedule(
        pace=row.when,
        at=row.at,
        day=_DAYS.index(row.day),
        timezone=row.timezone,
        quiet=row.quiet,
        ceiling=row.ceiling,
    )


def written(schedule: Schedule) -> dict[str, Any]:
    """Return a schedule as its keys in alerts.toml, JSON-ready, without those that do not matter."""
    found: dict[str, Any] = {"when": schedule.pace.value}
    if schedule.pace is not Pace.IMMEDIATE:
        found["at"] = f"{schedule.at:%H:%M}"
    if schedule.pace is Pace.WEEKLY:
        found["day"] = _DAYS[schedule.day]
    if schedule.quiet:
        found["quiet"] = "-".join(f"{one:%H:%M}" for one in schedule.quiet)
    if schedule.ceiling:
        found["ceiling"] = schedule.ceiling
    if len(found) > 1:
        found["timezone"] = schedule.timezone
    return found
