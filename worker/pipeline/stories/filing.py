"""Articles into stories: join the story that an article tells, or open one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from worker.model import Article, Change, ChangeKind, Loop, Story, Verdict
from worker.pipeline.stories import placing, regrouping, tellings
from worker.pipeline.stories.placing import Filing

_DAY_S = 86400.0


def file(
    article: Article,
    verdict: Verdict,
    candidates: Sequence[Story],
    *,
    now: datetime,
    window: timedelta | None = None,
    fixed: Collection[str] = (),
) -> Filing:
    """Put an article that reports a deal into the best fitting of `candidates`, or open a story with it.

    `candidates` are the stories young enough to be told still; none takes an article that lies more than `window` from
    all of its own. A story's version grows if and only if `changes` is not empty. An article that a story has already
    changes nothing.

    Stories come out as if all articles had arrived in the order of their publication: where this one was published
    before others of `candidates`, those are filed again behind it, and `others` and `gone` say what became of other
    stories. Those whose ids are in `fixed` take articles, but keep the ones that they have.
    """
    for story in candidates:
        if any(source.article_id == article.id for source in story.sources):
            return Filing(story, (), joined=True, reasons=("the story has this article already",))
    new = tellings.telling(article, verdict.flows, now)
    days = window.total_seconds() / _DAY_S if window is not None else float("inf")
    late = regrouping.late(new, candidates, fixed)
    if late:
        return regrouping.regroup(new, candidates, late, window_days=days)
    return placing.place(new, candidates, window_days=days)


def apply_loops(
    filing: Filing, loops: Sequence[Loop], revised: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] | None = None
) -> Filing:
    """Return `filing` with a LOOP_CLOSED change for each of `loops`, those that are news.

    `revised` holds, by id, what was told of a loop before and what holds now. A change's version is the one that the
    filing brought, or the next where it brought none.
    """
    if not loops:
        return filing
    story = filing.story
    version = story.version if filing.changes else story.version + 1
    held = {loop.id: loop for loop in (*story.loops, *loops)}
    sides = revised or {}
    changes = tuple(
        Change(ChangeKind.LOOP_CLOSED, story.id, version, None, *sides.get(loop.id, ({}, {})), loop=loop)
        for loop in loops
    )
    return replace(
        filing,
        story=replace(story, loops=tuple(held.values()), version=version),
        changes=filing.changes + changes,
        reasons=(*filing.reasons, f"closes {len(loops)} loop(s)"),
    )
