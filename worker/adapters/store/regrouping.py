"""Articles that go from one story to another when a late one arrives."""

from __future__ import annotations

from sqlalchemy import Connection, delete, update

from worker.adapters.store.schema import alert, article, change, edge, loop, story, story_pair, story_party
from worker.model import Story


def settle(connection: Connection, value: Story) -> None:
    """Note for each article of a story that it is in this one."""
    ids = [source.article_id for source in value.sources]
    connection.execute(update(article).where(article.c.id.in_(ids)).values(story_id=value.id))


def dissolve(connection: Connection, story_id: str, *, into: str) -> None:
    """Delete a story that has no articles left; what was told of it is told of `into`, which is stored, from now on."""
    for table in (change, loop, alert):
        connection.execute(update(table).where(table.c.story_id == story_id).values(story_id=into))
    for table in (edge, story_pair, story_party):
        connection.execute(delete(table).where(table.c.story_id == story_id))
    connection.execute(delete(story).where(story.c.id == story_id))
