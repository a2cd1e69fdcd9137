"""A copy of an article that a story has."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from worker.model import Article, Source, Story
from worker.pipeline.stories.filing import Filing


def file_copy(article: Article, story: Story, *, copy_of: str, now: datetime) -> Filing:
    """Put a copy of the story's article `copy_of` among the story's sources.

    It changes nothing else, and so tells nothing: whatever its verdict holds the story has from the original.
    """
    if any(source.article_id == article.id for source in story.sources):
        return Filing(story, (), joined=True, reasons=("the story has this article already",))
    source = Source(
        article_id=article.id,
        title=article.title,
        url=article.url,
        source=article.source,
        house=article.house,
        published=article.published,
        seen_at=now,
        origin=article.origin,
        limits=article.limits,
        copy_of=copy_of,
    )
    joined = replace(story, sources=(*story.sources, source), updated_at=now)
    return Filing(joined, (), joined=True, reasons=("the text is a copy of one that the story has",))
