"""Web sites on addresses of loopback, a host each, that answer as a script says; and the daemon's own steps around a
clock that runs, but can be set forward."""

from __future__ import annotations

import html
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from tests.faults.lab import Lab
from tests.faults.receivers import Answer
from worker import runtime, steps
from worker.steps import Ring

RSS = {"Content-Type": "application/rss+xml"}
SECRET = "whsec_cHJlc3NlIGV0IGF0dGVudGUgZGVzIGZhdXRlcw=="
HTML = {"Content-Type": "text/html; charset=utf-8"}


@dataclass
class Visit:
    """One request to a site; `begun` and `ended` are of the monotonic clock, `at` is of the site's own."""

    host: str
    path: str
    headers: dict[str, str]
    begun: float
    at: datetime
    ended: float = 0.0


Script = Callable[[Visit], Answer]


class Site:
    """A server on one address of loopback. `pages` has an answer, or a script for one, by path; 404 elsewhere. `now` is
    its clock."""

    def __init__(self, host: str, port: int = 0) -> None:
        self.host = host
        self.pages: dict[str, Answer | Script] = {}
        self.visits: list[Visit] = []
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer((host, port), self._handler())
        self._server.daemon_threads = True
        self._server.request_queue_size = 256
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def address(self) -> str:
        """`host:port`, as the allow list of the HTTP client wants it."""
        return f"{self.host}:{self.port}"

    def url(self, path: str) -> str:
        """Return the address of one page."""
        return f"http://{self.address}{path}"

    def asked(self, path: str) -> list[Visit]:
        """Return the requests for one page, in order."""
        with self._lock:
            return [visit for visit in self.visits if visit.path == path]

    def __enter__(self) -> Site:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                visit = Visit(site.host, self.path, headers, time.monotonic(), site.now())
                with site._lock:
                    site.visits.append(visit)
                page = site.pages.get(self.path, Answer(404))
                answer = page(visit) if callable(page) else page
                time.sleep(answer.wait_s)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
                visit.ended = time.monotonic()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: the requests are written down."""

        return Handler


@dataclass(frozen=True)
class Item:
    """One item of a feed."""

    guid: str
    link: str
    title: str
    summary: str
    published: datetime | str


def rss(items: Iterable[Item], *, channel: str = "", title: str = "Essai") -> bytes:
    """Return an RSS document; `channel` is markup for its head."""
    rows = "".join(
        f"<item><title>{html.escape(one.title)}</title><link>{html.escape(one.link)}</link>"
        f"<guid isPermaLink='false'>{html.escape(one.guid)}</guid>"
        f"<description>{html.escape(one.summary)}</description><pubDate>{_date(one.published)}</pubDate></item>"
        for one in items
    )
    return (
        f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>{title}</title>{channel}"
        f"{rows}</channel></rss>"
    ).encode()


def _date(value: datetime | str) -> str:
    return value if isinstance(value, str) else format_datetime(value)


def page(title: str, text: str) -> Answer:
    """Return an article's page; paragraphs of `text` are parted by blank lines."""
    body = "".join(f"<p>{html.escape(one)}</p>" for one in text.split("\n\n"))
    document = (
        f"<!doctype html><html lang='fr'><head><title>{html.escape(title)}</title></head><body><main><article>"
        f"<h1>{html.escape(title)}</h1>{body}</article></main></body></html>"
    )
    return Answer(200, HTML, document.encode())


class SetClock:
    """The time from `start` on as it passes, and as it is set forward; chance is seeded."""

    def __init__(self, start: datetime, seed: int = 1) -> None:
        self._start = start
        self._begun = time.monotonic()
        self._ahead = timedelta(0)
        self._chance = random.Random(seed)

    def now(self) -> datetime:
        return self._start + self._ahead + timedelta(seconds=time.monotonic() - self._begun)

    def jitter(self) -> float:
        return self._chance.uniform(-1, 1)

    def to(self, moment: datetime) -> None:
        """Set the clock forward to `moment`; a moment that is past changes nothing."""
        self._ahead += max(moment - self.now(), timedelta(0))


@dataclass
class Newsroom:
    """The daemon's steps over a real store and the real HTTP client, without a queue between them."""

    runtime: runtime.Runtime
    clock: SetClock
    stepped: list[str] = field(default_factory=list)

    def run(self, *rings: Ring) -> None:
        """Do the work of `rings` and all that follows from it."""
        waiting = list(rings)
        while waiting:
            ring = waiting.pop(0)
            waiting += getattr(steps, ring.step)(self.runtime.parts, ring.ids)

    def round(self) -> None:
        """Do what beat asks for: one tick, one sweep, one watch."""
        for timed in (steps.tick, steps.sweep, steps.watch):
            self.run(*timed(self.runtime.parts))

    def settle(self, rounds: int = 20) -> None:
        """Do rounds until nothing is due any more, without setting the clock forward."""
        for _ in range(rounds):
            self.round()
            counts = self.runtime.store.counts()
            if not any(counts.get(name, 0) for name in ("to_read", "to_judge", "to_deliver")):
                return


def recipient(url: str, **wishes: Any) -> dict[str, Any]:
    """Return the table of one webhook recipient."""
    return {"channel": "webhook", "address": url, "secret": SECRET, **wishes}


def newsroom(lab: Lab, environ: Mapping[str, str], start: datetime) -> Newsroom:
    """Build the steps for `environ` over an empty store of the kind asked for, follow its feeds."""
    clock = SetClock(start, lab.seed)
    settings = lab.load({**environ, "GIGAWATCH_DATABASE_URL": lab.database_url()})
    built = runtime.build(settings, clock=clock)
    lab.at_end(built.close)
    built.store.migrate()
    built.store.sync_feeds(settings.feeds, clock.now())
    return Newsroom(built, clock)
