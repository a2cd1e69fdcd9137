"""Test 20: the worker is killed right when the mail relay has said 250, before it can write that down, 50 times."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.faults.deployment import Deployment, missing, repeats
from tests.faults.lab import Lab, wait_until
from tests.faults.receivers import pending
from worker.model import ChannelKind

TITLE = "Crash after 250"

_ALERTS, _KILLS = 150, 50
_TIMEOUT_S = 5.0
_PATIENCE_S = 300.0
_TAKEN = "250 2.0.0 taken"


class _Session(SMTP):
    """A session that tells the relay when its 250 has left."""

    relay: Relay

    async def push(self, status: Any) -> None:
        await super().push(status)
        if status in (_TAKEN, _TAKEN.encode()):
            self.relay.said()


class Relay:
    """A mail relay on loopback. One message at a time is answered; `after` is called once its 250 has left."""

    def __init__(self) -> None:
        self.after: Callable[[], None] | None = None
        self._mails: list[bytes] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    def mails(self) -> list[bytes]:
        """Return every message that was taken, in order, repeats included."""
        return list(self._mails)

    def said(self) -> None:
        """Act on a 250 that has left. In the server's only thread: no other message is answered meanwhile."""
        if self.after is not None:
            self.after()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep one mail."""
        assert isinstance(envelope.content, bytes)
        self._mails.append(envelope.content)
        return _TAKEN

    def __enter__(self) -> Relay:
        self._thread.start()
        server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port = server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _listen(self) -> asyncio.Server:
        def session() -> SMTP:
            made = _Session(self, hostname="localhost", loop=self._loop, timeout=30)
            made.relay = self
            return made

        return await self._loop.create_server(session, "127.0.0.1", 0)


def run(lab: Lab) -> None:
    """Kill the group from within the relay, at once after its word, and look at what comes again."""
    alerts, kills = lab.count(_ALERTS), lab.count(_KILLS)
    with Relay() as relay:
        environ = lab.configure(
            recipients={"desk": {"channel": "email", "address": "desk@gw.example"}},
            smtp={
                "host": "127.0.0.1",
                "port": relay.port,
                "security": "none",
                "sender": "veille@gw.example",
                "timeout": _TIMEOUT_S,
            },
        )
        here = Deployment(lab, environ, database=lab.database_url(), valkey=lab.valkey("aof"))
        wanted = pending(here.store, alerts, recipient="desk", channel=ChannelKind.EMAIL)
        struck = threading.Event()
        count = 0

        def kill() -> None:
            if not struck.is_set():
                here.worker.kill()
                struck.set()

        for _ in range(kills):
            struck.clear()
            relay.after = kill
            if count == 0:
                here.beat.start()
            here.worker.start()
            wait_until(struck.is_set, _PATIENCE_S, "the relay takes a message")
            relay.after = None
            count += 1
        last = time.monotonic()
        here.start_worker()
        here.drain(_PATIENCE_S)
        drained = time.monotonic() - last
        here.kill()
        mails = relay.mails()
    keys = [str(message_from_bytes(mail)["Message-ID"]).strip("<>").partition("@")[0] for mail in mails]
    seen = Counter(keys)
    bodies = {(key, mail) for key, mail in zip(keys, mails, strict=True)}
    lost = missing(wanted, seen)
    lab.figure("kills", count)
    lab.figure("distinct Message-IDs", len(seen))
    lab.figure("missing", len(lost))
    lab.figure("repeats", repeats(seen))
    lab.figure("differing messages", len(bodies) - len(seen))
    lab.figure("drained, seconds after the last kill", drained)
    lab.must(not lost, f"{len(lost)} missing")
    lab.must(set(seen) == set(wanted), "a message that nobody asked for")
    lab.must(len(bodies) == len(seen), "a Message-ID came with two bodies")
    lab.must(repeats(seen) <= kills, f"{repeats(seen)} repeats for {kills} kills")
    lab.must(repeats(seen) > 0, "no kill struck between 250 and the record, so it showed nothing")
