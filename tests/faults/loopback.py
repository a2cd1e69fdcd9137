"""Sites on loopback with a feed each, a host of its own each, and made-up deals to publish there."""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from xml.sax.saxutils import escape

_FIRST = ("Bor", "Cal", "Dar", "Fel", "Gri", "Hal", "Jor", "Kel", "Lum", "Mar", "Nar", "Ost", "Pel", "Quor", "Ral")
_SECOND = ("vana", "dique", "mont", "selle", "tis", "gard", "vik", "lune", "phor", "zac", "nova", "rive", "drax", "bel")


@dataclass(frozen=True, slots=True)
class Piece:
    """One article: `slug` is the last part of its address, `paragraphs` are its page's text."""

    slug: str
    title: str
    summary: str
    paragraphs: tuple[str, ...] = ()
    published: datetime = field(default_factory=lambda: datetime.now(UTC))


def names(count: int) -> list[tuple[str, str]]:
    """Return `count` pairs of firms that do not exist; no firm is in two of them."""
    firms = [
        f"{first}{second}{end}"
        for first, second, end in itertools.product(_FIRST, _SECOND, ("", "is", "ia", "or", "en"))
    ]
    if 2 * count > len(firms):
        raise ValueError(f"{count} pairs of firms, {len(firms) // 2} at most")
    return list(zip(firms[:count], firms[-count:], strict=True))


def deals(count: int, *, start: int = 0) -> list[Piece]:
    """Return `count` articles of one deal each, all of different firms, the first `start` pairs left out."""
    found = []
    for number, (payer, payee) in enumerate(names(start + count)[start:], start):
        amount = 1 + number % 9
        text = (
            f"Le laboratoire d'intelligence artificielle {payer} a signé avec l'hébergeur {payee} Cloud un contrat de "
            f"{amount} milliards d'euros pour réserver de la capacité de calcul, ont annoncé les deux entreprises.",
            "Les serveurs, équipés de processeurs graphiques, seront installés par tranches pendant cinq ans dans un "
            "bâtiment déjà raccordé au réseau électrique, selon le communiqué commun.",
        )
        title = f"{payer} réserve {amount} milliards d'euros de calcul chez {payee} Cloud"
        summary = f"{payer} signe avec {payee} Cloud un contrat de capacité GPU sur cinq ans."
        found.append(Piece(f"accord-{number}", title, summary, text))
    return found


def other(number: int = 0) -> Piece:
    """Return an article that is no deal."""
    return Piece(f"recette-{number}", f"La tarte aux pommes de grand-mère, numéro {number}", "Une recette simple.")


class Press:
    """An HTTP server; each of its `sites` is one host of loopback with one feed, by number from 0."""

    def __init__(self, sites: int) -> None:
        self.hosts = [f"127.0.1.{number + 1}" for number in range(sites)]
        self.asked: list[tuple[str, str]] = []
        self._pieces: dict[str, list[Piece]] = {host: [] for host in self.hosts}
        self._documents: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("", 0), self._handler())
        self._server.daemon_threads = True
        self._server.request_queue_size = 256
        self.port = int(self._server.server_address[1])

    @property
    def allow(self) -> list[str]:
        """What `fetch.allow` must hold."""
        return [f"{host}:{self.port}" for host in self.hosts]

    def feeds(self) -> list[dict[str, Any]]:
        """Return the rows of feeds.toml."""
        return [
            {
                "id": f"site-{number}",
                "name": f"Site {number}",
                "url": f"http://{host}:{self.port}/feed",
                "house": f"h{number}",
            }
            for number, host in enumerate(self.hosts)
        ]

    def publish(self, site: int, pieces: Sequence[Piece]) -> None:
        """Add articles to a site's feed."""
        with self._lock:
            self._pieces[self.hosts[site]] += pieces

    def serve(self, site: int, document: bytes) -> None:
        """Let a site's feed be this document from now on."""
        with self._lock:
            self._documents[self.hosts[site]] = document

    def _feed(self, host: str) -> bytes:
        with self._lock:
            if host in self._documents:
                return self._documents[host]
            pieces = self._pieces.get(host, [])[-100:]
        rows = "".join(
            f"<item><title>{escape(piece.title)}</title><link>http://{host}:{self.port}/a/{piece.slug}</link>"
            f"<guid>{piece.slug}</guid><description>{escape(piece.summary)}</description>"
            f"<pubDate>{format_datetime(piece.published)}</pubDate></item>"
            for piece in reversed(pieces)
        )
        return f"<?xml version='1.0'?><rss version='2.0'><channel><title>T</title>{rows}</channel></rss>".encode()

    def _page(self, host: str, slug: str) -> bytes | None:
        with self._lock:
            piece = next((one for one in self._pieces.get(host, []) if one.slug == slug and one.paragraphs), None)
        if piece is None:
            return None
        text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in piece.paragraphs)
        return (
            f"<!doctype html><html lang='fr'><head><title>{escape(piece.title)}</title></head><body><main><article>"
            f"<h1>{escape(piece.title)}</h1>{text}</article></main></body></html>"
        ).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        press = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_GET(self) -> None:
                host = self.headers.get("Host", "").partition(":")[0]
                press.asked.append((host, self.path))
                status, body, kind = 404, b"", "text/plain"
                headers = {}
                if self.path == "/feed":
                    status, body, kind = 200, press._feed(host), "application/rss+xml"
                    tag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
                    headers = {"ETag": tag}
                    if self.headers.get("If-None-Match") == tag:
                        status, body = 304, b""
                elif self.path.startswith("/a/") and (page := press._page(host, self.path[3:])) is not None:
                    status, body, kind = 200, page, "text/html; charset=utf-8"
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: the requests are written down."""

        return Handler

    def __enter__(self) -> Press:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
