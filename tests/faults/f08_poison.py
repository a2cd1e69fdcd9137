"""Test 8: poison work. A feed, a page and an article each kill the process that works on them, every time.

The fault is no part of the product: the worker is started with a `sitecustomize` of the test's own on its path, which
kills the process where it meets a certain word in what it parses or judges.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.faults.lab import Lab, Part, wait_until
from tests.faults.loopback import Press, deals, other
from tests.faults.receivers import SECRET, Receiver
from worker.adapters.store import Store

TITLE = "Poison work"

_DEED = """
import os, socket

_ARMED, _REGISTER = {armed!r}, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
# Now: the process that reads documents may soon open and connect nothing more.
_REGISTER.connect({register!r})


def _die(what):
    if os.path.exists(_ARMED):
        _REGISTER.send(what.encode())
        os.abort()


from worker.pipeline import articles
from worker.pipeline.detection import Detector
from worker.pipeline.feeds import documents

_html, _read, _judge = articles._html, documents._read, Detector.judge


def html(body, **rest):
    if b"VENIN-PAGE" in body:
        _die("page")
    return _html(body, **rest)


def read(text, base):
    if "VENIN-FLUX" in text:
        _die("feed")
    return _read(text, base)


def judge(self, article):
    if "VENIN-TEXTE" in article.text:
        _die("article")
    return _judge(self, article)


articles._html, documents._read, Detector.judge = html, read, judge
"""
_SITES = 7
_WATCH_S = 600.0


def _poison(text: str) -> tuple[str, ...]:
    return (*deals(1)[0].paragraphs, f"Un mot de plus : {text}, et rien d'autre à signaler dans ce long paragraphe.")


def _command(lab: Lab, environ: dict[str, str], *arguments: str) -> Any:
    part = lab.part(*arguments, "--json", environ=environ, log=f"command-{time.monotonic_ns()}")
    part.start()
    assert part.process is not None
    part.process.wait(120)
    words = part.words()
    return json.loads(words[words.index("[") if "[" in words else words.index("{") :])


def run(lab: Lab) -> None:
    """Publish three poisons among healthy deals, count the deaths, wait, then take the article up again."""
    deaths: Counter[str] = Counter()
    deed, armed = lab.folder / "deed", lab.folder / "armed"
    deed.mkdir()
    register = lab.enter(_register(lab.folder / "register", deaths))
    code = _DEED.format(armed=str(armed), register=str(register))
    (deed / "sitecustomize.py").write_text(code, encoding="utf-8")
    armed.touch()
    press, sink = lab.enter(Press(_SITES)), lab.enter(Receiver())
    environ = lab.configure(
        feeds=press.feeds(),
        recipients={"hook": {"channel": "webhook", "address": sink.url(), "secret": SECRET}},
        rules=[{"id": "all", "recipients": ["hook"]}],
        polling={"min_interval": "2s", "max_interval": "5s", "host_gap": "0s", "tick": "1s", "sweep": "2s"},
        fetch={"allow": [*press.allow, sink.address]},
    )
    environ |= {"GIGAWATCH_DATABASE_URL": lab.database_url(), "GIGAWATCH_BROKER_URL": lab.valkey().url}
    environ["PYTHONPATH"] = f"{deed}:{environ.get('PYTHONPATH', '')}"
    store = Store(environ["GIGAWATCH_DATABASE_URL"])
    lab.at_end(store.close)
    for site in range(_SITES):
        press.publish(site, [other(site)])
    migrated = lab.part("migrate", environ=environ).start()
    assert migrated.process is not None
    if migrated.process.wait(120):
        raise RuntimeError(migrated.words())
    parts = [lab.part("worker", environ=environ).start(), lab.part("beat", environ=environ).start()]
    wait_until(lambda: all(one.last_success_at for one in store.feeds()), 120, "every feed was read once")

    healthy = deals(_SITES - 1, start=10)
    page, article = deals(2, start=1)
    begun = time.monotonic()
    press.serve(_SITES - 1, b"<rss version='2.0'><channel><title>VENIN-FLUX</title><item/></channel></rss>")
    for site, piece in enumerate(healthy):
        press.publish(site, [piece])
    press.publish(0, [replace(page, paragraphs=_poison("VENIN-PAGE"))])
    press.publish(1, [replace(article, paragraphs=_poison("VENIN-TEXTE"))])
    # The healthy ones, and the deal whose page kills by what its feed says of it.
    wanted = len(healthy) + 1
    took = wait_until(lambda: len(sink.ids()) >= wanted, 400, f"{wanted} alerts, by words of {parts[0].words()[-500:]}")
    lab.figure("seconds until every other deal was told", took)
    wait_until(lambda: len(store.quarantined()) >= 1, 400, "the article is set aside")
    wait_until(lambda: _cause(store) == "crashed", 400, "the feed is let alone")
    lab.figure("seconds until all poison was set aside", time.monotonic() - begun)
    _after(lab, environ, store, Counter(deaths), lambda: Counter(deaths))
    _again(lab, environ, sink, armed, wanted)
    for part in parts:
        lab.must(part.alive(), f"{part.arguments[0]} ended: {part.words()[-300:]}")
        part.stop()


def _cause(store: Store) -> str:
    return next(one.cause.value for one in store.feeds() if one.feed.id == f"site-{_SITES - 1}")


@contextlib.contextmanager
def _register(path: Path, deaths: Counter[str]) -> Iterator[Path]:
    """Listen on a socket for what processes say before they die, and count it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))

        def listen() -> None:
            with contextlib.suppress(OSError):
                while said := listener.recv(100):
                    deaths[said.decode()] += 1

        threading.Thread(target=listen, daemon=True).start()
        yield path


