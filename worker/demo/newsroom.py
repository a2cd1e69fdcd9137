"""The newsroom: a real HTTP server with validators, walls and robots rules, that publishes when told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from worker.demo import pages
from worker.demo.script import FORBIDDEN, RESERVED, Outlet, Piece, Script
from worker.model import Feed


@dataclass(frozen=True, slots=True)
class Visit:
    """One request the newsroom answered."""

    path: str
    status: int
    agent: str


class Newsroom:
    """Serves a script's feeds and pages on loopback. Use as a context manager, or `start` and `stop`.

    `publish(wave, now)` makes a wave visible. `on_visit` is called in the server's threads after each answer.
    """

    def __init__(
        self, script: Script, *, port: int = 0, host: str = "127.0.0.1", on_visit: Callable[[Visit], None] | None = None
    ) -> None:
        self.script = script
        self._published: dict[str, Piece] = {}
        self._visits: list[Visit] = []
        self._on_visit = on_visit
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer((host, port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    @property
    def address(self) -> str:
        """`host:port`, as the allow list of the HTTP client wants it."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    @property
    def base(self) -> str:
        return f"http://{self.address}"

    def start(self) -> Newsroom:
        """Begin to answer."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the server; its port is free afterwards."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def __enter__(self) -> Newsroom:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def publish(self, wave: int, now: datetime) -> tuple[Piece, ...]:
        """Make a wave's pieces visible, dated `now` less their `hours_ago`; returns them. A repeat changes nothing."""
        with self._lock:
            fresh = [piece.dated(now) for piece in self.script.wave(wave) if piece.id not in self._published]
            self._published.update((piece.id, piece) for piece in fresh)
        return tuple(fresh)

    def published(self) -> tuple[Piece, ...]:
        """Return what is visible now."""
        with self._lock:
            return tuple(self._published.values())

    def visits(self) -> tuple[Visit, ...]:
        """Return every request answered so far, in order."""
        with self._lock:
            return tuple(self._visits)

    def feeds(self) -> tuple[Feed, ...]:
        """Return the newsroom's feeds as gigawatch's configuration would list them."""
        return tuple(
            Feed(
                id=outlet.id, name=outlet.name, url=self.base + outlet.feed_path, site=f"{self.base}/{outlet.id}/",
                country="FR", house=outlet.house, topics=("demo",), priority=1,
            )
            for outlet in self.script.outlets
        )  # fmt: skip

    def answer(self, path: str, match: str | None) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body for a path; `match` is the request's If-None-Match."""
        if path == "/robots.txt":
            return HTTPStatus.OK, {"Content-Type": "text/plain; charset=utf-8"}, self._robots()
        for outlet in self.script.outlets:
            if path == outlet.feed_path:
                return self._feed(outlet, match)
        return self._page(path)

    def _robots(self) -> bytes:
        closed = (f"Disallow: /{outlet.id}/{RESERVED}\n" for outlet in self.script.outlets)
        return ("User-agent: *\n" + "".join(closed)).encode()

    def _feed(self, outlet: Outlet, match: str | None) -> tuple[int, dict[str, str], bytes]:
        mine = [piece for piece in self.published() if piece.outlet == outlet.id]
        body, kind = pages.feed(outlet, mine, self.base)
        tag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
        headers = {"Content-Type": kind, "ETag": tag, "Cache-Control": "max-age=0"}
        if match == tag:
            return HTTPStatus.NOT_MODIFIED, headers, b""
        return HTTPStatus.OK, headers, body

    def _page(self, path: str) -> tuple[int, dict[str, str], bytes]:
        html = {"Content-Type": "text/html; charset=utf-8"}
        known = {piece.path: piece for piece in self.published()}
        piece = known.get(path)
        if piece is None:
            return HTTPStatus.NOT_FOUND, html, b"<!doctype html><title>404</title><p>Page introuvable.</p>"
        if piece.page == FORBIDDEN:
            body = "<!doctype html><title>403</title><p>Cet article est réservé aux abonnés.</p>".encode()
            return HTTPStatus.FORBIDDEN, html, body
        outlet = next(one for one in self.script.outlets if one.id == piece.outlet)
        others = [other for other in known.values() if other.outlet == outlet.id and other.id != piece.id][-3:]
        return HTTPStatus.OK, html, pages.page(piece, outlet, others, self.base)

    def _record(self, visit: Visit) -> None:
        with self._lock:
            self._visits.append(visit)
        if self._on_visit is not None:
            self._on_visit(visit)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        newsroom = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            server_version = "newsroom"
            timeout = 10

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                status, headers, body = newsroom.answer(path, self.headers.get("If-None-Match"))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != HTTPStatus.NOT_MODIFIED:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                # Before the last byte leaves: whoever has the answer can rely on the visit being recorded.
                newsroom._record(Visit(path, int(status), self.headers.get("User-Agent", "")))
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: the visits are recorded, and the terminal belongs to the demo."""

        return Handler
