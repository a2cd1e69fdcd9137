"""Signs of life as systemd takes them (sd_notify(3)): datagrams to the socket that NOTIFY_SOCKET names. `up` listens to
its children in the same way, so a worker or beat under a unit of its own speaks to systemd without knowing it."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "NOTIFY_SOCKET"
READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"
# Half a minute more than was allowed for the start.
MORE_TIME = "EXTEND_TIMEOUT_USEC=30000000"

_MOST_BYTES = 4096
_MOST_WAITING = 1000


def notify(*lines: str, environ: Mapping[str, str] | None = None) -> bool:
    """Send `lines` to whoever watches this process; False where nobody does, or nobody takes it just now.

    Never blocks: a watcher that hangs must not hang those whom it watches.
    """
    address = (os.environ if environ is None else environ).get(VARIABLE, "")
    if not address.startswith(("/", "@")):
        return False
    # "@" stands for the zero byte of an abstract address, which no variable can hold.
    target = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        try:
            sender.sendto("\n".join(lines).encode(), target)
        except OSError:
            return False
    return True


class Listener:
    """Takes the signs of one child on a socket at `path`, which must be short enough for a socket's address."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(str(path))
        path.chmod(0o600)

    def heard(self) -> bool:
        """Return whether a sign of life has come since the last call."""
        found = False
        for _ in range(_MOST_WAITING):
            try:
                found |= ALIVE.encode() in self._socket.recv(_MOST_BYTES).splitlines()
            except BlockingIOError:
                break
        return found

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()
        with contextlib.suppress(OSError):
            self.path.unlink()
