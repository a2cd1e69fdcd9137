"""Test 16: everything that a receiver may answer, and what must come of it."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.faults.lab import Lab, Part, wait_until
from tests.faults.receivers import SECRET, Answer, Receiver, Request, pending
from worker.adapters.store import Store

TITLE = "Receiver behaviours"

_ANSWERS = {
    "ok": Answer(200, body=b"ok"),
    "empty": Answer(204),
    "moved": Answer(302, {"Location": "/target"}),
    "bad": Answer(400, body=b"no"),
    "gone": Answer(410),
    "busy": Answer(429, {"Retry-After": "120"}),
    "away": Answer(503),
}
_GOOD = ("ok", "empty", "endless")
_KEPT = 20_000
_SLACK_S = 2.0  # from the planned time to the request, on a busy machine


class _Sink:
    def __init__(self) -> None:
        self.sent = 0
        self.left_s: list[float] = []

    def script(self, request: Request, handler: BaseHTTPRequestHandler) -> Answer | None:
        name = request.path.strip("/")
        if name == "reset":
            # Closed with what was received unread by nobody: the peer sees a reset, not an end.
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
            return None
        if name == "silent":
            handler.connection.settimeout(40)
            with contextlib.suppress(OSError):
                handler.connection.recv(1)
            self.left_s.append(time.monotonic() - request.at)
            return None
        if name == "endless":
            handler.send_response(200)
            handler.end_headers()
            with contextlib.suppress(OSError):
                while True:
                    self.sent += handler.connection.send(b"x" * 65_536)
            return None
        return _ANSWERS.get(name, Answer(200))


def run(lab: Lab) -> None:
    """One recipient for each behaviour, real times, until the one that asked for 120 s was tried again."""
    sink = _Sink()
    receiver = lab.enter(Receiver(sink.script))
    valkey = lab.valkey()
    names = [*_ANSWERS, "reset", "silent", "endless"]
    environ = lab.configure(
        recipients={
            name: {"channel": "webhook", "address": receiver.url(f"/{name}"), "secret": SECRET} for name in names
        },
        fetch={"allow": [receiver.address]},
        polling={"sweep": "2s"},
    )
    url = lab.database_url()
    environ |= {"GIGAWATCH_DATABASE_URL": url, "GIGAWATCH_BROKER_URL": valkey.url}
    store = Store(url)
    lab.at_end(store.close)
    store.migrate()
    warm = pending(store, 5, recipient="ok", prefix="warm")
    worker = lab.part("worker", "--concurrency", "2", environ=environ).start()
    lab.part("beat", environ=environ).start()
    wait_until(lambda: all(row.state == "done" for row in store.alerts_by_id(warm)), 60, "the worker delivers")
    before = _memory(worker)
    ids = {name: pending(store, 1, recipient=name)[0] for name in names}
    # Many endless answers, not one: what each leaves behind would add up.
    endless = pending(store, 30, recipient="endless", prefix="more")
    wait_until(lambda: len(_of(receiver, "busy")) >= 2, 300, "429 is tried again", pause_s=0.2)
    wait_until(lambda: all(row.state == "done" for row in store.alerts_by_id(endless)), 300, "endless bodies")
    after = _memory(worker)
    states = {name: store.alerts_by_id([key])[0].state for name, key in ids.items()}
    late = pending(store, 1, recipient="gone", prefix="late")
    wait_until(lambda: store.alerts_by_id(late)[0].state == "dead", 60, "what comes later for the disabled one")
    busy = [one.at for one in _of(receiver, "busy")]
    first = [_of(receiver, name)[1].at - _of(receiver, name)[0].at for name in ("moved", "bad", "away")]
    answer = max(len(detail) for key in endless for _, _, detail in store.attempts_of(key))
    silent = store.attempts_of(ids["silent"])[0][0].timestamp() - _of(receiver, "silent")[0].wall
    disabled = [one.id for one in store.recipient_states() if one.disabled_at]
    lab.figure("states", " ".join(f"{name}:{state}" for name, state in states.items()))
    lab.figure("requests at the target of the redirect", len(_of(receiver, "target")))
    lab.figure("requests at the one that is gone", len(_of(receiver, "gone")))
    lab.figure("first repeat after s", " ".join(f"{wait:.1f}" for wait in first))
    lab.figure("429 tried again after s", busy[1] - busy[0])
    lab.figure("silence given up after s", silent)
    lab.figure("longest answer kept", answer)
    lab.figure("largest process before KiB", before)
    lab.figure("largest process after KiB", after)
    lab.must({name for name, state in states.items() if state == "done"} == set(_GOOD), f"not only 2xx: {states}")
    lab.must(states["gone"] == "dead" and disabled == ["gone"], f"410: {states['gone']}, disabled {disabled}")
    lab.must(len(_of(receiver, "gone")) == 1, "a disabled recipient was sent more")
    lab.must(not _of(receiver, "target"), "the redirect was followed")
    lab.must(all(4.0 <= wait <= 6.0 + _SLACK_S for wait in first), f"first repeats after {first}, not 5 s")
    lab.must(120 <= busy[1] - busy[0] <= 240, "429 with Retry-After 120 did not wait 120 to 240 s")
    lab.must(15 <= silent <= 30, "a silent receiver was not given up after 15 to 30 s")
    lab.must(sink.left_s != [] and sink.left_s[0] <= 30, "the connection to the silent receiver stayed open")
    lab.must(
        all(len(_of(receiver, name)) >= 2 for name in ("moved", "bad", "away", "reset")), "one was not tried again"
    )
    lab.must(answer <= _KEPT + 4, f"{answer} characters of an answer were kept")
    lab.must(after - before <= 16 * 1024, f"memory grew by {after - before} KiB")


def _of(receiver: Receiver, name: str) -> list[Request]:
    return [one for one in receiver.requests() if one.path == f"/{name}"]


def _memory(part: Part) -> int:
    """Return the largest resident size, in KiB, that a process of the group had so far."""
    most = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError, ValueError):
            if int((status.parent / "stat").read_text().rpartition(")")[2].split()[2]) != part.pid:
                continue
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
            most = max(most, int(lines["VmHWM"].split()[0]))
    return most
