"""Test 25: documents made to read local files, to call home, or to take the parser's memory and time."""

from __future__ import annotations

import asyncio
import gzip
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import MetaData, func, select

from tests.faults import memory
from tests.faults.lab import Lab, Part, wait_until
from tests.faults.receivers import Answer
from tests.faults.strangers import HTML, RSS, Canary, Visit, Web, feed_row, headline, nothing
from tests.steps.site import rss
from worker.adapters.parsing import IsolatedParser, ParserLimits
from worker.adapters.store import Store
from worker.adapters.store.schema import article, entry
from worker.errors import ParseError
from worker.model import Cause, Entry, Feed

TITLE = "XML attacks"

_MARKER = "gw-local-7f3ac1"
_CPU_S, _MEMORY_MIB, _ENTRIES = 10.0, 512.0, 500
_HEALTHY = 3


def _feed(title: str = "T", doctype: str = "", *, before: str = "", inside: str = "") -> str:
    return (
        f"<?xml version='1.0'?>{before}{doctype}<rss version='2.0' xmlns:xi='http://www.w3.org/2001/XInclude'><channel>"
        f"<title>{title}</title><item><title>Un titre {title}</title><link>https://fil.example/1</link>"
        f"<description>Un résumé {title}{inside}</description></item></channel></rss>"
    )


def _laughs() -> str:
    levels = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    return _feed("&l9;", f"<!DOCTYPE rss [<!ENTITY l0 'lol'>{levels}]>")


def feeds(local: Path, canary: str) -> dict[str, bytes]:
    """Return hostile feed documents by name; `local` is a file that holds the marker, `canary` an address."""
    file = local.as_uri()
    texts = {
        "laughs": _laughs(),
        "quadratic": _feed("&a;" * 20_000, f"<!DOCTYPE rss [<!ENTITY a '{'a' * 50_000}'>]>"),
        "entity-file": _feed("&x;", f"<!DOCTYPE rss [<!ENTITY x SYSTEM '{file}'>]>"),
        "entity-canary": _feed("&x;", f"<!DOCTYPE rss [<!ENTITY x SYSTEM '{canary}/x'>]>"),
        "parameter-file": _feed("&x;", f"<!DOCTYPE rss [<!ENTITY % p SYSTEM '{file}'>%p;<!ENTITY x 'y'>]>"),
        "parameter-canary": _feed("&x;", f"<!DOCTYPE rss [<!ENTITY % p SYSTEM '{canary}/p'>%p;]>"),
        "dtd-canary": _feed("T", f"<!DOCTYPE rss SYSTEM '{canary}/rss.dtd'>"),
        "dtd-file": _feed("T", f"<!DOCTYPE rss SYSTEM '{file}'>"),
        "xinclude": _feed("T", inside=f"<xi:include href='{file}' parse='text'/><xi:include href='{canary}/i'/>"),
        "stylesheet": _feed("T", before=f"<?xml-stylesheet href='{canary}/s.xsl'?>"),
        "nested": _feed("<b>" * 100_000 + "x" + "</b>" * 100_000),
        "nested-escaped": _feed("&lt;b&gt;" * 100_000),
        "attributes": _feed("T", inside="<a " + " ".join(f"a{n}='1'" for n in range(200_000)) + "/>"),
        "cdata": _feed("<![CDATA[" * 100_000),
        "comments": _feed("T", before="<!-- -" * 300_000),
        "declarations": "<!DOCTYPE rss [" + "<!ENTITY a 'b'>" * 200_000 + "]>" + _feed(),
        "path": str(local),
        "path-uri": file,
        "address": f"{canary}/feed.xml",
        "json-nested": '{"version":"https://jsonfeed.org/version/1","items":' + "[" * 500_000,
        "json-number": '{"version":"https://jsonfeed.org/version/1","items":[{"id":' + "9" * 1_000_000 + "}]}",
    }
    found = {name: text.encode() for name, text in texts.items()}
    found["laughs-utf16"] = _laughs().replace("version='1.0'", "version='1.0' encoding='utf-16'").encode("utf-16")
    items = [(f"a{n}", f"Un titre {n}", f"Un résumé {n} de la chose") for n in range(50_000)]
    found["items"] = rss("https://fil.example", items)
    found["attribute"] = _feed("T", inside=f"<a b='{'x' * 5_000_000}'/>").encode()
    return found


