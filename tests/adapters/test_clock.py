"""The shared clock: another's time where the machines differ, this machine's where they agree or nobody answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from worker.adapters.clock import SharedClock, SystemClock
from worker.adapters.store import Store
from worker.errors import StoreUnavailable

_NEAR = timedelta(seconds=1)


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), timedelta(minutes=-5)])
def test_the_others_clock_wins_where_they_differ(ahead: timedelta) -> None:
    clock = SharedClock(lambda: datetime.now(UTC) + ahead)
    assert abs(clock.now() - datetime.now(UTC) - ahead) < _NEAR


def test_clocks_that_agree_are_not_put_out_of_step() -> None:
    clock = SharedClock(lambda: datetime.now(UTC) + timedelta(milliseconds=400))
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)


def test_it_is_asked_once_a_minute_not_each_time() -> None:
    asked = []

    def ask() -> datetime:
        asked.append(1)
        return datetime.now(UTC) + timedelta(hours=1)

    clock = SharedClock(ask)
    assert [clock.now() for _ in range(3)]
    assert len(asked) == 1


def test_without_an_answer_the_last_one_holds() -> None:
    answers = [timedelta(hours=1), None]

    def ask() -> datetime:
        ahead = answers.pop(0)
        if ahead is None:
            raise StoreUnavailable("away")
        return datetime.now(UTC) + ahead

    clock = SharedClock(ask)
    clock.now()
    clock._ask_at = 0.0
    assert clock.now() - datetime.now(UTC) > timedelta(minutes=59)
    assert not answers


def test_the_store_tells_its_time(store: Store) -> None:
    assert abs(store.now() - SystemClock().now()) < timedelta(seconds=30)
    assert store.now().tzinfo is UTC
