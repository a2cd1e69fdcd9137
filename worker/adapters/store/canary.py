"""The canary in the store: its runs, its feed, and the deletion of all that it leaves.

Its feed, entry, article and alert are rows among the others, so that the same claims and steps move them. Its story is
never committed: see `Rehearsal`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, or_, select, update

from worker.adapters.store.claims import DONE, OPEN, close
from worker.adapters.store.decisions import RuledFiling
from worker.adapters.store.engine import FILING_LOCK
from worker.adapters.store.feeds import fresh_feed, settings_of
from worker.adapters.store.schema import alert, article, canary, delivery, entry, entry_key, feed
from worker.adapters.store.watch import WatchQueries
from worker.model import CANARY, Alert, CanaryRun, Feed, Stage, Verdict

_KEPT = timedelta(days=7)
# Alerts are looked for by their time, which is indexed; none of the canary's lives longer.
_ALERTS = timedelta(days=8)


class Rehearsal(RuledFiling):
    """A filing whose story, ledger and loops are written like any other and then taken back, all in one transaction:
    what would fail does fail, and nobody ever sees them. What closes the article and the alerts are kept."""

    def __init__(self, connection: Connection, queries: WatchQueries, now: datetime) -> None:
        super().__init__(connection, queries, now)
        self._closed = ""
        self._error = "the detector finds no deal in it"
        self._alerts: list[tuple[Alert, str, datetime | None, str]] = []

    def save_alerts(
        self, alerts: Sequence[Alert], *, state: str, leave_at: datetime | None = None, hold: str = ""
    ) -> tuple[str, ...]:
        """Take alerts for `keep`; as that of Filing."""
        self._alerts += [(replace(value, story_id=None), state, leave_at, hold) for value in alerts]
        self._error = "" if alerts else "no alert follows from it"
        return tuple(value.id for value in alerts)

    def close_article(
        self, article_id: str, verdict: Verdict, *, story_id: str | None, copy_of: str | None = None
    ) -> None:
        """Take the article's end for `keep`; as that of Filing."""
        del verdict, copy_of
        self._closed = article_id
        if story_id is not None:
            self._error = "no alert follows from it"

    def keep(self) -> None:
        """Write what is kept. The article gets no verdict: it is neither a deal nor a rejected article."""
        if self._closed:
            close(self._connection, article, self._closed, state=DONE, error=self._error)
        for value, state, leave_at, hold in self._alerts:
            super().save_alerts([value], state=state, leave_at=leave_at, hold=hold)


def _run(row: Row[Any]) -> CanaryRun:
    stage = Stage(row.stage) if row.stage else None
    return CanaryRun(row.id, row.planted_at, row.due_at, row.arrived_at, stage, row.detail)


