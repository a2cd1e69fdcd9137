"""The canary in the daemon as it runs: `gigawatch up` on a broker of its own, which is then taken away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from worker.adapters.broker import EmbeddedBroker
from worker.adapters.store import Store

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ROOT = Path(__file__).resolve().parent.parent
FEED = '[[feed]]\nid = "absent"\nname = "Absent"\nurl = "http://127.0.0.1:9/rss"\n'
# `within` leaves a busy machine time; a run takes two seconds on an idle one.
SETTINGS = """
[polling]
tick = "500ms"
sweep = "1s"
host_gap = 0
[canary]
every = "15s"
within = "15s"
[worker]
concurrency = 1
"""


def wait(until: Callable[[], bool], seconds: float, said: Callable[[], str]) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, said()
        time.sleep(0.2)


def test_it_arrives_and_a_broker_that_is_taken_away_is_told_and_red(short_path: Path) -> None:
    short = short_path
    (short / "config").mkdir()
    (short / "config" / "feeds.toml").write_text(FEED)
    (short / "config" / "gigawatch.toml").write_text(SETTINGS)
    (short / "b").mkdir()
    broker = EmbeddedBroker(short / "b")
    environ = {
        **os.environ,
        "GIGAWATCH_CONFIG": str(short / "config"),
        "GIGAWATCH_DATA": str(short / "data"),
        "GIGAWATCH_BROKER_URL": broker.start(),
        "GIGAWATCH_LANG": "fr",
    }
    log = short / "log"

    def said() -> str:
        return log.read_text(errors="replace")[-4000:]

    def health() -> tuple[int, str]:
        command = [sys.executable, "-m", "worker", "healthcheck"]
        seen = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        return seen.returncode, seen.stdout + seen.stderr

    with log.open("ab") as out:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "worker", "up"],
            env=environ,
            cwd=ROOT,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    store = Store(f"sqlite:///{short / 'data' / 'gigawatch.db'}")
    alerts = short / "data" / "alerts.log"
    try:
        wait(lambda: "prêt" in said() or daemon.poll() is not None, 60, said)
        wait(lambda: any(run.arrived_at for run in store.canary_runs()), 30, said)
        # The scheduler starts last, once all else is ready.
        wait(lambda: health()[0] == 0, 30, lambda: health()[1])
        broker.stop()
        wait(lambda: alerts.exists() and "article témoin n’est pas arrivé" in alerts.read_text(), 60, said)
        code, words = health()
        assert code == 3, words
        assert "article témoin" in words
        assert store.alerts()[0].alert.type.value == "system"
        broker.start()
        wait(lambda: "arrive de nouveau" in alerts.read_text(), 180, said)
        assert alerts.read_text().count("article témoin n’est pas arrivé") == 1
        assert store.stories() == ()
    finally:
        daemon.send_signal(signal.SIGTERM)
        try:
            daemon.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(daemon.pid, signal.SIGKILL)
            daemon.wait()
        broker.stop()
        store.close()
