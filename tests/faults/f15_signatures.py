"""Test 15: signatures, checked by the reference library, while the secret is changed from one to the next."""

from __future__ import annotations

import base64
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.faults.lab import Lab, Part, wait_until
from tests.faults.receivers import SECRET, Answer, Receiver, Request, differing, pending
from worker.adapters.store import Store

TITLE = "Signature and rotation"

_NEW = "whsec_" + base64.b64encode(b"gigawatch, the next secret").decode()
_STAGES = ((SECRET,), (_NEW, SECRET), (_NEW,))
_EACH = 40
_FRESH_S = 5.0


def _verifies(secret: str, request: Request) -> bool:
    try:
        Webhook(secret).verify(request.body, request.headers)
    except WebhookVerificationError:
        return False
    return True


class _Sink:
    """Verifies each request as it comes. The first two attempts of every alert fail; every other alert is refused until
    the last stage, so that its repeats are signed by each."""

    def __init__(self, stubborn: set[str]) -> None:
        self.stage = 0
        self.stubborn = stubborn
        self.seen: list[tuple[int, Request, bool, bool]] = []
        self.tries: dict[str, int] = defaultdict(int)
        self._lock = threading.Lock()

    def script(self, request: Request, handler: BaseHTTPRequestHandler) -> Answer:
        with self._lock:
            self.tries[request.key] += 1
            self.seen.append((self.stage, request, _verifies(SECRET, request), _verifies(_NEW, request)))
            refused = self.tries[request.key] <= 2 or (request.key in self.stubborn and self.stage < 2)
        return Answer(503 if refused else 204)


def run(lab: Lab) -> None:
    """Deliver with the old secret, with both, with the new one; alerts that fail go on through all three."""
    stubborn: set[str] = set()
    sink = _Sink(stubborn)
    receiver = lab.enter(Receiver(sink.script))
    valkey = lab.valkey()
    url = lab.database_url()
    store = Store(url)
    lab.at_end(store.close)
    store.migrate()
    every: set[str] = set()
    worker: Part | None = None
    for stage, secrets in enumerate(_STAGES):
        environ = lab.configure(
            recipients={"hook": {"channel": "webhook", "address": receiver.url(), "secrets": list(secrets)}},
            fetch={"allow": [receiver.address]},
            polling={"sweep": "500ms"},
            delivery={"factor": 0.002},
        )
        environ |= {"GIGAWATCH_DATABASE_URL": url, "GIGAWATCH_BROKER_URL": valkey.url}
        if worker is not None:
            worker.stop()
        else:
            lab.part("beat", environ=environ).start()
        sink.stage = stage
        worker = lab.part("worker", "--queues", "clock,deliver", environ=environ).start()
        ids = pending(store, lab.count(_EACH, 6), prefix=f"stage {stage}")
        every |= set(ids)
        stubborn |= set(ids[::2])
        easy = ids if stage == 2 else ids[1::2]
        wait_until(lambda wanted=easy: _done(store, wanted), 120, f"stage {stage} is delivered")  # type: ignore[misc]
    wait_until(lambda: _done(store, every), 240, "all is delivered")
    assert worker is not None
    worker.stop()
    _judge(lab, sink, receiver, every)


def _done(store: Store, ids: object) -> bool:
    return all(row.state == "done" for row in store.alerts_by_id(list(ids)))  # type: ignore[call-overload]


def _judge(lab: Lab, sink: _Sink, receiver: Receiver, every: set[str]) -> None:
    by_stage = {stage: [one for one in sink.seen if one[0] == stage] for stage in range(3)}
    old = [one[2] for stage in (0, 1) for one in by_stage[stage]]
    new = [one[3] for stage in (1, 2) for one in by_stage[stage]]
    ages = [abs(one.wall - int(one.headers["webhook-timestamp"])) for _, one, _, _ in sink.seen]
    stamps: dict[str, list[str]] = defaultdict(list)
    for _, one, _, _ in sink.seen:
        stamps[one.key].append(one.headers["webhook-timestamp"])
    lab.figure("requests", len(sink.seen))
    lab.figure("requests of each stage", " ".join(str(len(by_stage[stage])) for stage in range(3)))
    lab.figure("verified by the old secret until the end of the overlap", f"{sum(old)}/{len(old)}")
    lab.figure("verified by the new secret from its start", f"{sum(new)}/{len(new)}")
    lab.figure("verified by the wrong one", sum(one[3] for one in by_stage[0]) + sum(one[2] for one in by_stage[2]))
    lab.figure("oldest timestamp s", max(ages))
    lab.figure("most attempts of one alert", max(map(len, stamps.values())))
    through_all = sum(
        {stage for stage, one, _, _ in sink.seen if one.key == key} == {0, 1, 2} for key in sorted(stamps)
    )
    lab.figure("alerts that were tried in all three stages", through_all)
    lab.must(all(old) and bool(old), "a request does not verify with the old secret before the end of the overlap")
    lab.must(all(new) and bool(new), "a request does not verify with the new secret from its start")
    lab.must(not any(one[3] for one in by_stage[0]), "the new secret verifies before it was given")
    lab.must(not any(one[2] for one in by_stage[2]), "the old secret verifies after it was taken away")
    lab.must(max(ages) <= _FRESH_S, f"a timestamp is {max(ages):.1f} s old")
    lab.must(set(stamps) == every, "the ids are not those of the outbox")
    lab.must(differing(receiver.requests()) == 0, "an id came with two bodies")
    lab.must(all("." not in key for key in stamps), "an id has a dot")
    lab.must(through_all > 0, "no alert was tried in all three stages")
