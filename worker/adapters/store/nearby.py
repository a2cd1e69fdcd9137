"""What a filing is compared with: the stories that may be the same, the money that may come round. All bounded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from worker.adapters.store.latest import Latest
from worker.adapters.store.records import from_record
from worker.adapters.store.schema import edge, story, story_pair, story_party
from worker.model import Edge, Story
from worker.text import fold

# A story is compared with so many at most: the cost of filing must not grow with the store. Reading one from its record
# takes a tenth of a millisecond, comparing another.
CANDIDATES = 40
# An article of which more organisations are read is a list; its first are enough to find its story by.
_NAMES = 24

# Edges of each party at the two ends of a loop, of each party one step further, and how many such parties. The press
# writes of a giant's deals daily, and its oldest are known by their other end.
_FIRST, _NEXT, _PARTIES = 100, 30, 60
# Of two parties, the loop takes the latest edge; some of those may be of the very story that is filed.
_EACH = 3
_EDGES = 500

_BY_PARTY = Latest(
    (story_party.c.party,), (story_party.c.updated_at, story_party.c.story_id), (story_party.c.story_id,)
)
_BY_PAIR = Latest(
    (story_pair.c.first, story_pair.c.second), (story_pair.c.updated_at, story_pair.c.story_id),
    (story_pair.c.story_id,),
)  # fmt: skip
_ENDS = (edge.c.id, edge.c.payer, edge.c.payee, edge.c.date)
_PAID = Latest((edge.c.payer,), (edge.c.date,), _ENDS)
_RECEIVED = Latest((edge.c.payee,), (edge.c.date,), _ENDS)
_BETWEEN = Latest((edge.c.payer, edge.c.payee), (edge.c.date,), _ENDS)


def key(name: str) -> str:
    """Return a party's name as the tables hold it."""
    return fold(name)[:200]


def pair(one: str, other: str) -> tuple[str, str]:
    """Return two parties' names as the table of pairs holds them."""
    first, second = sorted((key(one), key(other)))
    return first, second


def candidates(
    connection: Connection, parties: Sequence[str], pairs: Iterable[Sequence[str]], *, since: datetime
) -> tuple[Story, ...]:
    """Return at most CANDIDATES stories that share a party and changed after `since`: those that share the most parties
    first, then the latest. `pairs` are the parties of each flow, so that the stories of two giants are found too."""
    names = list(dict.fromkeys(key(name) for name in parties))[:_NAMES]
    twos = list(dict.fromkeys(pair(*two) for two in pairs if len(two) == 2))[:_NAMES]
    found = {row.story_id for row in _BY_PAIR.of(connection, twos, since=since, limit=CANDIDATES)}
    found |= {
        row.story_id for row in _BY_PARTY.of(connection, [(name,) for name in names], since=since, limit=CANDIDATES)
    }
    if len(found) > CANDIDATES:
        shared = (
            select(story_party.c.story_id)
            .where(story_party.c.story_id.in_(found), story_party.c.party.in_(names))
            .group_by(story_party.c.story_id)
            .order_by(func.count().desc(), func.max(story_party.c.updated_at).desc(), story_party.c.story_id)
            .limit(CANDIDATES)
        )
        found = set(connection.scalars(shared))
    records = select(story.c.record).where(story.c.id.in_(found))
    read = [from_record(Story, record) for record in connection.scalars(records)]

    def likeness(one: Story) -> tuple[int, float, str]:
        common = len({key(name) for name in one.parties} & set(names))
        return -common, -one.updated_at.timestamp(), one.id

    return tuple(sorted(read, key=likeness))


class _Step(NamedTuple):
    id: int
    payer: str
    payee: str
    date: datetime


def edges_between(
    connection: Connection, payers: Iterable[str], payees: Iterable[str], *, since: datetime, hops: int
) -> tuple[Edge, ...]:
    """Return edges that lie on a path of money of at most `hops` steps from one of `payers` to one of `payees`.

    The search goes from both ends to the middle (four steps: two from each), the latest edges of each party first, and
    reads only what lies on a path. A step from end to end, and from an end to the neighbours of the other, is found
    however old; what is left out is a path through two deals that are each further back than the latest _FIRST of a
    giant or _NEXT of the others.
    """
    starts, ends = _names(payers), _names(payees)
    if not starts or not ends or hops < 1:
        return ()
    steps: dict[int, _Step] = {}

    def look(search: Latest, keys: Sequence[tuple[str, ...]], limit: int) -> list[_Step]:
        rows = [
            _Step(row.id, row.payer, row.payee, row.date)
            for row in search.of(connection, keys, since=since, limit=limit)
        ]
        steps.update((row.id, row) for row in rows)
        return sorted(rows, key=lambda row: row.date, reverse=True)

    look(_BETWEEN, [(start, end) for start in starts for end in ends], _EACH)
    if hops > 1:
        onward = [row.payee for row in look(_PAID, [(name,) for name in starts], _FIRST)]
        before = [row.payer for row in look(_RECEIVED, [(name,) for name in ends], _FIRST)]
        ahead, behind = _names(onward, but=starts), _names(before, but=ends)
        look(_BETWEEN, [(name, end) for name in ahead for end in ends], _EACH)
        look(_BETWEEN, [(start, name) for start in starts for name in behind], _EACH)
        if hops > 2:
            look(_PAID, [(name,) for name in ahead], _NEXT)
            look(_RECEIVED, [(name,) for name in behind], _NEXT)
    chosen = _on_paths(steps.values(), set(starts), set(ends), hops)
    records = select(edge.c.record).where(edge.c.id.in_(chosen)).order_by(edge.c.id)
    return tuple(from_record(Edge, record) for record in connection.scalars(records))


def _names(names: Iterable[str], but: Sequence[str] = ()) -> list[str]:
    """Return the first _PARTIES different names."""
    return [name for name in dict.fromkeys(key(name) for name in names) if name not in but][:_PARTIES]


def _on_paths(steps: Iterable[_Step], starts: set[str], ends: set[str], hops: int) -> list[int]:
    """Return the ids of the latest steps of each pair that lie on a path of at most `hops` steps."""
    pairs: dict[tuple[str, str], list[_Step]] = defaultdict(list)
    for step in steps:
        pairs[step.payer, step.payee].append(step)
    onward, back = defaultdict(set), defaultdict(set)
    for payer, payee in pairs:
        onward[payer].add(payee)
        back[payee].add(payer)
    to, left = _distances(onward, starts, hops), _distances(back, ends, hops)
    far = hops + 1
    kept: list[_Step] = []
    for (payer, payee), held in pairs.items():
        if to.get(payer, far) + 1 + left.get(payee, far) <= hops:
            kept += sorted(held, key=lambda step: step.date, reverse=True)[:_EACH]
    kept.sort(key=lambda step: (to[step.payer] + left[step.payee], -step.date.timestamp(), step.id))
    return [step.id for step in kept[:_EDGES]]


def _distances(graph: dict[str, set[str]], origins: set[str], hops: int) -> dict[str, int]:
    found = dict.fromkeys(origins, 0)
    front = origins
    for step in range(1, hops + 1):
        front = {name for one in front for name in graph.get(one, ())} - found.keys()
        found.update(dict.fromkeys(front, step))
    return found
