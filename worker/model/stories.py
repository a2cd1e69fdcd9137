"""Stories as the world sees them, what changes in them, and money that runs in a circle."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from worker.model.deals import Bound, Flow, Kind, Status
from worker.model.press import Cause


@dataclass(frozen=True, slots=True)
class Source:
    """One article as a story cites it. `copy_of` is the id of the article whose text it prints, "" for its own."""

    article_id: str
    title: str
    url: str
    source: str
    house: str
    published: datetime | None
    seen_at: datetime
    origin: str = "page"
    limits: Cause = Cause.OK
    copy_of: str = ""


@dataclass(frozen=True, slots=True)
class StoryFlow:
    """A flow as the story holds it, with the article that said it last and when the story first had it."""

    flow: Flow
    article_id: str
    source: str
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class Edge:
    """One flow of money in the ledger, between named parties."""

    payer: str
    payee: str
    kind: Kind
    amount: float | None
    currency: str | None
    status: Status
    bound: Bound
    story_id: str
    date: datetime
    source: str = ""


@dataclass(frozen=True, slots=True)
class Loop:
    """A directed cycle of money. `edges[i].payee == edges[i + 1].payer`, and the last pays the first. `id` is computed
    from the path alone, turned so that the alphabetically first party leads."""

    id: str
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """One deal as the world sees it. `founding` are the flows of the article that opened it; later articles are
    compared with those, so that a story cannot drift."""

    id: str
    title: str
    version: int
    status: Status
    flows: tuple[StoryFlow, ...]
    founding: tuple[Flow, ...]
    sources: tuple[Source, ...]
    opened_at: datetime
    updated_at: datetime
    loops: tuple[Loop, ...] = ()
    words: frozenset[str] = frozenset()

    @property
    def parties(self) -> tuple[str, ...]:
        seen: dict[str, None] = {}
        for held in self.flows:
            seen.update(dict.fromkeys(held.flow.parties))
        return tuple(seen)


class ChangeKind(StrEnum):
    """What is new in a story's version."""

    NEW_STORY = "new_story"
    NEW_FLOW = "new_flow"
    AMOUNT = "amount"
    STATUS = "status"
    CANCELLED = "cancelled"
    LOOP_CLOSED = "loop_closed"


@dataclass(frozen=True, slots=True)
class Change:
    """One material change. `before` and `after` are values without display (numbers, a status), JSON-ready."""

    kind: ChangeKind
    story_id: str
    version: int
    flow: Flow | None = None
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    loop: Loop | None = None
