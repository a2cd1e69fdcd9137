"""When a quiet feed is a fault, on made-up rhythms: dailies, wires, weeklies, blogs, with weekends, holidays and
Augusts."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from worker.model import Cause, Feed, FeedState, PageRead, TroubleKind
from worker.pipeline import silence

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Publishes = Callable[[date, random.Random], list[float]]


def daily(day: date, chance: random.Random) -> list[float]:
    """A trade daily: eight items on weekdays between 7 and 18, none at weekends, on holidays and in mid-August."""
    if day.weekday() > 4 or silence._is_holiday(day) or (day.month == 8 and 2 <= day.day <= 24):
        return []
    return sorted(chance.uniform(7, 18) for _ in range(8))


def paper(day: date, chance: random.Random) -> list[float]:
    """A newspaper that never rests, thinner at weekends."""
    return sorted(chance.uniform(5, 23) for _ in range(12 if day.weekday() < 5 else 3))


def wire(day: date, chance: random.Random) -> list[float]:
    return sorted(chance.uniform(0, 24) for _ in range(60))


def weekly(day: date, chance: random.Random) -> list[float]:
    return [9.0, 9.5] if day.weekday() == 3 else []


def monthly(day: date, chance: random.Random) -> list[float]:
    return [10.0] if day.day == 5 else []


def blog(day: date, chance: random.Random) -> list[float]:
    """Items by pure chance, two a week."""
    return sorted(chance.uniform(0, 24) for _ in range(2)) if chance.random() < 1 / 7 else []


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def items(publishes: Publishes, start: date, days: int, seed: int = 1) -> list[datetime]:
    chance = random.Random(seed)
    found = []
    for number in range(days):
        day = start + number * DAY
        found += [midnight(day) + hour * HOUR for hour in publishes(day, chance)]
    return sorted(found)


def rings(times: list[datetime], now: datetime) -> bool:
    """Whether a feed of these items is called silent at `now`, by what the watch would give to the decision."""
    seen = [time for time in times if time <= now]
    before = silence.year_before(silence.last_break(now))
    known = seen and seen[0] <= before.start
    rested = [time for time in seen if before.start <= time < before.end] if known else None
    rhythm = silence.rhythm(seen[-1000:], last_year=rested)
    return rhythm is not None and silence.silent_since(rhythm, seen[-1], now)


def false_alarms(times: list[datetime], start: datetime, end: datetime) -> list[datetime]:
    found = []
    now = start
    while now < end:
        quiet = now - times[bisect(times, now) - 1] >= DAY
        if quiet and rings(times, now):
            found.append(now)
        now += 12 * HOUR
    return found


@pytest.mark.parametrize("publishes", [daily, paper, wire, weekly, monthly])
def test_a_living_feed_never_rings_in_two_years(publishes: Publishes) -> None:
    times = items(publishes, date(2025, 1, 6), 730)
    assert false_alarms(times, times[0] + 20 * DAY, times[-1]) == []


def test_a_feed_of_pure_chance_hardly_ever_rings() -> None:
    alarms = 0
    for seed in range(4):
        times = items(blog, date(2025, 1, 6), 365, seed)
        found = false_alarms(times, times[0] + 60 * DAY, times[-1])
        alarms += sum(later - earlier > DAY for earlier, later in zip([times[0], *found], found, strict=False))
    assert alarms <= 2


@pytest.mark.parametrize(
    ("publishes", "least", "most"),
    [
        (daily, timedelta(days=1), timedelta(days=4)),
        (paper, timedelta(days=1), timedelta(days=2)),
        (wire, timedelta(days=1), timedelta(days=1, hours=6)),
        (weekly, timedelta(days=14), timedelta(days=15)),
        (monthly, timedelta(days=40), timedelta(days=60)),
    ],
)
def test_a_dead_feed_rings_in_its_own_time(publishes: Publishes, least: timedelta, most: timedelta) -> None:
    times = items(publishes, date(2025, 3, 3), 360)
    last = times[-1]
    now = last
    while not rings(times, now):
        now += 6 * HOUR
        assert now - last <= most
    assert now - last >= least


def test_a_feed_that_dies_on_a_friday_rings_on_monday_and_not_on_sunday() -> None:
    times = items(daily, date(2026, 1, 5), 61)
    friday = max(time for time in times if time.weekday() == 4)
    kept = [time for time in times if time <= friday]
    assert not rings(kept, midnight(friday.date()) + 2 * DAY + 20 * HOUR)
    assert not rings(kept, midnight(friday.date()) + 3 * DAY + 8 * HOUR)
    assert rings(kept, midnight(friday.date()) + 4 * DAY)


def test_a_first_august_is_given_time_and_a_second_is_known() -> None:
    first = [time for time in items(paper, date(2026, 5, 4), 90) if time < datetime(2026, 8, 1, tzinfo=UTC)]
    assert not rings(first, datetime(2026, 8, 5, tzinfo=UTC))
    assert rings(first, datetime(2026, 9, 2, tzinfo=UTC))
    whole = [time for time in items(paper, date(2025, 5, 4), 460) if time < datetime(2026, 8, 1, tzinfo=UTC)]
    assert rings(whole, datetime(2026, 8, 5, tzinfo=UTC))
    rested = [time for time in items(daily, date(2025, 5, 4), 460) if time < datetime(2026, 8, 1, tzinfo=UTC)]
    assert not rings(rested, datetime(2026, 8, 22, tzinfo=UTC))


def test_too_few_items_are_no_rhythm() -> None:
    times = items(weekly, date(2026, 1, 5), 30)
    assert silence.rhythm(times) is None
    assert silence.rhythm([times[0]] * 40) is None
    assert silence.rhythm([]) is None


@pytest.mark.parametrize(
    ("year", "easter"), [(2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)), (2026, date(2026, 4, 5))]
)
def test_easter(year: int, easter: date) -> None:
    assert silence._easter(year) == easter


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        (datetime(2026, 8, 9, tzinfo=UTC), date(2026, 8, 1), date(2026, 9, 1)),
        (datetime(2026, 3, 2, tzinfo=UTC), date(2025, 12, 22), date(2026, 1, 4)),
        (datetime(2026, 12, 30, tzinfo=UTC), date(2026, 12, 22), date(2027, 1, 4)),
    ],
)
def test_the_last_break(now: datetime, start: date, end: date) -> None:
    found = silence.last_break(now)
    assert (found.start.date(), found.end.date()) == (start, end)


NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def state(number: int = 0, **values: object) -> FeedState:
    feed = Feed(f"f{number}", f"F{number}", f"https://f{number}.example/rss")
    base = FeedState(feed=feed, polls=9, last_success_at=NOW - 30 * HOUR, last_poll_at=NOW - HOUR)
    return replace(base, **values)  # type: ignore[arg-type]


def test_a_failing_feed_is_told_after_a_day_and_a_withdrawn_one_at_once() -> None:
    failing = state(cause=Cause.NOT_FOUND, failures=5)
    trouble = silence.unfetched(failing, NOW)
    assert trouble is not None
    assert (trouble.cause, trouble.since) == (Cause.NOT_FOUND, NOW - 30 * HOUR)
    assert silence.is_due(trouble, failing, NOW)
    assert not silence.is_due(trouble, failing, NOW - 7 * HOUR)
    gone = state(cause=Cause.GONE, failures=1, disabled=True, last_success_at=NOW - HOUR)
    found = silence.unfetched(gone, NOW)
    assert found is not None
    assert silence.is_due(found, gone, NOW)
    # After days of rest, the first failure says nothing yet.
    assert silence.unfetched(state(cause=Cause.DNS, failures=1), NOW) is None
    assert silence.unfetched(state(), NOW) is None


def test_half_of_the_feeds_at_once_are_one_outage() -> None:
    bad = [state(number, cause=Cause.DNS, failures=2) for number in range(5)]
    good = [state(number, last_success_at=NOW) for number in range(5, 9)]
    found = silence.outage([*bad, *good], NOW)
    assert found is not None
    assert (found.kind, found.cause, found.total) == (TroubleKind.OUTAGE, Cause.DNS, 9)
    assert found.names == ("F0", "F1", "F2", "F3", "F4")
    assert silence.outage([*bad[:2], *good], NOW) is None
    assert silence.outage(bad[:2], NOW) is None
    assert silence.outage([replace(one, failures=1) for one in bad], NOW) is None
    assert not silence.is_over(found, state=None, states=[*bad, *good], pages=(), now=NOW)
    assert silence.is_over(found, state=None, states=[*bad[:1], *good], pages=(), now=NOW)


def test_feeds_dead_before_neither_make_an_outage_nor_keep_it_up() -> None:
    dead = [state(number, cause=Cause.NOT_FOUND, failures=20) for number in range(3)]
    away = [state(number, cause=Cause.DNS, failures=2, last_success_at=NOW - HOUR) for number in range(3, 7)]
    good = [state(number, last_success_at=NOW) for number in range(7, 10)]
    told = {one.feed.id for one in dead}
    back = [state(number, last_success_at=NOW) for number in range(3, 10)]
    assert silence.outage([*dead, *back], NOW, told=told) is None
    found = silence.outage([*dead, *away, *good], NOW, told=told)
    assert found is not None
    assert (found.names, found.total) == (("F3", "F4", "F5", "F6"), 7)
    assert not silence.is_over(found, state=None, states=[*dead, *away, *good], pages=(), now=NOW, told=told)
    assert silence.is_over(found, state=None, states=[*dead, *back], pages=(), now=NOW, told=told)


def test_an_outage_that_most_feeds_left_a_day_ago_is_over() -> None:
    away = [state(number, cause=Cause.DNS, failures=2, last_success_at=NOW - HOUR) for number in range(4)]
    good = [state(number, last_success_at=NOW) for number in range(4, 8)]
    found = silence.outage([*away, *good], NOW)
    assert found is not None
    partly = [*away[:3], state(3, last_success_at=NOW), *good]
    assert not silence.is_over(found, state=None, states=partly, pages=(), now=NOW)
    assert silence.is_over(found, state=None, states=partly, pages=(), now=NOW + DAY)
    assert not silence.is_over(found, state=None, states=[*away, *good], pages=(), now=NOW + 9 * DAY)


def page(origin: str, hours: int, limits: Cause = Cause.OK) -> PageRead:
    return PageRead(origin, limits, NOW - hours * HOUR)


def test_pages_that_lost_their_text() -> None:
    lost = [page("feed", hours, Cause.NO_TEXT) for hours in range(4)] + [page("feed", 4, Cause.PAYWALL)]
    before = [page("page", hours) for hours in range(5, 20)]
    trouble = silence.textless(state(), [*lost, *before])
    assert trouble is not None
    assert (trouble.kind, trouble.cause, trouble.since) == (TroubleKind.NO_TEXT, Cause.NO_TEXT, NOW - 4 * HOUR)
    assert silence.textless(state(), [*lost[:4], *before]) is None
    # A feed whose pages were closed all along has lost nothing.
    assert silence.textless(state(), [page("feed", hours, Cause.PAYWALL) for hours in range(25)]) is None
    assert silence.textless(state(), lost) is None
    assert silence.is_over(trouble, state=state(), states=(), pages=[page("page", 0), *lost], now=NOW)
    assert not silence.is_over(trouble, state=state(), states=(), pages=lost, now=NOW)


def test_only_a_feed_that_was_read_lately_can_be_silent() -> None:
    quiet = state(last_new_at=NOW - 40 * HOUR, last_success_at=NOW - HOUR)
    assert silence.may_be_silent(quiet, NOW)
    assert not silence.may_be_silent(replace(quiet, last_success_at=NOW - 25 * HOUR), NOW)
    assert not silence.may_be_silent(replace(quiet, cause=Cause.DNS), NOW)
    assert not silence.may_be_silent(replace(quiet, last_new_at=NOW - 20 * HOUR), NOW)


def test_a_site_that_forbids_to_ask_for_a_day_is_told_after_a_day_all_the_same() -> None:
    barred = state(cause=Cause.RATE_LIMITED, failures=1, next_poll_at=NOW + 23 * HOUR)
    assert silence.unfetched(barred, NOW) is not None
    assert silence.unfetched(replace(barred, next_poll_at=NOW + HOUR), NOW) is None


def test_a_flood_is_no_failure_and_over_after_a_day_without_one() -> None:
    flooded = state(cause=Cause.FLOOD, failures=4, message="800 new entries at once")
    assert silence.unfetched(flooded, NOW) is None
    assert silence.outage([replace(flooded, feed=replace(flooded.feed, id=f"f{n}")) for n in range(4)], NOW) is None
    trouble = silence.flooding(flooded)
    assert trouble is not None
    assert (trouble.kind, trouble.since) == (TroubleKind.FLOOD, NOW - HOUR)
    calm = replace(flooded, cause=Cause.OK)
    assert not silence.is_over(trouble, state=flooded, states=(), pages=(), now=NOW)
    assert not silence.is_over(trouble, state=calm, states=(), pages=(), now=NOW, held=3)
    assert silence.is_over(trouble, state=calm, states=(), pages=(), now=NOW)
