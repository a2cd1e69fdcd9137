"""Articles that go from one story to another when a late one arrives."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, String, cast, delete, insert, select, update

from worker.adapters.store.records import from_record, to_record
from worker.adapters.store.rulings import stories_by_id
from worker.adapters.store.schema import (
    alert,
    article,
    change,
    decision,
    edge,
    loop,
    merged_story,
    story,
    story_pair,
    story_party,
)
from worker.model import Change, Decision, DecisionKind, Loop, Story


def settle(connection: Connection, value: Story) -> None:
    """Note for each article of a story that it is in this one."""
    ids = [source.article_id for source in value.sources]
    connection.execute(update(article).where(article.c.id.in_(ids)).values(story_id=value.id))


def dissolve(connection: Connection, story_id: str, *, into: str, at: datetime) -> None:
    """Delete a story that has no articles left; what was told of it is told of `into`, which is stored, from now on.

    Its id was perhaps told of, and muted: it leads to `into` as that of a merged story does.
    """
    _lead_on(connection, story_id, into, at)
    _rename_edges(connection, story_id, into)
    for table in (loop, alert):
        connection.execute(update(table).where(table.c.story_id == story_id).values(story_id=into))
    for row in connection.execute(select(change.c.id, change.c.record).where(change.c.story_id == story_id)).all():
        moved = to_record(replace(from_record(Change, row.record), story_id=into))
        connection.execute(update(change).where(change.c.id == row.id).values(story_id=into, record=moved))
    for table in (edge, story_pair, story_party):
        connection.execute(delete(table).where(table.c.story_id == story_id))
    connection.execute(delete(story).where(story.c.id == story_id))


def _lead_on(connection: Connection, story_id: str, into: str, at: datetime) -> None:
    value = Decision(DecisionKind.REGROUP, into, (story_id,))
    row = insert(decision).values(kind=value.kind.value, record=to_record(value), note="", at=at)
    number = connection.execute(row.returning(decision.c.id)).scalar_one()
    connection.execute(update(merged_story).where(merged_story.c.into_id == story_id).values(into_id=into))
    record = connection.execute(select(story.c.record).where(story.c.id == story_id)).scalar_one()
    values = {"decision_id": number, "id": story_id, "into_id": into, "record": record}
    connection.execute(insert(merged_story).values(**values))


def _rename_edges(connection: Connection, story_id: str, into: str) -> None:
    """Let the loops that run through a story run through `into`, wherever they are kept."""
    through = cast(loop.c.record, String).contains(story_id, autoescape=True)
    rows = connection.execute(select(loop.c.id, loop.c.story_id, loop.c.record).where(through)).all()
    for row in rows:
        mended = from_record(Loop, row.record).renamed({story_id: into})
        connection.execute(update(loop).where(loop.c.id == row.id).values(record=to_record(mended)))
    for held in stories_by_id(connection, {row.story_id for row in rows}):
        # Its version stays: nothing of the story itself changed.
        record = to_record(replace(held, loops=tuple(one.renamed({story_id: into}) for one in held.loops)))
        connection.execute(update(story).where(story.c.id == held.id).values(record=record))
