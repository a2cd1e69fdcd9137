"""Test 17: an endpoint out of order for good: the schedule, the dead letter, the end, who is told, the replay."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from itertools import pairwise

from tests.faults.lab import Lab, wait_until
from tests.faults.receivers import SECRET, Answer, Receiver, Request, differing, pending
from tests.faults.relays import Relay
from worker.adapters.store import Store

TITLE = "Dead endpoint"

# Between one attempt and the next, as Standard Webhooks publishes them.
_DELAYS_S = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
_FACTOR = 0.0005
_FIVE_DAYS_S = 5 * 86_400 * _FACTOR
# The sweep's period, and what a busy machine adds: no part of the schedule. The first three delays are shorter than
# that at this scale; test 16 measures the first one at its full length.
_SLACK_S = 3.0


class _Endpoint:
    def __init__(self) -> None:
        self.healed = False

    def script(self, request: Request, handler: BaseHTTPRequestHandler) -> Answer:
        return Answer(204 if self.healed else 500)


def run(lab: Lab) -> None:
    """Send to an endpoint that always answers 500, past its five days, mend it, and send again what was given up."""
    endpoint = _Endpoint()
    receiver, relay = lab.enter(Receiver(endpoint.script)), lab.enter(Relay())
    valkey = lab.valkey()
    environ = lab.configure(
        recipients={
            "hook": {"channel": "webhook", "address": receiver.url(), "secret": SECRET},
            "owner": {"channel": "email", "address": "owner@gw.example"},
        },
        smtp={"host": "127.0.0.1", "port": relay.port, "security": "none", "sender": "veille@gw.example"},
        fetch={"allow": [receiver.address]},
        polling={"sweep": "500ms"},
        canary={"enabled": False, "within": "2s"},
        delivery={"factor": _FACTOR},
    )
    url = lab.database_url()
    environ |= {"GIGAWATCH_DATABASE_URL": url, "GIGAWATCH_BROKER_URL": valkey.url}
    store = Store(url)
    lab.at_end(store.close)
    store.migrate()
    lab.part("worker", "--queues", "clock,deliver", environ=environ).start()
    lab.part("beat", environ=environ).start()
    begun = time.monotonic()
    (first,) = pending(store, 1, prefix="first")
    wait_until(lambda: bool(receiver.requests()), 60, "the first attempt")
    failing_since = receiver.requests()[0].at
    wait_until(lambda: time.monotonic() - failing_since > _FIVE_DAYS_S / 2, 300, "half of the five days")
    middle = datetime.now(UTC)
    (second,) = pending(store, 1, prefix="second")
    wait_until(lambda: store.alerts_by_id([first])[0].state == "dead", 300, "the first is a dead letter", 0.2)
    lab.must(not any(one.disabled_at for one in store.recipient_states()), "disabled before the five days")
    wait_until(lambda: any(one.disabled_at for one in store.recipient_states()), 300, "the five days' end", 0.2)
    disabled_s = time.monotonic() - failing_since
    _schedule(lab, [one.at for one in receiver.requests() if one.key == first])
    lab.figure("disabled after s (five days are)", f"{disabled_s:.1f} ({_FIVE_DAYS_S:.1f})")
    lab.must(_FIVE_DAYS_S <= disabled_s <= _FIVE_DAYS_S + 86_400 * 1.2 * _FACTOR + _SLACK_S, "the five-day rule")
    pending(store, 3, prefix="after")
    wait_until(lambda: len(store.alerts(state="dead")) >= 5, 60, "the rest is given up", 0.2)
    wait_until(lambda: bool(_subjects(relay, "débranché")), 60, "the owner is told", 0.2)
    count = len(receiver.requests())
    time.sleep(5)
    lab.must(len(receiver.requests()) == count, "a disabled endpoint was sent more")
    lab.figure("mails to the owner", " | ".join(_subjects(relay, "")))
    lab.must(len(_subjects(relay, "débranché")) == 1, "the owner was not told once that the endpoint is disabled")
    lab.must(len(_subjects(relay, "ne reçoit plus")) == 1, "the owner was not told once that nothing reaches it")
    lab.must(len(_subjects(relay, "abandonnées")) == 1, "the owner was not told once of the dead letters")
    _replay(lab, environ, store, receiver, endpoint, first=first, second=second, middle=middle)
    lab.figure("seconds", time.monotonic() - begun)
    lab.note(f"delays and days are scaled by delivery.factor {_FACTOR}; {_SLACK_S} s are allowed for the sweep")


def _schedule(lab: Lab, at: list[float]) -> None:
    waits = [after - before for before, after in pairwise(at)]
    lab.figure("attempts", len(at))
    lab.figure("delays in hours of the schedule", " ".join(f"{wait / _FACTOR / 3600:.2f}" for wait in waits))
    lab.figure("from first to last in hours", (at[-1] - at[0]) / _FACTOR / 3600)
    lab.must(len(at) == len(_DELAYS_S) + 1, f"{len(at)} attempts")
    for wait, planned in zip(waits, _DELAYS_S, strict=False):
        scaled = planned * _FACTOR
        lab.must(0.8 * scaled <= wait <= 1.2 * scaled + _SLACK_S, f"{wait:.2f} s for {scaled:.2f} s")


def _subjects(relay: Relay, word: str) -> list[str]:
    return [str(one.message["Subject"]) for one in relay.attempts() if word in str(one.message["Subject"])]


def _replay(
    lab: Lab,
    environ: dict[str, str],
    store: Store,
    receiver: Receiver,
    endpoint: _Endpoint,
    *,
    first: str,
    second: str,
    middle: datetime,
) -> None:
    endpoint.healed = True
    listed = _command(environ, "alerts", "list", "--state", "dead", "--json")
    lab.must(first in listed and second in listed, "the dead letters are not listed")
    _command(environ, "alerts", "enable", "hook")
    sent = len(receiver.requests())
    _command(environ, "alerts", "retry", first[:12])
    wait_until(lambda: store.alerts_by_id([first])[0].state == "done", 60, "the replay by id")
    lab.must(_replayed(receiver, sent) == {first}, "the replay by id sent something else")
    sent = len(receiver.requests())
    _command(environ, "alerts", "retry", "--since", middle.isoformat())
    wait_until(lambda: not store.alerts(state="dead") and not store.alerts(state="open"), 60, "the replay by range")
    again = _replayed(receiver, sent)
    lab.figure("sent again by id and by range", f"1 and {len(again)}")
    lab.must(len(again) == 4 and second in again and first not in again, f"the replay by range sent {len(again)}")
    lab.must(differing(receiver.requests()) == 0, "a replay has another body")
    lab.must(all(row.state == "done" for row in store.alerts_by_id([first, *again])), "not all were delivered")


def _replayed(receiver: Receiver, since: int) -> set[str]:
    """Return the ids that came, without the notice that the endpoint is put back."""
    return {one.key for one in receiver.requests()[since:] if json.loads(one.body)["type"] != "system"}


def _command(environ: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "worker", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout
