"""The ledger of flows: the ways by which money comes back, told loops, and the stories that money is told in.

A search for loops costs the same however large the ledger is: every query below reads a bounded number of rows of an
index. From the parties that are paid one looks two steps ahead, from those that pay two steps back, and the two fronts
are joined pair by pair, by the latest deals of each; so a party with 20,000 deals hides no loop of two, and of three
only behind its most recent neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Row,
    Select,
    String,
    Subquery,
    bindparam,
    select,
    true,
    type_coerce,
    union_all,
)

from worker.adapters.store.engine import Database
from worker.adapters.store.records import from_record
from worker.adapters.store.schema import change, edge, loop, story, story_party
from worker.adapters.store.times import UtcTime
from worker.model import ChangeKind, Edge, Loop, Story
from worker.text import fold

# Rows read per party of a front, most recent first; parties that a front is continued from.
_NEAREST, _ROWS, _FAN, _NARROW = 200, 24, 32, 12
# Deals between the same two that may stand for them.
_PARALLEL = 3
# Values in one IN list: SQLite allows 32,766, PostgreSQL 65,535.
_CHUNK = 500

Tie = tuple[int, str, str, Any]


class ToldLoop(NamedTuple):
    """A loop as it was last told: when, and by which story."""

    loop: Loop
    closed_at: datetime
    story_id: str


def ways_back(connection: Connection, edges: Sequence[Edge], *, since: datetime) -> tuple[Edge, ...]:
    """Return known edges, not older than `since`, on the ways of at most four steps from a payee of `edges` to a payer.

    The most recent edges come first where there are more than the bounds allow.
    """
    payees = sorted({fold(one.payee) for one in edges})
    payers = sorted({fold(one.payer) for one in edges})
    ahead = _fan(connection, "payer", payees, since, _NEAREST)
    behind = _fan(connection, "payee", payers, since, _NEAREST)
    after = _firsts((payee for _, _, payee, _ in ahead), payees)
    before = _firsts((payer for _, payer, _, _ in behind), payers)
    ties = [*ahead, *behind, *_joining(connection, [*payees, *after], [*payers, *before], since)]
    ties += _fan(connection, "payer", after[:_NARROW], since, _ROWS)
    ties += _fan(connection, "payee", before[:_NARROW], since, _ROWS)
    return _loaded(connection, _on_the_way(ties, payees, payers))


def _fan(connection: Connection, side: str, names: Sequence[str], since: datetime, rows: int) -> list[Tie]:
    """Return the most recent ties of each of `names` on one side, a bounded number each, by one query."""
    if not names:
        return []
    values = {f"name{place}": name for place, name in enumerate(names)}
    return _read(connection.execute(_fans(side, len(names), rows), {**values, "since": since}).all())


@lru_cache(maxsize=256)
def _fans(side: str, count: int, rows: int) -> Select[Any] | CompoundSelect[Any]:
    # Kept, since to put a statement of so many parts together costs more than to run it.
    since = bindparam("since", type_=UtcTime())
    recent = _ties().where(edge.c.date >= since).order_by(edge.c.date.desc()).limit(rows)
    parts = [recent.where(edge.c[side] == bindparam(f"name{place}")) for place in range(count)]
    return parts[0] if count == 1 else union_all(*(select(part.subquery()) for part in parts))


def _joining(connection: Connection, left: Sequence[str], right: Sequence[str], since: datetime) -> list[Tie]:
    """Return the latest ties from each of `left` to each of `right`."""
    if not left or not right:
        return []
    values = {f"left{place}": name for place, name in enumerate(left)}
    values |= {f"right{place}": name for place, name in enumerate(right)}
    rows = connection.execute(_latest(len(left), len(right)), {**values, "since": since})
    ids = [number for row in rows for number in row if number is not None]
    found: list[Tie] = []
    for start in range(0, len(ids), _CHUNK):
        found += _read(connection.execute(_ties().where(edge.c.id.in_(ids[start : start + _CHUNK]))).all())
    return found


@lru_cache(maxsize=256)
def _latest(left: int, right: int) -> Select[Any]:
    # One look into the index per pair: with two lists and a limit, a database reads the deals of two giants by the
    # thousand, PostgreSQL the whole table.
    payers, payees = _listed("left", left), _listed("right", right)
    between = (edge.c.payer == payers.c.name) & (edge.c.payee == payees.c.name)
    recent = select(edge.c.id).where(between, edge.c.date >= bindparam("since", type_=UtcTime()))
    recent = recent.order_by(edge.c.date.desc()).limit(1).correlate(payers, payees)
    columns = [recent.offset(place).scalar_subquery() for place in range(_PARALLEL)]
    return select(*columns).select_from(payers.join(payees, true()))


def _listed(side: str, count: int) -> Subquery:
    parts = [select(bindparam(f"{side}{place}", type_=String).label("name")) for place in range(count)]
    return (parts[0] if count == 1 else union_all(*parts)).subquery(side)


def _ties() -> Select[Any]:
    # Dates are only compared with one another here: as the database gives them, for to read each costs the most.
    return select(edge.c.id, edge.c.payer, edge.c.payee, type_coerce(edge.c.date, String).label("date"))


def _read(rows: Sequence[Row[Any]]) -> list[Tie]:
    return [tuple(row) for row in rows]


def _firsts(names: Iterator[str], known: Sequence[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name not in known][:_FAN]


def _on_the_way(ties: Sequence[Tie], payees: Sequence[str], payers: Sequence[str]) -> list[int]:
    """Return the ids of ties that lie on a way of at most four steps, the most recent of each pair."""
    pairs: dict[tuple[str, str], list[tuple[Any, int]]] = {}
    for number, payer, payee, date in set(ties):
        pairs.setdefault((payer, payee), []).append((date, number))
    ahead: dict[str, set[str]] = {}
    behind: dict[str, set[str]] = {}
    for payer, payee in pairs:
        ahead.setdefault(payer, set()).add(payee)
        behind.setdefault(payee, set()).add(payer)
    gone, left = _distances(ahead, payees), _distances(behind, payers)
    far = 4
    return [
        number
        for (payer, payee), found in pairs.items()
        if gone.get(payer, far) + 1 + left.get(payee, far) <= far
        for _, number in sorted(found, reverse=True)[:_PARALLEL]
    ]


def _distances(steps: dict[str, set[str]], starts: Sequence[str]) -> dict[str, int]:
    found = dict.fromkeys(starts, 0)
    front = set(starts)
    for distance in (1, 2, 3):
        front = {to for name in front for to in steps.get(name, ())} - found.keys()
        found.update(dict.fromkeys(front, distance))
    return found


def _loaded(connection: Connection, ids: Sequence[int]) -> tuple[Edge, ...]:
    found: list[Edge] = []
    for start in range(0, len(ids), _CHUNK):
        chosen = select(edge.c.record).where(edge.c.id.in_(ids[start : start + _CHUNK]))
        found += [from_record(Edge, record) for record in connection.scalars(chosen)]
    return tuple(found)


def edges_of(connection: Connection, stories: Sequence[str]) -> tuple[Edge, ...]:
    """Return the edges that these stories hold now."""
    chosen = select(edge.c.record).where(edge.c.story_id.in_(list(stories))).order_by(edge.c.id)
    return tuple(from_record(Edge, record) for record in connection.scalars(chosen))


class LedgerQueries(Database):
    """What the ledger, the list of loops and the exports read."""

    def loops(self, *, since: datetime | None = None, limit: int | None = None) -> tuple[ToldLoop, ...]:
        """Return the loops told since, the last told first."""
        chosen = select(loop).order_by(loop.c.closed_at.desc(), loop.c.id).limit(limit)
        if since is not None:
            chosen = chosen.where(loop.c.closed_at >= since)
        with self.read() as connection:
            return tuple(
                ToldLoop(from_record(Loop, row.record), row.closed_at, row.story_id)
                for row in connection.execute(chosen)
            )

    def edges_between(self, parties: Sequence[str]) -> tuple[Edge, ...]:
        """Return the edges among these parties as they now stand."""
        names = sorted({fold(name) for name in parties})
        with self.read() as connection:
            rows = connection.scalars(select(edge.c.record).where(edge.c.payer.in_(names), edge.c.payee.in_(names)))
            return tuple(from_record(Edge, record) for record in rows)

    def cancelled_at(self, stories: Sequence[str]) -> dict[str, datetime]:
        """Return when something in these stories was last called off; a story in which nothing was is left out."""
        chosen = select(change.c.story_id, change.c.at).where(
            change.c.story_id.in_(list(stories)), change.c.kind == ChangeKind.CANCELLED.value
        )
        with self.read() as connection:
            return {row.story_id: row.at for row in connection.execute(chosen.order_by(change.c.id))}

    def told_stories(
        self, *, companies: Sequence[str] = (), since: datetime | None = None, batch: int = 200
    ) -> Iterator[Story]:
        """Yield stories, the first opened first, those of `companies` alone where any are named, changed `since`.

        Read in batches, so that memory stays bounded and no transaction stays open while a caller works.
        """
        chosen = select(story.c.id).order_by(story.c.opened_at, story.c.id)
        if since is not None:
            chosen = chosen.where(story.c.updated_at >= since)
        if companies:
            names = {fold(name)[:200] for name in companies}
            chosen = chosen.where(story.c.id.in_(select(story_party.c.story_id).where(story_party.c.party.in_(names))))
        with self.read() as connection:
            ids = list(connection.scalars(chosen))
        for start in range(0, len(ids), batch):
            part = ids[start : start + batch]
            with self.read() as connection:
                rows = connection.execute(select(story.c.id, story.c.record).where(story.c.id.in_(part))).all()
            records = {row.id: row.record for row in rows}
            yield from (from_record(Story, records[name]) for name in part if name in records)