def pages(local: Path, canary: str) -> dict[str, bytes]:
    """Return hostile pages by name."""
    text = "<p>" + "Le groupe a signé un contrat de capacité de calcul qui doit durer cinq ans. " * 20 + "</p>"
    head = f"<!DOCTYPE html [<!ENTITY x SYSTEM '{local.as_uri()}'>]>"
    links = (
        f"<meta http-equiv=refresh content='0;url={canary}/r'><link rel=stylesheet href='{canary}/c'><base "
        f"href='{canary}/'><img src='{canary}/i'><iframe src='{local.as_uri()}'></iframe><object data='{canary}/o'>"
    )
    return {
        "p": (b"<html><body>" + b"<p>" * 800_000)[:2_400_000],
        "p-text": (b"<html><body>" + b"<p>a" * 600_000)[:2_400_000],
        "div-nested": b"<html><body>" + b"<div>" * 100_000 + text.encode(),
        "entity-file": f"{head}<html><body><article><h1>&x;</h1>{text}&x;</article></body></html>".encode(),
        "links": f"<html><head>{links}</head><body><article>{text}</article></body></html>".encode(),
        "scripts": b"<html><body>" + b"<script>" * 200_000 + text.encode(),
        "json-ld": b"<html><script type='application/ld+json'>" + b"[" * 400_000 + b"</script>" + text.encode(),
        "attributes": b"<html><body><p " + b"a='1' " * 300_000 + b">" + text.encode(),
        "tables": b"<html><body>" + b"<table><tr><td>" * 9_000 + text.encode(),
    }


def run(lab: Lab) -> None:
    """Read each document by the real parser alone, then let the daemon meet all of them at once."""
    local = lab.folder / "local.txt"
    local.write_text(f"{_MARKER}\n" * 20)
    canary = Canary()
    lab.at_end(canary.close)
    here = f"http://127.0.0.1:{canary.port}"
    hostile, read = feeds(local, here), pages(local, here)
    _alone(lab, hostile, read)
    _together(lab, hostile, read)
    lab.figure("connections to the canary", len(canary.connections))
    lab.must(not canary.connections, f"the canary was reached {len(canary.connections)} times")


def _alone(lab: Lab, hostile: dict[str, bytes], read: dict[str, bytes]) -> None:
    """Measure each document's own cost: a fresh process for each, the clock left out of it on a busy machine."""
    feed = Feed("fil", "Fil", "https://fil.example/rss")
    one = Entry("fil", "1", "https://fil.example/1", "Un titre")
    costs: dict[str, tuple[float, float]] = {}
    outcomes: dict[str, str] = {}
    most = 0
    for name, body in [
        *((f"feed {name}", body) for name, body in hostile.items()),
        *((f"page {n}", b) for n, b in read.items()),
    ]:
        parser = IsolatedParser(ParserLimits(wall_s=300.0))
        try:
            if name.startswith("feed"):
                parsed = asyncio.run(
                    parser.feed(body, feed=feed, content_type="", base=feed.url, now=datetime.now(UTC))
                )
                most = max(most, len(parsed.entries))
                outcomes[name] = f"{len(parsed.entries)} entries"
                lab.must(_MARKER not in repr(parsed), f"{name}: local content in the result")
            else:
                found = asyncio.run(parser.article(body, entry=one, feed=feed, url=one.url, content_type="text/html"))
                outcomes[name] = f"{len(found.text)} characters"
                lab.must(_MARKER not in repr(found), f"{name}: local content in the result")
        except ParseError as error:
            outcomes[name] = f"{error.cause}: {str(error)[-60:]}" if error.cause == Cause.CRASHED else str(error.cause)
        if parser._child is not None:
            pid = parser._child._process.pid
            costs[name] = memory.processor(pid), memory.resident(pid, peak=True)
        parser.close()
    slowest = max(costs, key=lambda name: costs[name][0])
    largest = max(costs, key=lambda name: costs[name][1])
    lab.figure("documents", len(outcomes))
    lab.figure("most processor time, start included, s", f"{costs[slowest][0]:.1f} ({slowest})")
    lab.figure("most memory, MiB", f"{costs[largest][1]:.0f} ({largest})")
    lab.figure("most entries", most)
    lab.figure("ended by a limit", str({name: said for name, said in outcomes.items() if said.startswith("crashed")}))
    lab.figure("outcomes", str(outcomes))
    # What a limit ended is in no figure: the kernel saw to it. A process also pays a second for its own start.
    lab.must(costs[slowest][0] <= _CPU_S + 2, f"{slowest}: {costs[slowest][0]:.1f} s of processor time")
    lab.must(costs[largest][1] <= _MEMORY_MIB, f"{largest}: {costs[largest][1]:.0f} MiB")
    lab.must(most <= _ENTRIES, f"{most} entries of one document")


