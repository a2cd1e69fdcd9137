"""Test 23: a quarter of a gigabyte of zeros in a few hundred bytes, as feed, page, robots.txt and webhook's answer."""

from __future__ import annotations

import base64
import gzip
import struct
import time
from collections import defaultdict
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from tests.faults import memory
from tests.faults.lab import Lab, Part, wait_until
from tests.faults.receivers import Answer, pending
from tests.faults.strangers import HTML, PARAGRAPHS, RSS, Visit, Web, feed_row, headline, nothing
from tests.steps.site import page
from worker.adapters.store import Store
from worker.adapters.store.schema import alert, article, entry
from worker.demo.play import SECRET
from worker.model import FeedState

TITLE = "Compression bombs"

_ZEROS = 256 * 2**20
_MOST_MIB, _MOST_S = 64.0, 2.0
_HEALTHY, _EVERY_S = 5, 2.0
_BROTLI = (
    "z///f/gnAOKxQCD3/p/////wTwDEYQGA7v0/////4Z8AiMMiAN37f/7//8M/ARCHBQC69//8//+HfwIgDgsAdO//+f//D/8EQBwWAOje//P//x/+"
    "CYA4LADQvf/n//8//BMAcVgAoHv/z///f/gnAOKwAED3/p/////wTwDEYQGA7v0/////4Z8AiMMCAN37f/7//8M/ARCHBQC69//8//+HfwIgDgsA"
    "dO//+f//D/8EQBwWAOje//P//x/+CYA4LADQvf/n//8//BMAcVgAoHv/Pw=="
)


def bombs() -> dict[str, tuple[str, bytes]]:
    """Return each bomb's Content-Encoding and body, by name."""
    once = gzip.compress(bytes(_ZEROS), 9)
    # Blocks of one repeated byte, 128 KiB each (RFC 8878, 3.1.1.2), as no packer at hand makes them.
    blocks = [struct.pack("<I", (2**17 << 3) | 2 | last)[:3] + b"\0" for last in [0] * 2047 + [1]]
    return {
        "br": ("br", base64.b64decode(_BROTLI)),
        "gzip-gzip": ("gzip, gzip", gzip.compress(once, 9)),
        "zstd": ("zstd", b"\x28\xb5\x2f\xfd\x00\x58" + b"".join(blocks)),
        "gzip": ("gzip", once),
    }


class _Site:
    """Every host of 127.0.8.0/24; harmless until `armed`."""

    def __init__(self) -> None:
        self.bombs = bombs()
        self.names = list(self.bombs)
        self.armed = False
        self.at: dict[str, float] = {}
        self.healthy: dict[str, list[float]] = defaultdict(list)
        self.web = Web(self._answer, "0.0.0.0")
        self.port = self.web.address.partition(":")[2]

    def url(self, host: int, path: str) -> str:
        return f"http://127.0.8.{host}:{self.port}{path}"

    def _bomb(self, name: str, **headers: str) -> Answer:
        coding, body = self.bombs[name]
        return Answer(200, {"Content-Encoding": coding, **RSS, **headers}, body)

    def _answer(self, visit: Visit) -> Answer:
        parts = visit.path.strip("/").split("/")
        kind, name = parts[0], parts[-1]
        if kind == "healthy":
            self.healthy[name].append(time.monotonic())
            return Answer(200, RSS, nothing(self.url(100, "/x"), f"{visit.wall}"))
        if self.armed and visit.path != "/links":
            return self._hostile(visit, kind, name)
        if kind == "links":
            return Answer(200, RSS, self._links())
        if kind == "warm":
            return Answer(200, HTML, page(headline(int(name)), list(PARAGRAPHS)))
        if kind in ("feed", "feed-to"):
            return Answer(200, RSS, nothing(self.url(100, "/x"), f"{kind} {name}"))
        return Answer(404 if kind == "robots.txt" else 200)

    def _hostile(self, visit: Visit, kind: str, name: str) -> Answer:
        number = int(visit.host.rpartition(".")[2])
        if kind == "bomb":
            return self._bomb(name)
        if kind == "robots.txt":
            # Hosts 20 to 23 answer with a bomb, 24 to 27 lead to one; the others have no rules.
            self.at[f"robots {number}"] = visit.wall
            if 20 <= number < 24:
                return self._bomb(self.names[number - 20])
            return self._to(self.names[number - 24]) if 24 <= number < 28 else Answer(404)
        self.at[visit.path] = visit.wall
        if kind.endswith("-to"):
            return self._to(name)
        return self._bomb(name) if kind in ("feed", "page", "hook") else Answer(404)

    def _to(self, name: str) -> Answer:
        coding, body = self.bombs[name]
        return Answer(302, {"Location": self.url(90, f"/bomb/{name}"), "Content-Encoding": coding}, body)

    def _links(self) -> bytes:
        items = [(self.url(60 + n, f"/warm/{n}"), n) for n in range(6)]
        if self.armed:
            items += [(self.url(30 + n, f"/page/{name}"), 10 + n) for n, name in enumerate(self.names)]
            items += [(self.url(40 + n, f"/page-to/{name}"), 20 + n) for n, name in enumerate(self.names)]
            items += [(self.url(20 + n, f"/closed/{n}"), 30 + n) for n in range(8)]
        rows = "".join(
            f"<item><guid>{link}</guid><title>{headline(n)}</title><description>Contrat GPU</description>"
            f"<link>{link}</link></item>"
            for link, n in items
        )
        return f"<rss version='2.0'><channel><title>T</title>{rows}</channel></rss>".encode()


