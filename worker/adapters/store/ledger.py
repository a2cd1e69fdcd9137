"""The ledger of flows: the ways by which money comes back, told loops, and the stories that money is told in.

A search for loops costs the same however large the ledger is: every query below reads a bounded number of rows of an
index. From the parties that are paid one looks two steps ahead, from those that pay two steps back, and the two fronts
are joined pair by pair, by the latest deals of each; so a party with 20,000 deals hides no loop of two, and of three
only behind its most recent neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, String, bindparam, literal_column, select, true, type_coerce, union

from worker.adapters.store.engine import Database
from worker.adapters.store.latest import Latest, together
from worker.adapters.store.lists import among, each
from worker.adapters.store.records import from_record, from_text, written
from worker.adapters.store.schema import change, edge, loop, story, story_party
from worker.model import ChangeKind, Edge, Loop, Story
from worker.text import fold

# Rows read per party of a front, most recent first; parties that a front is continued from.
_NEAREST, _ROWS, _FAN, _NARROW = 200, 24, 32, 12
# Deals between the same two that may stand for them.
_PARALLEL = 3

Tie = tuple[int, str, str, Any]

# Dates are only compared with one another here: as the database gives them, for to read each costs the most.
_TIE = (edge.c.id, edge.c.payer, edge.c.payee, type_coerce(edge.c.date, String).label("date"))
_PAID_BY = Latest((edge.c.payer,), (edge.c.date,), (*_TIE, literal_column("0").label("side")))
_PAID_TO = Latest((edge.c.payee,), (edge.c.date,), (*_TIE, literal_column("1").label("side")))
_TIES = select(*_TIE).where(among(edge.c.id, "ids"))
_EDGES = select(written(edge.c.record)).where(among(edge.c.id, "ids"))
_EDGES_OF = select(written(edge.c.record)).where(among(edge.c.story_id, "stories")).order_by(edge.c.id)


def _between() -> Select[Any]:
    # One look into the index per pair: with two lists and a limit, a database reads the deals of two giants by the
    # thousand, PostgreSQL the whole table. Most pairs have no deal: those are left out at the first look.
    payers, payees = each("payers"), each("payees")
    both = (edge.c.payer == payers.c.value) & (edge.c.payee == payees.c.value)
    recent = select(edge.c.id).where(both, edge.c.date >= bindparam("since"))
    recent = recent.order_by(edge.c.date.desc()).limit(1).correlate(payers, payees)
    columns = [recent.offset(place).scalar_subquery() for place in range(_PARALLEL)]
    return select(*columns).select_from(payers.join(payees, true())).where(columns[0].is_not(None))


_BETWEEN = _between()


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
    ahead, behind = _fans(connection, payees, payers, since, _NEAREST)
    after = _firsts((payee for _, _, payee, _ in ahead), payees)
    before = _firsts((payer for _, payer, _, _ in behind), payers)
    ties = [*ahead, *behind, *_joining(connection, [*payees, *after], [*payers, *before], since)]
    for further in _fans(connection, after[:_NARROW], before[:_NARROW], since, _ROWS):
        ties += further
    return _loaded(connection, _on_the_way(ties, payees, payers))


def _fans(
    connection: Connection, payers: Sequence[str], payees: Sequence[str], since: datetime, rows: int
) -> tuple[list[Tie], list[Tie]]:
    """Return the most recent ties of each of `payers` and of each of `payees`, a bounded number each, by one query."""
    asked = [(search, [(name,) for name in names]) for search, names in ((_PAID_BY, payers), (_PAID_TO, payees))]
    found: tuple[list[Tie], list[Tie]] = ([], [])
    ties: Sequence[Any] = together(connection, asked, since=since, limit=rows)
    for number, payer, payee, date, side in ties:
        found[side].append((number, payer, payee, date))
    return found


def _joining(connection: Connection, left: Sequence[str], right: Sequence[str], since: datetime) -> list[Tie]:
    """Return the latest ties from each of `left` to each of `right`."""
    if not left or not right:
        return []
    rows = connection.execute(_BETWEEN, {"payers": left, "payees": right, "since": since}).all()
    ids = [number for row in rows for number in row if number is not None]
    return [tuple(row) for row in connection.execute(_TIES, {"ids": ids}).all()] if ids else []


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
    records = connection.scalars(_EDGES, {"ids": ids}).all() if ids else ()
    return tuple(from_text(Edge, record) for record in records)


def edges_of(connection: Connection, stories: Sequence[str]) -> tuple[Edge, ...]:
    """Return the edges that these stories hold now."""
    records = connection.scalars(_EDGES_OF, {"stories": stories}).all() if stories else ()
    return tuple(from_text(Edge, record) for record in records)


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

    def parties(self) -> tuple[str, ...]:
        """Return every name between which money flows, folded."""
        names = union(select(edge.c.payer.label("name")), select(edge.c.payee))
        with self.read() as connection:
            return tuple(sorted(connection.scalars(names)))

    def spelling(self, name: str) -> str:
        """Return how stories write one of `parties`; the name itself for one that they do not have."""
        sides = ((edge.c.payer, "payer"), (edge.c.payee, "payee"))
        with self.read() as connection:
            for column, side in sides:
                chosen = select(edge.c.record[side].as_string()).where(column == name).limit(1)
                found = connection.scalar(chosen)
                if found is not None:
                    return str(found)
        return name

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
