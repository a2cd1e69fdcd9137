"""gigawatch as on a server: `worker` and `beat` beside each other, and a supervisor that starts what was killed."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.lab import Lab, Part, Valkey, wait_until
from worker.adapters.store import Store
from worker.celery_app import QUEUES
from worker.model import ChannelKind
from worker.pipeline.liveness import worker_name
from worker.steps.dispatch import SHARE

CONCURRENCY = 2
# Deliveries to one receiver that may be under way at once: so many may have to be made again after a kill.
UNDER_WAY = SHARE[ChannelKind.WEBHOOK]

# A worker loads its programs anew at each start; many machines are slower than this one.
_READY_S = 60.0


class Deployment:
    """One worker and one scheduler over one store and one broker, not yet started."""

    def __init__(self, lab: Lab, environ: Mapping[str, str], *, database: str, valkey: Valkey) -> None:
        self.valkey = valkey
        self.environ = {**environ, "GIGAWATCH_DATABASE_URL": database, "GIGAWATCH_BROKER_URL": valkey.url}
        self.store = Store(database)
        lab.at_end(self.store.close)
        self.store.migrate()
        number = sum(1 for _ in lab.folder.glob("worker*.log"))
        arguments = ("worker", "--concurrency", str(CONCURRENCY))
        self.worker = lab.part(*arguments, environ=self.environ, log=f"worker-{number}")
        self.worker.log.touch()
        self.beat = lab.part("beat", environ=self.environ, log=f"beat-{number}")

    def start(self) -> None:
        """Start both and wait until the worker says that it is ready."""
        self.beat.start()
        self.start_worker()

    def start_worker(self) -> float:
        """Start the worker and wait until it has done a task; returns the seconds that it took."""
        begun = datetime.now(UTC)
        self.worker.start()
        name = worker_name(QUEUES, socket.gethostname())

        def ready() -> bool:
            if not self.worker.alive():
                raise RuntimeError(f"the worker ended by itself: {self.worker.words()[-800:]}")
            return self.store.heartbeats().get(name, begun) > begun

        return wait_until(ready, _READY_S, "the worker is ready", pause_s=0.01)

    def kill(self) -> None:
        """Kill the worker's group and the scheduler's."""
        self.worker.kill()
        self.beat.kill()

    def waiting(self) -> int:
        """Return how many alerts have not reached their end."""
        return self.store.counts()["to_deliver"]

    def drain(self, limit_s: float) -> float:
        """Wait until no alert waits any more; returns the seconds it took, `limit_s` where some still do."""
        begun = time.monotonic()
        while self.waiting() and time.monotonic() - begun < limit_s:
            time.sleep(0.1)
        return time.monotonic() - begun


def members(part: Part) -> list[int]:
    """Return the processes that belong to the session of `part`, dead ones that nobody has waited for left out."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == part.pid and fields[0] != "Z" and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


def missing(wanted: Sequence[str], seen: Mapping[str, int]) -> list[str]:
    """Return the ids of `wanted` that were never seen."""
    return [key for key in wanted if not seen.get(key)]


def repeats(seen: Mapping[str, int]) -> int:
    """Return how many of what was seen came again."""
    return sum(times - 1 for times in seen.values())
