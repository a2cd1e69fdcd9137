"""Test 1: the worker's whole process group is killed 50 times while 1,000 alerts wait, on each database and broker."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler

from tests.faults.deployment import UNDER_WAY, Deployment, missing, repeats
from tests.faults.lab import Lab
from tests.faults.receivers import SECRET, Answer, Receiver, Request, differing, longest_pause, pending

TITLE = "Worker killed"

_ALERTS, _KILLS = 1_000, 50
_SHORTEST_S, _LONGEST_S = 0.02, 0.6
_DRAIN_S = 60.0
_PATIENCE_S = 240.0


def run(lab: Lab) -> None:
    """Run SQLite and PostgreSQL, each with a broker that keeps a file and one that keeps nothing."""
    for database in ("sqlite", "postgresql"):
        for persistence in ("aof", "none"):
            _run(lab, database, persistence)


def _run(lab: Lab, database: str, persistence: str) -> None:
    name = f"{database}, {persistence}"
    alerts, kills = lab.count(_ALERTS), lab.count(_KILLS)

    def slowly(_request: Request, _handler: BaseHTTPRequestHandler) -> Answer:
        # A receiver over a network: long enough for most kills to strike in the middle of a request.
        return Answer(wait_s=lab.chance.uniform(0.01, 0.05))

    with Receiver(slowly) as receiver:
        environ = lab.configure(
            recipients={"hook": {"channel": "webhook", "address": receiver.url(), "secret": SECRET}},
            fetch={"allow": [receiver.address]},
            name=f"config-{database}-{persistence}",
        )
        url = lab.postgres_url() if database == "postgresql" else f"sqlite:///{lab.folder / f'{persistence}.db'}"
        here = Deployment(lab, environ, database=url, valkey=lab.valkey(persistence))
        wanted = pending(here.store, alerts)
        here.start()
        for kill in range(kills):
            time.sleep(lab.chance.uniform(_SHORTEST_S, _LONGEST_S))
            here.worker.kill()
            if kill == kills - 1:
                last, left, taken = time.monotonic(), here.waiting(), len(receiver.ids())
            here.start_worker()
        here.drain(_PATIENCE_S)
        drained = time.monotonic() - last
        here.kill()
        here.valkey.kill()
        seen, requests = receiver.ids(), receiver.requests()
    lost = missing(wanted, seen)
    lab.figure(f"{name}: distinct ids", len(seen))
    lab.figure(f"{name}: missing", len(lost))
    lab.figure(f"{name}: repeats", repeats(seen))
    lab.figure(f"{name}: differing bodies", differing(requests))
    lab.figure(f"{name}: delivered before the last kill", taken)
    lab.figure(f"{name}: waiting at the last kill", left)
    lab.figure(f"{name}: drained, seconds after the last kill", drained)
    lab.figure(f"{name}: longest pause after the last kill, seconds", longest_pause(requests, last))
    lab.must(not lost, f"{name}: {len(lost)} missing")
    lab.must(set(seen) == set(wanted), f"{name}: {len(set(seen) - set(wanted))} ids that nobody asked for")
    lab.must(differing(requests) == 0, f"{name}: an id came with two bodies")
    lab.must(repeats(seen) <= kills * UNDER_WAY, f"{name}: {repeats(seen)} repeats for {kills} kills")
    lab.must(taken > 0, f"{name}: nothing was delivered between the kills, so they showed nothing")
    lab.must(left > 0, f"{name}: nothing waited at the last kill, so it showed nothing")
    lab.must(drained <= _DRAIN_S, f"{name}: drained {drained:.0f} s after the last kill")
