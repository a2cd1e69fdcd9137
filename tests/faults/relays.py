"""A mail relay that answers each recipient as a script says, and keeps every message that it was given whole."""

from __future__ import annotations

import contextlib
import re
import socketserver
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from types import TracebackType

_ADDRESS = re.compile(rb"<([^>]*)>")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one recipient: how it was answered, when, with which envelope; the message where it came that far."""

    address: str
    answer: str
    at: float
    recipients: tuple[str, ...]
    raw: bytes = b""

    @property
    def message(self) -> EmailMessage:
        """Return the message read by the standard library."""
        return BytesParser(EmailMessage, policy=policy.default).parsebytes(self.raw)


@dataclass
class _Session:
    recipients: list[str] = field(default_factory=list)
    answer: str = ""


class Relay:
    """An SMTP server on loopback. `script(address, number)` is how it answers the `number`-th try at an address:

    "250"; a reply such as "451 4.3.0 later" or "550 5.1.1 nobody" to RCPT; "data:" and a reply, to the message itself;
    "421" for a reply to DATA and the end of the session; "drop" to take the message and leave without a word;
    "silent" to say nothing more.
    """

    def __init__(self, script: Callable[[str, int], str] = lambda _address, _number: "250") -> None:
        self.script = script
        self.left_s: list[float] = []
        self._attempts: list[Attempt] = []
        self._tries: dict[str, int] = defaultdict(int)
        self._lock = threading.Lock()
        relay = self

        class Handler(socketserver.StreamRequestHandler):
            timeout = 90

            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    relay._serve(self)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 256

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    def attempts(self, address: str = "") -> tuple[Attempt, ...]:
        """Return every try so far, at one address or at all, in order."""
        with self._lock:
            return tuple(one for one in self._attempts if not address or one.address == address)

    def __enter__(self) -> Relay:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, handler: socketserver.StreamRequestHandler) -> None:
        def say(line: str) -> None:
            handler.wfile.write(line.encode() + b"\r\n")

        session = _Session()
        say("220 relay.example ready")
        while line := handler.rfile.readline():
            verb = line[:4].upper().strip()
            if verb in (b"EHLO", b"HELO"):
                say("250 relay.example")
            elif verb == b"MAIL":
                session = _Session()
                say("250 2.1.0 ok")
            elif verb == b"RCPT":
                if not self._recipient(session, line, handler, say):
                    return
            elif verb == b"DATA":
                if not self._data(session, handler, say):
                    return
            elif verb == b"QUIT":
                say("221 2.0.0 bye")
                return
            else:
                say("250 2.0.0 ok")

    def _recipient(
        self, session: _Session, line: bytes, handler: socketserver.StreamRequestHandler, say: Callable[[str], None]
    ) -> bool:
        found = _ADDRESS.search(line)
        address = found[1].decode("utf-8", "replace") if found else ""
        with self._lock:
            self._tries[address] += 1
            session.answer = self.script(address, self._tries[address])
        session.recipients.append(address)
        if session.answer == "silent":
            self._keep(session)
            begun = time.monotonic()
            handler.rfile.readline()
            self.left_s.append(time.monotonic() - begun)
            return False
        if re.match(r"[45]\d\d ", session.answer) and not session.answer.startswith("421"):
            self._keep(session)
            say(session.answer)
        else:
            say("250 2.1.5 ok")
        return True

    def _data(self, session: _Session, handler: socketserver.StreamRequestHandler, say: Callable[[str], None]) -> bool:
        if session.answer == "421":
            self._keep(session)
            say("421 4.3.2 shutting down")
            return False
        say("354 go on")
        lines = []
        while (line := handler.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        self._keep(session, b"".join(lines))
        if session.answer == "drop":
            return False
        say(session.answer[5:] if session.answer.startswith("data:") else "250 2.0.0 kept")
        return True

    def _keep(self, session: _Session, raw: bytes = b"") -> None:
        made = Attempt(session.recipients[-1], session.answer, time.monotonic(), tuple(session.recipients), raw)
        with self._lock:
            self._attempts.append(made)
