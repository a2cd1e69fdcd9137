"""What is let go when it is old. Stories, their articles and the identities of entries never are.

A row that is only emptied says so in `pruned_at`, and is no longer in the index by which the next ones are found: a
day's work costs what there is to prune, not what there is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, select, update

from worker.adapters.store.alerts import MUTED, SENT
from worker.adapters.store.claims import BUNDLED, DONE
from worker.adapters.store.feeds import FeedQueries
from worker.adapters.store.schema import alert, article, delivery, host

# What has an end: a dead letter may still be sent again, so it stays whole.
_ENDED = (SENT, BUNDLED, MUTED)


def _texts(before: datetime) -> Select[Any]:
    whole = (article.c.deal.is_(False), article.c.pruned_at.is_(None), article.c.seen_at < before)
    return select(article.c.id).where(*whole, article.c.state == DONE)


def _rejected(before: datetime) -> Select[Any]:
    return select(article.c.id).where(
        article.c.deal.is_(False), article.c.seen_at < before, article.c.state == DONE, article.c.story_id.is_(None)
    )


def _deliveries(before: datetime) -> Select[Any]:
    return select(delivery.c.id).where(delivery.c.at < before)


def _bodies(before: datetime) -> Select[Any]:
    whole = (alert.c.pruned_at.is_(None), alert.c.created_at < before)
    return select(alert.c.id).where(*whole, alert.c.state.in_(_ENDED))


_OLD: dict[str, tuple[Callable[[datetime], Select[Any]], Any]] = {
    "articles": (_texts, article.c.seen_at),
    "rejected": (_rejected, article.c.seen_at),
    "deliveries": (_deliveries, delivery.c.at),
    "alerts": (_bodies, alert.c.created_at),
}


class PruneQueries(FeedQueries):
    """Every query that lets something go. A sort is "articles" (texts of what is no deal), "rejected" (the whole of
    that), "deliveries" (attempts) or "alerts" (bodies)."""

    def prunable(self, sort: str, *, before: datetime) -> int:
        """Return how many rows of a sort are older than `before`."""
        old, _ = _OLD[sort]
        with self.read() as connection:
            return connection.scalar(select(func.count()).select_from(old(before).subquery())) or 0

    def prune(self, sort: str, *, before: datetime, now: datetime, limit: int) -> int:
        """Let go of at most `limit` rows of a sort that are older than `before`, the oldest first, in one transaction;
        returns how many."""
        old, order = _OLD[sort]
        with self.write() as connection:
            ids = list(connection.scalars(old(before).order_by(order).limit(limit)))
            if ids:
                self._let_go(connection, sort, ids, now)
        return len(ids)

    def forget_hosts(self, *, before: datetime) -> int:
        """Let go of the hosts that nobody has waited for since `before`; returns how many.

        A feed may name a new host in every entry.
        """
        idle = delete(host).where(host.c.lease_until.is_(None), host.c.free_at < before)
        with self.write() as connection:
            return connection.execute(idle).rowcount

    @staticmethod
    def _let_go(connection: Connection, sort: str, ids: list[Any], now: datetime) -> None:
        if sort == "articles":
            rows = connection.execute(select(article.c.id, article.c.record).where(article.c.id.in_(ids)))
            emptied = update(article).where(article.c.id == bindparam("key")).values(pruned_at=now)
            connection.execute(emptied, [{"key": row.id, "record": {**row.record, "text": ""}} for row in rows])
        elif sort == "rejected":
            connection.execute(delete(article).where(article.c.id.in_(ids)))
        elif sort == "deliveries":
            connection.execute(delete(delivery).where(delivery.c.id.in_(ids)))
        else:
            bare = update(alert).where(alert.c.id.in_(ids))
            connection.execute(bare.values(body="", data={}, pruned_at=now))
