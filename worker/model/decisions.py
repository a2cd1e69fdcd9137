"""The operator's word: on stories, and on who is still written to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from worker.model.deals import Verdict
from worker.model.press import Article
from worker.model.stories import Source, Story

# In the place of a recipient's id: everybody.
EVERYBODY = ""


class DecisionKind(StrEnum):
    """What an operator may decide of stories; REGROUP is the machine's own: a late article dissolved a story."""

    MERGE = "merge"
    SPLIT = "split"
    MUTE = "mute"
    REGROUP = "regroup"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, kept for ever.

    `story` is what a merge or a regrouping goes to, what a split takes from, or what is muted; `others` are the stories
    merged into it, or the one that a split made; `articles` are those that were split off; `recipient` is who no longer
    hears of it, EVERYBODY for all. `note` says by whom and why. `undone_at` is when it was taken back.
    """

    kind: DecisionKind
    story: str
    others: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    recipient: str = EVERYBODY
    note: str = ""
    at: datetime | None = None
    undone_at: datetime | None = None
    id: int = 0

    @property
    def stories(self) -> frozenset[str]:
        """Every story that the decision is about."""
        return frozenset((self.story, *self.others))


@dataclass(frozen=True, slots=True)
class Account:
    """One article of a story as it was judged, and as the story cites it."""

    article: Article
    verdict: Verdict
    source: Source


@dataclass(frozen=True, slots=True)
class Rulings:
    """What was decided of some stories: `faces`, by id, of stories merged into each, under which it takes in articles
    too, and `rivals`, stories split from one of them, that must be compared as well. `apart` are the ids of all that a
    split keeps apart, rivals or not; `muted` those of stories that somebody hears no more of."""

    faces: Mapping[str, tuple[Story, ...]] = field(default_factory=dict)
    rivals: tuple[Story, ...] = ()
    apart: frozenset[str] = frozenset()
    muted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Alerts for one recipient that were given up lately: how many, since when, and what the last of them met with."""

    recipient_id: str
    count: int
    since: datetime
    error: str


@dataclass(frozen=True, slots=True)
class RecipientState:
    """How deliveries to one recipient go. `failing_since` is the first failure after the last success, `failed_at` the
    latest one; nothing is sent to who has a `disabled_at`, for `reason`, nor before `rests_until`."""

    id: str
    failing_since: datetime | None = None
    failed_at: datetime | None = None
    disabled_at: datetime | None = None
    reason: str = ""
    rests_until: datetime | None = None
