"""One account into the story that it tells, or into a story of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from worker import text
from worker.model import Change, ChangeKind, Flow, Status, Story, StoryFlow
from worker.pipeline.stories import merging
from worker.pipeline.stories.accounts import pack
from worker.pipeline.stories.fitting import ENOUGH, Fit, fit
from worker.pipeline.stories.likeness import Figures, Parties, compare, pair
from worker.pipeline.stories.tellings import Order, Telling, founder, order, with_account


@dataclass(frozen=True, slots=True)
class Filing:
    """One article filed. `changes` are the material ones, all of `story.version`; `reasons` are for `--explain`.

    `others` are stories that this filing changed beside `story`, for articles went from one to another; `gone` are
    those that were dissolved, each with the id of the story that took its first article.
    """

    story: Story
    changes: tuple[Change, ...]
    joined: bool
    reasons: tuple[str, ...]
    others: tuple[Filing, ...] = ()
    gone: tuple[tuple[str, str], ...] = ()


def place(told: Telling, candidates: Sequence[Story], *, window_days: float) -> Filing:
    """Put an account into the best fitting of `candidates`, or open a story with it."""
    fits = [(fit(told, story, window_days=window_days), story) for story in candidates]
    chosen = best(fits)
    if chosen is None:
        return _open(told, [story for one, story in fits if one.follows])
    found, story = chosen
    return join(told, story, found, [one for one in candidates if one.id != story.id])


def best(fits: Sequence[tuple[Fit, Story]]) -> tuple[Fit, Story] | None:
    """Return the story that fits best, the first told of those that fit as well; None where none fits."""
    fitting = [one for one in fits if one[0].score >= ENOUGH]
    return min(fitting, key=preference, default=None)


def preference(one: tuple[Fit, Story]) -> tuple[float, Order]:
    """Return what to choose a story by, the best least: nothing in it depends on when articles arrived."""
    return -one[0].rank, order(founder(one[1]))


def join(told: Telling, story: Story, found: Fit, others: Sequence[Story]) -> Filing:
    """Return `story` with an account more."""
    held, changes = merging.merge(story, replace(told, flows=_own_news(told.flows, story, others)))
    now = told.source.seen_at
    joined = replace(
        story,
        version=story.version + 1 if changes else story.version,
        flows=held,
        status=status_of(held),
        sources=(*story.sources, told.source),
        accounts=with_account(story, told),
        updated_at=max(now, story.updated_at),
    )
    return Filing(joined, changes, joined=True, reasons=found.reasons)


def _own_news(flows: Sequence[Flow], story: Story, others: Sequence[Story]) -> tuple[Flow, ...]:
    """Return `flows` without those that another story opened with: an article recalls them, it does not report them."""
    ours = pair(flows, [held.flow for held in story.flows])
    return tuple(flow for place, flow in enumerate(flows) if place in ours or not is_recalled(flow, others))


def is_recalled(flow: Flow, others: Sequence[Story]) -> bool:
    """True for a flow that one of `others` was founded on."""
    likes = (compare(flow, founding) for other in others for founding in other.founding)
    return any(
        like.same and like.kind and like.parties is Parties.SAME and like.figures is not Figures.CLASH for like in likes
    )


def _open(told: Telling, followed: Sequence[Story]) -> Filing:
    """Return a story of its own for an account. `followed` are the stories whose contracts it comes on top of."""
    story_id = text.digest("story", told.source.article_id)
    before = [story for story in followed if order(founder(story)) < told.order]
    earlier = max(before, key=lambda story: order(founder(story)), default=None)
    flows = tuple(told.held(flow) for flow in told.flows)
    story = Story(
        id=story_id,
        title=told.source.title,
        version=1,
        status=status_of(flows),
        flows=flows,
        founding=told.account.flows,
        sources=(told.source,),
        opened_at=told.source.seen_at,
        updated_at=told.source.seen_at,
        words=frozenset(told.account.words),
        accounts=(pack(told.account),),
        earlier=earlier.id if earlier else "",
    )
    change = Change(ChangeKind.NEW_STORY, story_id, 1, after={"status": story.status.value})
    reason = "no known story has these parties and terms"
    return Filing(story, (change,), joined=False, reasons=(reason,))


def status_of(flows: Sequence[StoryFlow]) -> Status:
    """Return the firmest status of the flows; a story without flows is only reported."""
    return max((held.flow.status for held in flows), key=merging.FIRMNESS.index, default=Status.REPORTED)
