"""When an alert may leave: hours, days, quiet, ceilings, and clocks that change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.model import Hold, Pace, Schedule
from worker.pipeline.schedules import Departure, departure, still_quiet

NIGHT = (time(22), time(7))


def at(written: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_without_a_schedule_everything_leaves_at_once() -> None:
    assert departure(Schedule(), now=at("2026-03-02T03:00"), sent=[at("2026-03-02T02:59")] * 99) == Departure()


@pytest.mark.parametrize(
    ("schedule", "now", "leaves"),
    [
        ({"pace": Pace.DAILY}, "2026-03-02T07:59", "2026-03-02T08:00"),
        ({"pace": Pace.DAILY}, "2026-03-02T08:00", "2026-03-02T08:00"),
        ({"pace": Pace.DAILY}, "2026-03-02T08:01", "2026-03-03T08:00"),
        ({"pace": Pace.DAILY, "at": time(18, 30)}, "2026-12-31T20:00", "2027-01-01T18:30"),
        # 2026-03-02 is a Monday.
        ({"pace": Pace.WEEKLY}, "2026-03-02T08:01", "2026-03-09T08:00"),
        ({"pace": Pace.WEEKLY}, "2026-03-02T07:00", "2026-03-02T08:00"),
        ({"pace": Pace.WEEKLY, "day": 4}, "2026-03-02T07:00", "2026-03-06T08:00"),
        ({"pace": Pace.WEEKLY, "day": 4}, "2026-03-07T07:00", "2026-03-13T08:00"),
        # The night before the clocks go forward, and the one before they go back.
        ({"pace": Pace.DAILY}, "2026-03-28T20:00", "2026-03-29T08:00"),
        ({"pace": Pace.DAILY}, "2026-10-24T20:00", "2026-10-25T08:00"),
        # An hour inside the quiet ones gives way to their end.
        ({"pace": Pace.DAILY, "at": time(6), "quiet": NIGHT}, "2026-03-02T12:00", "2026-03-03T07:00"),
        ({"pace": Pace.DAILY, "at": time(23), "quiet": NIGHT}, "2026-03-02T12:00", "2026-03-03T07:00"),
    ],
)
def test_a_digest_leaves_at_its_hour_in_its_zone(schedule: dict[str, Any], now: str, leaves: str) -> None:
    for zone in ("Europe/Paris", "America/Montreal", "Asia/Kolkata"):
        if zone != "Europe/Paris" and now[:7] in ("2026-10", "2026-03") and now[8:10] in ("28", "24"):
            continue  # other zones change on other days
        found = departure(Schedule(timezone=zone, **schedule), now=at(now, zone))
        assert found.until == at(leaves, zone)
        assert found.hold is (Hold.DAILY if schedule["pace"] is Pace.DAILY else Hold.WEEKLY)


def test_the_hour_is_local_on_either_side_of_a_clock_change() -> None:
    daily = Schedule(Pace.DAILY)
    assert departure(daily, now=at("2026-03-28T05:00")).until == at("2026-03-28T07:00")
    assert departure(daily, now=at("2026-03-29T05:00")).until == at("2026-03-29T06:00")
    assert departure(daily, now=at("2026-10-25T05:00")).until == at("2026-10-25T07:00")


def test_an_hour_that_the_clock_leaves_out_or_has_twice_comes_once_a_day() -> None:
    early = Schedule(Pace.DAILY, at=time(2, 30))
    # 02:30 does not exist on 29 March: with the offset before, it is 03:30 in summer time.
    assert departure(early, now=at("2026-03-28T23:30")).until == at("2026-03-29T01:30")
    # On 25 October it comes twice, and the first counts.
    assert departure(early, now=at("2026-10-24T23:30")).until == at("2026-10-25T00:30")
    assert departure(early, now=at("2026-10-25T00:45")).until == at("2026-10-26T01:30")


@pytest.mark.parametrize(
    ("quiet", "now", "leaves"),
    [
        (NIGHT, "2026-03-02T21:59", None),
        (NIGHT, "2026-03-02T22:00", "2026-03-03T07:00"),
        (NIGHT, "2026-03-03T06:59", "2026-03-03T07:00"),
        (NIGHT, "2026-03-03T07:00", None),
        (NIGHT, "2026-03-28T23:00", "2026-03-29T07:00"),
        (NIGHT, "2026-10-24T23:00", "2026-10-25T07:00"),
        ((time(12), time(14)), "2026-03-02T13:00", "2026-03-02T14:00"),
        ((time(12), time(14)), "2026-03-02T14:00", None),
        ((time(12), time(14)), "2026-03-02T23:00", None),
        ((time(0), time(6)), "2026-03-02T00:00", "2026-03-02T06:00"),
    ],
)
def test_quiet_hours_hold_until_their_end(quiet: tuple[time, time], now: str, leaves: str | None) -> None:
    schedule = Schedule(quiet=quiet)
    moment = at(now, "Europe/Paris")
    until = at(leaves, "Europe/Paris") if leaves else None
    assert departure(schedule, now=moment) == Departure(until, Hold.QUIET if until else None)
    assert still_quiet(schedule, moment) == until


def test_a_night_is_as_long_as_the_clocks_make_it() -> None:
    for day, hours in (("2026-03-28", 8), ("2026-03-27", 9), ("2026-10-24", 10)):
        start = at(f"{day}T22:00", "Europe/Paris")
        until = departure(Schedule(quiet=NIGHT), now=start).until
        assert until is not None
        assert until - start == timedelta(hours=hours)


def test_quiet_hours_that_end_in_the_doubled_hour_end_for_good() -> None:
    schedule = Schedule(quiet=(time(22), time(2, 30)))
    # 02:15 for the second time, half an hour after 02:30 came first.
    assert departure(schedule, now=at("2026-10-25T01:15")).until == at("2026-10-25T01:30")


def test_beyond_the_ceiling_the_next_waits_until_there_is_room() -> None:
    schedule, now = Schedule(ceiling=3), at("2026-03-02T10:00")
    sent = [now - timedelta(minutes=minutes) for minutes in (59, 40, 1)]
    assert departure(schedule, now=now, sent=sent[:2]) == Departure()
    assert departure(schedule, now=now, sent=sent) == Departure(now + timedelta(minutes=1), Hold.CEILING)
    # What left an hour ago or before counts no more; in a burst beyond the ceiling the last of it count.
    assert departure(schedule, now=now, sent=[now - timedelta(hours=1), *sent[1:]]) == Departure()
    assert departure(schedule, now=now, sent=[sent[0], *sent]).until == now + timedelta(minutes=1)


def test_whoever_comes_after_held_ones_waits_with_them() -> None:
    bundle = at("2026-03-02T10:05")
    for now in ("2026-03-02T10:00", "2026-03-02T10:06"):
        assert departure(Schedule(ceiling=3), now=at(now), bundle=bundle) == Departure(bundle, Hold.CEILING)


def test_room_that_comes_in_quiet_hours_is_used_after_them() -> None:
    now = at("2026-03-02T21:50", "Europe/Paris")
    found = departure(Schedule(ceiling=1, quiet=NIGHT), now=now, sent=[now - timedelta(minutes=5)])
    assert found == Departure(at("2026-03-03T07:00", "Europe/Paris"), Hold.CEILING)


TIMES = st.times().map(lambda one: one.replace(second=0, microsecond=0, tzinfo=None))


@given(
    now=st.integers(0, 3 * 365 * 1440).map(lambda minutes: at("2025-01-01T00:00") + timedelta(minutes=minutes)),
    zone=st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC", "Pacific/Apia"]),
    quiet=st.tuples(TIMES, TIMES).filter(lambda pair: pair[0] != pair[1]),
    pace=st.sampled_from(Pace),
    hour=TIMES,
    day=st.integers(0, 6),
)
def test_nothing_waits_for_ever_nor_leaves_in_quiet_hours(
    now: datetime, zone: str, quiet: tuple[time, time], pace: Pace, hour: time, day: int
) -> None:
    schedule = Schedule(pace, hour, day, zone, quiet)
    found = departure(schedule, now=now)
    leaves = found.until or now
    longest = {Pace.IMMEDIATE: 1, Pace.DAILY: 2, Pace.WEEKLY: 8}[pace]
    assert now <= leaves <= now + timedelta(days=longest, hours=2)
    local = leaves.astimezone(ZoneInfo(zone)).time()
    start, end = quiet
    if found.until is not None:
        assert not (start <= local < end if start < end else local >= start or local < end)
