"""What is said while the broker or the store is away: one line a minute, whoever has something to say of it.

Many parts notice the same outage, each retries on its own, some with a traceback each time. The first line says all
that there is to know. The processes of one group count together, as they share a log: `up` and its children.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import tempfile
import time
from pathlib import Path

EVERY_S = 60.0

# Who speaks of the broker without an exception of it at hand, and how.
_TALK = {"celery.worker.consumer": "onnect", "celery.beat": "rror", "kombu": "onnect"}
_STORE_TALK = ("sqlalchemy.pool", "psycopg")
_DEEPEST = 10


class Outages(logging.Filter):
    """Lets one record a minute through about each part that is away, without its traceback."""

    def __init__(self) -> None:
        super().__init__()
        self.data: Path | None = None
        self._said_at: dict[str, float] = {}
        self._left_out: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether `record` is to be written; one about an outage is cut to its first line."""
        part = _part_of(record)
        if not part:
            return True
        if not self._is_time(part):
            self._left_out[part] = self._left_out.get(part, 0) + 1
            return False
        text = (record.getMessage().splitlines() or [""])[0]
        left_out = self._left_out.pop(part, 0)
        more = f"; {left_out} more of this left out" if left_out else ""
        record.msg, record.args = f"{part} away: {text}{more}".replace("%", "%%"), None
        record.exc_info = record.exc_text = record.stack_info = None
        return True

    def _is_time(self, part: str) -> bool:
        now = time.monotonic()
        if now - self._said_at.get(part, -EVERY_S) < EVERY_S or not self._is_ours_to_say(part):
            return False
        self._said_at[part] = now
        return True

    def _is_ours_to_say(self, part: str) -> bool:
        """Return whether no other process of this group has said it within the last minute."""
        if self.data is None:
            return True
        try:
            with (_folder(self.data) / f"{part}-{os.getpgrp()}").open("a") as stamp:
                fcntl.flock(stamp, fcntl.LOCK_EX | fcntl.LOCK_NB)
                written = os.fstat(stamp.fileno())
                # A stamp from tomorrow was made by a clock that was wrong.
                if written.st_size and 0 <= time.time() - written.st_mtime < EVERY_S:
                    return False
                if not written.st_size:
                    stamp.write(".")
                    stamp.flush()
                os.utime(stamp.fileno())
        except BlockingIOError:
            return False
        except OSError:
            # No room, no right: then each process counts for itself.
            return True
        return True


def _folder(data: Path) -> Path:
    digest = hashlib.blake2b(os.fsencode(data.resolve()), digest_size=8).hexdigest()
    # Not in the data folder: it is backed up, may be full, and containers share it.
    folder = Path(tempfile.gettempdir()) / f"gigawatch-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(folder)
    return folder


def _part_of(record: logging.LogRecord) -> str:
    named = getattr(record, "part", "")
    if named:
        return str(named)
    if record.levelno < logging.WARNING:
        return ""
    if record.name.startswith(_STORE_TALK):
        return "store"
    for name, word in _TALK.items():
        if record.name.startswith(name) and word in record.getMessage():
            return "broker"
    error = record.exc_info[1] if record.exc_info else None
    for _ in range(_DEEPEST):
        if error is None:
            return ""
        if type(error).__module__.startswith(("redis.", "kombu.exceptions")):
            return "broker"
        error = error.__cause__ or error.__context__
    return ""
