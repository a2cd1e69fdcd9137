"""Rates of exchange: those in force, and fetching the European Central Bank's once a day."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime

from worker.errors import FetchError, ParseError
from worker.model import Rate
from worker.pipeline import rates
from worker.steps.parts import Parts, Ring
from worker.steps.politeness import HostBusy, place_at
from worker.text import host_of

log = logging.getLogger("gigawatch.rates")

ACCEPT = "application/xml, text/xml;q=0.9"
_LARGEST = 200_000
_AGAIN_S = 3600.0


@dataclass(frozen=True, slots=True)
class InForce:
    """Rates as comparisons want them, USD per unit of a currency, and as people do, with their days."""

    usd: dict[str, float]
    quotes: dict[str, Rate]


def in_force(parts: Parts) -> InForce:
    """Return the packaged rates with the bank's last ones over them."""
    source = parts.policy.rates_source
    saved = parts.store.saved_rates(source) if source else None
    quotes = rates.over(parts.quotes, rates.Reference(saved.day, saved.per_euro) if saved else None)
    return InForce({**parts.rates, **{code: rate.usd for code, rate in quotes.items()}}, quotes)


def refresh_rates(parts: Parts) -> tuple[Ring, ...]:
    """Fetch the bank's rates where they are due; a failure leaves those of before in force and is tried in an hour."""
    source, now = parts.policy.rates_source, parts.clock.now()
    if not source or not parts.store.take_rates(source, now=now, lease_s=parts.policy.work_s):
        return ()
    try:
        found = asyncio.run(_fetch(parts, source, now))
    except (FetchError, ParseError, HostBusy) as error:
        log.warning("no new rates of exchange from %s: %s", source, error)
        parts.store.save_rates_failure(source, error=str(error), next_at=parts.later(_AGAIN_S))
        return ()
    parts.store.save_rates(source, found.day, found.per_euro, next_at=rates.next_refresh(now))
    return ()


async def _fetch(parts: Parts, source: str, now: datetime) -> rates.Reference:
    deadline = parts.later(parts.policy.request_s)
    async with parts.fetcher() as fetcher, place_at(parts, host_of(source), deadline=deadline):
        response = await fetcher.get(source, accept=ACCEPT, limit=_LARGEST)
    if response.status != 200:
        raise FetchError("http_error", f"{response.url} answered {response.status}", status=response.status)
    return rates.parse(response.body, now=now)
