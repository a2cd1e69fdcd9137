"""When a feed is asked again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pipeline.feeds.samples import FEED, NOW
from worker.model import Cause, FeedState
from worker.pipeline.feeds import MOVES_TO_BELIEVE, PollLimits, PollOutcome, after_poll, conditions, hints, is_silent

LIMITS = PollLimits()
STATE = FeedState(feed=FEED)
OK = PollOutcome(Cause.OK)
NEW = "https://nouveau.exemple.fr/rss"


def every(gap: timedelta, count: int = 30, ago: timedelta = timedelta()) -> list[datetime]:
    return [NOW - ago - gap * n for n in range(count)]


def wait(state: FeedState, outcome: PollOutcome, recent: list[datetime] | None = None, jitter: float = 0.0) -> float:
    found = after_poll(state, outcome, now=NOW, jitter=jitter, recent=recent or [], limits=LIMITS)
    assert found.next_poll_at is not None
    return (found.next_poll_at - NOW).total_seconds()


class TestRhythm:
    @pytest.mark.parametrize(
        ("recent", "seconds"),
        [
            ([], 3600.0),
            (every(timedelta(minutes=2)), 900.0),
            (every(timedelta(hours=1)), 1800.0),
            (every(timedelta(hours=6)), 10_800.0),
            (every(timedelta(days=3)), 21_600.0),
            (every(timedelta(hours=1), ago=timedelta(hours=62)), 5_580.0),
            (every(timedelta(hours=1), ago=timedelta(days=30)), 21_600.0),
            (every(timedelta(seconds=1)), 3600.0),
            (every(timedelta(seconds=40), 50), 900.0),
        ],
    )
    def test_half_the_usual_gap_within_the_limits(self, recent: list[datetime], seconds: float) -> None:
        assert wait(STATE, OK, recent) == pytest.approx(seconds)

    def test_items_published_at_once_are_no_rhythm(self) -> None:
        batches = [NOW - timedelta(hours=4 * n, seconds=k) for n in range(6) for k in range(5)]
        assert wait(STATE, OK, batches) == pytest.approx(2 * 3600, rel=0.01)

    @given(st.floats(-1, 1))
    def test_jitter_is_a_tenth_and_never_under_the_floor(self, jitter: float) -> None:
        assert 3240 <= wait(STATE, OK, jitter=jitter) <= 3960
        assert 900 <= wait(STATE, OK, every(timedelta(minutes=1)), jitter) <= 990


class TestHints:
    @pytest.mark.parametrize(
        ("outcome", "seconds"),
        [
            (PollOutcome(Cause.OK, max_age_s=7200), 7200.0),
            (PollOutcome(Cause.OK, ttl_s=7200, max_age_s=60, document=True), 7200.0),
            (PollOutcome(Cause.OK, ttl_s=10**9, document=True), 21_600.0),
            (PollOutcome(Cause.OK, max_age_s=10**9), 21_600.0),
            (PollOutcome(Cause.OK, retry_after_s=10**9), 86_400.0),
            (PollOutcome(Cause.RATE_LIMITED, retry_after_s=3600), 3600.0),
            (PollOutcome(Cause.SERVER_ERROR, retry_after_s=10**9), 86_400.0),
        ],
    )
    @pytest.mark.parametrize("jitter", [-1.0, 0.0, 1.0])
    def test_what_a_server_asks_for_is_never_undercut(
        self, outcome: PollOutcome, seconds: float, jitter: float
    ) -> None:
        found = wait(STATE, outcome, every(timedelta(minutes=1)), jitter)
        assert seconds <= found <= 1.1 * seconds

    @pytest.mark.parametrize(
        ("headers", "found"),
        [
            ({}, (None, None)),
            ({"retry-after": "120"}, (120.0, None)),
            ({"retry-after": "Tue, 10 Mar 2026 13:00:00 GMT"}, (3600.0, None)),
            ({"retry-after": "Tue, 10 Mar 2026 13:00:00 GMT", "date": "Tue, 10 Mar 2026 12:30:00 GMT"}, (1800.0, None)),
            ({"retry-after": "Mon, 09 Mar 2026 13:00:00 GMT"}, (0.0, None)),
            ({"retry-after": "soon"}, (None, None)),
            ({"retry-after": "-5"}, (None, None)),
            ({"retry-after": "9" * 400}, (9999999999.0, None)),
            ({"cache-control": "public, max-age=300"}, (None, 300.0)),
            ({"cache-control": "max-age=300", "age": "100"}, (None, 200.0)),
            ({"cache-control": "max-age=300", "age": "1000"}, (None, 0.0)),
            ({"cache-control": "s-maxage=300"}, (None, None)),
            ({"cache-control": "no-cache", "expires": "Tue, 10 Mar 2026 13:00:00 GMT"}, (None, None)),
            ({"expires": "Tue, 10 Mar 2026 13:00:00 GMT"}, (None, 3600.0)),
            ({"expires": "0"}, (None, None)),
        ],
    )
    def test_headers(self, headers: dict[str, str], found: tuple[float | None, float | None]) -> None:
        assert hints(headers, NOW) == found

    def test_skipped_hours_and_days_are_passed_over(self) -> None:
        outcome = PollOutcome(Cause.OK, skip_hours=frozenset({13, 14}), document=True)
        found = after_poll(STATE, outcome, now=NOW, jitter=-1, recent=[], limits=LIMITS).next_poll_at
        assert found is not None
        assert wait(STATE, outcome, jitter=0.5) >= 3 * 3600
        tuesday = PollOutcome(Cause.OK, skip_days=frozenset({1}), document=True)
        assert wait(STATE, tuesday, jitter=-1) == 12 * 3600
        assert NOW.weekday() == 1

    def test_what_a_document_asks_for_holds_until_the_next_one(self) -> None:
        asked = PollOutcome(Cause.OK, ttl_s=7200, skip_hours=frozenset({15}), document=True)
        state = after_poll(STATE, asked, now=NOW, jitter=-1, recent=[], limits=LIMITS)
        for outcome in (OK, PollOutcome(Cause.SERVER_ERROR)):
            assert wait(state, outcome, jitter=-1) >= 7200
            assert after_poll(state, outcome, now=NOW, jitter=-1, recent=[], limits=LIMITS).skip_hours == {15}
        free = PollOutcome(Cause.OK, document=True)
        assert wait(state, free, jitter=-1) < 7200

    def test_a_feed_closed_at_all_times_is_polled_all_the_same(self) -> None:
        outcome = PollOutcome(Cause.OK, skip_hours=frozenset(range(24)), skip_days=frozenset(range(7)), document=True)
        assert wait(STATE, outcome) < 9 * 86_400


class TestConditions:
    def test_validators_go_back_as_they_came(self) -> None:
        state = replace(STATE, etag='W/"1"', last_modified="hier", whole_at=NOW - timedelta(days=6))
        assert conditions(state, NOW) == {"If-None-Match": 'W/"1"', "If-Modified-Since": "hier"}
        assert conditions(replace(state, last_modified=None), NOW) == {"If-None-Match": 'W/"1"'}
        assert conditions(STATE, NOW) == {}

    def test_unchanged_is_not_believed_for_ever(self) -> None:
        state = replace(STATE, etag="1", whole_at=NOW - timedelta(days=7))
        assert conditions(state, NOW) == {}
        silent = replace(state, cause=Cause.SILENT, whole_at=NOW - timedelta(days=1))
        assert conditions(silent, NOW) == {}
        assert conditions(replace(silent, cause=Cause.OK), NOW) == {"If-None-Match": "1"}


class TestFailure:
    def test_a_flood_was_read_and_is_asked_for_less_and_less(self) -> None:
        state = STATE
        waits = []
        for _ in range(8):
            state = after_poll(state, PollOutcome(Cause.FLOOD), now=NOW, jitter=0, recent=[], limits=LIMITS)
            assert state.last_success_at == NOW
            assert state.next_poll_at is not None
            waits.append(state.next_poll_at - NOW)
        assert waits == sorted(waits)
        assert waits[-1] == timedelta(hours=6)

    def test_it_backs_off_to_six_hours_and_never_stops(self) -> None:
        state, waits = STATE, []
        for _ in range(40):
            waits.append(wait(state, PollOutcome(Cause.NOT_FOUND, "404")))
            state = after_poll(state, PollOutcome(Cause.NOT_FOUND, "404"), now=NOW, jitter=0, recent=[], limits=LIMITS)
        assert waits[:6] == [900, 1800, 3600, 7200, 14_400, 21_600]
        assert set(waits[6:]) == {21_600}
        assert (state.failures, state.disabled, state.cause, state.message) == (40, False, Cause.NOT_FOUND, "404")
        assert state.last_success_at is None
        well = after_poll(state, OK, now=NOW, jitter=0, recent=[], limits=LIMITS)
        assert (well.failures, well.cause, well.message, well.last_success_at) == (0, Cause.OK, "", NOW)

    @pytest.mark.parametrize("cause", [Cause.EMPTY, Cause.HTML, Cause.NOT_A_FEED, Cause.DNS, Cause.BLOCKED])
    def test_empty_and_html_are_failures(self, cause: Cause) -> None:
        assert after_poll(STATE, PollOutcome(cause), now=NOW, jitter=0, recent=[], limits=LIMITS).failures == 1

    def test_a_silent_feed_is_a_success_with_a_name(self) -> None:
        found = after_poll(STATE, PollOutcome(Cause.SILENT), now=NOW, jitter=0, recent=[], limits=LIMITS)
        assert (found.failures, found.cause, found.last_success_at) == (0, Cause.SILENT, NOW)

    def test_gone_disables(self) -> None:
        found = after_poll(STATE, PollOutcome(Cause.GONE, gone=True), now=NOW, jitter=0, recent=[], limits=LIMITS)
        assert (found.disabled, found.next_poll_at) == (True, None)

    def test_a_crash_waits_six_hours_at_once(self) -> None:
        assert wait(STATE, PollOutcome(Cause.CRASHED)) == 21_600
        often = PollLimits(min_interval_s=60, max_interval_s=300, jitter=0)
        found = after_poll(STATE, PollOutcome(Cause.CRASHED), now=NOW, jitter=0, recent=[], limits=often)
        assert found.next_poll_at == NOW + timedelta(hours=6)

    def test_validators_and_counts_are_left_to_the_caller(self) -> None:
        state = replace(STATE, etag="e", last_modified="m", body_hash="h", entries=7, last_new_at=NOW)
        found = after_poll(state, OK, now=NOW, jitter=0, recent=[], limits=LIMITS)
        assert (found.etag, found.last_modified, found.body_hash, found.entries, found.last_new_at) == (
            "e",
            "m",
            "h",
            7,
            NOW,
        )
        assert (found.polls, found.last_poll_at) == (1, NOW)


class TestMoves:
    def moved(self, *targets: str | None) -> FeedState:
        state = STATE
        for target in targets:
            outcome = PollOutcome(Cause.OK, moved_to=target)
            state = after_poll(state, outcome, now=NOW, jitter=0, recent=[], limits=LIMITS)
        return state

    def test_three_identical_ones_in_a_row_are_believed(self) -> None:
        assert self.moved(NEW, NEW).moved_seen < MOVES_TO_BELIEVE
        found = self.moved(NEW, NEW, NEW)
        assert (found.moved_to, found.moved_seen) == (NEW, MOVES_TO_BELIEVE)
        assert found.feed.url == FEED.url
        assert self.moved(NEW, NEW, NEW, None).moved_to == NEW

    def test_an_interruption_starts_again(self) -> None:
        assert self.moved(NEW, NEW, None).moved_seen == 0
        assert self.moved(NEW, NEW, "https://autre.fr/", NEW).moved_seen == 1

    def test_a_new_home_that_fails_gives_way_to_the_old(self) -> None:
        state = self.moved(NEW, NEW, NEW)
        for _ in range(3):
            assert state.moved_to == NEW
            state = after_poll(state, PollOutcome(Cause.NOT_FOUND), now=NOW, jitter=0, recent=[], limits=LIMITS)
        assert (state.moved_to, state.moved_seen) == (None, 0)


class TestSilence:
    def test_five_usual_gaps_and_three_days(self) -> None:
        daily = every(timedelta(days=1), ago=timedelta(days=4))
        assert not is_silent(STATE, daily, NOW)
        assert is_silent(STATE, daily, NOW + timedelta(days=2))
        hourly = every(timedelta(hours=1), ago=timedelta(hours=62))
        assert not is_silent(STATE, hourly, NOW)
        assert is_silent(STATE, hourly, NOW + timedelta(hours=12))

    def test_few_entries_or_a_recent_one_are_no_silence(self) -> None:
        assert not is_silent(STATE, every(timedelta(hours=1), 4, ago=timedelta(days=400)), NOW)
        state = replace(STATE, last_new_at=NOW - timedelta(hours=1))
        assert not is_silent(state, every(timedelta(hours=1), ago=timedelta(days=40)), NOW)


@given(
    st.sampled_from(list(Cause)),
    st.floats(-1, 1),
    st.lists(st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)), max_size=50),  # noqa: DTZ001
    st.one_of(st.none(), st.floats(0, 1e12)),
    st.integers(0, 10_000),
)
def test_the_next_poll_is_always_planned_within_a_day_or_so(
    cause: Cause, jitter: float, recent: list[datetime], asked: float | None, failures: int
) -> None:
    state = replace(STATE, failures=failures)
    outcome = PollOutcome(cause, retry_after_s=asked, max_age_s=asked, ttl_s=asked, document=True)
    found = after_poll(state, outcome, now=NOW, jitter=jitter, recent=recent, limits=LIMITS)
    assert found.next_poll_at is not None
    assert timedelta(seconds=810) <= found.next_poll_at - NOW <= timedelta(hours=26.5)
