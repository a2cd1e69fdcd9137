"""Where the month's alerts arrive: a webhook receiver for several readers, and what each alert says in one line."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.month.script import PARIS, Script


@dataclass(frozen=True)
class Call:
    """One request: to whom, under which headers, with what body, and what the clock said."""

    to: str
    headers: dict[str, str]
    body: bytes
    at: datetime

    @property
    def content(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


class Hooks:
    """Takes webhooks on loopback, one reader a path."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.calls: list[Call] = []
        hooks = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                hooks.calls.append(Call(self.path.strip("/"), headers, body, now()))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Hooks:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def line(kind: str, data: dict[str, Any], at: datetime, script: Script) -> str:
    """Return an alert as the tables of what is expected have it."""
    when = f"{at.astimezone(PARIS):%m-%d %H:%M}"
    if kind != "digest":
        return f"{when} {kind} {story_of(data, script)}"
    parts = sorted(f"{story_of(one, script)}:{one['type']}" for one in data["alerts"])
    return " ".join((when, kind, *parts))


def story_of(data: dict[str, Any], script: Script) -> str:
    """Return which story of the script an alert tells, by its sources; several joined by "+" where it mixes them."""
    paths = {"/" + one["url"].split("/", 3)[3].partition("?")[0] for one in data["sources"]}
    return "+".join(sorted({script.pages[path].story or "alike" for path in paths}))
