"""Who counts as stuck, by signs of life and by who could have given any."""

from __future__ import annotations

from worker.watchdog import BEAT_SILENT_S, PROOF_S, SILENT_S, START_S, Watchdog

NAMES = ("deciding", "fetching", "beat")


def working(now: float = 0.0) -> Watchdog:
    dog = Watchdog()
    for name in NAMES:
        dog.started(name, now)
        dog.heard(name, now)
    return dog


def run(dog: Watchdog, *, since: float, until: float, heard: tuple[str, ...]) -> dict[str, float]:
    """Look every second while those in `heard` give signs; returns when each was first found stuck."""
    found: dict[str, float] = {}
    now = since
    while now < until:
        now += 1.0
        for name in heard:
            dog.heard(name, now)
        for name in dog.stuck(now):
            found.setdefault(name, now)
    return found


def test_who_gives_signs_is_left_alone() -> None:
    assert run(working(), since=0, until=1000, heard=NAMES) == {}


def test_a_worker_that_gives_none_is_stuck_alone() -> None:
    found = run(working(), since=0, until=200, heard=("fetching", "beat"))
    assert set(found) == {"deciding"}
    assert SILENT_S < found["deciding"] <= SILENT_S + 2


def test_a_silent_scheduler_leaves_the_workers_without_work_to_show() -> None:
    found = run(working(), since=0, until=300, heard=())
    assert set(found) == {"beat"}
    assert BEAT_SILENT_S < found["beat"] <= BEAT_SILENT_S + 2


def test_a_part_that_starts_has_longer_and_the_others_wait_for_a_scheduler_that_does() -> None:
    dog = working()
    dog.started("beat", 1.0)
    assert run(dog, since=1, until=START_S, heard=()) == {}
    dog.heard("beat", START_S)
    assert set(run(dog, since=START_S, until=START_S + SILENT_S + 5, heard=("beat",))) == {"deciding", "fetching"}


def test_a_part_that_never_comes_to_work_is_stuck_too() -> None:
    dog = working()
    dog.started("fetching", 1.0)
    found = run(dog, since=1, until=400, heard=("deciding", "beat"))
    assert found == {"fetching": 1.0 + START_S + SILENT_S + 1.0}


def test_an_excuse_is_one_for_all() -> None:
    dog = working()
    for now in range(1, 700):
        dog.excuse(float(now))
        assert dog.stuck(float(now)) == ()
    assert dog.proved(700.0)


def test_one_who_slept_judges_nobody() -> None:
    dog = working()
    assert dog.stuck(1.0) == ()
    assert dog.stuck(1000.0) == ()
    assert set(run(dog, since=1000, until=1200, heard=("beat", "fetching"))) == {"deciding"}


def test_starting_again_is_no_proof_of_life() -> None:
    dog = working()
    for now in range(1, int(PROOF_S) + 2):
        for name in ("deciding", "beat"):
            dog.heard(name, float(now))
        if now % 60 == 0:
            dog.started("fetching", float(now))
        assert dog.proved(float(now)) == (now < PROOF_S)
    dog.heard("fetching", PROOF_S + 2)
    assert dog.proved(PROOF_S + 2)
