"""Test 7: a link to the broker that stays open and carries nothing, then heals."""

from __future__ import annotations

import time

from tests.faults.lab import Lab, wait_until
from tests.faults.newsstand import Newsstand, children, migrate, watch
from tests.faults.proxy import Proxy

TITLE = "Half-open broker link"

_RESUME_S = 60.0
_START_S = 240.0
_POLLING = {"min_interval": "3s", "max_interval": "3s", "host_gap": 0, "tick": "1s", "sweep": "3s", "jitter": 0}


def run(lab: Lab) -> None:
    """Swallow everything for 20 s, then for 150 s; time how long work takes to go on after each."""
    valkey = lab.valkey()
    proxy = lab.enter(Proxy(valkey.port))
    stand = lab.enter(Newsstand(("one",)))
    environ = lab.configure(feeds=stand.rows(), polling=_POLLING, fetch={"allow": [stand.address]})
    environ |= {
        "GIGAWATCH_DATABASE_URL": lab.database_url(),
        "GIGAWATCH_BROKER_URL": f"redis://127.0.0.1:{proxy.port}/0",
    }
    migrate(environ)
    up = lab.part("up", environ=environ).start()
    wait_until(lambda: stand.polled("one") > 2, _START_S, "polls")
    for full in (20.0, 150.0):
        before = set(children(up.pid))
        proxy.swallowing = True
        seconds = full * min(1.0, lab.scale)
        time.sleep(seconds)
        swallowed = stand.polled("one", time.monotonic() - seconds / 2)
        proxy.swallowing = False
        healed = time.monotonic()
        found = watch({"": lambda since=healed: stand.polled("one", since + 0.5) > 1}, limit_s=2 * _RESUME_S)  # type: ignore[misc]
        lab.figure(f"{seconds:.0f} s swallowed: polls again after s", found[""])
        lab.must(found[""] <= _RESUME_S, f"after {seconds:.0f} s: consumption resumed only after {found['']:.0f} s")
        lab.must(not swallowed, f"{swallowed} polls though nothing passed: the fault was none")
        lab.must(set(children(up.pid)) == before, f"after {seconds:.0f} s: a part was started again")
        time.sleep(10)
    lab.must(up.alive(), "`up` ended")
    up.stop()
