"""Test 4: a part that is stopped and not dead, and tasks that loop for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from tests.faults.endless import DEAF, FORGIVING
from tests.faults.lab import Lab, Part, wait_until
from tests.faults.newsstand import Newsstand, child, command, migrate, watch

TITLE = "Stuck worker"

_START_S = 240.0
_HEALTH_S, _REPLACED_S, _LOOK_S = 60.0, 120.0, 180.0
_LIMIT_S = 20.0
_PARTS = {"fetching": "poll,read", "deciding": "clock,judge", "beat": " beat"}
_POLLING = {"min_interval": "5s", "max_interval": "5s", "host_gap": 0, "tick": "1s", "sweep": "5s", "jitter": 0}


def run(lab: Lab) -> None:
    """Stop the main processes of `up` one after the other, then let tasks of a worker loop."""
    _stopped(lab)
    _endless(lab)


def _stopped(lab: Lab) -> None:
    stand = lab.enter(Newsstand(("one", "two")))
    environ = lab.configure(feeds=stand.rows(), polling=_POLLING, fetch={"allow": [stand.address]}, name="stopped")
    environ["GIGAWATCH_DATABASE_URL"] = lab.database_url()
    up = lab.part("up", environ=environ).start()
    wait_until(lambda: stand.polled("one") > 1, _START_S, "`up` polls")
    names = list(_PARTS) if lab.scale >= 1 else ["fetching"]
    for name in names:
        healthy = watch({"": _health(environ, 0)}, limit_s=_START_S)[""]
        lab.must(healthy < _START_S, f"{name}: health was not good before the fault")
        _stop_one(lab, up, stand, name, environ)
    lab.must(up.alive(), "`up` ended")
    up.stop()


def _health(environ: dict[str, str], good: int) -> Callable[[], bool]:
    return lambda: (command("healthcheck", environ=environ).returncode == 0) == (good == 0)


def _stop_one(lab: Lab, up: Part, stand: Newsstand, name: str, environ: dict[str, str]) -> None:
    word = _PARTS[name]
    pid = child(up, word)
    lab.must(pid > 0, f"{name}: no such process")
    os.kill(pid, signal.SIGSTOP)
    begun = time.monotonic()

    def resumed() -> bool:
        return child(up, word) not in (0, pid) and all(
            stand.polled(feed, time.monotonic() - 10) > 0 and stand.polled(feed, begun + _HEALTH_S) > 0
            for feed in stand.feeds
        )

    found = watch(
        {"red": _health(environ, 1), "replaced": lambda: child(up, word) not in (0, pid), "polls": resumed},
        limit_s=_LOOK_S,
    )
    lab.figure(f"{name}: health red after s", found["red"])
    lab.figure(f"{name}: replaced after s", found["replaced"])
    lab.figure(f"{name}: polls again after s", found["polls"])
    lab.must(found["red"] <= _HEALTH_S, f"{name}: health red only after {found['red']:.0f} s")
    lab.must(found["replaced"] <= _REPLACED_S, f"{name}: replaced only after {found['replaced']:.0f} s")
    lab.must(found["polls"] < _LOOK_S, f"{name}: polls did not resume")


def _endless(lab: Lab) -> None:
    stand = lab.enter(Newsstand(("healthy", FORGIVING, DEAF)))
    environ = lab.configure(
        feeds=stand.rows(), polling={**_POLLING, "batch": 1}, fetch={"allow": [stand.address]},
        worker={"task_limit": f"{_LIMIT_S:.0f}s", "concurrency": 2}, name="endless",
    )  # fmt: skip
    environ |= {"GIGAWATCH_DATABASE_URL": lab.database_url(), "GIGAWATCH_BROKER_URL": lab.valkey().url}
    migrate(environ)
    log = lab.folder / "endless.log"
    with log.open("wb") as out:
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.endless", "worker"],
            env=environ, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    lab.at_end(lambda: os.killpg(worker.pid, signal.SIGKILL))
    lab.part("beat", environ=environ).start()
    wait_until(lambda: min(stand.polled(FORGIVING), stand.polled(DEAF)) > 0, _START_S, "both endless feeds are read")
    begun = time.monotonic()
    found = watch(
        {
            "soft": lambda: "its time was over" in log.read_text(errors="replace"),
            "hard": lambda: "Hard time limit" in log.read_text(errors="replace"),
            "polls": lambda: stand.polled("healthy", begun + _LIMIT_S + 5) > 1,
        },
        limit_s=2 * _LIMIT_S + 60,
        pause_s=0.2,
    )
    lab.figure("endless task that catches Exception ended after s", found["soft"])
    lab.figure("endless task that catches all ended after s", found["hard"])
    lab.must(found["soft"] <= _LIMIT_S + 3, "a task that catches every Exception outlived the soft limit")
    lab.must(found["hard"] <= _LIMIT_S + 5, "a task that catches everything outlived the hard limit")
    lab.must(found["polls"] < 2 * _LIMIT_S + 60, "the healthy feed was not polled any more")
    lab.must(worker.poll() is None, "the worker ended")