def run(lab: Lab) -> None:
    """Warm everything up, arm the site, and weigh the daemon's processes."""
    site = _Site()
    lab.enter(site.web)
    feeds = [
        feed_row(f"{kind}-{name}", site.url(at + n, f"/{kind}/{name}"))
        for at, kind in ((10, "feed"), (14, "feed-to"))
        for n, name in enumerate(site.names)
    ]
    healthy = [feed_row(f"healthy-{n}", site.url(50 + n, f"/healthy/{n}")) for n in range(_HEALTHY)]
    hooks = {f"{kind}-{name}": site.url(80, f"/{kind}/{name}") for kind in ("hook", "hook-to") for name in site.names}
    environ = lab.configure(
        feeds=[*feeds, *healthy, feed_row("links", site.url(70, "/links"))],
        recipients={
            **{name: {"channel": "webhook", "address": url, "secret": SECRET} for name, url in hooks.items()},
            "console": {"channel": "console", "address": "-"},
        },
        rules=[{"id": "tout", "recipients": ["console"]}],
        polling={"min_interval": _EVERY_S, "max_interval": _EVERY_S, "host_gap": 0, "tick": "500ms", "batch": 4},
        fetch={"allow": ["127.0.8.0/24"]},
        delivery={"factor": 0.001},
    )
    environ["GIGAWATCH_DATABASE_URL"] = lab.database_url()
    store = Store(environ["GIGAWATCH_DATABASE_URL"])
    store.migrate()
    lab.at_end(store.close)
    daemon = lab.part("up", environ=environ)
    daemon.start()
    wait_until(lambda: _warm(store, daemon), 240, "everything has run once")
    before = {pid: memory.resident(pid) for pid in memory.group(daemon.pid)}
    for pid in before:
        memory.forget(pid)
    begun = time.monotonic()
    site.armed = True
    for name in hooks:
        pending(store, 1, recipient=name, prefix="bomb")
    try:
        wait_until(lambda: _met(store), 120, "every bomb met")
    except TimeoutError as error:
        lab.must(False, f"{error}: {sorted(site.at)}; {daemon.words()[-600:]}")
    time.sleep(2)
    _weigh(lab, daemon, before)
    _judge(lab, store, site, begun)
    lab.figure("seconds to stop", daemon.stop())


def _warm(store: Store, daemon: Part) -> bool:
    children = sum("parsing.child" in line for line in memory.group(daemon.pid).values())
    states = [state for state in store.feeds() if not state.feed.id.startswith("canary")]
    with store.read() as connection:
        read = list(connection.scalars(select(article.c.state)))
    return children >= 2 and all(state.polls >= 3 for state in states) and len(read) >= 6 and set(read) == {"done"}


def _bomb_feeds(store: Store) -> dict[str, FeedState]:
    return {state.feed.id: state for state in store.feeds() if state.feed.id.startswith("feed")}


def _met(store: Store) -> bool:
    polled = all(state.failures for state in _bomb_feeds(store).values())
    with store.read() as connection:
        tried = list(connection.scalars(select(entry.c.state).where(entry.c.url.not_like("%/warm/%"),
                                                                     entry.c.feed_id == "links")))  # fmt: skip
        sent = list(connection.scalars(select(alert.c.attempts).where(alert.c.recipient_id.like("hook%"))))
    return polled and len(tried) == 16 and set(tried) == {"done"} and len(sent) >= 8 and all(sent)


def _weigh(lab: Lab, daemon: Part, before: dict[int, float]) -> None:
    grown = {pid: memory.resident(pid, peak=True) - held for pid, held in before.items()}
    late = {pid: memory.resident(pid, peak=True) for pid in memory.group(daemon.pid) if pid not in before}
    total = sum(max(0.0, more) for more in grown.values())
    lab.figure("processes", len(before))
    lab.figure("held before, MiB", sum(before.values()))
    lab.figure("peak above that, all processes, MiB", total)
    lab.figure("most of one process, MiB", max(grown.values()))
    lab.figure("processes begun meanwhile", len(late))
    lab.must(total <= _MOST_MIB, f"{total:.1f} MiB more than before the bombs")
    lab.must(not late, f"processes begun meanwhile: {late}")


def _judge(lab: Lab, store: Store, site: _Site, begun: float) -> None:
    took: dict[str, float] = {}
    reasons: dict[str, str] = {}
    for name, state in _bomb_feeds(store).items():
        kind = "feed-to" if name.startswith("feed-to-") else "feed"
        if state.last_poll_at is not None:
            took[name] = state.last_poll_at.timestamp() - site.at[f"/{kind}/{name.removeprefix(f'{kind}-')}"]
        reasons[name] = state.message
    with store.read() as connection:
        wanted = select(entry.c.url, entry.c.last_error, article.c.seen_at)
        wanted = wanted.join(article, article.c.entry_id == entry.c.id).where(entry.c.feed_id == "links")
        rows: list[Any] = list(connection.execute(wanted))
        told: list[Any] = list(connection.execute(select(alert.c.recipient_id, alert.c.sent_at, alert.c.last_error)))
    for row in rows:
        path = "/" + row.url.partition("://")[2].partition("/")[2]
        if "/warm/" in path:
            continue
        host = row.url.partition("://")[2].partition(":")[0].rpartition(".")[2]
        took[path] = row.seen_at.timestamp() - site.at[f"robots {host}" if "/closed/" in path else path]
        reasons[path] = row.last_error or ""
    sent = {row.recipient_id: row for row in told}
    for name in site.names:
        row = sent[f"hook-{name}"]
        if row.sent_at is not None:
            took[f"hook-{name}"] = row.sent_at.timestamp() - site.at[f"/hook/{name}"]
        reasons[f"hook-to-{name}"] = sent[f"hook-to-{name}"].last_error or ""
    unclear = {
        name: said
        for name, said in reasons.items()
        if not any(words in said for words in ("compressed", "larger than", "robots.txt", "HTTP 302"))
    }
    gaps = [later - sooner for times in site.healthy.values() for sooner, later in pairwise(times) if later > begun]
    lab.figure("bombs met", len(took))
    lab.figure("longest, s", max(took.values()))
    lab.figure("longest gap of a healthy feed, s", max(gaps))
    lab.figure("reasons", str({name: said[-70:] for name, said in list(reasons.items())[::4]}))
    slow = {name: round(s, 1) for name, s in took.items() if s > _MOST_S}
    lab.must(len(took) == 28, f"{len(took)} of 28 bombs met")
    lab.must(not slow, f"slower than {_MOST_S} s: {slow}")
    lab.must(not unclear, f"no clear reason: {unclear}")
    lab.must(max(gaps) <= _EVERY_S + 5.0, f"a healthy feed waited {max(gaps):.1f} s for its poll every {_EVERY_S} s")
