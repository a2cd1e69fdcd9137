"""When a quiet feed is a fault.

Theory: every feed has a rhythm of its own, so the silence that means something is measured by its own gaps, and only
over time in which it usually publishes. A trade daily that rests at weekends is not silent on a Sunday, and many a
newsroom rests in August. So time counts by the weekday: what the feed brings on it, against its five busiest. Public
holidays count nothing. The summer and Christmas breaks count as that of the year before did, which also says how long a
pause in them may be, and next to nothing where none is known. The usual gap is the one that four gaps in five keep to:
of a feed without any rhythm (items by pure chance), five such gaps pass once in three thousand items; five medians
would, once in thirty.

Known exceptions: holidays are those of France, whatever the feed's country; a feed that changes its weekday is judged
by the old ones until it has some weeks of the new; a feed that dies in its first August is noticed at its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from worker.model import Cause, FeedState, PageRead, Trouble, TroubleKind

_DAY = timedelta(days=1)
_GAPS = 5
_AT_LEAST = timedelta(days=1)
_AT_MOST = timedelta(days=14)
# Fewer gaps than this are no rhythm.
_ENOUGH = 8
# Items this close together were published at once.
_BATCH = timedelta(minutes=1)
# Weekdays are known once each was seen twice; before that, weekends are taken for quiet.
_WEEKDAYS_KNOWN = timedelta(days=14)
_UNKNOWN_WEEK = (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)
# So little that a whole August counts less than a day.
_UNKNOWN_BREAK = 0.04
# How much longer than the year before a pause within a break may be, and a pause at all than the longest known.
_PAUSE, _LONGER = 1.25, 1.5
# No walk over the calendar is longer.
_LONGEST = timedelta(days=400)

FETCH_S = 86_400.0
# One failure is an accident; a feed is asked some seven times a day while it fails, unless its site forbids to ask.
_FAILURES = 3
_LONG_WAIT = timedelta(hours=8)
_OUTAGE_FAILURES = 2
_OUTAGE_FEEDS = 3
PAGES = 25
_PAGES_LOST = 5

# A flood was read: too much is no failure to read.
_GOOD = (Cause.OK, Cause.SILENT, Cause.FLOOD)


@dataclass(frozen=True, slots=True)
class Break:
    """A time of the year in which newsrooms rest; `end` is exclusive."""

    start: datetime
    end: datetime


def last_break(now: datetime) -> Break:
    """Return the break that began last: August, or 22 December to 3 January."""
    year = now.year
    known = [
        Break(datetime(y, month, day, tzinfo=UTC), datetime(y + (month == 12), end, last, tzinfo=UTC))
        for y in (year - 1, year)
        for month, day, end, last in ((8, 1, 9, 1), (12, 22, 1, 4))
    ]
    return max((one for one in known if one.start <= now), key=lambda one: one.start)


def year_before(value: Break) -> Break:
    """Return the same break of the year before."""
    return Break(value.start.replace(year=value.start.year - 1), value.end.replace(year=value.end.year - 1))


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a feed publishes: the weight of each weekday (Monday first) and of the breaks, 0 to 1; `usual` is the gap
    that four in five of its gaps keep to, in counted time, `longest` the longest one, outside the breaks; `pause` the
    longest within the break of the year before."""

    week: tuple[float, ...]
    rest: float
    usual: timedelta
    longest: timedelta
    pause: timedelta


def rhythm(times: Sequence[datetime], *, last_year: Sequence[datetime] | None = None) -> Rhythm | None:
    """Return the rhythm of a feed with items at `times`, in any order; None where they are too few to tell.

    `last_year` are the times of the same break a year before, None where the feed was not followed then.
    """
    apart = _apart(times)
    if len(apart) <= _ENOUGH:
        return None
    week = _week(apart)
    rest = _UNKNOWN_BREAK if last_year is None else _rest(last_year, week)
    pause = timedelta(0) if last_year is None else _pause(last_year)
    counted = sorted(_counted(one, two, week, rest) for one, two in pairwise(apart))
    plain = sorted(_counted(one, two, (1.0,) * 7, rest, holidays=False) for one, two in pairwise(apart))
    return Rhythm(week, rest, counted[int(0.8 * len(counted))], plain[-1], pause)


def silent_since(known: Rhythm, last: datetime, now: datetime) -> bool:
    """Whether nothing since `last` is a silence at `now`: five times the usual gap, at least a day of the feed's own
    time; or a fortnight, unless the feed is known for longer pauses."""
    if now - last < _AT_LEAST or (_is_break(last.date() + _DAY) and now - last < _PAUSE * known.pause):
        return False
    if _counted(last, now, known.week, known.rest) >= max(_AT_LEAST, _GAPS * known.usual):
        return True
    quiet = _counted(last, now, (1.0,) * 7, known.rest, holidays=False)
    return quiet >= max(_AT_MOST, _LONGER * known.longest)


