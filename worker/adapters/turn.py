"""Whose turn it is to deliver: one process of a machine at a time.

A lock of the system's on a file, for it is free the moment its holder ends, however it ends. A holder that shows no
life is not waited for: rows are claimed one by one in the store, so two at once harm nothing but the receivers' shares.
So a disk that is full, or knows no locks, stops no delivery either.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# A holder says that it lives at least every second, unless the store keeps it waiting.
_LIFELESS_S = 15.0
_LARGEST = 2**20  # bytes of knocks


class Turn:
    """The turn of one data folder. `path` is the lock's file; knocks stand in one beside it."""

    def __init__(self, path: Path) -> None:
        self._lock, self._knocks = path, path.with_suffix(".asked")
        self._seen = 0
        self._shown = 0.0
        # The system's lock is between processes; threads of one have this one.
        self._here = threading.Lock()

    @contextmanager
    def take(self) -> Iterator[bool]:
        """Give whether the turn is the caller's until the end of the block; where it is another's, that one is told to
        look for work again."""
        with self._here:
            try:
                descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError:
                yield True
                return
            try:
                mine = self._locked(descriptor)
                if not mine:
                    self._knock()
                    # The holder may have left between the two, and looked for the last time before the knock.
                    mine = self._locked(descriptor) or self._is_lifeless()
                if mine:
                    self._begin()
                yield mine
            finally:
                os.close(descriptor)

    def asked(self) -> bool:
        """Return whether somebody knocked since the last call, and show that the holder lives."""
        now = time.monotonic()
        if now - self._shown >= 1.0:
            self._shown = now
            self._live()
        size = self._size()
        fresh, self._seen = size != self._seen, size
        return fresh

    def _begin(self) -> None:
        self._live()
        self._shown = time.monotonic()
        self._seen = self._size()
        if self._seen > _LARGEST:
            with suppress(OSError):
                os.truncate(self._knocks, 0)
                self._seen = 0

    def _live(self) -> None:
        with suppress(OSError):
            os.utime(self._lock)

    def _knock(self) -> None:
        # A knock that cannot be written is as good as none: the sweep asks again.
        with suppress(OSError), self._knocks.open("ab") as knocks:
            knocks.write(b".")

    def _size(self) -> int:
        with suppress(OSError):
            return self._knocks.stat().st_size
        return 0

    def _is_lifeless(self) -> bool:
        # By the files' own times: the knock was just now.
        with suppress(OSError):
            return self._knocks.stat().st_mtime - self._lock.stat().st_mtime > _LIFELESS_S
        return False

    @staticmethod
    def _locked(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return not isinstance(error, BlockingIOError)
        return True
