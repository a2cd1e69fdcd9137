"""A webhook receiver that writes down every request and answers as a script says, and alerts that wait for it."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from types import TracebackType
from typing import Any

from worker.adapters.store import Store
from worker.model import Alert, AlertType, ChannelKind

SECRET = "whsec_Z2lnYXdhdGNoLCB0aGUgZmF1bHQgdGVzdHM="


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived; `at` is in seconds of the monotonic clock, `wall` of the calendar's."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float
    wall: float

    @property
    def key(self) -> str:
        """Return the webhook-id."""
        return self.headers.get("webhook-id", "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver says: status, headers, and seconds of silence before it."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    wait_s: float = 0.0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of senders that were killed; the rest is a fault of the test."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Receiver:
    """An HTTP server on loopback that keeps every POST. `script` chooses the answer; without one all get 204.

    A script may also take the handler's connection into its own hands: it returns None once it has answered, or left.
    """

    def __init__(
        self, script: Callable[[Request, BaseHTTPRequestHandler], Answer | None] | None = None, *, port: int = 0
    ) -> None:
        self.script = script
        self._requests: list[Request] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    @property
    def address(self) -> str:
        """`host:port`, as the allow list of the HTTP client wants it."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def url(self, path: str = "/hook") -> str:
        """Return the address of one endpoint of this server."""
        return f"http://{self.address}{path}"

    def requests(self) -> tuple[Request, ...]:
        """Return every request so far, in order of arrival, repeats included."""
        with self._lock:
            return tuple(self._requests)

    def ids(self) -> Counter[str]:
        """Return how often each webhook-id came."""
        return Counter(request.key for request in self.requests())

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def do_POST(self) -> None:
                announced = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(announced)
                if len(body) < announced:
                    # The sender was killed in the middle: this is no request.
                    self.close_connection = True
                    return
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.path, headers, body, time.monotonic(), time.time())
                with sink._lock:
                    sink._requests.append(request)
                answer = sink.script(request, self) if sink.script else Answer()
                if answer is None:
                    self.close_connection = True
                    return
                time.sleep(answer.wait_s)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.status != 204:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST  # noqa: N815 - the name that the library calls

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: the requests are written down."""

        return Handler


def differing(requests: Iterable[Request]) -> int:
    """Return how many ids came with more than one body."""
    bodies: dict[str, set[bytes]] = {}
    for request in requests:
        bodies.setdefault(request.key, set()).add(request.body)
    return sum(len(found) > 1 for found in bodies.values())


def longest_pause(requests: Iterable[Request], since: float) -> float:
    """Return the longest time without any request, in seconds, from `since` to the last one."""
    times = [since, *(request.at for request in requests if request.at > since)]
    return max((after - before for before, after in pairwise(times)), default=0.0)


def pending(
    store: Store,
    count: int,
    *,
    recipient: str = "hook",
    channel: ChannelKind = ChannelKind.WEBHOOK,
    sender: str = "veille@gw.example",
    address: str = "desk@gw.example",
    prefix: str = "alert",
) -> list[str]:
    """Put `count` alerts for one recipient into the outbox, as a filed story would; returns their ids."""
    now = datetime.now(UTC)
    ids = []
    for number in range(count):
        key = blake2b(f"{prefix} {recipient} {number}".encode(), digest_size=16).hexdigest()
        body = (
            f'{{"type":"test","timestamp":"{now.isoformat()}","data":{{"number":{number}}}}}'
            if channel is ChannelKind.WEBHOOK
            else f"From: {sender}\r\nTo: {address}\r\nSubject: Essai {number}\r\nMessage-ID: <{key}@gw.example>\r\n"
            f"Date: Mon, 02 Mar 2026 13:02:00 +0000\r\n\r\nEssai {number}\r\n"
        )
        alert = Alert(key, AlertType.TEST, "all", recipient, channel, f"Essai {number}", body, {"schema": "1"}, now)
        store.add_alert(alert, now)
        ids.append(key)
    return ids
