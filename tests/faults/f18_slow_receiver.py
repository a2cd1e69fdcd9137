"""Test 18: slow receivers with long queues, and a fast one that must not notice."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.faults.lab import Lab, wait_until
from tests.faults.receivers import SECRET, Answer, Receiver, Request, pending
from worker.adapters.store import Store
from worker.celery_app import create, ring
from worker.model import ChannelKind
from worker.steps import Ring
from worker.steps.dispatch import SHARE

TITLE = "One slow receiver"

_QUEUED, _FAST = 200, 40
_SLOW_S = 30.0


@dataclass
class _Slow:
    """Answers late, and knows how many requests it held at once."""

    held: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def script(self, request: Request, handler: BaseHTTPRequestHandler) -> Answer:
        with self.lock:
            self.held += 1
            self.most = max(self.most, self.held)
        time.sleep(_SLOW_S)
        with self.lock:
            self.held -= 1
        return Answer(204)


def run(lab: Lab) -> None:
    """One slow receiver that answers in time, then four that do not."""
    _phase(lab, "answers after 30 s", slow=1, timeout_s=45.0)
    _phase(lab, "4 that time out", slow=4, timeout_s=20.0)
    lab.note("work is rung for as filing does it; both processes of the worker share all queues")


def _phase(lab: Lab, name: str, *, slow: int, timeout_s: float) -> None:
    scripts = [_Slow() for _ in range(slow)]
    others = [lab.enter(Receiver(one.script)) for one in scripts]
    fast = lab.enter(Receiver())
    addresses = {f"slow{number}": one for number, one in enumerate(others)} | {"fast": fast}
    valkey = lab.valkey()
    environ = lab.configure(
        name=f"config-{slow}",
        recipients={
            key: {"channel": "webhook", "address": one.url(), "secret": SECRET} for key, one in addresses.items()
        },
        fetch={"allow": [one.address for one in addresses.values()]},
        polling={"sweep": "5s"},
        delivery={"webhook_timeout": f"{timeout_s:.0f}s"},
    )
    environ |= {"GIGAWATCH_DATABASE_URL": lab.database_url(), "GIGAWATCH_BROKER_URL": valkey.url}
    store = Store(environ["GIGAWATCH_DATABASE_URL"])
    lab.at_end(store.close)
    store.migrate()
    for key in addresses:
        if key != "fast":
            pending(store, lab.count(_QUEUED, 20), recipient=key)
    app = create(lab.load(environ), valkey.url)
    worker = lab.part("worker", "--concurrency", "2", environ=environ, log=f"worker-{slow}").start()
    beat = lab.part("beat", environ=environ, log=f"beat-{slow}").start()
    wait_until(lambda: all(one.requests() for one in others), 60, "every slow receiver has a request")
    sent: dict[str, float] = {}
    for number in range(lab.count(_FAST, 20)):
        (key,) = pending(store, 1, recipient="fast", prefix=f"{name} {number}")
        sent[key] = time.monotonic()
        ring(app, (Ring("deliver", (key,)),))
        time.sleep(1.5)
    wait_until(lambda: len(fast.ids()) == len(sent), 60, "the fast receiver has all")
    arrived = {one.key: one.at for one in reversed(fast.requests())}
    waits = sorted(arrived[key] - at for key, at in sent.items())
    p95 = waits[int(0.95 * (len(waits) - 1))]
    lab.figure(f"{name}: fast p50 s", waits[len(waits) // 2])
    lab.figure(f"{name}: fast p95 s", p95)
    lab.figure(f"{name}: fast longest s", waits[-1])
    most = max(one.most for one in scripts)
    lab.figure(f"{name}: most at once at a slow one", most)
    lab.figure(f"{name}: requests at slow ones", sum(len(one.requests()) for one in others))
    lab.must(p95 <= 5.0, f"{name}: the fast receiver's p95 is {p95:.1f} s")
    lab.must(most <= SHARE[ChannelKind.WEBHOOK], f"{name}: {most} at once at a slow receiver")
    lab.must(worker.alive() and beat.alive(), f"{name}: a process ended")
    for part in (beat, worker):
        part.kill()
    valkey.kill()
