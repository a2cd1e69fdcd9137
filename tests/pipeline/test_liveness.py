"""Who lives, by the heartbeats in the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from worker.pipeline.liveness import (
    DECIDING,
    FETCHING,
    LATE_S,
    Health,
    allowed_s,
    beat_name,
    health,
    of_host,
    scheduler,
    served,
    signs,
    worker_name,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def test_names_fit_the_column_and_lead_back_to_their_host() -> None:
    host = "a-host-with-a-name-longer-than-any-column.example"
    name = worker_name(("clock", "poll", "read", "judge", "deliver"), host)
    assert len(name) <= 60
    found = signs({name: NOW, beat_name(host): ago(3), "tick": NOW, "watch": NOW, "worker clock": NOW})
    assert len(found) == 2
    assert [one.at for one in of_host(found, host)] == [NOW]
    assert scheduler(found, host) == ago(3)
    assert scheduler(found, "other") is None


def test_a_kind_of_worker_is_as_old_as_the_queue_that_waits_longest() -> None:
    found = signs({
        worker_name(("poll",), "a"): ago(5), worker_name(("read",), "a"): ago(80), worker_name(("read",), "b"): ago(30),
    })  # fmt: skip
    assert served(found, FETCHING) == ago(30)
    assert served(found, ("poll",)) == ago(5)
    assert served(found, DECIDING) is None


def test_up_late_down_and_never() -> None:
    assert health(None, NOW) is Health.OFF
    assert health(ago(LATE_S), NOW) is Health.UP
    assert health(ago(LATE_S + 1), NOW) is Health.LATE
    assert health(ago(121), NOW) is Health.DOWN


def test_many_workers_share_the_signs() -> None:
    def found(count: int) -> float:
        return allowed_s(signs({worker_name(FETCHING, f"h{n}"): ago(n) for n in range(count)}), NOW)

    assert found(2) == found(5) == LATE_S
    assert found(12) == 120
