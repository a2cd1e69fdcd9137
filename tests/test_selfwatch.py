"""A worker's look at itself."""

from __future__ import annotations

import multiprocessing
import threading
from datetime import UTC, datetime, timedelta

import pytest

from worker import selfwatch
from worker.adapters.store import Store
from worker.pipeline import liveness
from worker.pipeline.liveness import DECIDING, beat_name, worker_name
from worker.runtime import make_data_folder
from worker.selfwatch import Pulse, attend, could_work
from worker.settings import Settings


@pytest.fixture
def store(settings: Settings) -> Store:
    make_data_folder(settings.general.data)
    made = Store(settings.database_url)
    made.migrate()
    return made


def test_a_childs_work_is_felt_by_its_parent() -> None:
    pulse = Pulse()
    selfwatch._PLACE.pack_into(pulse._memory, 0, 0.0)
    before = pulse.silent_s()
    child = multiprocessing.get_context("fork").Process(target=pulse.feel)
    child.start()
    child.join()
    assert pulse.silent_s() < before


def test_it_could_work_where_broker_store_and_scheduler_are_there(
    settings: Settings, store: Store, valkey_url: str
) -> None:
    now = datetime.now(UTC)
    assert not could_work(settings, valkey_url)
    store.beat(beat_name("b"), now)
    assert could_work(settings, valkey_url)
    assert not could_work(settings, "redis://127.0.0.1:9/0")
    store.beat(beat_name("b"), now - timedelta(minutes=1))
    assert not could_work(settings, valkey_url)


def test_where_many_share_the_tasks_none_is_blamed(settings: Settings, store: Store, valkey_url: str) -> None:
    now = datetime.now(UTC)
    store.beat(beat_name("b"), now)
    for number in range(8):
        store.beat(worker_name(DECIDING, f"w{number}"), now)
    assert not could_work(settings, valkey_url)


def test_it_leaves_once_it_could_work_and_does_not(
    settings: Settings, store: Store, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selfwatch, "_LOOK_S", 0.05)
    monkeypatch.setattr(selfwatch, "SILENT_S", 0.5)
    monkeypatch.setattr(liveness, "LATE_S", 0.1)
    pulse, left = Pulse(), threading.Event()
    watching = threading.Thread(
        target=attend, args=(settings, valkey_url, pulse), kwargs={"leave": left.set}, daemon=True
    )
    watching.start()
    assert not left.wait(2), "no scheduler: it could not work"
    store.beat(beat_name("b"), datetime.now(UTC))
    assert left.wait(20)
    watching.join(5)
