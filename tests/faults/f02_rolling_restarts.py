"""Test 2: the worker is stopped with SIGTERM 60 times while 2,000 alerts are delivered."""

from __future__ import annotations

import subprocess
import time
from http.server import BaseHTTPRequestHandler

from tests.faults.deployment import Deployment, members, missing, repeats
from tests.faults.lab import Lab
from tests.faults.receivers import SECRET, Answer, Receiver, Request, differing, pending

TITLE = "Rolling restarts"

_ALERTS, _STOPS = 2_000, 60
_SHORTEST_S, _LONGEST_S = 0.1, 2.0
_LIMIT_S, _STOP_S = 30.0, 15.0
_REPEATS = 5
_PATIENCE_S = 300.0


def run(lab: Lab) -> None:
    """Stop and start the worker as an upgrade would; each stop waits for the process to end by itself."""
    alerts, stops = lab.count(_ALERTS), lab.count(_STOPS)

    def slowly(_request: Request, _handler: BaseHTTPRequestHandler) -> Answer:
        return Answer(wait_s=lab.chance.uniform(0.01, 0.05))

    with Receiver(slowly) as receiver:
        environ = lab.configure(
            recipients={"hook": {"channel": "webhook", "address": receiver.url(), "secret": SECRET}},
            fetch={"allow": [receiver.address]},
        )
        here = Deployment(lab, environ, database=lab.database_url(), valkey=lab.valkey("aof"))
        wanted = pending(here.store, alerts)
        here.start()
        took, hung, orphans, busy = [], 0, 0, 0
        for _ in range(stops):
            time.sleep(lab.chance.uniform(_SHORTEST_S, _LONGEST_S))
            busy += here.waiting() > 0
            try:
                took.append(here.worker.stop(_LIMIT_S))
            except subprocess.TimeoutExpired:
                hung += 1
            orphans += len(members(here.worker))
            here.start_worker()
        drained = here.drain(_PATIENCE_S)
        here.kill()
        seen, requests = receiver.ids(), receiver.requests()
    lost = missing(wanted, seen)
    lab.figure("distinct ids", len(seen))
    lab.figure("missing", len(lost))
    lab.figure("repeats", repeats(seen))
    lab.figure("stops while alerts waited", busy)
    lab.figure("stops that hung", hung)
    lab.figure("longest stop, seconds", max(took, default=0.0))
    lab.figure("median stop, seconds", sorted(took)[len(took) // 2] if took else 0.0)
    lab.figure("processes left behind", orphans)
    lab.figure("drained, seconds after the last start", drained)
    lab.must(not lost, f"{len(lost)} missing")
    lab.must(differing(requests) == 0, "an id came with two bodies")
    lab.must(repeats(seen) <= _REPEATS, f"{repeats(seen)} repeats")
    lab.must(not hung, f"{hung} stops hung longer than {_LIMIT_S:.0f} s")
    lab.must(max(took, default=_LIMIT_S) <= _STOP_S, f"a stop took {max(took, default=_LIMIT_S):.1f} s")
    lab.must(orphans == 0, f"{orphans} processes left behind")
    lab.must(busy > 0, "no stop struck while alerts waited, so it showed nothing")
