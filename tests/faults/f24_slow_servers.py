"""Test 24: servers that answer a byte or a header a second, or nothing; thirty at once, and healthy ones beside."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import formatdate

from tests.faults.lab import Lab, wait_until
from tests.faults.receivers import Answer
from tests.faults.strangers import RSS, Visit, Web, feed_row
from worker.adapters.store import Store
from worker.model import Cause

TITLE = "Slow servers"

_OF_EACH, _HEALTHY = 5, 5
_MOST_S = 21.0
_INTERVAL_S, _TICK_S = 15.0, 5.0
# Found at the next tick, and behind tasks that slow servers hold for one request's time at most.
_LATE_S = _TICK_S + 20.0
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"


class Slow:
    """A server that takes its time in one way; `ended` holds how long each connection lived, in seconds."""

    def __init__(self, behave: Callable[[Slow, socket.socket], None]) -> None:
        self.first: dict[str, float] = {}
        self.ended: list[float] = []
        self._behave = behave
        self._listener = socket.create_server(("0.0.0.0", 0), backlog=256)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        begun = time.monotonic()
        with connection, contextlib.suppress(OSError):
            self.first.setdefault(connection.getsockname()[0], begun)
            self._behave(self, connection)
        self.ended.append(time.monotonic() - begun)

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()


def _gone(connection: socket.socket, seconds: float) -> bool:
    """Wait for `seconds`, or until the client leaves; return whether it did."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if select.select([connection], [], [], left)[0] and not connection.recv(65536):
            return True
    return False


def _drip(connection: socket.socket, pieces: Callable[[int], bytes], seconds: float = 1.0) -> None:
    for number in range(600):
        connection.sendall(pieces(number))
        if _gone(connection, seconds):
            return


