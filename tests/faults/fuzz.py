"""Damaged news through the daemon's own steps, over real HTTP, into a real store: fetch, parse, read, judge, file.

An input is one damaged item, its page included, or one damaged document with its headers. Most documents hold sixteen
damaged items among four whole ones, which must all be found again.
"""

from __future__ import annotations

import contextlib
import json
import logging
import random
import re
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import sqlalchemy

from tests.faults import mutations, seeds
from worker import runtime, settings, steps
from worker.demo import pages
from worker.demo.script import Outlet, Piece
from worker.model import Article, Feed, Verdict
from worker.pipeline.detection import Detector

_ITEMS, _WHOLE = 20, 4
_ITEM_DOCUMENTS, _DOCUMENTS = 16, 8  # a round
_ROUNDS = 12  # in one store: stories of one seed grow together, and only age would keep them apart
_FORMATS = ("rss2", "rss2", "atom", "rdf", "json")
_BLOCK = re.compile(r"<(item|entry)\b[^<>]*>.*?</\1>", re.DOTALL)
_DATE = re.compile(r"(<(?:pubDate|published|updated|dc:date)>)(.*?)(</)")
_LINK = re.compile(r"(<link>|<link rel=\"alternate\" type=\"text/html\" href=\")(.*?)([<\"])")
_GUID = re.compile(r"(<guid isPermaLink=\"false\">|<id>)(.*?)(</)")
_ODD = re.compile(r"cannot be read(?: as a feed)? \((\w+)\)")


@dataclass(slots=True)
class Outcome:
    """What became of the inputs. Seconds are of the processor, so that other work on the machine does not count."""

    inputs: int = 0
    seconds: float = 0.0
    entries: int = 0
    judged: int = 0
    deals: int = 0
    slowest: dict[str, float] = field(default_factory=dict)
    slow: list[str] = field(default_factory=list)
    uncaught: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    causes: Counter[str] = field(default_factory=Counter)
    tripped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Document:
    body: bytes
    headers: Mapping[str, str]
    whole: tuple[str, ...] = ()
    inputs: int = 1


