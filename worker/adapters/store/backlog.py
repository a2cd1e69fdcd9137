"""How much work waits, by step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, case, false, func, or_, select

from worker.adapters.store.alerts import DEAD
from worker.adapters.store.claims import HELD, QUARANTINED, ClaimQueries, due, is_open
from worker.adapters.store.schema import WORK, feed
from worker.model import CANARY, Backlog, Cause


def _set_aside(table: Table) -> ColumnElement[bool]:
    if table is feed:
        return and_(is_open(feed), feed.c.cause == Cause.CRASHED.value)
    return table.c.state.in_((QUARANTINED, DEAD))


class BacklogQueries(ClaimQueries):
    """Every query about open work as a whole."""

    def backlogs(self, now: datetime) -> dict[str, Backlog]:
        """Return the open work of each step: what waits for a worker, is being worked on, has its time to come, was
        set aside, and since when the oldest waits."""
        with self.read() as connection:
            return {step: self._backlog(connection, table, now) for step, table in WORK.items()}

    @staticmethod
    def _backlog(connection: Any, table: Table, now: datetime) -> Backlog:
        waiting = due(table, now)
        leased = and_(is_open(table), table.c.lease_until.is_not(None), table.c.lease_until >= now)
        unleased = or_(table.c.lease_until.is_(None), table.c.lease_until < now)
        later = and_(is_open(table), unleased, ~waiting)
        held = false() if table is feed else table.c.state == HELD
        chosen = select(
            _count(waiting).label("waiting"),
            _count(leased).label("leased"),
            _count(later).label("later"),
            _count(held).label("held"),
            _count(_set_aside(table)).label("set_aside"),
            func.min(case((waiting, table.c.next_attempt_at))).label("oldest"),
        )
        row = connection.execute(chosen.where(table.c.id != CANARY) if table is feed else chosen).one()
        return Backlog(row.waiting, row.leased, row.later, row.held, row.set_aside, row.oldest)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))
