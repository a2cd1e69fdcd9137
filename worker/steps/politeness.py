"""One request at a time per host, with a gap, over every worker that shares the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from worker.ports import Fetcher, Response
from worker.steps.parts import Parts
from worker.text import host_of

_RATE_LIMITED_S = 4 * 3600.0
_DAY_S = 86_400.0


class HostBusy(Exception):
    """The host has no place before `until`: the row is to be tried again then. Never leaves the steps."""

    def __init__(self, until: datetime) -> None:
        super().__init__(str(until))
        self.until = until


@asynccontextmanager
async def place_at(parts: Parts, host: str, *, deadline: datetime) -> AsyncIterator[None]:
    """Hold the one place at `host`; raises HostBusy when it cannot be had before `deadline`, or the worker leaves."""
    if parts.policy.host_gap_s <= 0 or not host:
        yield
        return
    while True:
        now = parts.clock.now()
        if now >= deadline or parts.leaving():
            raise HostBusy(now)
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


def spare(parts: Parts, asked: str, response: Response) -> None:
    """Leave the host that redirects led to alone for the gap; its place was not held, for nobody knew of it."""
    host = host_of(response.url)
    if parts.policy.host_gap_s > 0 and host != host_of(asked):
        parts.store.rest_host(host, free_at=parts.later(parts.policy.host_gap_s))


def rest(parts: Parts, url: str, asked: str, asked_s: float | None) -> float:
    """Let the host of `url` rest after a 429, four hours where it does not say how long; returns for how many seconds.

    The whole host asks for it, not this feed or page alone, where it was asked itself (`asked` is that address): nobody
    may silence another's host by sending us there. A day is the longest that is believed.
    """
    wait = min(asked_s or _RATE_LIMITED_S, _DAY_S)
    if host_of(url) == host_of(asked):
        parts.store.free_host(host_of(url), free_at=parts.later(wait))
    return wait


class PoliteFetcher:
    """A Fetcher that waits for its turn at each host; raises HostBusy where the turn comes after `deadline`."""

    def __init__(self, parts: Parts, fetcher: Fetcher, deadline: datetime) -> None:
        self._parts = parts
        self._fetcher = fetcher
        self._deadline = deadline

    async def get(self, url: str, *, accept: str, headers: Mapping[str, str] | None = None, limit: int) -> Response:
        """Fetch `url` when the host is free."""
        async with place_at(self._parts, host_of(url), deadline=self._deadline):
            response = await self._fetcher.get(url, accept=accept, headers=headers, limit=limit)
        spare(self._parts, url, response)
        return response

    async def post(self, url: str, *, body: bytes, headers: Mapping[str, str], timeout: float) -> Response:
        """Send at once: a receiver chose to be told, and its alerts wait for nobody."""
        return await self._fetcher.post(url, body=body, headers=headers, timeout=timeout)