class _Press(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        self.answers: dict[str, _Document] = {}
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: _Press
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self) -> None:
        found = self.server.answers.get(self.path.partition("?")[0])
        body, headers = (found.body, found.headers) if found else (b"", {})
        self.send_response_only(200 if found else 404)
        for name, value in headers.items():
            self.send_header(name, value.encode("utf-8", "replace").decode("latin-1"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class _Overheard(logging.Handler):
    """Keeps the tracebacks that the steps log where they caught what nobody foresaw."""

    def __init__(self, found: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._found = found

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            told = "".join(traceback.format_exception(record.exc_info[1])[-6:])
            self._found.append(f"{record.getMessage()}\n{told}"[:3_000])


class _Timed:
    """The detector, each article's time taken."""

    def __init__(self, inner: Detector, watch: _Watch) -> None:
        self._inner, self._watch = inner, watch

    def judge(self, article: Article) -> Verdict:
        """Return the verdict."""
        with self._watch.over("judge", article.title):
            verdict = self._inner.judge(article)
        self._watch.outcome.judged += 1
        self._watch.outcome.deals += verdict.deal
        return verdict

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Watch:
    """Takes times; what needs more than `limit_s` of the processor is written down."""

    def __init__(self, outcome: Outcome, limit_s: float) -> None:
        self.outcome = outcome
        self._limit_s = limit_s

    @contextlib.contextmanager
    def over(self, step: str, what: str) -> Iterator[None]:
        """Time one step over one thing."""
        begun = time.thread_time()
        try:
            yield
        finally:
            seconds = time.thread_time() - begun
            self.outcome.slowest[step] = max(self.outcome.slowest.get(step, 0.0), seconds)
            if seconds > self._limit_s:
                self.outcome.slow.append(f"{step} {seconds:.1f} s: {what[:200]}")


class _Printer:
    """Makes documents with known damage, and puts them and their pages on the press."""

    def __init__(self, press: _Press, chance: random.Random) -> None:
        self._press, self._chance = press, chance
        self._seeds, self._others = seeds.pieces(), seeds.documents()
        self._serial = 0

    def round(self, most: int) -> dict[str, _Document]:
        """Return documents by the id of their feed, with about `most` inputs in all and at most a round's."""
        made: list[_Document] = []
        for number in range(_ITEM_DOCUMENTS + _DOCUMENTS):
            if sum(one.inputs for one in made) >= most:
                break
            made.append(self._of_items() if number < _ITEM_DOCUMENTS else self._damaged_whole())
        found = {}
        for document in made:
            self._serial += 1
            found[f"f{self._serial}"] = document
            self._press.answers[f"/f/f{self._serial}"] = document
        return found

    def _pieces(self) -> list[Piece]:
        found = []
        for piece in self._chance.sample(self._seeds, _ITEMS):
            self._serial += 1
            found.append(replace(piece, id=f"n{self._serial}", title=f"{piece.title} ({self._serial})"))
        return found

    def _of_items(self) -> _Document:
        pieces = self._pieces()
        whole = set(self._chance.sample(range(_ITEMS), _WHOLE))
        outlet = Outlet("journal", "Journal", "Maison", self._chance.choice(_FORMATS), "utf-8")
        pieces = [piece if n in whole else self._worded(piece, pieces[n - 1]) for n, piece in enumerate(pieces)]
        base = f"http://{self._press.address}"
        body, kind = pages.feed(outlet, pieces, base)
        # The feed is in order of time, the pieces all of one time in order of their ids.
        order = sorted(range(_ITEMS), key=lambda n: (pieces[n].published, pieces[n].id), reverse=True)
        places = [n in whole for n in order]
        text = body.decode("utf-8")
        text = self._in_json(text, places) if outlet.format == "json" else self._in_xml(text, places)
        for piece in pieces:
            self._print_page(piece, outlet, base)
        titles = tuple(pieces[n].title for n in sorted(whole))
        return _Document(text.encode("utf-8", "replace"), {"Content-Type": kind}, titles, _ITEMS - _WHOLE)

    def _worded(self, piece: Piece, other: Piece) -> Piece:
        chance, text = self._chance, piece.text
        title, summary = piece.title, piece.summary
        for name in chance.sample(("title", "summary", "text"), chance.randint(1, 3)):
            if name == "title":
                title = mutations.text(chance, title, other.title)[:6_000]
            elif name == "summary":
                summary = mutations.text(chance, summary, other.text)[:20_000]
            else:
                text = mutations.text(chance, text, other.text)
        return replace(piece, title=title, summary=summary, text=text or " ")

    def _print_page(self, piece: Piece, outlet: Outlet, base: str) -> None:
        body = pages.page(piece, outlet, (), base)
        headers = {"Content-Type": "text/html; charset=utf-8"}
        if self._chance.random() < 0.3:
            body = mutations.document(self._chance, body, b"<html><body><p>" * 9)
        if self._chance.random() < 0.1:
            headers = mutations.headers(self._chance, headers)
        self._press.answers[piece.path] = _Document(body, headers)

    def _in_xml(self, text: str, whole: list[bool]) -> str:
        place = iter(whole)

        def damaged(match: re.Match[str]) -> str:
            block = match.group()
            if next(place, True):
                return block
            for pattern, way in ((_DATE, mutations.date), (_LINK, mutations.link), (_GUID, mutations.identity)):
                found = pattern.search(block) if self._chance.random() < 0.25 else None
                if found is not None:
                    wrong = _escaped(way(self._chance, found[2]))
                    block = block[: found.start(2)] + wrong + block[found.end(2) :]
            return mutations.inside(self._chance, block) if self._chance.random() < 0.25 else block

        return _BLOCK.sub(damaged, text)

    def _in_json(self, text: str, whole: list[bool]) -> str:
        document = json.loads(text)
        for item, untouched in zip(document["items"], whole, strict=True):
            if not untouched and self._chance.random() < 0.6:
                name = self._chance.choice(sorted(item))
                item[name] = self._chance.choice(
                    (None, 7, 1e300, [], {}, [[]], True, {"a": [1]}, mutations.date(self._chance, "x"), "\ud800")
                )
                if name in ("id", "url"):
                    item["id" if name == "url" else "url"] = item["title"]
        return json.dumps(document, ensure_ascii=self._chance.random() < 0.5)

    def _damaged_whole(self) -> _Document:
        chance = self._chance
        outlet = Outlet("journal", "Journal", "Maison", chance.choice(_FORMATS), "utf-8")
        body, kind = pages.feed(outlet, self._pieces(), f"http://{self._press.address}")
        if self._others and chance.random() < 0.5:
            body, kind = chance.choice(self._others), "application/xml"
        other = chance.choice(self._others) if self._others else body[::-1]
        headers = {"Content-Type": kind}
        sort = chance.randrange(3)
        if sort == 0:
            body = mutations.charset(chance, body, "utf-8")
        elif sort == 1:
            headers = mutations.headers(chance, headers)
        return _Document(body if sort == 1 else mutations.document(chance, body, other), headers)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def run(
    environ: Mapping[str, str], folder: Path, *, most: int, seconds: float, seed: int, limit_s: float, database: str
) -> Outcome:
    """Put `most` inputs through the steps, or what can be had in `seconds`; `database` is "" for SQLite files of its
    own in `folder`. An item that takes more than `limit_s` is slow."""
    outcome = Outcome()
    listener = _Overheard(outcome.uncaught)
    press = _Press()
    threading.Thread(target=press.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True).start()
    logging.getLogger().addHandler(listener)
    printer = _Printer(press, random.Random(seed))
    watch = _Watch(outcome, limit_s)
    begun = time.monotonic()
    detector = None
    try:
        while outcome.inputs < most and time.monotonic() - begun < seconds:
            url = database or f"sqlite:///{folder / f'fuzz-{seed}-{outcome.inputs}.db'}"
            overrides = {"fetch": {"allow": [press.address]}, "store": {"url": url}}
            built = runtime.build(settings.load(environ=environ, overrides=overrides), detector=detector)
            detector = built.detector
            built.store.migrate()
            for _ in range(_ROUNDS):
                if outcome.inputs >= most or time.monotonic() - begun >= seconds:
                    break
                _round(built, printer, press, watch, most - outcome.inputs)
            built.close()
    finally:
        logging.getLogger().removeHandler(listener)
        press.shutdown()
        press.server_close()
    outcome.seconds = time.monotonic() - begun
    return outcome


def _round(built: runtime.Runtime, printer: _Printer, press: _Press, watch: _Watch, most: int) -> None:
    outcome = watch.outcome
    parts = replace(built.parts, detector=lambda: _Timed(built.detector, watch))  # type: ignore[arg-type,return-value]
    documents = printer.round(most)
    feeds = [Feed(id=name, name=name, url=f"http://{press.address}/f/{name}") for name in documents]
    built.store.sync_feeds(feeds, built.clock.now())
    for name, document in documents.items():
        with watch.over("poll", name):
            rings = steps.poll(parts, [name])
        for ring in rings:
            with watch.over("read", name):
                judging = steps.read(parts, ring.ids)
            for one in judging:
                steps.judge(parts, one.ids)
        outcome.inputs += document.inputs
        _look(built, name, document, outcome)
    steps.sweep(parts)
    press.answers.clear()


def _look(built: runtime.Runtime, name: str, document: _Document, outcome: Outcome) -> None:
    state = built.store.feed(name)
    if state is None or state.polls != 1:
        outcome.uncaught.append(f"{name}: no outcome of its poll")
        return
    outcome.causes[state.cause.value] += 1
    outcome.entries += state.entries
    if odd := _ODD.search(state.message):
        outcome.tripped[odd[1]] += 1
    if document.whole:
        # Blanks of every sort become one plain space.
        with built.store.read() as connection:
            found = set(connection.scalars(sqlalchemy.text("SELECT title FROM entry WHERE feed_id = :n"), {"n": name}))
        outcome.lost += [f"{name}: {title}" for title in document.whole if " ".join(title.split()) not in found]
