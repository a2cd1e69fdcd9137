"""Messages between a worker and its parser: a head in JSON and a body of bytes, each with its length before it.

JSON alone, and never more than was agreed: the parser has read what strangers wrote, and may say what they want.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from typing import Any

_LENGTHS = struct.Struct("!II")
_HEAD = 64 * 1024
_STEP = 256 * 1024


class BrokenFrame(Exception):
    """The other side ended, or said what is no message. Never leaves the adapter."""


def send(to: socket.socket, head: dict[str, Any], body: bytes = b"", *, deadline: float | None = None) -> None:
    """Send one message. `deadline` is in seconds of the monotonic clock; raises TimeoutError past it, OSError."""
    raw = json.dumps(head).encode()
    to.settimeout(_left(deadline))
    to.sendall(_LENGTHS.pack(len(raw), len(body)) + raw + body)


def receive(source: socket.socket, *, limit: int, deadline: float | None = None) -> tuple[dict[str, Any], bytes]:
    """Return the next message's head and body, at most `limit` bytes. Raises TimeoutError, BrokenFrame, OSError."""
    head_size, body_size = _LENGTHS.unpack(_exactly(source, _LENGTHS.size, deadline))
    if head_size > _HEAD or body_size > limit:
        raise BrokenFrame(f"a message of {head_size + body_size:,} bytes")
    try:
        head = json.loads(_exactly(source, head_size, deadline))
    except (ValueError, RecursionError) as error:
        raise BrokenFrame("a message without a head") from error
    if not isinstance(head, dict):
        raise BrokenFrame("a message without a head")
    return head, _exactly(source, body_size, deadline)


def _exactly(source: socket.socket, size: int, deadline: float | None) -> bytes:
    found = bytearray()
    while len(found) < size:
        source.settimeout(_left(deadline))
        piece = source.recv(min(_STEP, size - len(found)))
        if not piece:
            raise BrokenFrame("the other side ended")
        found += piece
    return bytes(found)


def _left(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
