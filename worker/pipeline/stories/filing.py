"""Articles into stories: join the story that an article tells, or open one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from worker import text
from worker.model import Article, Change, ChangeKind, Flow, Loop, Source, Status, Story, StoryFlow, Verdict
from worker.pipeline.stories import merging
from worker.pipeline.stories.fitting import ENOUGH, Fit, fit, is_revision
from worker.pipeline.stories.likeness import Figures, Parties, compare, content_words


@dataclass(frozen=True, slots=True)
class Filing:
    """One article filed. `changes` are the material ones, all of `story.version`; `reasons` are for `--explain`."""

    story: Story
    changes: tuple[Change, ...]
    joined: bool
    reasons: tuple[str, ...]


def file(article: Article, verdict: Verdict, candidates: Sequence[Story], *, now: datetime) -> Filing:
    """Put an article that reports a deal into the best fitting of `candidates`, or open a story with it.

    `candidates` are the stories young enough to be told still. A story's version grows if and only if `changes` is
    not empty. An article that the story has already changes nothing.
    """
    words = content_words(article, [name for flow in verdict.flows for name in flow.parties])
    for story in candidates:
        if any(source.article_id == article.id for source in story.sources):
            return Filing(story, (), joined=True, reasons=("the story has this article already",))
    fits = [(fit(article, verdict.flows, words, story), story) for story in candidates]
    fitting = [one for one in fits if one[0].score >= ENOUGH]
    if not fitting:
        return _open(article, verdict, words, now)
    best, story = max(fitting, key=lambda one: (one[0].rank, -one[1].opened_at.timestamp(), one[1].id))
    others = [one for one in candidates if one.id != story.id]
    return _join(article, _own_news(verdict.flows, story, others), story, best, now)


def apply_loops(filing: Filing, loops: Sequence[Loop]) -> Filing:
    """Return `filing` with a LOOP_CLOSED change for each of `loops` that the story has not told with the same terms.

    A change's version is the one that the filing brought, or the next where it brought none.
    """
    story = filing.story
    held = {loop.id: loop for loop in story.loops}
    fresh = [loop for loop in loops if loop.id not in held or _said(held[loop.id]) != _said(loop)]
    if not fresh:
        return filing
    version = story.version if filing.changes else story.version + 1
    held.update((loop.id, loop) for loop in fresh)
    changes = tuple(Change(ChangeKind.LOOP_CLOSED, story.id, version, loop=loop) for loop in fresh)
    return replace(
        filing,
        story=replace(story, loops=tuple(held.values()), version=version),
        changes=filing.changes + changes,
        reasons=(*filing.reasons, f"closes {len(fresh)} loop(s)"),
    )


def _said(loop: Loop) -> list[tuple[object, ...]]:
    # When and where an edge was read again is no news of a loop; who pays whom how much for what is.
    return [(edge.payer, edge.payee, edge.kind, edge.amount, edge.currency, edge.status) for edge in loop.edges]


def _own_news(flows: Sequence[Flow], story: Story, others: Sequence[Story]) -> tuple[Flow, ...]:
    """Return `flows` without those that another story opened with: an article recalls them, it does not report them."""
    ours = merging.pair(flows, [held.flow for held in story.flows])

    def is_recalled(flow: Flow) -> bool:
        likes = (compare(flow, founding) for other in others for founding in other.founding)
        return any(
            like.same and like.kind and like.parties is Parties.SAME and like.figures is not Figures.CLASH
            for like in likes
        )

    return tuple(flow for place, flow in enumerate(flows) if place in ours or not is_recalled(flow))


def _join(article: Article, flows: tuple[Flow, ...], story: Story, fit: Fit, now: datetime) -> Filing:
    telling = merging.Telling(article, flows, now, corrects=is_revision(article))
    held, changes = merging.merge(story, telling)
    joined = replace(
        story,
        version=story.version + 1 if changes else story.version,
        flows=held,
        status=_status(held),
        sources=(*story.sources, _source(article, now)),
        updated_at=now,
    )
    return Filing(joined, changes, joined=True, reasons=fit.reasons)


def _open(article: Article, verdict: Verdict, words: frozenset[str], now: datetime) -> Filing:
    story_id = text.digest("story", article.id)
    flows = tuple(StoryFlow(flow, article.id, article.source, first_seen=now) for flow in verdict.flows)
    story = Story(
        id=story_id,
        title=article.title,
        version=1,
        status=_status(flows),
        flows=flows,
        founding=tuple(replace(flow, evidence=()) for flow in verdict.flows),
        sources=(_source(article, now),),
        opened_at=now,
        updated_at=now,
        words=words,
    )
    change = Change(ChangeKind.NEW_STORY, story_id, 1, after={"status": story.status.value})
    return Filing(story, (change,), joined=False, reasons=("no known story has these parties and terms",))


def _status(flows: Sequence[StoryFlow]) -> Status:
    """Return the firmest status of the flows; a story without flows is only reported."""
    return max((held.flow.status for held in flows), key=merging.FIRMNESS.index, default=Status.REPORTED)


def _source(article: Article, now: datetime) -> Source:
    return Source(
        article_id=article.id,
        title=article.title,
        url=article.url,
        source=article.source,
        house=article.house,
        published=article.published,
        seen_at=now,
        origin=article.origin,
        limits=article.limits,
    )
