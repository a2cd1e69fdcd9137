"""What rules make of stored changes: the story as it stood then, and two sets of rules side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from worker import text
from worker.model import Article, Bound, Change, ChangeKind, Draft, Flow, Kind, Loop, Status, Story, StoryFlow

# How the values of a change's `before` become fields of a flow again.
_READ: Mapping[str, Any] = {"kind": Kind, "bound": Bound, "status": Status}


@dataclass(frozen=True, slots=True)
class Telling:
    """One version of a story, to be told: what changed, and the story as it stood then.

    `is_news` is False where the article behind it was too old for anybody to be told; `backlog` is True where it came
    with the first poll of its feed. `article` is the one behind it, None where an operator made the version. `muted`
    are the recipients who hear no more of the story, EVERYBODY for all. Without `changes` the article brought nothing
    new, and `earlier` are those that told the story before it.
    """

    story: Story
    changes: tuple[Change, ...]
    at: datetime
    is_news: bool = True
    backlog: bool = False
    article: Article | None = None
    muted: frozenset[str] = frozenset()
    earlier: tuple[Article, ...] = ()


def as_of(story: Story, history: Sequence[tuple[datetime, Change]], version: int) -> Story:
    """Return `story` as it stood at `version`; `history` are all its changes, oldest first.

    Later changes are undone from the last to the first. What a story learns without a change (a missing term filled
    in, a second outlet's wording) stays, and so does the status of the story as a whole.
    """
    flows = list(story.flows)
    loops = list(story.loops)
    for _, change in reversed([one for one in history if one[1].version > version]):
        if change.loop is not None:
            loops = _reopened(loops, change.loop, [one for _, one in history if one.version <= version])
        elif change.flow is not None and change.kind is not ChangeKind.NEW_STORY:
            flows = _undone(flows, change.flow, change.before)
    at = max((when for when, change in history if change.version <= version), default=story.opened_at)
    return replace(
        story,
        version=version,
        flows=tuple(flows),
        loops=tuple(loops),
        sources=tuple(one for one in story.sources if one.seen_at <= at) or story.sources[:1],
        updated_at=at,
    )


def as_confirmed(story: Story, history: Sequence[tuple[datetime, Change]], article_id: str) -> Story | None:
    """Return `story` as it stood when an article that brought nothing new joined it; None for one that opened it or
    brought a change."""
    at = next((one.seen_at for one in story.sources if one.article_id == article_id), None)
    versions = [change.version for when, change in history if at is not None and when <= at]
    if at is None or not versions or any(when == at for when, _ in history):
        return None
    standing = as_of(story, history, max(versions))
    return replace(standing, sources=tuple(one for one in story.sources if one.seen_at <= at))


def _reopened(loops: Sequence[Loop], closed: Loop, earlier: Sequence[Change]) -> list[Loop]:
    """Return the loops without one that closed later, or with it as it had closed before."""
    told = [change.loop for change in earlier if change.loop is not None and change.loop.id == closed.id]
    return [told[-1] if loop.id == closed.id else loop for loop in loops if loop.id != closed.id or told]


def _undone(flows: Sequence[StoryFlow], changed: Flow, before: Mapping[str, Any]) -> list[StoryFlow]:
    """Return the flows before one of them changed; a change that has no `before` brought the flow."""
    place = _place(flows, changed)
    if place is None:
        return list(flows)
    if not before:
        return [held for index, held in enumerate(flows) if index != place]
    values = {
        name: _READ[name](value) if name in _READ else value
        for name, value in before.items()
        if name in Flow.__dataclass_fields__ and name != "evidence"
    }
    kept = list(flows)
    kept[place] = replace(flows[place], flow=replace(flows[place].flow, **values))
    return kept


def _place(flows: Sequence[StoryFlow], changed: Flow) -> int | None:
    """Return where the flow of a change stands now; a side that was unnamed then may have got its name since."""
    ranked = [
        (held.flow.key == changed.key, held.flow.status is changed.status, -index)
        for index, held in enumerate(flows)
        if held.flow.kind is changed.kind
        and _may_be(held.flow.payer, changed.payer)
        and _may_be(held.flow.payee, changed.payee)
    ]
    return -max(ranked)[2] if ranked else None


def _may_be(name: str | None, then: str | None) -> bool:
    return then is None or name is None or text.fold(name) == text.fold(then)


class Fate(StrEnum):
    """What other rules make of one alert."""

    STAYS = "stays"
    APPEARS = "appears"
    VANISHES = "vanishes"
    MOVES = "moves"


@dataclass(frozen=True, slots=True)
class Told:
    """One alert that rules make of a telling: the draft, and every rule that wants it told to this recipient."""

    draft: Draft
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One alert to one recipient under two sets of rules. `before` is None where only the other rules tell it, `after`
    where they do not; without other rules both are the same and it stays."""

    telling: Telling
    fate: Fate
    before: Told | None
    after: Told | None

    @property
    def told(self) -> Told:
        """The alert as it would leave, or as it left where it vanishes."""
        found = self.after or self.before
        if found is None:
            raise ValueError("an alert that neither set of rules tells")
        return found


def weigh(telling: Telling, before: Sequence[Told], after: Sequence[Told]) -> tuple[Rehearsed, ...]:
    """Return what becomes of each recipient's alerts, at most one of a type, when the rules that made `before` are
    replaced by those of `after`. An alert moves where another rule or another way out tells it to the same recipient.
    """
    old = {(one.draft.recipient.id, one.draft.type): one for one in before}
    new = {(one.draft.recipient.id, one.draft.type): one for one in after}
    return tuple(
        Rehearsed(telling, _fate(old.get(name), new.get(name)), old.get(name), new.get(name))
        for name in dict.fromkeys((*old, *new))
    )


def _fate(before: Told | None, after: Told | None) -> Fate:
    if before is None:
        return Fate.APPEARS
    if after is None:
        return Fate.VANISHES
    same = before.draft.id == after.draft.id
    return Fate.STAYS if same else Fate.MOVES