def last_item(state: FeedState, times: Sequence[datetime]) -> datetime | None:
    """Return when the feed last brought something."""
    known = [*times, *([state.last_new_at] if state.last_new_at else [])]
    return max(known, default=None)


def may_be_silent(state: FeedState, now: datetime) -> bool:
    """Whether the feed was read lately and brought nothing for a day: only then is its rhythm worth reading."""
    if state.last_success_at is None or state.last_new_at is None or state.cause not in _GOOD:
        return False
    return now - state.last_success_at < _DAY and now - state.last_new_at >= _AT_LEAST


def unfetched(state: FeedState, now: datetime) -> Trouble | None:
    """Return the trouble of a feed that fails, since its last good reading or since `now` where there is none.

    It is due once it has lasted a day, see `is_due`; a feed that its site has withdrawn (410) is due at once.
    """
    if state.cause in _GOOD or not (state.failures >= _FAILURES or state.disabled or _waits_long(state)):
        return None
    return Trouble(
        key=f"fetch/{state.feed.id}",
        kind=TroubleKind.FETCH,
        since=state.last_success_at or now,
        cause=state.cause,
        names=(state.feed.name,),
        feed_id=state.feed.id,
        detail=_detail(state),
    )


def is_due(trouble: Trouble, state: FeedState, now: datetime) -> bool:
    """Whether a feed that fails is to be told of."""
    return state.disabled or (now - trouble.since).total_seconds() >= FETCH_S


def silent(state: FeedState, last: datetime) -> Trouble:
    """Return the trouble of a feed that brings nothing new."""
    return Trouble(
        key=f"silent/{state.feed.id}",
        kind=TroubleKind.SILENT,
        since=last,
        cause=Cause.SILENT,
        names=(state.feed.name,),
        feed_id=state.feed.id,
        detail=_detail(state),
    )


def _waits_long(state: FeedState) -> bool:
    if state.next_poll_at is None or state.last_poll_at is None:
        return False
    return state.next_poll_at - state.last_poll_at >= _LONG_WAIT


def flooding(state: FeedState) -> Trouble | None:
    """Return the trouble of a feed whose last poll brought far too much."""
    if state.cause is not Cause.FLOOD:
        return None
    return Trouble(
        key=f"flood/{state.feed.id}",
        kind=TroubleKind.FLOOD,
        since=state.last_poll_at or state.last_success_at or datetime.min.replace(tzinfo=UTC),
        cause=Cause.FLOOD,
        names=(state.feed.name,),
        feed_id=state.feed.id,
        detail=_detail(state),
    )


def textless(state: FeedState, pages: Sequence[PageRead]) -> Trouble | None:
    """Return the trouble of a feed whose last five pages gave no text where most of those before did."""
    lost, before = pages[:_PAGES_LOST], pages[_PAGES_LOST:]
    if len(before) < _PAGES_LOST or any(page.origin == "page" for page in lost):
        return None
    if sum(page.origin == "page" for page in before) * 2 < len(before):
        return None
    return Trouble(
        key=f"text/{state.feed.id}",
        kind=TroubleKind.NO_TEXT,
        since=lost[-1].seen_at,
        cause=Counter(page.limits for page in lost).most_common(1)[0][0],
        names=(state.feed.name,),
        feed_id=state.feed.id,
    )


def outage(states: Sequence[FeedState], now: datetime, *, told: Collection[str] = ()) -> Trouble | None:
    """Return the one trouble of many feeds that fail at once: half of those followed, and at least three.

    `told` are the ids of feeds that were told of one by one: dead before, they neither make an outage nor last with it.
    """
    followed = [state for state in _others(states, told) if state.polls]
    failing = [state for state in followed if state.cause not in _GOOD and state.failures >= _OUTAGE_FAILURES]
    if len(failing) < _OUTAGE_FEEDS or len(failing) * 2 < len(followed):
        return None
    seen = [state.last_success_at for state in failing if state.last_success_at is not None]
    cause = Counter(state.cause for state in failing).most_common(1)[0][0]
    names = tuple(sorted(state.feed.name for state in failing))
    example = next(state for state in failing if state.cause is cause)
    return Trouble(
        "outage", TroubleKind.OUTAGE, max(seen, default=now), cause, names, len(followed), detail=example.message
    )


def is_followed(state: FeedState) -> bool:
    """Whether the feed is to be polled at all."""
    return not state.feed.paused and not state.disabled


