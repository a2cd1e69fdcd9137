"""The process in which documents are read: `python -m worker.adapters.parsing.child MEGABYTES SECONDS`.

It talks over the socket that is its standard input, and ends when that ends. It has no secrets, no address space beyond
its limit, and after its imports no way to a file, a socket or another process: what a parser's hole lets a document do
ends here.
"""

from __future__ import annotations

import contextlib
import math
import os
import resource
import signal
import socket
import sys
import sysconfig
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

import worker
from worker.adapters.parsing import frames
from worker.errors import ParseError
from worker.model import Article, Entry, Feed, ParsedFeed
from worker.pipeline import articles, feeds

_FEED, _ENTRY = TypeAdapter(Feed), TypeAdapter(Entry)
_PARSED, _ARTICLE = TypeAdapter(ParsedFeed), TypeAdapter(Article)
# No document is larger than the client's own limits; this only bounds what a confused worker could send.
_REQUEST = 256 * 2**20
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.")


def read(head: Mapping[str, Any], body: bytes) -> bytes:
    """Return the answer to one request as JSON; raises ParseError and MemoryError."""
    feed = _FEED.validate_python(head["feed"])
    if head["kind"] == "feed":
        now = datetime.fromisoformat(head["now"])
        return _PARSED.dump_json(
            feeds.parse(body, feed=feed, content_type=head["content_type"], base=head["base"], now=now)
        )
    entry = _ENTRY.validate_python(head["entry"])
    found = articles.read(body, entry=entry, feed=feed, url=head["url"], content_type=head["content_type"])
    return _ARTICLE.dump_json(found)


def serve(connection: socket.socket, cpu_s: float) -> None:
    """Answer requests until the other side ends, or until memory ran out: a heap in pieces helps nobody further."""
    frames.send(connection, {"ready": True})
    while True:
        try:
            head, body = frames.receive(connection, limit=_REQUEST)
        except (frames.BrokenFrame, OSError):
            return
        _allow_cpu(cpu_s)
        try:
            answer = read(head, body)
        except ParseError as error:
            frames.send(connection, {"error": error.cause, "message": str(error)[:2_000]})
        except MemoryError:
            del body
            frames.send(connection, {"died": "memory"})
            return
        else:
            frames.send(connection, {}, answer)


def _allow_cpu(seconds: float) -> None:
    """Let this process run for `seconds` of processor time more; past it the kernel ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _confine(memory: int) -> None:
    # A worker told to stop ends its parser by closing the socket; a signal to the whole group must not be taken for a
    # document's fault.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    for limit, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        # macOS knows RLIMIT_AS and refuses to set it; the time limits hold there all the same.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(limit, (value, value))
    rooms = _rooms()

    def deny(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, flags = arguments[0], arguments[2]
            if isinstance(path, int) or (not flags & (os.O_WRONLY | os.O_RDWR) and _text(path).startswith(rooms)):
                return
        elif not event.startswith(_FORBIDDEN):
            return
        raise PermissionError(f"a parser does not do this ({event})")

    sys.addaudithook(deny)


def _rooms() -> tuple[str, ...]:
    """Return the folders of which files may be read: those of Python and its packages, the last ones imported late."""
    ours = Path(worker.__file__).resolve().parent
    found = {Path(place).resolve() for place in sys.path}
    if str(ours.parent) not in sysconfig.get_paths().values():
        # Run from its sources: the operator's configuration lies beside.
        found = found - {ours.parent} | {ours}
    return tuple(f"{place}{os.sep}" for place in found)


def _text(path: Any) -> str:
    return os.path.realpath(os.fsdecode(path)) if isinstance(path, str | bytes | os.PathLike) else ""


def main() -> None:
    """Run as a program."""
    connection = socket.socket(fileno=0)
    _confine(int(sys.argv[1]) * 2**20)
    # Nothing is learnt from a broken pipe: the worker is gone.
    with contextlib.suppress(OSError):
        serve(connection, float(sys.argv[2]))


if __name__ == "__main__":
    main()
