"""`gigawatch up` as a person runs it: ready soon, stopped cleanly by every signal, nothing left, alive after a loss."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from worker.adapters.store import Store

ROOT = Path(__file__).resolve().parent.parent
# One feed that nobody serves: `up` must not depend on the outside.
FEED = '[[feed]]\nid = "absent"\nname = "Absent"\nurl = "http://127.0.0.1:9/rss"\n'
# Generous, for a machine that runs other tests beside; the figures of an idle one stand in the README.
READY_S = 60.0
STOP_S = 20.0


class Up:
    """One running `gigawatch up`, in a process group of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        config = folder / "config"
        config.mkdir(exist_ok=True)
        (config / "feeds.toml").write_text(FEED, encoding="utf-8")
        (config / "gigawatch.toml").write_text('[fetch]\nallow = ["127.0.0.1:9"]\n', encoding="utf-8")
        self.log = folder / "log"
        environ = {**os.environ, "GIGAWATCH_CONFIG": str(config), "GIGAWATCH_DATA": str(folder / "data")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "worker", "up"],
                cwd=ROOT,
                env={**environ, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def ready(self) -> None:
        wait(lambda: "prêt" in self.said() or self.process.poll() is not None, READY_S, self.said)
        assert self.process.poll() is None, self.said()

    def family(self) -> dict[int, str]:
        """Return the living processes that this run started, by number, with their command lines."""
        found: dict[int, str] = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                stat = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            mine = int(stat[2]) == self.process.pid or str(self.folder) in command
            if mine and stat[0] not in "ZX" and int(entry.name) != os.getpid():
                found[int(entry.name)] = command
        return found


def wait(until: Callable[[], bool], seconds: float, said: Callable[[], str]) -> None:
    """Wait for a condition, at most `seconds`; fails with what was said meanwhile."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, said()
        time.sleep(0.05)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[[], Up]]:
    runs: list[Up] = []

    def start() -> Up:
        runs.append(Up(tmp_path))
        return runs[-1]

    yield start
    for run in runs:
        for number in run.family():
            os.kill(number, signal.SIGKILL)
        run.process.wait()


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_is_ready_and_stops_cleanly_and_leaves_nothing(up: Callable[[], Up], number: signal.Signals) -> None:
    run = up()
    run.ready()
    assert len(run.family()) >= 4
    begun = time.monotonic()
    # Ctrl-C at a terminal reaches every process of the group, SIGTERM the one that was asked.
    if number is signal.SIGINT:
        os.killpg(run.process.pid, number)
    else:
        run.process.send_signal(number)
    assert run.process.wait(STOP_S) == 0, run.said()
    assert time.monotonic() - begun < STOP_S
    wait(lambda: not run.family(), 2.0, lambda: str(run.family()))
    assert "Traceback" not in run.said()


def test_a_killed_one_leaves_nothing_and_the_next_one_goes_on(up: Callable[[], Up]) -> None:
    run = up()
    run.ready()
    os.killpg(run.process.pid, signal.SIGKILL)
    run.process.wait()
    wait(lambda: not run.family(), 10.0, lambda: str(run.family()))
    run.log.unlink()
    again = up()
    again.ready()
    again.process.send_signal(signal.SIGTERM)
    assert again.process.wait(STOP_S) == 0


def test_a_lost_child_is_replaced(up: Callable[[], Up]) -> None:
    run = up()
    run.ready()
    wait(lambda: any("beat" in command for command in run.family().values()), 10.0, run.said)
    workers = [number for number, command in run.family().items() if "poll,read" in command]
    for number in workers:
        os.kill(number, signal.SIGKILL)
    wait(lambda: "fetching" in run.said(), 10.0, run.said)
    wait(lambda: any("poll,read" in command for command in run.family().values()), 10.0, run.said)


def test_a_lost_broker_is_replaced_and_work_goes_on(up: Callable[[], Up], tmp_path: Path) -> None:
    run = up()
    run.ready()
    for number, command in run.family().items():
        if "valkey-server" in command:
            os.kill(number, signal.SIGKILL)
    wait(lambda: "broker" in run.said(), 10.0, run.said)
    store = Store(f"sqlite:///{tmp_path / 'data' / 'gigawatch.db'}")
    before = store.heartbeats()["tick"]
    # A machine whose disk stands still may hold SQLite's lock for its whole patience of 30 s; the work that met it is
    # done by a later tick.
    wait(lambda: store.heartbeats()["tick"] > before, 150.0, run.said)
    store.close()


def test_it_tells_systemd_when_it_is_ready_alive_and_stopping(
    up: Callable[[], Up], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(READY_S)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        run = up()
        run.ready()
        assert systemd.recv(1000).splitlines() == [b"READY=1", b"WATCHDOG=1"]
        assert systemd.recv(1000) == b"WATCHDOG=1"
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(STOP_S) == 0, run.said()
        last = b""
        while last != b"STOPPING=1":
            last = systemd.recv(1000)


def test_two_of_them_do_not_share_a_folder(up: Callable[[], Up]) -> None:
    first = up()
    first.ready()
    second = up()
    assert second.process.wait(READY_S) == 2
    assert "--data" in second.said()
    assert first.process.poll() is None


def test_the_feeds_of_the_configuration_are_polled(up: Callable[[], Up], tmp_path: Path) -> None:
    run = up()
    run.ready()
    store = Store(f"sqlite:///{tmp_path / 'data' / 'gigawatch.db'}")
    wait(lambda: any(state.polls for state in store.feeds()), 20.0, run.said)
    assert store.feeds()[0].cause.value == "connect"
    store.close()
