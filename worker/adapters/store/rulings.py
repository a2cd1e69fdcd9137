"""What was decided of stories, as a filing and a list ask for it: few rows, found by index."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, Select, or_, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from worker.adapters.store.lists import among
from worker.adapters.store.records import from_record
from worker.adapters.store.schema import decision, merged_story, muted_story, split_story, story
from worker.model import DecisionKind, Story

_TOUCHED = union_all(
    select(merged_story.c.into_id).where(among(merged_story.c.into_id, "ids")),
    select(split_story.c.story_id).where(among(split_story.c.story_id, "ids")),
    select(muted_story.c.story_id).where(among(muted_story.c.story_id, "ids")),
).limit(1)


def is_touched(connection: Connection, ids: Collection[str]) -> bool:
    """Return whether anything at all was decided of one of these stories: of nearly none is, and one look says so."""
    return bool(ids) and connection.execute(_TOUCHED, {"ids": list(ids)}).first() is not None


def stories_by_id(connection: Connection, ids: Collection[str]) -> tuple[Story, ...]:
    """Return the stories of these ids, in order of id."""
    if not ids:
        return ()
    rows = connection.scalars(select(story.c.record).where(story.c.id.in_(ids)).order_by(story.c.id))
    return tuple(from_record(Story, record) for record in rows)


def faces(connection: Connection, ids: Collection[str]) -> dict[str, tuple[Story, ...]]:
    """Return, by id, the stories as they were before each of `ids` took their place by an operator's word, the first
    merged first."""
    if not ids:
        return {}
    rows = connection.execute(
        select(merged_story.c.into_id, merged_story.c.record)
        .join(decision, decision.c.id == merged_story.c.decision_id)
        .where(merged_story.c.into_id.in_(ids), decision.c.kind != DecisionKind.REGROUP.value)
        .order_by(merged_story.c.decision_id, merged_story.c.id)
    )
    found: dict[str, tuple[Story, ...]] = {}
    for row in rows:
        found[row.into_id] = (*found.get(row.into_id, ()), from_record(Story, row.record))
    return found


def standing(connection: Connection, story_id: str) -> str | None:
    """Return the id of the story that stands where `story_id` was: its own, or that of the one that took it in."""
    if connection.scalars(select(story.c.id).where(story.c.id == story_id)).first() is not None:
        return story_id
    merged = select(merged_story.c.into_id).where(merged_story.c.id == story_id)
    return connection.scalars(merged.order_by(merged_story.c.decision_id.desc()).limit(1)).first()


def taken_in(connection: Connection, story_id: str) -> frozenset[str]:
    """Return the ids that a story answers to: its own, and those of stories that it took in for good."""
    return frozenset({story_id, *connection.scalars(_old_ids(merged_story.c.into_id == story_id))})


def rivals(connection: Connection, ids: Collection[str]) -> frozenset[str]:
    """Return the ids of the stories that were split from one of these, or from one that they took in."""
    if not ids:
        return frozenset()
    old = select(merged_story.c.id).where(merged_story.c.into_id.in_(ids))
    apart = or_(split_story.c.story_id.in_(ids), split_story.c.story_id.in_(old))
    found = connection.scalars(select(split_story.c.rival_id).where(apart)).all()
    return frozenset(name for name in (standing(connection, rival) for rival in found) if name is not None)


def muted(connection: Connection, story_id: str) -> frozenset[str]:
    """Return the recipients who hear no more of a story."""
    old = _old_ids(merged_story.c.into_id == story_id)
    chosen = select(muted_story.c.recipient_id).where(
        or_(muted_story.c.story_id == story_id, muted_story.c.story_id.in_(old))
    )
    return frozenset(connection.scalars(chosen))


def muted_among(connection: Connection, ids: Collection[str]) -> frozenset[str]:
    """Return those of `ids` whose stories some recipient hears no more of."""
    if not ids:
        return frozenset()
    own = select(muted_story.c.story_id).where(muted_story.c.story_id.in_(ids))
    old = _old_ids(merged_story.c.into_id.in_(ids)).where(merged_story.c.id.in_(select(muted_story.c.story_id)))
    through = old.with_only_columns(merged_story.c.into_id)
    return frozenset((*connection.scalars(own), *connection.scalars(through)))


def _old_ids(chosen: ColumnElement[bool]) -> Select[tuple[str]]:
    """Ids under which no story stands any more."""
    return select(merged_story.c.id).where(chosen, merged_story.c.id.not_in(select(story.c.id)))
