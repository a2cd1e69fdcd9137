"""The stories that an article is compared with: a bounded number, found by index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

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

_BY_PARTY = Latest((story_party.c.party,), (story_party.c.updated_at, story_party.c.story_id), tuple(story_party.c))
_BY_PAIR = Latest(
    (story_pair.c.first, story_pair.c.second), (story_pair.c.updated_at, story_pair.c.story_id), tuple(story_pair.c)
)


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
    shared: dict[str, set[str]] = defaultdict(set)
    latest: dict[str, datetime] = {}
    for row in _BY_PAIR.of(connection, twos, since=since, limit=CANDIDATES):
        shared[row.story_id].update((row.first, row.second))
        latest[row.story_id] = row.updated_at
    for row in _BY_PARTY.of(connection, [(name,) for name in names], since=since, limit=CANDIDATES):
        shared[row.story_id].add(row.party)
        latest[row.story_id] = row.updated_at
    # What a story shares beyond these searches' limits does not count; both parties of one flow always do.
    best = sorted(shared, key=lambda name: (-len(shared[name]), -latest[name].timestamp(), name))[:CANDIDATES]
    rows = connection.execute(select(story.c.id, story.c.record).where(story.c.id.in_(best)))
    records = {row.id: row.record for row in rows}
    return tuple(from_record(Story, records[name]) for name in best)
