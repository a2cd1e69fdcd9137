"""A worker that watches itself: one that does nothing any more though it could ends, so that it is started again.

`up` and systemd look after their own; containers are started again when they end, not when their health check fails.
"""

from __future__ import annotations

import logging
import mmap
import struct
import time
from collections.abc import Callable
from datetime import timedelta

from worker.adapters.broker import ping
from worker.adapters.store import Store
from worker.errors import BrokerUnavailable, StoreError
from worker.pipeline import liveness
from worker.runtime import clock_of
from worker.settings import Settings

log = logging.getLogger("gigawatch.selfwatch")

# Longer than `up` waits, which knows more.
SILENT_S = 120.0
_LOOK_S, _SLEPT_S, _ASK_S = 5.0, 15.0, 2.0
_BEAT_LATE = timedelta(seconds=40)
_PLACE = struct.Struct("d")


class Pulse:
    """When a worker's pool last worked, in memory that it shares with its main process."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _PLACE.size)
        self.feel()

    def feel(self) -> None:
        """Note that work is being done now, or that none could be."""
        # One clock for all processes of a machine.
        _PLACE.pack_into(self._memory, 0, time.monotonic())

    def silent_s(self) -> float:
        """Return for how long no work has been done, in seconds."""
        return time.monotonic() - float(_PLACE.unpack_from(self._memory)[0])


def attend(settings: Settings, broker_url: str, pulse: Pulse, *, leave: Callable[[], None]) -> None:
    """Look at `pulse` for ever; call `leave` once where no work has been done for long though broker, store and
    scheduler are there."""
    looked_at = time.monotonic()
    while True:
        time.sleep(_LOOK_S)
        slept = time.monotonic() - looked_at > _SLEPT_S
        looked_at = time.monotonic()
        if slept or (pulse.silent_s() > SILENT_S and not could_work(settings, broker_url)):
            pulse.feel()
        elif pulse.silent_s() > SILENT_S:
            log.error("no work for %.0f s though all else is there; this worker ends to be started again", SILENT_S)
            leave()
            return


def could_work(settings: Settings, broker_url: str) -> bool:
    """Return whether broker, store and a scheduler are there, and workers so few that each gets tasks."""
    store = Store(settings.database_url)
    try:
        ping(broker_url, timeout=_ASK_S)
        now = clock_of(store).now()
        found = liveness.signs(store.heartbeats())
    except (BrokerUnavailable, StoreError):
        return False
    finally:
        store.close()
    published = liveness.scheduler(found)
    few = 2 * liveness.allowed_s(found, now) <= SILENT_S
    return few and published is not None and now - published < _BEAT_LATE
