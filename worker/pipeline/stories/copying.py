"""A copy of an article that a story has."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from worker.model import Article, Story, Verdict
from worker.pipeline.stories import tellings
from worker.pipeline.stories.placing import Filing


def file_copy(article: Article, verdict: Verdict, story: Story, *, copy_of: str, now: datetime) -> Filing:
    """Put a copy of the story's article `copy_of`, with the verdict taken over from it, among the story's accounts.

    It changes nothing else, and so tells nothing: whatever its verdict holds the story has from the original.
    """
    if any(source.article_id == article.id for source in story.sources):
        return Filing(story, (), joined=True, reasons=("the story has this article already",))
    told = tellings.telling(article, verdict.flows, now)
    told = replace(told, source=replace(told.source, copy_of=copy_of))
    accounts = tellings.with_account(story, told)
    joined = replace(story, sources=(*story.sources, told.source), accounts=accounts, updated_at=now)
    return Filing(joined, (), joined=True, reasons=("the text is a copy of one that the story has",))
