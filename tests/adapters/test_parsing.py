"""The parser in a process apart: what it gives back, and what becomes of documents that would take it down."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.lab import wait_until
from tests.inline import InlineParser
from tests.steps.site import page, rss
from worker.adapters.parsing import IsolatedParser, ParserLimits, frames
from worker.errors import ParseError, ParserBusy, ParserDied
from worker.model import Article, Cause, Entry, Feed, ParsedFeed
from worker.ports import Parser

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FEED = Feed("fil", "Le Fil", "https://fil.example/rss")
ENTRY = Entry("fil", "1", "https://fil.example/accord", "Un accord")
SMALL = rss("https://fil.example", [("accord", "Un accord de calcul", "Cinq ans de capacité, dit le groupe.")])
# Two seconds of a processor's time.
HEAVY = rss("https://fil.example", [(f"a{n}", f"Un accord de calcul {n}", "<p>Résumé</p>" * 200) for n in range(300)])
# Seconds of any processor's time: the limit counts in whole ones.
SLOW = rss("https://fil.example", [(f"a{n}", f"Un accord de calcul {n}", "<p>Résumé</p>" * 200) for n in range(3_000)])
LARGE = rss("https://fil.example", [("accord", "Un accord de calcul", "Résumé" * 2**20)])
PAGE = page(
    "Un accord de calcul signé",
    [
        "Le groupe a signé mardi un contrat de capacité de calcul qui doit durer cinq ans, selon un communiqué commun.",
        "Les serveurs seront installés près de Dunkerque, dans un bâtiment déjà raccordé au réseau électrique.",
        "Les deux entreprises n'ont pas souhaité commenter le calendrier des paiements, échelonnés sur cinq ans.",
    ],
)


@pytest.fixture(scope="module")
def isolated() -> Iterator[IsolatedParser]:
    parser = IsolatedParser(ParserLimits(wait_s=60.0, wall_s=60.0))
    yield parser
    parser.close()


def feed(parser: Parser, body: bytes = SMALL) -> ParsedFeed:
    return asyncio.run(parser.feed(body, feed=FEED, content_type="application/rss+xml", base=FEED.url, now=NOW))


def article(parser: Parser, body: bytes = PAGE, kind: str = "text/html") -> Article:
    return asyncio.run(parser.article(body, entry=ENTRY, feed=FEED, url=ENTRY.url, content_type=kind))


def child_of(parser: IsolatedParser) -> int:
    assert parser._child is not None
    return parser._child._process.pid


@pytest.mark.parametrize("body", [SMALL, b'{"version":"https://jsonfeed.org/version/1","items":[{"id":"1"}]}'])
def test_a_feed_is_what_it_would_be_here(isolated: IsolatedParser, body: bytes) -> None:
    assert feed(isolated, body) == feed(InlineParser(), body)


def test_an_article_is_what_it_would_be_here(isolated: IsolatedParser) -> None:
    assert article(isolated) == article(InlineParser())


@pytest.mark.parametrize(
    ("body", "cause"), [(b"", Cause.EMPTY), (b"<html><title>Rien</title>", Cause.HTML), (b"rien", Cause.NOT_A_FEED)]
)
def test_what_is_no_feed_is_said_as_it_would_be_here(isolated: IsolatedParser, body: bytes, cause: Cause) -> None:
    for parser in (isolated, InlineParser()):
        with pytest.raises(ParseError, match=r"https://fil\.example/rss: ") as caught:
            feed(parser, body)
        assert caught.value.cause == cause
        assert not isinstance(caught.value, ParserDied)


def test_a_page_without_text_is_said_as_it_would_be_here(isolated: IsolatedParser) -> None:
    for parser in (isolated, InlineParser()):
        with pytest.raises(ParseError, match="no article text") as caught:
            article(parser, b"<html><body>Rien</body></html>")
        assert caught.value.cause == Cause.NO_TEXT


def test_one_process_reads_many_documents(isolated: IsolatedParser) -> None:
    feed(isolated)
    first = child_of(isolated)
    article(isolated)
    feed(isolated)
    assert child_of(isolated) == first


def test_a_process_is_replaced_after_its_documents() -> None:
    parser = IsolatedParser(ParserLimits(documents=1, wall_s=60.0))
    try:
        feed(parser)
        first = child_of(parser)
        feed(parser)
        assert child_of(parser) != first
    finally:
        parser.close()


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (ParserLimits(memory_mib=80, wall_s=60.0), "took more than 80 MiB of memory|took the parser down"),
        (ParserLimits(cpu_s=0.01, wall_s=60.0), r"took more than 0 s of processor time"),
        (ParserLimits(cpu_s=0.001, wall_s=0.3), r"took more than 0 s"),
    ],
    ids=["memory", "processor", "clock"],
)
def test_a_document_that_takes_too_much_is_given_up_with_the_reason(limits: ParserLimits, why: str) -> None:
    parser = IsolatedParser(limits)
    try:
        with pytest.raises(ParserDied, match=why) as caught:
            feed(parser, SLOW if limits.memory_mib == 512 else rss("https://fil.example", [("a", "b", "c" * 2**23)]))
        assert caught.value.cause == Cause.CRASHED
        assert str(caught.value).startswith("https://fil.example/rss: reading it ")
    finally:
        parser.close()


def test_after_a_death_the_next_document_is_read(isolated: IsolatedParser) -> None:
    feed(isolated)
    os.kill(child_of(isolated), signal.SIGKILL)
    assert feed(isolated) == feed(InlineParser())


def test_a_document_waits_for_its_turn_only_so_long() -> None:
    parser = IsolatedParser(ParserLimits(wait_s=0.01, wall_s=60.0))

    async def both() -> list[ParsedFeed | BaseException]:
        asked = (parser.feed(body, feed=FEED, content_type="", base=FEED.url, now=NOW) for body in (HEAVY, SMALL))
        return await asyncio.gather(*asked, return_exceptions=True)

    try:
        first, second = asyncio.run(both())
        assert isinstance(first, ParsedFeed)
        assert isinstance(second, ParserBusy)
    finally:
        parser.close()


def test_a_document_is_not_to_blame_where_the_machine_gives_no_time() -> None:
    parser = IsolatedParser(ParserLimits(wall_s=6.0))
    try:
        feed(parser)
        os.kill(child_of(parser), signal.SIGSTOP)
        with pytest.raises(ParserBusy, match="gives the parser no time"):
            feed(parser)
        assert parser._child is None
    finally:
        parser.close()


def test_closing_waits_for_no_document() -> None:
    parser = IsolatedParser(ParserLimits(wall_s=60.0))
    feed(parser)
    child = child_of(parser)

    async def cut_off() -> None:
        reading = asyncio.create_task(parser.feed(HEAVY, feed=FEED, content_type="", base=FEED.url, now=NOW))
        await asyncio.sleep(0.05)
        begun = time.monotonic()
        await asyncio.to_thread(parser.close)
        assert time.monotonic() - begun < 2.0
        with pytest.raises(ParserDied):
            await reading

    asyncio.run(cut_off())
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_the_process_ends_with_its_worker() -> None:
    program = (
        "import asyncio, os, signal\n"
        "from tests.adapters.test_parsing import *\n"
        "parser = IsolatedParser(ParserLimits(wall_s=60.0))\n"
        "feed(parser)\n"
        "print(child_of(parser), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(place or "." for place in sys.path)}
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environ, timeout=120)
    child = int(found.stdout)
    wait_until(lambda: not Path(f"/proc/{child}").exists(), 10, "the parser ends")


def test_the_process_is_told_no_secrets(isolated: IsolatedParser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIGAWATCH_SMTP_PASSWORD", "motdepasse")
    parser = IsolatedParser()
    try:
        feed(parser)
        process = Path(f"/proc/{child_of(parser)}")
        assert b"motdepasse" not in (process / "environ").read_bytes()
        held = [str(one.readlink()).partition(":")[0] for one in (process / "fd").iterdir()]
        assert sorted(held) == ["/dev/null", "/dev/null", "socket"]
    finally:
        parser.close()


def test_the_process_opens_no_file_and_no_connection() -> None:
    program = (
        "import socket, subprocess\n"
        "from worker.adapters.parsing import child\n"
        "child._confine(512 * 2**20)\n"
        "import wave\n"
        "def connect(): socket.create_connection(('127.0.0.1', 80))\n"
        "for action in (lambda: open('/etc/passwd'), lambda: open('pyproject.toml'),\n"
        "               lambda: open('written.txt', 'w'), connect, lambda: subprocess.run(['true'])):\n"
        "    try:\n"
        "        action()\n"
        "    except PermissionError:\n"
        "        print('refused')\n"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(place or "." for place in sys.path)}
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environ, timeout=120)
    assert found.stdout.split() == ["refused"] * 5, found.stderr


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\xff" * 8,
        b"\x00\x00\x00\x02\x00\x00\x00\x00[]",
        b"\x00\x00\x00\x02\x00\x00\x00\x00{x",
        b"\x00\x00\x00\x02\x00\x00\x00\x09{}",
        b"\x00\x00\x00\x02\xff\x00\x00\x00{}",
    ],
)
def test_what_is_no_message_is_not_believed(said: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.sendall(said)
        theirs.close()
        with pytest.raises(frames.BrokenFrame):
            frames.receive(ours, limit=100)


def test_an_answer_of_another_shape_is_not_believed(isolated: IsolatedParser, monkeypatch: pytest.MonkeyPatch) -> None:
    for head, body in (({}, b"[]"), ({}, b'{"title":1}'), ({"error": "made up"}, b"")):
        monkeypatch.setattr(isolated, "_asked", lambda *_, answer=(head, body): answer)
        with pytest.raises(ParserDied, match="cannot be read"):
            feed(isolated)
