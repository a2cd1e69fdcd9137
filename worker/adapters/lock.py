"""The data folder's lock: one `gigawatch up` at a time, and nothing that replaces the store beside it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from worker.errors import UsageError


@contextmanager
def only_one(folder: Path, *, todo: str) -> Iterator[None]:
    """Hold `folder`, which must exist, until the end. Raises UsageError, with what to do, where somebody else does."""
    with (folder / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UsageError(f"another `gigawatch up` already works on {folder}; {todo}") from error
        # The number is for people; on a full disk there is room for the lock, but not for it.
        with contextlib.suppress(OSError):
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
        yield
