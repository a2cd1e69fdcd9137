"""A web site that answers as a test tells it to, over real HTTP, and remembers what it was asked."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """One answer. `headers` are sent as they stand."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Site:
    """Serves `answers` by path on loopback, 404 elsewhere; `hosts` are the robots.txt of single names for it."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.hosts: dict[str, bytes] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                answer = site.answers.get(self.path, Answer(b"nothing here", 404))
                host = self.headers.get("Host", "").partition(":")[0]
                if self.path == "/robots.txt" and host in site.hosts:
                    answer = Answer(site.hosts[host])
                etag = answer.headers.get("ETag")
                if etag and self.headers.get("If-None-Match") == etag:
                    answer = Answer(b"", 304, {"ETag": etag})
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def __enter__(self) -> Site:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def rss(base: str, items: list[tuple[str, str, str]]) -> bytes:
    """Return an RSS document of (slug, title, summary) items."""
    rows = "".join(
        f"<item><title>{title}</title><link>{base}/{slug}</link><guid>{slug}</guid>"
        f"<description>{summary}</description></item>"
        for slug, title, summary in items
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>T</title>{rows}</channel></rss>".encode()


def page(title: str, paragraphs: list[str]) -> bytes:
    """Return an article's page."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html lang='fr'><head><title>{title}</title></head><body><main><article><h1>{title}</h1>"
        f"{body}</article></main></body></html>"
    ).encode()