class CanaryQueries(WatchQueries):
    """Every query about the canary."""

    @contextmanager
    def rehearsal(self, now: datetime) -> Iterator[Rehearsal]:
        """Open the transaction that files the canary's article."""
        with self.write() as connection:
            self.lock(connection, FILING_LOCK)
            opened = Rehearsal(connection, self, now)
            with connection.begin_nested() as savepoint:
                yield opened
                savepoint.rollback()
            opened.keep()

    def canary_runs(self, limit: int = 20) -> tuple[CanaryRun, ...]:
        """Return the latest runs, the newest first."""
        with self.read() as connection:
            rows = connection.execute(select(canary).order_by(canary.c.planted_at.desc()).limit(limit))
            return tuple(_run(row) for row in rows)

    def canary_run(self, run_id: str) -> CanaryRun | None:
        """Return one run."""
        with self.read() as connection:
            row = connection.execute(select(canary).where(canary.c.id == run_id)).first()
            return _run(row) if row is not None else None

    def plant(self, run: CanaryRun, value: Feed, *, now: datetime) -> bool:
        """Start a run and make the canary's feed due; False where another watch has started it already."""
        with self.write() as connection:
            row = self._insert(canary).values(
                id=run.id, planted_at=run.planted_at, due_at=run.due_at, detail="", pruned=False
            )
            if not connection.execute(row.on_conflict_do_nothing()).rowcount:
                return False
            # Never a first poll, whose alerts wait for a digest; and nothing of the last run may answer for this one.
            fresh = {
                **fresh_feed(now), "name": value.name, "url": value.url, "settings": settings_of(value),
                "origin": "canary", "last_success_at": now, "body_hash": None, "enqueued_at": None, "attempts": 0,
                "last_error": "", "moved_to": None,
            }  # fmt: skip
            inserted = self._insert(feed).values(id=value.id, **fresh)
            connection.execute(inserted.on_conflict_do_update(index_elements=["id"], set_=fresh))
            old = delete(canary).where(canary.c.planted_at < now - _KEPT, canary.c.pruned)
            connection.execute(old)
            return True

    def arrive(self, run_id: str, now: datetime) -> bool:
        """Record that a run's alert has come out; False for a run that is not known."""
        with self.write() as connection:
            came = update(canary).where(canary.c.id == run_id, canary.c.arrived_at.is_(None))
            connection.execute(came.values(arrived_at=now))
            return connection.execute(select(canary.c.id).where(canary.c.id == run_id)).first() is not None

    def miss(self, run_id: str, stage: Stage, detail: str) -> None:
        """Record where a run was when its time was over."""
        with self.write() as connection:
            late = update(canary).where(canary.c.id == run_id)
            connection.execute(late.values(stage=stage.value, detail=self.mask(detail)[:2000]))

    def drop_run(self, run_id: str) -> None:
        """Forget a run that cannot count, since nobody was there to move it."""
        with self.write() as connection:
            connection.execute(delete(canary).where(canary.c.id == run_id))

    def canary_stage(self, run: CanaryRun) -> tuple[Stage, str]:
        """Return how far an unfinished run has come, and what was said of the step that it waits for."""
        with self.read() as connection:
            polled = connection.execute(select(feed).where(feed.c.id == CANARY)).first()
            if polled is None or polled.last_poll_at is None or polled.last_poll_at < run.planted_at:
                return Stage.POLL, polled.last_error if polled is not None else ""
            item = connection.execute(
                select(entry).where(entry.c.feed_id == CANARY, entry.c.url.contains(run.id, autoescape=True))
            ).first()
            if item is None:
                return Stage.POLL, polled.message
            if item.article_id is None:
                return (Stage.READ if item.state == OPEN else Stage.SIEVE), item.last_error
            judged = connection.execute(select(article).where(article.c.id == item.article_id)).first()
            if judged is None or judged.state != DONE:
                return Stage.JUDGE, judged.last_error if judged is not None else ""
            told = connection.execute(
                select(alert)
                .where(alert.c.created_at >= run.planted_at, alert.c.recipient_id == CANARY)
                .order_by(alert.c.created_at.desc())
            ).first()
            if told is None:
                return Stage.ALERT, judged.last_error
            return Stage.DELIVER, told.last_error

    def prune_canary(self, run_id: str, keys: Sequence[str], now: datetime) -> None:
        """Delete what the canary's runs have left, and the identities `keys` of this one. Rows that somebody works on
        stay for the next time."""

        def idle(table: Any) -> Any:
            return or_(table.c.lease_until.is_(None), table.c.lease_until < now)

        with self.write() as connection:
            alerts = list(
                connection.scalars(
                    select(alert.c.id).where(
                        alert.c.created_at >= now - _ALERTS, alert.c.recipient_id == CANARY, idle(alert)
                    )
                )
            )
            connection.execute(delete(delivery).where(delivery.c.alert_id.in_(alerts)))
            connection.execute(delete(alert).where(alert.c.id.in_(alerts)))
            rows = connection.execute(
                select(entry.c.id, entry.c.article_id).where(entry.c.feed_id == CANARY, idle(entry))
            ).all()
            judged = [row.article_id for row in rows if row.article_id is not None]
            connection.execute(delete(article).where(article.c.id.in_(judged), idle(article)))
            left = set(connection.scalars(select(article.c.id).where(article.c.id.in_(judged))))
            over = [row.id for row in rows if row.article_id not in left]
            connection.execute(delete(entry).where(entry.c.id.in_(over)))
            connection.execute(delete(entry_key).where(entry_key.c.key.in_(list(keys)), entry_key.c.feed_id == CANARY))
            connection.execute(update(canary).where(canary.c.id == run_id).values(pruned=True))

    def unpruned_runs(self) -> tuple[CanaryRun, ...]:
        """Return the runs whose leavings are still there, the newest first."""
        with self.read() as connection:
            rows = connection.execute(select(canary).where(~canary.c.pruned).order_by(canary.c.planted_at.desc()))
            return tuple(_run(row) for row in rows)
