"""A command line over a small world: the demo's newsroom and sinks, and a configuration that knows them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from worker.cli import main, phrases
from worker.demo.newsroom import Newsroom
from worker.demo.overlay import Surroundings, demo_settings
from worker.demo.play import SECRET
from worker.demo.script import load
from worker.demo.sinks import HookSink, MailSink
from worker.settings import packaged


@dataclass(frozen=True)
class Answer:
    """What one call of the command line gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Answer]


@pytest.fixture(autouse=True)
def french(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin every test in French: the language is chosen once per process."""
    monkeypatch.setattr(phrases._Choice, "language", "fr")


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Call the command line with a data folder of the test's own and the packaged configuration, or `config`."""

    def call(*arguments: str, config: Path | None = None) -> Answer:
        capsys.readouterr()
        folder = ["--config", str(config or packaged()), "--data", str(tmp_path / "data")]
        code = main([*folder, *arguments])
        seen = capsys.readouterr()
        return Answer(code, seen.out, seen.err)

    return call


@dataclass(frozen=True)
class World:
    """The newsroom and the sinks, and the configuration folder that knows them."""

    newsroom: Newsroom
    mails: MailSink
    hooks: HookSink
    config: Path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    script = load(packaged() / "demo" / "newsroom.toml")
    with Newsroom(script) as room, MailSink(tmp_path / "m") as mails, HookSink(SECRET, tmp_path / "h") as hooks:
        room.publish(0, datetime.now(UTC))
        around = Surroundings(
            feeds=room.feeds(), allow=(room.address, hooks.address), smtp_host="127.0.0.1", smtp_port=mails.port,
            hook_url=hooks.url, hook_secret=SECRET,
        )  # fmt: skip
        environ = demo_settings(around, data=tmp_path / "world", environ={})
        yield World(room, mails, hooks, Path(environ["GIGAWATCH_CONFIG"]))