def _after(
    lab: Lab, environ: dict[str, str], store: Store, deaths: Counter[str], now: Callable[[], Counter[str]]
) -> None:
    """State how often each poison killed, that it does so no more, and that a person is told."""
    for what in ("feed", "page", "article"):
        lab.figure(f"deaths by the {what}", deaths[what])
        lab.must(0 < deaths[what] <= 3, f"{deaths[what]} processes died of the {what}, 1 to 3 were to")
    (held,) = store.quarantined()
    polls = sum(one.polls for one in store.feeds())
    watched = _WATCH_S * lab.scale
    time.sleep(watched)
    (still,) = store.quarantined()
    lab.figure("watched, seconds", watched)
    lab.figure("deaths in that time", sum((now() - deaths).values()))
    lab.figure("polls of other feeds in that time", sum(one.polls for one in store.feeds()) - polls)
    lab.must(now() == deaths, f"{now()} deaths after {deaths}")
    lab.must(held.attempts == still.attempts <= 3 + 1, f"{still.attempts} attempts after {held.attempts}")
    lab.must(sum(one.polls for one in store.feeds()) > polls, "no other feed was polled meanwhile")
    listed = _command(lab, environ, "articles", "quarantined")
    lab.must([one["id"] for one in listed] == [held.key], f"listed: {listed}")
    findings = {one["check"]: one["detail"] for one in _command(lab, environ, "doctor", "--offline")}
    lab.must(held.title[:30] in findings.get("quarantine", ""), f"doctor: {findings.get('quarantine')}")


def _again(lab: Lab, environ: dict[str, str], sink: Receiver, armed: Path, told: int) -> None:
    """Mend the fault and take the article up again: its deal is told."""
    lab.must(len(sink.ids()) == told, f"{len(sink.ids())} alerts for {told}")
    armed.unlink()
    begun = time.monotonic()
    part: Part = lab.part("articles", "retry", "--all", environ=environ, log="retry").start()
    assert part.process is not None
    lab.must(part.process.wait(120) == 0, part.words())
    wait_until(lambda: len(sink.ids()) > told, 120, "the deal is told")
    lab.figure("seconds from the retry to the alert, command included", time.monotonic() - begun)
