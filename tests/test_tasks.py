"""A task's end when its time is over, and the signs of life that it gives."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from worker import steps
from worker.adapters.notify import VARIABLE, Listener
from worker.adapters.store import Store
from worker.celery_app import create
from worker.runtime import make_data_folder
from worker.settings import Settings
from worker.steps import Parts
from worker.tasks import register

NAME = "worker poll@here"


def run(settings: Settings, ids: Sequence[str]) -> None:
    app = create(settings, "memory://")
    here = register(app, settings, name=NAME)
    make_data_folder(settings.general.data)
    store = Store(settings.database_url)
    store.migrate()
    store.close()
    app.tasks["gigawatch.poll"](list(ids))
    here.close()


def test_no_catch_all_keeps_a_task_alive_whose_time_is_over(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    after: list[str] = []

    def poll(_parts: Parts, _ids: Any) -> tuple[steps.Ring, ...]:
        try:
            os.kill(os.getpid(), signal.SIGUSR1)
            signal.sigtimedwait([], 5)
        except Exception:
            after.append("went on")
        return ()

    before = signal.getsignal(signal.SIGUSR1)
    monkeypatch.setattr(steps, "poll", poll)
    try:
        run(settings, ["a"])
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert after == []
    assert "its time was over" in caplog.text


def test_no_step_catches_everything() -> None:
    for path in (ROOT / "worker").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "except BaseException" not in text, path
        assert "except:" not in text, path


def test_an_empty_task_leaves_a_sign_and_a_heartbeat(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = signal.getsignal(signal.SIGUSR1)
    listener = Listener(tmp_path / "part.sock")
    monkeypatch.setenv(VARIABLE, str(listener.path))

    def poll(_parts: Parts, _ids: Any) -> tuple[steps.Ring, ...]:
        raise AssertionError("an empty task asks for no work")

    monkeypatch.setattr(steps, "poll", poll)
    try:
        run(settings, [])
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert listener.heard()
    listener.close()
    store = Store(settings.database_url)
    at = store.heartbeats()[NAME]
    store.forget_heartbeats(at)
    assert NAME in store.heartbeats()
    store.beat("tick", at)
    store.forget_heartbeats(at + timedelta(minutes=1))
    assert set(store.heartbeats()) == {"tick"}
    store.close()
