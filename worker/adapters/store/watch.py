"""What the watch needs: alarms under way, how regular a feed is, and how its pages were read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import delete, func, select, update

from worker.adapters.store.alerts import DEAD, AlertQueries
from worker.adapters.store.claims import OPEN
from worker.adapters.store.records import from_record, to_record
from worker.adapters.store.schema import alarm, alert, article, delivery, entry
from worker.adapters.store.stories import Filing
from worker.model import Alarm, Alert, Cause, GivenUp, PageRead, Trouble

_SEASON_TIMES = 3_000
# Entries among which a feed's pages are looked for: one that has none to read is not read whole.
_PAGES_AMONG = 2_000


class WatchQueries(AlertQueries):
    """Every query about silences."""

    def alarms(self) -> tuple[Alarm, ...]:
        """Return the troubles under way, the oldest first."""
        with self.read() as connection:
            rows = connection.execute(select(alarm).order_by(alarm.c.since, alarm.c.key))
            return tuple(Alarm(from_record(Trouble, row.record), row.raised) for row in rows)

    def await_alarm(self, trouble: Trouble) -> None:
        """Remember since when a trouble lasts that is not to be told yet; one that is known stays as it is."""
        with self.write() as connection:
            row = self._insert(alarm).values(
                key=trouble.key, record=to_record(trouble), since=trouble.since, raised=False
            )
            connection.execute(row.on_conflict_do_nothing())

    def raise_alarms(self, troubles: Sequence[Trouble], alerts: Sequence[Alert], now: datetime) -> tuple[str, ...]:
        """Remember `troubles` as told and put `alerts` into the outbox, in one transaction.

        Returns the ids of the new alerts; () where another watch told one of them already.
        """
        with self.write() as connection:
            for trouble in troubles:
                values = {"record": to_record(trouble), "since": trouble.since, "raised": True}
                known = update(alarm).where(alarm.c.key == trouble.key, ~alarm.c.raised).values(**values)
                fresh = self._insert(alarm).values(key=trouble.key, **values).on_conflict_do_nothing()
                if not connection.execute(known).rowcount and not connection.execute(fresh).rowcount:
                    connection.rollback()
                    return ()
            return Filing(connection, self, now).save_alerts(alerts, state=OPEN)

    def clear_alarms(self, keys: Sequence[str], alerts: Sequence[Alert], now: datetime) -> tuple[str, ...]:
        """Forget alarms that are over and put `alerts` into the outbox, in one transaction; as `raise_alarms`."""
        with self.write() as connection:
            gone = connection.execute(delete(alarm).where(alarm.c.key.in_(list(keys))))
            if gone.rowcount != len(keys):
                connection.rollback()
                return ()
            return Filing(connection, self, now).save_alerts(alerts, state=OPEN)

    def given_up(self, since: datetime) -> tuple[GivenUp, ...]:
        """Return by recipient the dead letters whose last attempts were made from `since` on."""
        last = (
            select(delivery.c.alert_id, func.max(delivery.c.at).label("at"))
            .where(delivery.c.at >= since, ~delivery.c.ok)
            .group_by(delivery.c.alert_id)
            .subquery()
        )
        chosen = (
            select(alert.c.recipient_id, alert.c.last_error, last.c.at)
            .join(last, last.c.alert_id == alert.c.id)
            .where(alert.c.state == DEAD)
            .order_by(alert.c.recipient_id, last.c.at)
        )
        with self.read() as connection:
            rows = connection.execute(chosen).all()
        by_recipient = {key: list(found) for key, found in groupby(rows, key=lambda row: str(row.recipient_id))}
        return tuple(GivenUp(key, len(all_), all_[0].at, all_[-1].last_error) for key, all_ in by_recipient.items())

    def pages_read(self, feed_id: str, limit: int) -> tuple[PageRead, ...]:
        """Return how the feed's latest pages were read, the newest first, among its latest 2,000 entries."""
        recent = (
            select(entry.c.id, entry.c.article_id, entry.c.seen_at)
            .where(entry.c.feed_id == feed_id)
            .order_by(entry.c.seen_at.desc(), entry.c.id.desc())
            .limit(_PAGES_AMONG)
            .subquery()
        )
        latest = (
            select(recent.c.article_id, recent.c.seen_at)
            .where(recent.c.article_id.is_not(None))
            .order_by(recent.c.seen_at.desc(), recent.c.id.desc())
            .limit(limit)
            .subquery()
        )
        origin, limits = article.c.record["origin"].as_string(), article.c.record["limits"].as_string()
        chosen = (
            select(origin.label("origin"), limits.label("limits"), latest.c.seen_at)
            .join(latest, latest.c.article_id == article.c.id)
            .order_by(latest.c.seen_at.desc())
        )
        with self.read() as connection:
            return tuple(PageRead(row.origin, Cause(row.limits), row.seen_at) for row in connection.execute(chosen))

    def times_between(self, feed_id: str, start: datetime, end: datetime) -> tuple[datetime, ...] | None:
        """Return when entries of a feed were first seen from `start` to `end`, at most 3,000, oldest first; None where
        the feed was not followed yet at `start`."""
        with self.read() as connection:
            first = connection.scalar(select(func.min(entry.c.seen_at)).where(entry.c.feed_id == feed_id))
            if first is None or first > start:
                return None
            chosen = select(entry.c.seen_at).where(
                entry.c.feed_id == feed_id, entry.c.seen_at >= start, entry.c.seen_at < end
            )
            return tuple(connection.scalars(chosen.order_by(entry.c.seen_at).limit(_SEASON_TIMES)))
