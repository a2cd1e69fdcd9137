"""Newsrooms for long runs: many feeds on several hosts of loopback, each feed as long as a real one, and no longer."""

from __future__ import annotations

import random
import threading
from collections import Counter, deque
from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from worker.demo import pages
from worker.demo.script import Outlet, Piece

_SHOWN = 30  # pieces in a feed
_FORMATS = ("rss2", "atom", "rdf", "json")
_FAILING = 50  # one answer to a poll in so many is a 503


class Newsrooms:
    """`feeds` feeds over `hosts` addresses 127.0.0.2 and on. Use as a context manager; `publish` what is to be read."""

    def __init__(self, feeds: int, hosts: int, chance: random.Random) -> None:
        self.outlets = tuple(
            Outlet(f"journal-{n:02d}", f"Journal {n}", f"Maison {n}", _FORMATS[n % len(_FORMATS)], "utf-8")
            for n in range(feeds)
        )
        self.polls: Counter[str] = Counter()
        self._chance = chance
        self._shown: dict[str, deque[Piece]] = {one.id: deque(maxlen=_SHOWN) for one in self.outlets}
        self._pages: dict[str, Piece] = {}
        self._lock = threading.Lock()
        self._servers = [self._server(f"127.0.0.{2 + n}") for n in range(hosts)]

    def _server(self, host: str) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer((host, 0), self._handler())
        server.daemon_threads = True
        server.request_queue_size = 128
        return server

    @property
    def addresses(self) -> tuple[str, ...]:
        """Each host as `host:port`."""
        return tuple("{}:{}".format(*server.server_address[:2]) for server in self._servers)

    def __enter__(self) -> Newsrooms:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def rows(self) -> list[dict[str, Any]]:
        """Return the feeds as feeds.toml has them."""
        return [
            {"id": one.id, "name": one.name, "url": self._base(one) + one.feed_path, "house": one.house}
            for one in self.outlets
        ]

    def publish(self, pieces: Iterable[Piece], now: datetime) -> None:
        """Make pieces visible, dated `now`."""
        with self._lock:
            for piece in pieces:
                dated = piece.dated(now)
                self._shown[piece.outlet].append(dated)
                self._pages[piece.path] = dated

    def _base(self, outlet: Outlet) -> str:
        return f"http://{self.addresses[self.outlets.index(outlet) % len(self._servers)]}"

    def _answer(self, path: str, match: str | None) -> tuple[int, dict[str, str], bytes]:
        for outlet in self.outlets:
            if path == outlet.feed_path:
                return self._feed(outlet, match)
        with self._lock:
            piece = self._pages.get(path)
        if piece is None:
            return 404, {"Content-Type": "text/plain"}, b""
        outlet = next(one for one in self.outlets if one.id == piece.outlet)
        return 200, {"Content-Type": "text/html; charset=utf-8"}, pages.page(piece, outlet, (), self._base(outlet))

    def _feed(self, outlet: Outlet, match: str | None) -> tuple[int, dict[str, str], bytes]:
        with self._lock:
            self.polls[outlet.id] += 1
            shown = tuple(self._shown[outlet.id])
            if self._chance.randrange(_FAILING) == 0:
                return 503, {"Content-Type": "text/plain"}, b"later"
        body, kind = pages.feed(outlet, shown, self._base(outlet))
        tag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
        headers = {"Content-Type": kind, "ETag": tag}
        return (304, headers, b"") if match == tag else (200, headers, body)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        rooms = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_GET(self) -> None:
                status, headers, body = rooms._answer(self.path.partition("?")[0], self.headers.get("If-None-Match"))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler
