"""One request at a time per host, with a gap, over every worker that shares the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from worker.steps.parts import Parts


class HostBusy(Exception):
    """The host has no place before `until`: the row is to be tried again then. Never leaves the steps."""

    def __init__(self, until: datetime) -> None:
        super().__init__(str(until))
        self.until = until


@asynccontextmanager
async def place_at(parts: Parts, host: str, *, deadline: datetime) -> AsyncIterator[None]:
    """Hold the one place at `host`; raises HostBusy when it cannot be had before `deadline`."""
    if parts.policy.host_gap_s <= 0 or not host:
        yield
        return
    while True:
        now = parts.clock.now()
        # Twice the request's own limit: the lease only matters when the holder died.
        until = parts.store.take_host(host, now=now, lease_s=2 * parts.policy.request_s)
        if until is None:
            break
        if until > deadline:
            raise HostBusy(until)
        await asyncio.sleep(max(0.05, (until - now).total_seconds()))
    try:
        yield
    finally:
        gap = timedelta(seconds=parts.policy.host_gap_s)
        parts.store.free_host(host, free_at=parts.clock.now() + gap)