def _body(_: Slow, connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(_HEAD + b"Content-Length: 100000\r\n\r\n")
    _drip(connection, lambda _number: b"<")


def _headers(_: Slow, connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(_HEAD)
    _drip(connection, lambda number: f"X-{number}: 1\r\n".encode())


def _silent(_: Slow, connection: socket.socket) -> None:
    _gone(connection, 600)


def _handshake(_: Slow, connection: socket.socket) -> None:
    connection.recv(65536)
    # The head of a TLS record that never becomes whole.
    connection.sendall(b"\x16\x03\x03\x3f\xff")
    _drip(connection, lambda _number: b"\0")


def _redirects(slow: Slow, connection: socket.socket) -> None:
    connection.recv(65536)
    if not _gone(connection, 4.0):
        place = f"http://{connection.getsockname()[0]}:{slow.port}/{time.monotonic()}"
        connection.sendall(f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode())
        _redirects(slow, connection)


_KINDS: dict[str, Callable[[Slow, socket.socket], None]] = {
    "body": _body, "headers": _headers, "silent": _silent, "tls": _silent, "handshake": _handshake,
    "redirects": _redirects,
}  # fmt: skip


def _wire(name: str, at: float) -> bytes:
    """Return the feed of a house whose news come so fast that it is polled as often as the settings let."""
    items = "".join(
        f"<item><title>La tarte de grand-mère, recette {n} de {name}</title><guid>{name} {n}</guid><pubDate>"
        f"{formatdate(at - _INTERVAL_S * n)}</pubDate><description>Une recette simple.</description></item>"
        for n in range(14)
    )
    return f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()


def _hasten(store: Store) -> None:
    """Poll the healthy feeds again now: after its first poll alone a feed's rhythm is not yet known."""
    for state in store.feeds():
        if state.feed.id.startswith("healthy"):
            store.save_feed_state(replace(state, next_poll_at=datetime.now(UTC)))


def run(lab: Lab) -> None:
    """Subscribe to thirty slow servers and five healthy ones, and look at both."""
    slow = {kind: Slow(behave) for kind, behave in _KINDS.items()}
    for server in slow.values():
        lab.at_end(server.close)

    started = time.time()

    def healthy(visit: Visit) -> Answer:
        return Answer(200, RSS, _wire(visit.path, started))

    web = lab.enter(Web(healthy, "0.0.0.0"))
    rows, hosts = [], {}
    for at, (kind, server) in enumerate(slow.items()):
        scheme = "https" if kind in ("tls", "handshake") else "http"
        for n in range(_OF_EACH):
            host = f"127.0.8.{10 * at + n + 1}"
            hosts[f"{kind}-{n}"] = (server, host)
            rows.append(feed_row(f"{kind}-{n}", f"{scheme}://{host}:{server.port}/feed"))
    port = web.address.partition(":")[2]
    rows += [feed_row(f"healthy-{n}", f"http://127.0.8.{200 + n}:{port}/feed/{n}") for n in range(_HEALTHY)]
    environ = lab.configure(
        feeds=rows,
        polling={"min_interval": _INTERVAL_S, "max_interval": "1h", "tick": _TICK_S, "host_gap": 0},
        fetch={"allow": ["127.0.8.0/24"]},
    )
    environ["GIGAWATCH_DATABASE_URL"] = lab.database_url()
    store = Store(environ["GIGAWATCH_DATABASE_URL"])
    store.migrate()
    lab.at_end(store.close)
    daemon = lab.part("up", environ=environ)
    daemon.start()
    wait_until(lambda: all(host in server.first for server, host in hosts.values()), 240, "all slow servers asked")
    wait_until(lambda: all(s.polls for s in store.feeds() if s.feed.id.startswith("healthy")), 120, "healthy ones read")
    _hasten(store)
    took = _outcomes(store, hosts)
    # Longer than that again, so that the second round of the slow ones is seen as well.
    late = _lateness(store, max(5.0, 70.0 * lab.scale))
    lived = [s for server in slow.values() for s in server.ended]
    causes = {state.feed.id: state.cause for state in store.feeds() if state.feed.id in hosts}
    lab.figure("slow servers at once", len(hosts))
    lab.figure("longest until its outcome was stored, s", max(took.values(), default=0.0))
    lab.figure("longest connection, s", max(lived, default=0.0))
    lab.figure("connections ended", len(lived))
    lab.figure("polls of healthy feeds meanwhile", len(late))
    lab.figure("latest poll of a healthy feed after its time, s", max(late, default=0.0))
    lab.must(len(took) == len(hosts), f"no outcome: {sorted(set(hosts) - set(took))}")
    long = {name: round(seconds, 1) for name, seconds in took.items() if seconds > _MOST_S}
    lab.must(not long, f"longer than {_MOST_S} s: {long}")
    lab.must(max(lived, default=99.0) <= _MOST_S, f"a connection lived {max(lived, default=99.0):.1f} s")
    lab.must(set(causes.values()) == {Cause.TIMEOUT}, f"causes: {causes}")
    lab.note(f"on time: within a tick ({_TICK_S:.0f} s) and one request (20 s); intervals of 15 s stand for 15 min")
    lab.must(len(late) >= 2 * _HEALTHY, f"{len(late)} polls of {_HEALTHY} healthy feeds")
    lab.must(max(late, default=99.0) <= _LATE_S, f"a healthy feed was {max(late, default=99.0):.1f} s late")
    lab.figure("seconds to stop", daemon.stop())


def _outcomes(store: Store, hosts: dict[str, tuple[Slow, str]]) -> dict[str, float]:
    """Return for each slow feed the seconds from its first connection until its outcome was in the store."""
    took: dict[str, float] = {}

    def all_in() -> bool:
        for state in store.feeds():
            if state.feed.id in hosts and state.polls and state.feed.id not in took:
                server, host = hosts[state.feed.id]
                took[state.feed.id] = time.monotonic() - server.first[host]
        return len(took) == len(hosts)

    with contextlib.suppress(TimeoutError):
        wait_until(all_in, 60, "every slow server given up", pause_s=0.1)
    return took


def _lateness(store: Store, seconds: float) -> list[float]:
    """Watch the healthy feeds for `seconds`; return how long after its time each poll was, in seconds."""
    planned: dict[str, tuple[datetime, datetime]] = {}
    late: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for state in store.feeds():
            if state.feed.id.startswith("healthy") and state.last_poll_at and state.next_poll_at:
                last, due = planned.get(state.feed.id, (state.last_poll_at, state.next_poll_at))
                if state.last_poll_at != last:
                    late.append((state.last_poll_at - due).total_seconds())
                planned[state.feed.id] = state.last_poll_at, state.next_poll_at
        time.sleep(0.2)
    return late
