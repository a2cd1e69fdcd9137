"""Stories as the world sees them, what changes in them, and money that runs in a circle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from worker.model.deals import Bound, Flow, Kind, Status
from worker.model.press import Cause


@dataclass(frozen=True, slots=True)
class Source:
    """One article as a story cites it; `feed` is the id of the feed that brought it. `copy_of` is the id of the article
    whose text it prints, "" for its own."""

    article_id: str
    title: str
    url: str
    source: str
    house: str
    published: datetime | None
    seen_at: datetime
    origin: str = "page"
    limits: Cause = Cause.OK
    feed: str = ""
    copy_of: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One value that the press gives for one field of a flow. `houses` are the independent publishers that stand by it,
    in the order in which they came to say it; `article_id`, `source` and `at` are of the article that said it first.
    `currency` and `bound` go with an amount; `bound` also with megawatts where there is no amount."""

    value: float | str
    houses: tuple[str, ...]
    article_id: str
    source: str
    at: datetime
    currency: str | None = None
    bound: Bound = Bound.EXACT


@dataclass(frozen=True, slots=True)
class Field:
    """All that is said of one field of a flow ("amount", "megawatts", "chips", "years", "status"): the value that the
    story holds first, then the others, the most confirmed first. `disputed` says that some contradict the first."""

    name: str
    claims: tuple[Claim, ...]
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class StoryFlow:
    """A flow as the story holds it, with the article that said it last and when the story first had it. `fields` say
    who vouches for what; they follow from the story's accounts and are there only where somebody asked for them."""

    flow: Flow
    article_id: str
    source: str
    first_seen: datetime
    fields: tuple[Field, ...] = ()


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

    def renamed(self, names: Mapping[str, str]) -> Loop:
        """Return the loop with its edges under the ids that `names` has for the stories that they are of."""
        edges = (replace(edge, story_id=names.get(edge.story_id, edge.story_id)) for edge in self.edges)
        return replace(self, edges=tuple(edges))


@dataclass(frozen=True, slots=True)
class Story:
    """One deal as the world sees it. `founding` are the flows of the article that tells it first by its date; others
    are compared with those, so that a story cannot drift. `sources` stand in the order of arrival; `accounts` are what
    each of them said, in the order of publication, packed (see `pipeline/stories/accounts.py`). `earlier` is the id of
    the story whose contract this one follows, "" for none."""

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
    accounts: tuple[str, ...] = ()
    earlier: str = ""

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
    NEW_PARTY = "new_party"
    AMOUNT = "amount"
    EXTENDED = "extended"
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
