"""The stories that an article is compared with: a bounded number, found by index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, String, null, select, type_coerce

from worker.adapters.store.latest import Keys, Latest, together
from worker.adapters.store.lists import among
from worker.adapters.store.records import from_text, written
from worker.adapters.store.schema import story, story_pair, story_party
from worker.model import Story
from worker.text import fold

# A story is compared with so many at most: the cost of filing must not grow with the store. Reading one from its record
# takes some hundredths of a millisecond, far more where a hundred articles tell it, and comparing as long again.
CANDIDATES = 32
# An article of which more organisations are read is a list; its first are enough to find its story by.
_NAMES = 24
# The same few firms are in the news all day, and their stories are compared with each time. Longer records are read
# anew: to keep them would take a hundred megabytes.
_REMEMBERED, _LONGEST = 256, 20_000

# Times are only compared with one another: as the database gives them, for to read each costs more than to find it.
_BY_PARTY = Latest(
    (story_party.c.party,),
    (story_party.c.updated_at, story_party.c.story_id),
    (
        story_party.c.party.label("first"),
        null().label("second"),
        story_party.c.story_id,
        type_coerce(story_party.c.updated_at, String).label("updated_at"),
    ),
)
_BY_PAIR = Latest(
    (story_pair.c.first, story_pair.c.second),
    (story_pair.c.updated_at, story_pair.c.story_id),
    (
        story_pair.c.first,
        story_pair.c.second,
        story_pair.c.story_id,
        type_coerce(story_pair.c.updated_at, String).label("updated_at"),
    ),
)
_STORIES = select(story.c.id, written(story.c.record)).where(among(story.c.id, "ids"))


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
    latest: dict[str, Any] = {}
    searches: list[tuple[Latest, Keys]] = [(_BY_PAIR, twos), (_BY_PARTY, [(name,) for name in names])]
    rows: Sequence[Any] = together(connection, searches, since=since, limit=CANDIDATES)
    for first, second, story_id, updated_at in rows:
        shared[story_id].update((first,) if second is None else (first, second))
        latest[story_id] = updated_at
    if not shared:
        return ()
    # What a story shares beyond these searches' limits does not count; both parties of one flow always do.
    best = sorted(sorted(shared), key=lambda name: latest[name], reverse=True)
    best = sorted(best, key=lambda name: -len(shared[name]))[:CANDIDATES]
    records = {row.id: row.record for row in connection.execute(_STORIES, {"ids": best}).all()}
    return tuple(_story(records[name]) for name in best)


def _story(record: str) -> Story:
    return _remembered(record) if len(record) <= _LONGEST else from_text(Story, record)


@lru_cache(maxsize=_REMEMBERED)
def _remembered(record: str) -> Story:
    # By its whole text, so that it is never an older one; nobody can change what is shared.
    return from_text(Story, record)
