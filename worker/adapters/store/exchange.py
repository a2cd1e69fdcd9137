"""Rates of exchange as they were last published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import select, update

from worker.adapters.store.feeds import FeedQueries
from worker.adapters.store.schema import exchange
from worker.ports import SavedRates


class ExchangeQueries(FeedQueries):
    """Every query about rates of exchange."""

    def saved_rates(self, source: str) -> SavedRates | None:
        """Return the last rates that came from `source`, None where none ever did."""
        with self.read() as connection:
            row = connection.execute(select(exchange).where(exchange.c.source == source)).one_or_none()
        return SavedRates(row.day, row.rates) if row is not None and row.day is not None else None

    def take_rates(self, source: str, *, now: datetime, lease_s: float) -> bool:
        """Return whether the rates of `source` are due, and take the errand for `lease_s` seconds: nobody else does."""
        until = now + timedelta(seconds=lease_s)
        with self.write() as connection:
            row = self._insert(exchange).values(source=source, rates={}, next_attempt_at=until)
            fresh = row.on_conflict_do_nothing().returning(exchange.c.source)
            if connection.execute(fresh).scalar() is not None:
                return True
            due = update(exchange).where(exchange.c.source == source, exchange.c.next_attempt_at <= now)
            return bool(connection.execute(due.values(next_attempt_at=until)).rowcount == 1)

    def save_rates(self, source: str, day: date, rates: Mapping[str, float], *, next_at: datetime) -> None:
        """Keep the rates of `day`, units of each currency for one euro."""
        values = {"day": day, "rates": dict(rates), "next_attempt_at": next_at, "last_error": ""}
        with self.write() as connection:
            connection.execute(update(exchange).where(exchange.c.source == source).values(**values))

    def save_rates_failure(self, source: str, *, error: str, next_at: datetime) -> None:
        """Record that no rates could be had; those of before stay."""
        values = {"next_attempt_at": next_at, "last_error": self.mask(error)[:2000]}
        with self.write() as connection:
            connection.execute(update(exchange).where(exchange.c.source == source).values(**values))
