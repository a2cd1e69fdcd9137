"""Feeds and articles on loopback that write down when each feed was asked for, and looks at a running daemon."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.faults.lab import Part

_FIRST = (
    "Aubépin",
    "Brumaire",
    "Célésine",
    "Dolmenia",
    "Églantis",
    "Fougeral",
    "Garance",
    "Hélice",
    "Ivoirine",
    "Jonquil",
)
_SECOND = ("Nuage Rhôna", "Serveurs Garonne", "Calcul Morvan", "Grappe Vosges", "Nuée Cévenne", "Baies Armor")
_TITLE = "{first} signe un contrat de {amount} millions d’euros avec {second} Cloud pour entraîner ses modèles"
_TEXT = (
    "La start-up d’intelligence artificielle {first} a signé un contrat de {amount} millions d’euros avec l’hébergeur "
    "{second} Cloud. Pendant trois ans, elle lui louera les grappes de GPU sur lesquelles seront entraînés ses "
    "prochains modèles de langage.",
    "Les serveurs seront installés dans un centre de données refroidi à l’eau, dont la première tranche entre en "
    "service dans {weeks} semaines.",
)


class Newsstand:
    """`feeds` are ids; each has the articles that were published to it, deals of firms of their own."""

    def __init__(self, feeds: tuple[str, ...]) -> None:
        self.feeds = feeds
        self.polls: dict[str, list[float]] = defaultdict(list)
        self._articles: dict[str, list[int]] = defaultdict(list)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def rows(self) -> list[dict[str, Any]]:
        """Return the feeds as rows of feeds.toml."""
        return [{"id": name, "name": name, "url": f"http://{self.address}/feed/{name}"} for name in self.feeds]

    def publish(self, feed: str, count: int) -> None:
        """Add `count` articles to a feed, each a deal that no other article tells."""
        with self._lock:
            start = sum(len(found) for found in self._articles.values())
            self._articles[feed] += range(start, start + count)

    def polled(self, feed: str, since: float = 0.0) -> int:
        """Return how often a feed was asked for since a time of the monotonic clock."""
        with self._lock:
            return sum(at >= since for at in self.polls[feed])

    def __enter__(self) -> Newsstand:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _body(self, path: str) -> tuple[str, str]:
        if path.startswith("/feed/"):
            name = path.removeprefix("/feed/")
            with self._lock:
                self.polls[name].append(time.monotonic())
                numbers = list(self._articles[name])
            return "application/rss+xml", _rss(name, self.address, numbers)
        if path.startswith("/article/"):
            return "text/html", _page(int(path.removeprefix("/article/")))
        return "text/plain", "User-agent: *\nAllow: /\n"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, text = stand._body(self.path)
                body = text.encode()
                self.send_response(200)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: the polls are written down."""

        return Handler


def _words(number: int) -> dict[str, object]:
    first, second = _FIRST[number % len(_FIRST)], _SECOND[number // len(_FIRST) % len(_SECOND)]
    return {"first": first, "second": second, "amount": 110 + 13 * number, "weeks": 6 + number % 30}


def _rss(name: str, address: str, numbers: list[int]) -> str:
    now = format_datetime(datetime.now(UTC))
    items = "".join(
        f"<item><title>{_TITLE.format(**_words(number))}</title><link>http://{address}/article/{number}</link>"
        f"<guid isPermaLink='false'>a-{number}</guid><pubDate>{now}</pubDate></item>"
        for number in numbers
    )
    old = "<item><title>Le menu de la cantine</title><guid isPermaLink='false'>menu</guid></item>"
    return (
        f"<rss version='2.0'><channel><title>{name}</title><link>http://{address}/</link>{items}{old}</channel></rss>"
    )


def _page(number: int) -> str:
    title = _TITLE.format(**_words(number))
    body = "".join(f"<p>{paragraph.format(**_words(number))}</p>" for paragraph in _TEXT)
    return (
        f"<!doctype html><html lang='fr'><head><title>{title}</title></head>"
        f"<body><main><article><h1>{title}</h1>{body}</article></main></body></html>"
    )


def command(*arguments: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run one command of gigawatch to its end."""
    return subprocess.run(
        [sys.executable, "-m", "worker", *arguments],
        env=dict(environ), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def migrate(environ: Mapping[str, str]) -> None:
    """Bring the store up to date. Raises RuntimeError with what was said where that cannot be done."""
    done = command("migrate", environ=environ)
    if done.returncode:
        raise RuntimeError(done.stderr)


def children(parent: int) -> dict[int, str]:
    """Return the processes that `parent` started, by number, with their command lines."""
    found: dict[int, str] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            stat = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue
        if int(stat[1]) == parent and stat[0] not in "ZX":
            found[int(folder.name)] = line
    return found


def child(up: Part, word: str) -> int:
    """Return the number of the child of `up` whose command line has `word`, 0 where there is none."""
    return next((number for number, line in children(up.pid).items() if word in line), 0)


def watch(moments: Mapping[str, Callable[[], bool]], *, limit_s: float, pause_s: float = 0.5) -> dict[str, float]:
    """Return after how many seconds each of `moments` first held; one that did not within `limit_s` is `limit_s`."""
    begun = time.monotonic()
    found: dict[str, float] = {}
    while len(found) < len(moments) and time.monotonic() - begun < limit_s:
        for name, holds in moments.items():
            if name not in found and holds():
                found[name] = time.monotonic() - begun
        time.sleep(pause_s)
    return {name: found.get(name, limit_s) for name in moments}
