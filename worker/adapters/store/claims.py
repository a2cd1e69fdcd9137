"""Claims: one conditional update with a lease, the same for every kind of work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, String, Table, and_, bindparam, case, literal, or_, select, text, update
from sqlalchemy.sql.elements import ColumnElement

from worker.adapters.store.engine import Database
from worker.adapters.store.lists import among
from worker.adapters.store.schema import WORK, feed, heartbeat, host

OPEN = "open"
DONE = "done"
QUARANTINED = "quarantined"
# Alerts besides: waiting for their time or for the digest of a first poll; part of a digest.
HELD = "held"
BUNDLED = "bundled"

# No feed is ever planned more than a day ahead, so a plan beyond two was made by a clock that was wrong.
_WRONG = timedelta(days=2)

# So many attempts that ended with their whole worker weigh as much as one that ended its own process alone.
_WITH_ALL = 4

# Before the name of a life, where it leaves its signs: each says until when it holds.
LIFE = "life@"

_FORGETTABLE = text("SET LOCAL synchronous_commit TO off")


def is_open(table: Table) -> ColumnElement[bool]:
    """Rows of `table` that are still to be worked on, at whatever time."""
    if table is feed:
        return and_(~feed.c.paused, ~feed.c.disabled, ~feed.c.removed)
    return table.c.state == OPEN


def due(table: Table, now: datetime) -> ColumnElement[bool]:
    """Rows of `table` that may be worked on at `now`: open, due, under no lease."""
    return _due(table, now, now + _WRONG)


def _due(table: Table, now: Any, beyond: Any) -> ColumnElement[bool]:
    planned = table.c.next_attempt_at <= now
    if table is feed:
        planned = or_(planned, table.c.next_attempt_at > beyond)
    return and_(
        is_open(table),
        planned,
        or_(table.c.lease_until.is_(None), table.c.lease_until < now),
    )


def crashes(table: Table, life: Any) -> ColumnElement[int]:
    """How many attempts at a row ended without an outcome and may be its fault, the last one included: who has an
    outcome gives its lease back. `life` is that of the worker that asks.

    Where the process that worked on the row died and its worker lives on (it is this one, or has given a sign since),
    the row is to blame, most likely. Where the worker went down whole, it was a stop of the machine or a kill, most
    likely: a feed that is polled often was in the middle of a poll at three of twenty kills in a row.
    """
    return table.c.crashes + _alone(table, life) + (table.c.cut_off + _with_all(table, life)) // _WITH_ALL


def _lives_on(table: Table, life: Any) -> ColumnElement[bool]:
    sign = select(heartbeat.c.part).where(
        heartbeat.c.part == literal(LIFE, String) + table.c.claimed_by, heartbeat.c.at >= table.c.lease_until
    )
    return or_(table.c.claimed_by == life, sign.correlate(table).exists())


def _alone(table: Table, life: Any) -> ColumnElement[int]:
    return case((and_(table.c.lease_until.is_not(None), _lives_on(table, life)), 1), else_=0)


def _with_all(table: Table, life: Any) -> ColumnElement[int]:
    return case((and_(table.c.lease_until.is_not(None), ~_lives_on(table, life)), 1), else_=0)


@lru_cache(maxsize=16)
def _claiming(table: Table, is_sqlite: bool) -> Any:
    # Kept, as every statement that runs for each article: to put one together costs as much as to run it.
    is_due = _due(table, bindparam("now"), bindparam("beyond"))
    free = select(table.c.id).where(among(table.c.id, "ids"), is_due).with_for_update(skip_locked=True)
    return (
        update(table)
        .where(table.c.id.in_(free.scalar_subquery()) if is_sqlite else table.c.id.in_(free))
        .values(
            lease_until=bindparam("until"),
            attempts=table.c.attempts + 1,
            crashes=table.c.crashes + _alone(table, bindparam("life")),
            cut_off=table.c.cut_off + _with_all(table, bindparam("life")),
            claimed_by=bindparam("life"),
        )
        .returning(table.c.id)
    )


@lru_cache(maxsize=16)
def _closing(table: Table) -> Any:
    return update(table).where(table.c.id == bindparam("key"))


class ClaimQueries(Database):
    """Who works on what."""

    def ready(self, step: str, *, now: datetime, limit: int, quiet_s: float) -> tuple[Any, ...]:
        """Return ids of due rows of `step` that nobody was asked about in the last `quiet_s`, and stamp them as asked.

        The stamp keeps the sweep from filling the queue with repeats while the workers are busy.
        """
        table = WORK[step]
        quiet = now - timedelta(seconds=quiet_s)
        with self.write() as connection:
            chosen = select(table.c.id).where(
                due(table, now), or_(table.c.enqueued_at.is_(None), table.c.enqueued_at < quiet)
            )
            ids = tuple(connection.scalars(chosen.order_by(table.c.next_attempt_at).limit(limit)))
            if ids:
                connection.execute(update(table).where(table.c.id.in_(ids)).values(enqueued_at=now))
        return ids

    def claim(self, step: str, ids: Sequence[Any], *, now: datetime, lease_s: float) -> tuple[Any, ...]:
        """Take those of `ids` that are due and free, for `lease_s`; count the attempt. Returns what was taken.

        A doubled, late or lost ring is harmless: whoever comes second gets nothing.
        """
        if not ids:
            return ()
        until = now + timedelta(seconds=lease_s)
        values = {"ids": list(ids), "now": now, "beyond": now + _WRONG, "until": until, "life": self.life}
        with self.write() as connection:
            if not self.is_sqlite and step != "deliver":
                # A crash of the server forgets it, and cuts off the work that it was for: the row is free again sooner.
                connection.execute(_FORGETTABLE)
            taken = connection.scalars(_claiming(WORK[step], self.is_sqlite), values).all()
        wanted = {key: place for place, key in enumerate(ids)}
        return tuple(sorted(taken, key=lambda key: wanted[key]))

    def release_leases(self) -> int:
        """Free every row and host; returns how many rows. For one who knows that no other worker lives.

        Their attempts do not count: they were cut off by a stop of everything, most likely not by themselves. What
        stops everything again and again is set aside all the same.
        """
        with self.write() as connection:
            held = update(host).where(host.c.lease_until.is_not(None))
            freed = connection.execute(held.values(lease_until=None)).rowcount
            for table in WORK.values():
                cut = update(table).where(table.c.lease_until.is_not(None), table.c.attempts > 0)
                undone = {"lease_until": None, "attempts": table.c.attempts - 1, "cut_off": table.c.cut_off + 1}
                freed += connection.execute(cut.values(**undone)).rowcount
            for table in WORK.values():
                connection.execute(update(table).where(table.c.enqueued_at.is_not(None)).values(enqueued_at=None))
        return freed

    def charge(self, lives: str) -> None:
        """Blame what a worker holds that is about to be ended, for it hangs: `lives` is its life, or how it begins."""
        with self.write() as connection:
            for table in WORK.values():
                held = and_(table.c.lease_until.is_not(None), table.c.claimed_by.startswith(lives, autoescape=True))
                connection.execute(update(table).where(held).values(crashes=table.c.crashes + 1))

    def defer(self, step: str, key: Any, *, now: datetime, until: datetime) -> None:
        """Put off a row that nobody works on; one that was taken or done meanwhile stays as it is."""
        table = WORK[step]
        with self.write() as connection:
            free = update(table).where(table.c.id == key, due(table, now))
            connection.execute(free.values(enqueued_at=None, next_attempt_at=until))

    def postpone(
        self, step: str, key: Any, *, until: datetime, error: str = "", counted: bool = True, crashed: bool = False
    ) -> None:
        """Give a claimed row back, to be tried at `until`; `counted` False where the row is not to blame, `crashed`
        True where nobody foresaw what happened."""
        table = WORK[step]
        values: dict[str, Any] = {"lease_until": None, "enqueued_at": None, "next_attempt_at": until}
        if error:
            values["last_error"] = self.mask(error)[:2000]
        if not counted:
            values["attempts"] = table.c.attempts - 1
        if crashed:
            values["crashes"] = table.c.crashes + 1
        with self.write() as connection:
            connection.execute(update(table).where(table.c.id == key).values(**values))

    def crashed(self, step: str, ids: Sequence[Any], *, times: int) -> tuple[Any, ...]:
        """Return those of these rows that `times` attempts or more without an outcome speak against."""
        table = WORK[step]
        with self.read() as connection:
            found = select(table.c.id).where(table.c.id.in_(list(ids)), crashes(table, self.life) >= times)
            return tuple(connection.scalars(found))

    def quarantine(self, step: str, key: Any, *, error: str) -> None:
        """Set a row aside for a person to look at: it failed too often, or took its worker down.

        What its last attempt left stands behind `error`.
        """
        table = WORK[step]
        with self.write() as connection:
            last = connection.scalar(select(table.c.last_error).where(table.c.id == key))
            told = f"{error} ({last})" if last else error
            close(connection, table, key, state=QUARANTINED, error=self.mask(told))


def close(connection: Connection, table: Table, key: Any, *, state: str, error: str = "", **values: Any) -> None:
    """Take a row out of the work, inside the caller's transaction."""
    values |= {"state": state, "lease_until": None, "next_attempt_at": None, "last_error": error[:2000]}
    connection.execute(_closing(table), {"key": key, **values})
