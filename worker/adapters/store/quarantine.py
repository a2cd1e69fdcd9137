"""What was set aside because working on it failed without an outcome, and its way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from worker.adapters.store.claims import OPEN, QUARANTINED
from worker.adapters.store.entries import EntryQueries
from worker.adapters.store.schema import WORK, article, entry
from worker.model import CANARY


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One row that was set aside: the `step` that failed on it ("read" an entry, "judge" an article) and its key there.

    `attempts` are all that were made, `error` says what became of the last ones.
    """

    step: str
    key: Any
    title: str
    url: str
    feed_id: str
    seen_at: datetime
    attempts: int
    error: str


class QuarantineQueries(EntryQueries):
    """Every query about what was set aside. What the canary left is nobody's to see."""

    def quarantined(self, limit: int = 50) -> tuple[Quarantined, ...]:
        """Return what was set aside, the latest first."""
        record = article.c.record
        own = {"read": (entry.c.title, entry.c.url), "judge": (record["title"].as_string(), record["url"].as_string())}
        found: list[Quarantined] = []
        with self.read() as connection:
            for step, (title, url) in own.items():
                table = WORK[step]
                columns = (table.c.id, table.c.feed_id, table.c.seen_at, table.c.attempts, table.c.last_error)
                chosen = select(*columns, title.label("title"), url.label("url"))
                chosen = chosen.where(table.c.state == QUARANTINED, table.c.feed_id != CANARY)
                rows = connection.execute(chosen.order_by(table.c.seen_at.desc(), table.c.id).limit(limit))
                found += [
                    Quarantined(
                        step, row.id, row.title or "", row.url or "", row.feed_id, row.seen_at, row.attempts,
                        row.last_error,
                    )
                    for row in rows
                ]  # fmt: skip
        return tuple(sorted(found, key=lambda one: one.seen_at, reverse=True)[:limit])

    def quarantined_count(self) -> int:
        """Return how much was set aside."""
        with self.read() as connection:
            return sum(
                connection.scalar(select(func.count()).where(table.c.state == QUARANTINED, table.c.feed_id != CANARY))
                or 0
                for table in (entry, article)
            )

    def retry_quarantined(self, step: str, keys: Sequence[Any], now: datetime) -> int:
        """Open rows that were set aside again, as if they were new; returns how many."""
        table = WORK[step]
        again = update(table).where(table.c.id.in_(list(keys)), table.c.state == QUARANTINED)
        fresh = {
            "state": OPEN, "attempts": 0, "crashes": 0, "cut_off": 0, "next_attempt_at": now, "lease_until": None,
            "enqueued_at": None, "last_error": "",
        }  # fmt: skip
        with self.write() as connection:
            return int(connection.execute(again.values(**fresh)).rowcount)
