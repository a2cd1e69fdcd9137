"""Reading documents outside the worker: one warm process beside it, bounded in memory and time, replaced where it dies.

A hostile document then costs its own poll and nothing else: not the memory of the worker, not the time of the other
feeds of its event loop, not the secrets that the worker holds.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from worker.adapters.parsing import frames
from worker.errors import ParseError, ParserBusy, ParserDied
from worker.model import Article, Cause, Entry, Feed, ParsedFeed
from worker.ports import Parser
from worker.text import one_line

_T = TypeVar("_T")

_FEED, _ENTRY = TypeAdapter(Feed), TypeAdapter(Entry)
_PARSED, _ARTICLE = TypeAdapter(ParsedFeed), TypeAdapter(Article)
# 500 entries at their longest are some 7 million characters.
_ANSWER = 32 * 2**20
_START_S = 30.0
# What the child must know of its surroundings: where Python's own files are, and how text is coded. No secrets.
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class ParserLimits:
    """Bounds of one document: address space in MiB, processor seconds, wall seconds, and how long it may wait for its
    turn; and after how many documents the process is replaced."""

    memory_mib: int = 512
    cpu_s: float = 10.0
    wall_s: float = 20.0
    wait_s: float = 10.0
    documents: int = 500


class _Died(Exception):
    """The child did not live to answer; `why` goes on after "reading it"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _Child:
    """One parser process. `documents` counts what it was given."""

    def __init__(self, limits: ParserLimits) -> None:
        self._limits = limits
        self.documents = 0
        self._ready = False
        self._socket, theirs = socket.socketpair()
        program = [sys.executable, "-P", "-m", "worker.adapters.parsing.child"]
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        with theirs:
            self._process = subprocess.Popen(
                [*program, str(limits.memory_mib), str(limits.cpu_s)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**kept, "PYTHONPATH": os.pathsep.join(place or "." for place in sys.path)},
            )

    def ask(self, head: dict[str, Any], body: bytes, deadline: float) -> tuple[dict[str, Any], bytes]:
        """Return the child's answer; raises _Died, after which the child is gone."""
        try:
            if not self._ready:
                frames.receive(self._socket, limit=0, deadline=time.monotonic() + _START_S)
                self._ready = True
            self.documents += 1
            frames.send(self._socket, head, body, deadline=deadline)
            answer = frames.receive(self._socket, limit=_ANSWER, deadline=deadline)
        except TimeoutError as error:
            self.close()
            raise _Died(f"took more than {self._limits.wall_s:.0f} s") from error
        except (frames.BrokenFrame, OSError) as error:
            raise _Died(self._end()) from error
        if answer[0].get("died"):
            self.close()
            raise _Died(f"took more than {self._limits.memory_mib} MiB of memory")
        return answer

    def kill(self) -> None:
        """End the process; who waits for its answer gets none."""
        self._process.kill()

    def close(self) -> None:
        """End the process and let go of it."""
        self._socket.close()
        self._process.kill()
        self._process.wait()

    def _end(self) -> str:
        """Return in words how the child ended."""
        self._socket.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        code = self._process.poll()
        self.close()
        if code == -signal.SIGXCPU:
            return f"took more than {self._limits.cpu_s:.0f} s of processor time"
        if code is None:
            return "was answered with what is no answer"
        return f"took the parser down ({signal.Signals(-code).name if code < 0 else f'exit code {code}'})"


class IsolatedParser(Parser):
    """The port `worker.ports.Parser` by a process of one's own; for one event loop at a time. Close it at the end.

    A document whose parser dies is read once more by a fresh one, as what was read before may be to blame; whatever
    took time is not. Raises ParserBusy where its turn does not come in time, ParserDied, ParseError.
    """

    def __init__(self, limits: ParserLimits | None = None) -> None:
        self._limits = limits or ParserLimits()
        self._child: _Child | None = None
        self._closed = False
        # One thread, so that one document is read at a time, in the order of their arrival.
        self._turns = ThreadPoolExecutor(max_workers=1, thread_name_prefix="parse")

    async def feed(self, body: bytes, *, feed: Feed, content_type: str, base: str, now: datetime) -> ParsedFeed:
        """Return what the feed document `body` says; see `worker.pipeline.feeds.parse`."""
        head = {"kind": "feed", "base": base, "now": now.isoformat(), "content_type": content_type}
        head["feed"] = _FEED.dump_python(feed, mode="json")
        found = await self._turn(_PARSED, head, body, base or feed.url)
        # The parser's word is a stranger's: it may not speak of another feed.
        return replace(found, entries=tuple(replace(entry, feed_id=feed.id, id=None) for entry in found.entries))

    async def article(self, body: bytes, *, entry: Entry, feed: Feed, url: str, content_type: str) -> Article:
        """Return the article of a page; see `worker.pipeline.articles.read`."""
        head = {"kind": "article", "url": url, "content_type": content_type}
        head["feed"], head["entry"] = _FEED.dump_python(feed, mode="json"), _ENTRY.dump_python(entry, mode="json")
        return replace(await self._turn(_ARTICLE, head, body, url), source=feed.name, feed=feed.id)

    def close(self) -> None:
        """End the process, whatever it reads."""
        self._closed = True
        if (child := self._child) is not None:
            child.kill()
        self._turns.shutdown(wait=True, cancel_futures=True)
        if self._child is not None:
            self._child.close()
            self._child = None

    async def _turn(self, kind: TypeAdapter[_T], head: Mapping[str, Any], body: bytes, where: str) -> _T:
        job = self._turns.submit(self._read, kind, dict(head), body, where)
        waiting = asyncio.wrap_future(job)
        done, _ = await asyncio.wait({waiting}, timeout=self._limits.wait_s)
        if not done and job.cancel():
            raise ParserBusy(f"{where}: the parser is busy with other documents")
        return await waiting

    def _read(self, kind: TypeAdapter[_T], head: dict[str, Any], body: bytes, where: str) -> _T:
        try:
            said, answer = self._asked(head, body)
        except _Died as error:
            raise ParserDied(Cause.CRASHED, f"{where}: reading it {error.why}") from error
        try:
            if "error" in said:
                raise ParseError(Cause(said["error"]), one_line(str(said.get("message")), 1_000))
            return kind.validate_json(answer)
        except (ValidationError, ValueError) as error:
            raise ParserDied(Cause.CRASHED, f"{where}: the parser's answer cannot be read") from error

    def _asked(self, head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        deadline = time.monotonic() + self._limits.wall_s
        child = self._ready()
        fresh = child.documents == 0
        try:
            return child.ask(head, body, deadline)
        except _Died:
            self._child = None
            if fresh or self._closed or time.monotonic() > deadline:
                raise
        try:
            return self._ready().ask(head, body, deadline)
        except _Died:
            self._child = None
            raise

    def _ready(self) -> _Child:
        if self._child is not None and self._child.documents >= self._limits.documents:
            self._child.close()
            self._child = None
        self._child = self._child or _Child(self._limits)
        return self._child
