"""How much room a folder's disk has, and whether a file can be written there at all."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

# What one small transaction needs, and more than a file system hands out to files that end in the middle of a block.
_PROBE = 64 * 1024
# Below either of these a person had better look: a day's articles of a hundred feeds are some tens of MB.
_LOW_BYTES, _LOW_SHARE = 256 * 2**20, 0.03
# Containers have a host name each, yet those of one machine share its kernel, and may share the folder.
_BOOT = Path("/proc/sys/kernel/random/boot_id")


def _machine() -> str:
    try:
        return _BOOT.read_text(encoding="ascii").strip() or socket.gethostname()
    except (OSError, ValueError):
        return socket.gethostname()


@dataclass(frozen=True, slots=True)
class Room:
    """The disk of `folder`: bytes free and in all; `fault` says why nothing can be written, "" where it can, and `full`
    whether that is for want of room. `host` is whose folder it is, for people; `machine` is the same for all
    containers there."""

    folder: Path
    free: int
    total: int
    fault: str = ""
    full: bool = False
    host: str = field(default_factory=socket.gethostname)
    machine: str = field(default_factory=_machine)

    @property
    def name(self) -> str:
        """Return what tells this disk from those of other folders and machines; after a restart of the machine it may
        be another."""
        return f"{self.machine}:{self.folder}"

    @property
    def least(self) -> float:
        """Return the bytes that should be free."""
        return min(_LOW_BYTES, _LOW_SHARE * self.total)

    @property
    def low(self) -> bool:
        """Return whether little is left."""
        return self.free < self.least

    def __str__(self) -> str:
        return f"{self.free / 2**20:.1f} MB free of {self.total / 2**20:.0f} MB"


def usage(folder: Path) -> Room | None:
    """Return how much room there is in `folder` without writing there, None where it cannot be asked."""
    try:
        found = shutil.disk_usage(folder)
    except OSError:
        return None
    return Room(folder, found.free, found.total)


def room(folder: Path) -> Room:
    """Return how much room there is in `folder`, by writing a small file that is gone at once."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError as error:
        return Room(folder, 0, 0, error.strerror or str(error))
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0" * _PROBE)
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return Room(folder, usage.free, usage.total, error.strerror or str(error), full)
    return Room(folder, usage.free, usage.total)
