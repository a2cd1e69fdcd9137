"""The road to the broker: kombu's, except that an answer that cannot be given holds no place.

A worker takes as many messages as it has places. kombu frees a place once the broker has taken the answer to its
message; where the broker is away just then, Celery logs "Couldn't ack" and the place stays taken for good. A broker
that restarts while every place works so leaves a worker that lives, beats and never takes a message again (seen with
kombu 5.7.0). Here the place is freed all the same: the message, if the broker still has it, comes again once it has
been invisible long enough, and the store knows that its work is done.

And no queue grows without end. Beat and the sweep go on asking while nobody takes anything, or too slowly (3,201
messages were seen on a busy machine). Every message only says that the store has work, so the oldest ones are let
go: the sweep asks again.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from kombu import transport
from kombu.transport import redis, virtual

log = logging.getLogger("gigawatch.queue")

ROOM = 200
"""Messages that one queue may hold."""

_EVERY_S = 60.0
_told: dict[str, float] = {}


class _Places(redis.QoS):
    """The messages that a worker has taken and not answered."""

    def ack(self, delivery_tag: Any) -> None:
        """Answer a message; its place is free whether or not the broker hears it."""
        try:
            super().ack(delivery_tag)
        finally:
            virtual.QoS.ack(self, delivery_tag)

    def reject(self, delivery_tag: Any, requeue: bool = False) -> None:
        """Give a message back; its place is free whether or not the broker hears it."""
        try:
            super().reject(delivery_tag, requeue=requeue)
        finally:
            virtual.QoS.ack(self, delivery_tag)


class _Channel(redis.Channel):
    QoS = _Places

    def _put(self, queue: str, message: Any, **options: Any) -> None:
        super()._put(queue, message, **options)
        with self.conn_or_acquire() as client:
            if client.llen(queue) > ROOM:
                # The oldest go: those of the timetable have run out, and what is asked now is asked for a reason.
                client.ltrim(queue, 0, ROOM - 1)
                _tell(queue)


def _tell(queue: str) -> None:
    now = time.monotonic()
    if now - _told.get(queue, -_EVERY_S) >= _EVERY_S:
        _told[queue] = now
        log.warning("nobody takes the messages of the queue %s, or too slowly: it holds %d, older ones go", queue, ROOM)


class _Transport(redis.Transport):
    Channel = _Channel


def install() -> None:
    """Let addresses of redis:// and its kin lead over this road, in this process."""
    aliases: dict[str, Any] = transport.TRANSPORT_ALIASES
    for scheme in ("redis", "rediss"):
        aliases[scheme] = lambda: _Transport
