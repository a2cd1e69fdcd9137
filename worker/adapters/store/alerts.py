"""The outbox: alerts and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, insert, literal, or_, select, update

from worker.adapters.store import rulings, schema
from worker.adapters.store.claims import BUNDLED, DONE, HELD, OPEN, QUARANTINED, close, due
from worker.adapters.store.engine import FILING_LOCK
from worker.adapters.store.schema import WORK, alert, article, delivery, entry, story
from worker.adapters.store.stories import Filing, StoryQueries
from worker.model import CANARY, EVERYBODY, Alert, AlertType, ChannelKind, Hold
from worker.ports import AlertRow

# Besides open, held and bundled: delivered, given up, not to leave since its story is muted.
SENT = DONE
DEAD = "dead"
MUTED = "muted"


# What the canary leaves is nobody's to see.
_SEEN = {entry: entry.c.feed_id != CANARY, article: article.c.feed_id != CANARY, alert: alert.c.recipient_id != CANARY}


def _row(row: Row[Any]) -> AlertRow:
    value = Alert(
        id=row.id, type=AlertType(row.type), rule_id=row.rule_id, recipient_id=row.recipient_id,
        channel=ChannelKind(row.channel), subject=row.subject, body=row.body, data=row.data, created_at=row.created_at,
        story_id=row.story_id,
    )  # fmt: skip
    return AlertRow(
        value, row.state, row.attempts, row.next_attempt_at, row.sent_at, row.last_error, row.leave_at, row.hold
    )


def _fair(holds: ColumnElement[bool], *, limit: int, each: int) -> Select[Any]:
    place = func.row_number().over(
        partition_by=alert.c.recipient_id, order_by=(alert.c.next_attempt_at, alert.c.created_at, alert.c.id)
    )
    ranked = select(alert.c.id, alert.c.next_attempt_at, place.label("place")).where(holds).subquery()
    chosen = select(ranked.c.id).where(ranked.c.place <= each)
    return chosen.order_by(ranked.c.place, ranked.c.next_attempt_at, ranked.c.id).limit(limit)


def _is_muted(connection: Connection, alert_id: str) -> bool:
    row = connection.execute(select(alert.c.story_id, alert.c.recipient_id).where(alert.c.id == alert_id)).first()
    if row is None or row.story_id is None:
        return False
    name = rulings.standing(connection, row.story_id) or row.story_id
    return bool(rulings.muted(connection, name) & {EVERYBODY, row.recipient_id})


class AlertQueries(StoryQueries):
    """Every query about alerts."""

    def alerts(self, limit: int = 50, state: str | None = None) -> tuple[AlertRow, ...]:
        """Return alerts, the newest first, of one state only where asked."""
        chosen = select(alert).where(_SEEN[alert]).order_by(alert.c.created_at.desc(), alert.c.id).limit(limit)
        if state is not None:
            chosen = chosen.where(alert.c.state == state)
        with self.read() as connection:
            return tuple(_row(row) for row in connection.execute(chosen))

    def alerts_by_id(self, ids: Sequence[str]) -> tuple[AlertRow, ...]:
        """Return the alerts of these ids, oldest first."""
        with self.read() as connection:
            rows = connection.execute(
                select(alert).where(alert.c.id.in_(list(ids))).order_by(alert.c.created_at, alert.c.id)
            )
            return tuple(_row(row) for row in rows)

    def due_alerts(self, now: datetime, *, limit: int, each: int) -> tuple[str, ...]:
        """Return ids of alerts that may be sent at `now`, the first due first, at most `each` for one recipient: many
        that wait for one must not hide the others'."""
        with self.read() as connection:
            return tuple(connection.scalars(_fair(due(alert, now), limit=limit, each=each)))

    def ready_alerts(self, *, now: datetime, limit: int, each: int, quiet_s: float) -> tuple[str, ...]:
        """Return what `due_alerts` does of those that nobody was asked about in the last `quiet_s`, and stamp them."""
        quiet = or_(alert.c.enqueued_at.is_(None), alert.c.enqueued_at < now - timedelta(seconds=quiet_s))
        with self.write() as connection:
            ids = tuple(connection.scalars(_fair(and_(due(alert, now), quiet), limit=limit, each=each)))
            if ids:
                connection.execute(update(alert).where(alert.c.id.in_(ids)).values(enqueued_at=now))
        return ids

    def put_off(self, recipient_id: str, *, now: datetime, until: datetime) -> None:
        """Let the alerts for one recipient that are due and that nobody works on wait until `until`."""
        waiting = update(alert).where(alert.c.recipient_id == recipient_id, due(alert, now))
        with self.write() as connection:
            connection.execute(waiting.values(next_attempt_at=until, enqueued_at=None))

    def waiting_for(self, recipient_id: str) -> int:
        """Return how many alerts for one recipient failed and are to be tried again, or are just being."""
        # The attempt that is under way is counted already, and has not failed.
        failed = or_(alert.c.attempts > 1, and_(alert.c.attempts == 1, alert.c.lease_until.is_(None)))
        chosen = select(func.count()).where(alert.c.recipient_id == recipient_id, alert.c.state == OPEN, failed)
        with self.read() as connection:
            return connection.scalar(chosen) or 0

    def save_delivered(self, alert_id: str, *, attempt: int, now: datetime, detail: str) -> None:
        """Record that the receiver took an alert."""
        with self.write() as connection:
            close(connection, alert, alert_id, state=SENT, sent_at=now)
            self._save_attempt(connection, alert_id, attempt=attempt, at=now, ok=True, detail=self.mask(detail))

    def save_failed(
        self,
        alert_id: str,
        *,
        attempt: int,
        now: datetime,
        error: str,
        next_at: datetime | None,
        lease: datetime | None = None,
    ) -> None:
        """Record a failed attempt; without `next_at` the alert is a dead letter.

        One whose story was muted for its recipient during the attempt leaves no more. Whoever no longer holds the lease
        that ends at `lease` changes nothing else: the alert is another's by now, or was freed for one.
        """
        error = self.mask(error)
        with self.write() as connection:
            # A mute that is under way is waited for: it leaves an alert that is being delivered to this place.
            self.lock(connection, FILING_LOCK)
            self._save_attempt(connection, alert_id, attempt=attempt, at=now, ok=False, detail=error)
            held = select(alert.c.id).where(alert.c.id == alert_id, alert.c.lease_until == lease).with_for_update()
            if lease is not None and connection.scalar(held) is None:
                return
            if _is_muted(connection, alert_id):
                close(connection, alert, alert_id, state=MUTED, error=error)
            elif next_at is None:
                close(connection, alert, alert_id, state=DEAD, error=error)
            else:
                # Its story may have been muted during the attempt, and unmuted again.
                values = {
                    "state": OPEN,
                    "next_attempt_at": next_at,
                    "lease_until": None,
                    "enqueued_at": None,
                    "last_error": error[:2000],
                }
                connection.execute(update(alert).where(alert.c.id == alert_id).values(**values))

    @staticmethod
    def _save_attempt(connection: Any, alert_id: str, *, attempt: int, at: datetime, ok: bool, detail: str) -> None:
        row = insert(delivery).values(alert_id=alert_id, attempt=attempt, at=at, ok=ok, detail=detail[:20_000])
        connection.execute(row)

    def attempts_of(self, alert_id: str) -> tuple[tuple[datetime, bool, str], ...]:
        """Return the attempts made to deliver an alert, oldest first."""
        with self.read() as connection:
            rows = connection.execute(select(delivery).where(delivery.c.alert_id == alert_id).order_by(delivery.c.id))
            return tuple((row.at, row.ok, row.detail) for row in rows)

    def retry_alerts(
        self,
        ids: Sequence[str] | None,
        now: datetime,
        *,
        recipient: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> int:
        """Open dead letters again under the same ids, all of them for None; returns how many.

        Of these, where given, those for `recipient` alone that were made from `since` on and before `until`.
        """
        again = update(alert).where(alert.c.state == DEAD, _SEEN[alert])
        if ids is not None:
            again = again.where(alert.c.id.in_(list(ids)))
        if recipient:
            again = again.where(alert.c.recipient_id == recipient)
        if since is not None:
            again = again.where(alert.c.created_at >= since)
        if until is not None:
            again = again.where(alert.c.created_at < until)
        values = {"state": OPEN, "attempts": 0, "next_attempt_at": now, "lease_until": None, "enqueued_at": None}
        with self.write() as connection:
            # Whoever asks for it now need not wait until a receiver has rested.
            rested = update(schema.recipient).where(schema.recipient.c.rests_until > now)
            connection.execute(rested.values(rests_until=now))
            return int(connection.execute(again.values(**values)).rowcount)

    def held_alerts(self) -> tuple[AlertRow, ...]:
        """Return the alerts that wait for the digest of a first poll, oldest first."""
        with self.read() as connection:
            chosen = select(alert).where(alert.c.state == HELD, alert.c.leave_at.is_(None))
            rows = connection.execute(chosen.order_by(alert.c.created_at, alert.c.id))
            return tuple(_row(row) for row in rows)

    def due_holds(self, now: datetime) -> tuple[AlertRow, ...]:
        """Return the alerts whose time to leave has come, oldest first, and with them all that their recipients'
        ceilings hold: those leave together with whatever leaves first.

        Bodies are left out: a digest is made of the data, and nothing else may be as large.
        """
        come = alert.c.leave_at <= now
        waiting = select(alert.c.recipient_id).where(alert.c.state == HELD, come)
        columns: list[Any] = [one for one in alert.c if one is not alert.c.body]
        chosen: Select[Any] = select(*columns, literal("").label("body")).where(
            alert.c.state == HELD,
            alert.c.recipient_id.in_(waiting),
            or_(come, alert.c.hold == Hold.CEILING.value),
        )
        with self.read() as connection:
            return tuple(_row(row) for row in connection.execute(chosen.order_by(alert.c.created_at, alert.c.id)))

    def hold(self, ids: Sequence[str], *, until: datetime, why: str) -> None:
        """Hold alerts that are held already until another time, for another reason."""
        held = update(alert).where(alert.c.id.in_(list(ids)), alert.c.state == HELD)
        with self.write() as connection:
            connection.execute(held.values(leave_at=until, hold=why))

    def release(self, alert_id: str, now: datetime) -> None:
        """Let a held alert go by itself."""
        with self.write() as connection:
            connection.execute(
                update(alert)
                .where(alert.c.id == alert_id, alert.c.state == HELD)
                .values(state=OPEN, next_attempt_at=now, leave_at=now, hold="")
            )

    def bundle(self, digest: Alert, parts: Sequence[str], now: datetime) -> tuple[str, ...]:
        """Put a digest into the outbox in the place of its parts, in one transaction; () if another was faster."""
        with self.write() as connection:
            held = update(alert).where(alert.c.id.in_(list(parts)), alert.c.state == HELD)
            moved = connection.execute(held.values(state=BUNDLED, digest_id=digest.id, next_attempt_at=None))
            if moved.rowcount != len(parts):
                # Another sweep bundled some of them: nothing may be told twice.
                connection.rollback()
                return ()
            return Filing(connection, self, now).save_alerts([digest], state=OPEN)

    def add_alert(self, value: Alert, now: datetime) -> tuple[str, ...]:
        """Put one alert of the system itself (a test, a fault) into the outbox."""
        with self.write() as connection:
            return Filing(connection, self, now).save_alerts([value], state=OPEN)

    def counts(self) -> dict[str, int]:
        """Return how much of everything there is: rows by kind, and rows by state of each step's work."""
        with self.read() as connection:
            found = {
                "feeds": len(self.feeds()),
                "entries": connection.scalar(select(func.count()).where(_SEEN[entry])) or 0,
                "articles": connection.scalar(select(func.count()).where(_SEEN[article])) or 0,
                "deals": connection.scalar(select(func.count()).where(article.c.deal.is_(True))) or 0,
                "stories": connection.scalar(select(func.count()).select_from(story)) or 0,
                "alerts": connection.scalar(select(func.count()).where(_SEEN[alert])) or 0,
            }
            for step, state, label in (
                ("read", OPEN, "to_read"), ("judge", OPEN, "to_judge"), ("read", QUARANTINED, "entries_quarantined"),
                ("judge", QUARANTINED, "articles_quarantined"), ("deliver", OPEN, "to_deliver"),
                ("deliver", HELD, "held"), ("deliver", SENT, "sent"), ("deliver", DEAD, "dead"),
                ("deliver", BUNDLED, "bundled"),
            ):  # fmt: skip
                table = WORK[step]
                found[label] = connection.scalar(select(func.count()).where(table.c.state == state, _SEEN[table])) or 0
            return found
