"""When to come back to a feed.

Theory: news comes in the feed's own rhythm, so a poll at half the usual gap finds an item soon without asking in vain;
servers that say how often they may be asked are obeyed; failures are asked less and less, but never for good, because
a feed that nobody polls is a silence that nobody notices. Sources: Miniflux and FreshRSS for floors and caps, RFC 9110
for Retry-After, RFC 9111 for max-age, RSS 2.0 for ttl, skipHours and skipDays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from statistics import fmean, median

from worker.model import Cause, FeedState

# A permanent redirect is believed after this many polls in a row have met it, so that an accident moves nobody.
MOVES_TO_BELIEVE = 3
# A new home that fails this often in a row is given up for the address in the configuration.
_MOVE_GIVEN_UP = 3
_RETRY_CAP_S = 86_400.0
_FRESH_CAP_S = 21_600.0
_BACK_OFF_CAP_S = 21_600.0
# How long "unchanged" is believed of a server that may err: of a feed that is quiet beyond its habit, and of any other.
_BELIEVED_SILENT, _BELIEVED = timedelta(days=1), timedelta(days=7)
_DEFAULT_S = 3_600.0
# Items this close together were published at once; the gap between them says nothing about the rhythm.
_BATCH_S = 60.0
_SILENT_AT_LEAST = timedelta(days=3)
_SILENT_GAPS = 5
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """What one poll met. Times in seconds; `moved_to` only where every redirect was permanent; days as Monday = 0.

    `document` where a document was read: what it says of ttl, hours and days holds until the next one.
    """

    cause: Cause
    message: str = ""
    new: int = 0
    retry_after_s: float | None = None
    max_age_s: float | None = None
    ttl_s: float | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    moved_to: str | None = None
    gone: bool = False
    document: bool = False


@dataclass(frozen=True, slots=True)
class PollLimits:
    """The shortest and the longest time between two polls of one feed, in seconds; how far chance may move them."""

    min_interval_s: float = 900.0
    max_interval_s: float = 21_600.0
    jitter: float = 0.1


def after_poll(
    state: FeedState,
    outcome: PollOutcome,
    *,
    now: datetime,
    jitter: float,
    recent: Sequence[datetime],
    limits: PollLimits,
) -> FeedState:
    """Return the feed's state after a poll, with the next one planned.

    `jitter` is from -1 to 1; `recent` are the times of the feed's latest entries. Validators, body hash and the counts
    of entries are the caller's. Success is ok or silent; anything else is a failure that is tried again, but 410. A
    flood was read, and is asked for again like a failure.
    """
    good = outcome.cause in (Cause.OK, Cause.SILENT)
    state = replace(
        state, polls=state.polls + 1, last_poll_at=now, cause=outcome.cause, message=outcome.message[:1_000]
    )
    if outcome.gone:
        return replace(state, failures=state.failures + 1, disabled=True, next_poll_at=None)
    if outcome.document:
        state = replace(state, ttl_s=outcome.ttl_s, skip_hours=outcome.skip_hours, skip_days=outcome.skip_days)
    asked = max(min(outcome.retry_after_s or 0.0, _RETRY_CAP_S), min(state.ttl_s or 0.0, _FRESH_CAP_S))
    if good:
        interval = _rhythm(recent, now, limits)
        asked = max(asked, min(outcome.max_age_s or 0.0, _FRESH_CAP_S))
        state = replace(_moved(state, outcome.moved_to), failures=0, last_success_at=now, interval_s=interval)
        wait = max(interval * (1 + limits.jitter * jitter), limits.min_interval_s)
    else:
        state = _failed(state)
        if outcome.cause is Cause.FLOOD:
            state = replace(state, last_success_at=now)
        wait = _back_off(state.failures, outcome.cause, limits) * (1 + limits.jitter * jitter)
    # What a server asked for is a floor: jitter only lengthens it.
    wait = max(wait, asked * (1 + limits.jitter / 2 * (1 + jitter)))
    at = _open_hour(now + timedelta(seconds=wait), state.skip_hours, state.skip_days, jitter)
    return replace(state, next_poll_at=at)


def conditions(state: FeedState, now: datetime) -> dict[str, str]:
    """Return the headers of a conditional request: the validators as the server wrote them, none where it never gave
    any, or where "unchanged" was its word for so long that it is to show the document."""
    believed = _BELIEVED_SILENT if state.cause is Cause.SILENT else _BELIEVED
    if state.whole_at is not None and now - state.whole_at >= believed:
        return {}
    found = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    return {name: value for name, value in found.items() if value}


def hints(headers: Mapping[str, str], now: datetime) -> tuple[float | None, float | None]:
    """Return (Retry-After, freshness) of an answer's headers (lower-case names), in seconds, None where not said.

    A date is read against the server's own Date, so that its clock may be wrong. Freshness is max-age less Age, or
    Expires.
    """
    date = _http_date(headers.get("date", "")) or now
    retry = headers.get("retry-after", "").strip()
    retry_after: float | None = None
    if retry.isascii() and retry.isdigit():
        retry_after = float(retry[:10])
    elif found := _http_date(retry):
        retry_after = max((found - date).total_seconds(), 0.0)
    control = headers.get("cache-control", "")
    age = headers.get("age", "").strip()
    if match := _MAX_AGE.search(control):
        return retry_after, max(
            float(match.group(1)) - (float(age[:10]) if age.isascii() and age.isdigit() else 0), 0.0
        )
    if "no-cache" in control or "no-store" in control:
        return retry_after, None
    expires = _http_date(headers.get("expires", ""))
    return retry_after, max((expires - date).total_seconds(), 0.0) if expires else None


def is_silent(state: FeedState, recent: Sequence[datetime], now: datetime) -> bool:
    """Whether the feed has brought nothing for five times its usual gap, three days at least (weekends are quiet).

    A feed with fewer than five known entries has no usual gap and is never called silent.
    """
    times = sorted(recent)
    if len(times) < 5:
        return False
    last = max(times[-1], state.last_new_at or times[-1])
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    return now - last > max(_SILENT_AT_LEAST, timedelta(seconds=_SILENT_GAPS * fmean(gaps)))


def _rhythm(recent: Sequence[datetime], now: datetime, limits: PollLimits) -> float:
    """Return half the usual gap between items, longer for a feed that has been quiet, within the limits."""
    times = sorted(recent)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    apart = [gap for gap in gaps if gap >= _BATCH_S]
    if len(apart) >= 3:
        quiet = (now - times[-1]).total_seconds()
        # The median is the rhythm of working hours. A weekend is not yet a change of it, a dead fortnight is.
        usual = max(median(apart), quiet / 20)
    elif sum(gaps) >= limits.min_interval_s and len(gaps) >= 10:
        # A wire, faster than one item a minute.
        usual = fmean(gaps)
    else:
        usual = 2 * _DEFAULT_S
    return min(max(usual / 2, limits.min_interval_s), limits.max_interval_s)


def _back_off(failures: int, cause: Cause, limits: PollLimits) -> float:
    if cause is Cause.CRASHED:
        # However often healthy feeds are read: each try may take a worker down.
        return max(_BACK_OFF_CAP_S, limits.min_interval_s)
    longest = max(min(_BACK_OFF_CAP_S, limits.max_interval_s), limits.min_interval_s)
    return min(limits.min_interval_s * 2.0 ** min(failures - 1, 30), longest)


def _moved(state: FeedState, moved_to: str | None) -> FeedState:
    if moved_to is None or moved_to == state.feed.url:
        believed = state.moved_seen >= MOVES_TO_BELIEVE
        return state if believed else replace(state, moved_to=None, moved_seen=0)
    seen = state.moved_seen + 1 if moved_to == state.moved_to else 1
    return replace(state, moved_to=moved_to, moved_seen=seen)


def _failed(state: FeedState) -> FeedState:
    failures = state.failures + 1
    if state.moved_seen >= MOVES_TO_BELIEVE and failures >= _MOVE_GIVEN_UP:
        return replace(state, failures=failures, moved_to=None, moved_seen=0)
    return replace(state, failures=failures)


def _open_hour(at: datetime, hours: frozenset[int], days: frozenset[int], jitter: float) -> datetime:
    """Return `at`, or the first moment after it outside the hours (UTC) and days that the feed closes."""
    at = at.astimezone(UTC)
    moved = at
    for _ in range(24 * 8):
        if moved.hour not in hours and moved.weekday() not in days:
            break
        moved = moved.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    # Everybody who obeys comes back at the full hour; the spread is ours.
    return moved if moved == at else moved + timedelta(seconds=150 * (1 + jitter))


def _http_date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value.strip()[:60])
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
