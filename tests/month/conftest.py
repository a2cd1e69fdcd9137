"""One month, played once per database; the tests look at what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from tests.month.player import Player
from tests.month.receivers import Call, Hooks
from tests.month.script import HERE, Script, load
from tests.steps.conftest import Desk, HandClock
from tests.steps.site import Site
from worker import runtime
from worker import settings as configuration
from worker.demo.sinks import Mail, MailSink
from worker.settings import Settings


@dataclass
class Month:
    """What was played, and all that arrived, mails with the time on the clock."""

    script: Script
    player: Player
    desk: Desk
    calls: list[Call]
    mails: list[tuple[Mail, datetime]] = field(default_factory=list)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def month(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    folder = tmp_path_factory.mktemp("month")
    url = f"sqlite:///{folder / 'store.db'}"
    if request.param == "postgresql":
        url = _postgres(str(request.getfixturevalue("postgres_url")))
    clock = HandClock()
    mails: list[tuple[Mail, datetime]] = []
    with (
        Site() as site,
        Hooks(clock.now) as hooks,
        MailSink(folder / "mails", on_mail=lambda mail: mails.append((mail, clock.now()))) as relay,
    ):
        built = runtime.build(_settings(folder, url, site, hooks, relay), clock=clock)
        built.store.migrate()
        desk = Desk(built, clock, site, folder / "data" / "alerts.log")
        script = load()
        player = Player(desk, script)
        player.play()
        yield Month(script, player, desk, hooks.calls, mails)
        built.close()


def _postgres(server: str) -> str:
    psycopg = pytest.importorskip("psycopg", reason="needs the extra `postgres`")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE gw_month")
    return server.replace("/postgres?", "/gw_month?")


def _settings(folder: Path, url: str, site: Site, hooks: Hooks, relay: MailSink) -> Settings:
    """Read the month's alerts.toml, beside the packaged files, as an operator's own folder."""
    config = folder / "config"
    config.mkdir()
    written = (HERE / "alerts.toml").read_text(encoding="utf-8").replace("HOOKS", hooks.address)
    (config / "alerts.toml").write_text(written, encoding="utf-8")
    overrides = {
        "general": {"data": folder / "data"},
        "store": {"url": url},
        "polling": {"host_gap": 0},
        "fetch": {"allow": [site.address, hooks.address]},
        "smtp": {"host": "127.0.0.1", "port": relay.port, "security": "none", "sender": "veille@gw.example"},
    }
    return configuration.load(config=config, environ={}, overrides=overrides)