def is_over(
    trouble: Trouble,
    *,
    state: FeedState | None,
    states: Sequence[FeedState],
    pages: Sequence[PageRead],
    now: datetime,
    told: Collection[str] = (),
    held: int = 0,
) -> bool:
    """Whether a feed's trouble, or the outage, has ended by itself. `state` and `pages` are the feed's, `held` how many
    of its entries of the last day were held; `told` as in `outage`."""
    if trouble.kind is TroubleKind.OUTAGE:
        others = _others(states, told)
        failing = sum(one.cause not in _GOOD for one in others)
        # Feeds come back one after the other. Those that are still away after a day are worth a word each, and are not
        # told of while the outage lasts.
        lasted = (now - trouble.since).total_seconds() >= FETCH_S
        return failing * 2 < len(others) if lasted else failing * 4 <= len(others)
    if state is None:
        return True
    if trouble.kind is TroubleKind.FETCH:
        return state.cause in _GOOD and state.last_success_at is not None
    if trouble.kind is TroubleKind.FLOOD:
        # A feed that floods every other hour is one trouble, not twelve.
        return state.cause is not Cause.FLOOD and not held
    if trouble.kind is TroubleKind.SILENT:
        return state.last_new_at is not None and state.last_new_at > trouble.since
    return any(page.origin == "page" for page in pages[:_PAGES_LOST])


def _others(states: Sequence[FeedState], told: Collection[str]) -> list[FeedState]:
    return [state for state in states if is_followed(state) and state.feed.id not in told]


def _detail(state: FeedState) -> str:
    moved = f"; moved to {state.moved_to}" if state.moved_to and state.moved_to != state.feed.url else ""
    return (state.message + moved).removeprefix("; ")


def _apart(times: Sequence[datetime]) -> list[datetime]:
    apart: list[datetime] = []
    for time in sorted(times):
        if not apart or time - apart[-1] >= _BATCH:
            apart.append(time)
    return apart


def _week(apart: Sequence[datetime]) -> tuple[float, ...]:
    first, last = apart[0].date(), apart[-1].date()
    if last - first < _WEEKDAYS_KNOWN:
        return _UNKNOWN_WEEK
    # The first and the last day are known in part only.
    days = [first + number * _DAY for number in range(1, (last - first).days)]
    usual = {day for day in days if not _is_holiday(day) and not _is_break(day)}
    dates = Counter(day.weekday() for day in usual)
    brought = Counter(time.weekday() for time in apart if time.date() in usual)
    rates = [brought[weekday] / dates[weekday] if dates[weekday] else 0.0 for weekday in range(7)]
    busiest = sum(sorted(rates)[2:]) / 5
    # All of it inside a break: nothing is known of other times.
    return tuple(min(1.0, rate / busiest) for rate in rates) if busiest else _UNKNOWN_WEEK


def _pause(last_year: Sequence[datetime]) -> timedelta:
    """Return the longest pause within the break that holds `last_year`; a whole one for none."""
    if not last_year:
        return timedelta(days=31)
    around = last_break(max(last_year))
    marks = [around.start, *sorted(last_year), around.end]
    return max(later - earlier for earlier, later in pairwise(marks))


def _rest(last_year: Sequence[datetime], week: Sequence[float]) -> float:
    """Return how much of its usual self the feed was in the break of the year before."""
    if not last_year:
        return 0.0
    around = last_break(max(last_year))
    days = (around.end.date() - around.start.date()).days
    usual = sum(week[(around.start.date() + number * _DAY).weekday()] for number in range(days))
    return min(1.0, len({time.date() for time in last_year}) / usual) if usual else 1.0


def _counted(start: datetime, end: datetime, week: Sequence[float], rest: float, *, holidays: bool = True) -> timedelta:
    """Return the time from `start` to `end`, each day by its weight."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    start = max(start, end - _LONGEST)
    total = timedelta(0)
    while start < end:
        day = start.date()
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) + _DAY
        weight = week[day.weekday()] * (rest if _is_break(day) else 1.0)
        if not (holidays and _is_holiday(day)):
            total += (min(midnight, end) - start) * weight
        start = midnight
    return total


def _is_break(day: date) -> bool:
    return day.month == 8 or (day.month, day.day) >= (12, 22) or (day.month == 1 and day.day <= 3)


def _is_holiday(day: date) -> bool:
    """Whether `day` is a public holiday in France (Code du travail, L3133-1)."""
    if (day.month, day.day) in {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}:
        return True
    return (day - _easter(day.year)).days in (1, 39, 50)


def _easter(year: int) -> date:
    """Return Easter Sunday by the anonymous Gregorian computus (Nature, 20 April 1876)."""
    century, rest = divmod(year, 100)
    moon = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (year % 19 + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return date(year, month, day + 1)