def _together(lab: Lab, hostile: dict[str, bytes], read: dict[str, bytes]) -> None:
    def answer(visit: Visit) -> Answer:
        kind, _, name = visit.path.strip("/").partition("/")
        if kind == "feed":
            # Packed, as 50,000 items are more than is taken as it travels.
            return Answer(200, {**RSS, "Content-Encoding": "gzip"}, gzip.compress(hostile[name], 1))
        if kind == "page":
            return Answer(200, HTML, read[name])
        if kind == "links":
            return Answer(200, RSS, links)
        if kind == "healthy":
            return Answer(200, RSS, nothing("http://fil.example", f"{visit.wall}"))
        return Answer(404)

    web = lab.enter(Web(answer, "0.0.0.0"))
    port = web.address.partition(":")[2]
    places = {name: f"http://127.0.8.{100 + n}:{port}/page/{name}" for n, name in enumerate(read)}
    links = "".join(
        f"<item><title>{headline(n)}</title><link>{url}</link><description>Contrat GPU</description></item>"
        for n, url in enumerate(places.values())
    ).encode()
    links = b"<rss version='2.0'><channel><title>T</title>" + links + b"</channel></rss>"
    rows = [feed_row(name, f"http://127.0.8.{1 + n}:{port}/feed/{name}") for n, name in enumerate(hostile)]
    rows += [feed_row(f"healthy-{n}", f"http://127.0.8.{80 + n}:{port}/healthy/{n}") for n in range(_HEALTHY)]
    environ = lab.configure(
        feeds=[*rows, feed_row("links", f"http://127.0.8.90:{port}/links")],
        polling={"min_interval": "5s", "max_interval": "60s", "host_gap": 0, "tick": "500ms"},
        fetch={"allow": ["127.0.8.0/24"], "page_bytes": 4 * 2**20},
    )
    environ["GIGAWATCH_DATABASE_URL"] = lab.database_url()
    store = Store(environ["GIGAWATCH_DATABASE_URL"])
    store.migrate()
    lab.at_end(store.close)
    daemon = lab.part("up", environ=environ)
    daemon.start()
    begun = time.monotonic()
    try:
        wait_until(lambda: not daemon.alive() or _met(store, len(read)), 400, "every document met")
    except TimeoutError as error:
        lab.must(False, f"{error}: {[s.feed.id for s in store.feeds() if not s.polls]}; {daemon.words()[-1500:]}")
    lab.figure("seconds until the daemon had met all", time.monotonic() - begun)
    _judge(lab, store, daemon, hostile, read)
    daemon.stop()


def _met(store: Store, count: int) -> bool:
    with store.read() as connection:
        done = select(func.count()).where(entry.c.feed_id == "links", entry.c.state == "done")
        read = int(connection.scalar(done) or 0)
    # The healthy ones must have come round once more while all this was read.
    return read == count and all(state.polls > state.feed.id.startswith("healthy-") for state in store.feeds())


def _judge(lab: Lab, store: Store, daemon: Part, hostile: dict[str, bytes], read: dict[str, bytes]) -> None:
    states = {state.feed.id: state for state in store.feeds()}
    lost = [name for name in (*hostile, "links") if not states[name].polls]
    healthy = [states[f"healthy-{n}"] for n in range(_HEALTHY)]
    with store.read() as connection:
        kept = int(connection.scalar(select(func.count()).select_from(article)) or 0)
    lab.figure(
        "feeds set aside",
        str({name: states[name].message[-60:] for name in hostile if states[name].cause is Cause.CRASHED}),
    )
    lab.must(not lost, f"no outcome: {lost}")
    lab.must(kept >= len(read), f"{kept} articles of {len(read)} pages")
    lab.must(all(state.cause is Cause.OK and state.polls >= 2 for state in healthy), "a healthy feed was not polled")
    lab.must("Traceback" not in daemon.words(), f"a traceback: {daemon.words()[-1500:]}")
    most = max(state.entries for state in states.values())
    lab.must(most <= _ENTRIES, f"{most} entries of one feed")
    lab.must(not _holds(store), "local content in the database")


def _holds(store: Store) -> bool:
    """Return whether any column of any row holds the local file's content."""
    tables = MetaData()
    with store.read() as connection:
        tables.reflect(connection)
        return any(
            _MARKER in str(row._mapping) for table in tables.sorted_tables for row in connection.execute(select(table))
        )
