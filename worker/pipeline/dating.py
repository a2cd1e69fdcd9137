"""When a story's flow was first told, and by whom."""

from __future__ import annotations

from datetime import datetime

from worker.model import Source, Story, StoryFlow


def first_told(story: Story, held: StoryFlow) -> tuple[datetime, Source | None]:
    """Return when the article that first told a flow was published, and that article; when the flow was first seen, and
    None, if no source says."""
    told = [
        (one.published, one) for one in story.sources if one.seen_at == held.first_seen and one.published is not None
    ]
    return min(told, key=lambda one: (one[0], one[1].source), default=(held.first_seen, None))
