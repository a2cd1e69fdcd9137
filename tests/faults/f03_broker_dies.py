"""Test 3: the broker dies with all it holds, five times, and is emptied once, while the worker is killed too."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler

from tests.faults.deployment import UNDER_WAY, Deployment, missing, repeats
from tests.faults.lab import Lab, wait_until
from tests.faults.receivers import SECRET, Answer, Receiver, Request, differing, longest_pause, pending

TITLE = "Broker dies with its data"

_ALERTS, _KILLS, _DEATHS = 1_500, 50, 5
_QUEUED = 500
_SHORTEST_S, _LONGEST_S = 0.02, 0.6
_FIRST_S, _DRAIN_S, _PATIENCE_S = 30.0, 60.0, 300.0
_DOWN_S = (0.5, 5.0)


def run(lab: Lab) -> None:
    """Kill the broker where enough alerts still wait, and look how soon after its return one arrives."""
    alerts, kills = lab.count(_ALERTS), lab.count(_KILLS)
    queued = min(_QUEUED, alerts // 3)

    def slowly(_request: Request, _handler: BaseHTTPRequestHandler) -> Answer:
        return Answer(wait_s=lab.chance.uniform(0.01, 0.05))

    with Receiver(slowly) as receiver:
        environ = lab.configure(
            recipients={"hook": {"channel": "webhook", "address": receiver.url(), "secret": SECRET}},
            fetch={"allow": [receiver.address]},
        )
        here = Deployment(lab, environ, database=lab.database_url(), valkey=lab.valkey("none"))
        wanted = pending(here.store, alerts)
        here.start()
        waited: list[float] = []
        left: list[int] = []

        def next_one() -> float:
            begun = len(receiver.requests())
            wait_until(lambda: len(receiver.requests()) > begun, _PATIENCE_S, "an alert is delivered")
            return receiver.requests()[begun].at

        for _ in range(_DEATHS):
            # Work must be under way, so that there are messages to lose.
            next_one()
            here.valkey.kill()
            left.append(here.waiting())
            time.sleep(lab.chance.uniform(*_DOWN_S))
            here.valkey.start()
            back = time.monotonic()
            waited.append(next_one() - back)
        here.valkey.client().flushall()
        back = time.monotonic()
        left.append(here.waiting())
        waited.append(next_one() - back)
        # The kills of test 1, on what is left and as many again.
        wanted += pending(here.store, alerts // 2, prefix="further")
        for kill in range(kills):
            time.sleep(lab.chance.uniform(_SHORTEST_S, _LONGEST_S))
            here.worker.kill()
            if kill % max(1, kills // _DEATHS) == 0:
                here.valkey.kill()
                here.valkey.start()
            last = time.monotonic()
            here.start_worker()
        here.drain(_PATIENCE_S)
        drained = time.monotonic() - last
        here.kill()
        seen, requests = receiver.ids(), receiver.requests()
    lost = missing(wanted, seen)
    lab.figure("distinct ids", len(seen))
    lab.figure("missing", len(lost))
    lab.figure("repeats", repeats(seen))
    lab.figure("least alerts waiting at a death", min(left))
    lab.figure("longest wait for a delivery after the broker's return, seconds", max(waited))
    lab.figure("drained, seconds after the last kill", drained)
    lab.figure("longest pause after the last kill, seconds", longest_pause(requests, last))
    lab.note("the broker dies five times more among the worker's kills")
    lab.must(not lost, f"{len(lost)} missing")
    lab.must(differing(requests) == 0, "an id came with two bodies")
    lab.must(repeats(seen) <= (kills + _DEATHS + 1) * UNDER_WAY, f"{repeats(seen)} repeats")
    lab.must(min(left) >= queued, f"only {min(left)} alerts waited at a death of the broker")
    lab.must(max(waited) <= _FIRST_S, f"the first delivery came {max(waited):.0f} s after the broker's return")
    lab.must(drained <= _DRAIN_S, f"drained {drained:.0f} s after the last kill")
