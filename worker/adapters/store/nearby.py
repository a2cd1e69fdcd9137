"""The stories that an article is compared with: a bounded number, found by index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from worker.adapters.store.latest import Latest
from worker.adapters.store.records import from_record
from worker.adapters.store.schema import story, story_pair, story_party
from worker.model import Story
from worker.text import fold

# A story is compared with so many at most: the cost of filing must not grow with the store. Reading one from its record
# takes some hundredths of a millisecond, far more where a hundred articles tell it, and comparing as long again.
CANDIDATES = 32
# An article of which more organisations are read is a list; its first are enough to find its story by.
_NAMES = 24

_BY_PARTY = Latest(
    (story_party.c.party,), (story_party.c.updated_at, story_party.c.story_id), (story_party.c.story_id,)
)
_BY_PAIR = Latest(
    (story_pair.c.first, story_pair.c.second), (story_pair.c.updated_at, story_pair.c.story_id),
    (story_pair.c.story_id,),
)  # fmt: skip


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
