"""What an article adds to a story: flows paired, gaps filled, material changes told apart from other wordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from worker.model import Article, Bound, Change, ChangeKind, Flow, Kind, Status, Story, StoryFlow
from worker.pipeline.stories.likeness import FIRM, Figures, apart, compare, figures, same_two

# The firmest last.
FIRMNESS = (Status.CANCELLED, Status.OPTION, Status.REPORTED, Status.ANNOUNCED)


@dataclass(frozen=True, slots=True)
class Telling:
    """One article's account, and whether it was published after each flow's last word."""

    article: Article
    flows: tuple[Flow, ...]
    now: datetime
    corrects: bool = False

    def held(self, flow: Flow) -> StoryFlow:
        return StoryFlow(flow, article_id=self.article.id, source=self.article.source, first_seen=self.now)

    def is_later(self, story: Story, held: StoryFlow) -> bool:
        """True unless this article was published before the one that gave `held` its present terms."""
        said = next((one.published for one in story.sources if one.article_id == held.article_id), None)
        return said is None or self.article.published is None or self.article.published >= said


def merge(story: Story, telling: Telling) -> tuple[tuple[StoryFlow, ...], tuple[Change, ...]]:
    """Return the story's flows with what `telling` adds, and the material changes, of version `story.version + 1`."""
    pairs = pair(telling.flows, [held.flow for held in story.flows])
    flows = list(story.flows)
    changes: list[Change] = []
    for told, place in pairs.items():
        flows[place], found = _update(story, story.flows[place], telling.flows[told], telling)
        changes += found
    for told, flow in enumerate(telling.flows):
        if told in pairs or not _is_news(flow, [held.flow for held in flows]):
            continue
        # A tie-up turns out to be a purchase: what moves takes the place of what did not.
        flows = [held for held in flows if not (held.flow.kind is Kind.PARTNERSHIP and same_two(held.flow, flow))]
        flows.append(telling.held(flow))
        kind = ChangeKind.CANCELLED if flow.status is Status.CANCELLED else ChangeKind.NEW_FLOW
        changes.append(_change(kind, story, flow, after=terms(flow)))
    return tuple(flows), tuple(changes)


def pair(told: Sequence[Flow], held: Sequence[Flow]) -> dict[int, int]:
    """Return which told flow is which held one, one to one, the most alike first."""
    ranked = []
    for i, left in enumerate(told):
        for j, right in enumerate(held):
            like = compare(left, right)
            if like.same:
                ranked.append((*like.rank, left.status is right.status, -i, -j))
    pairs: dict[int, int] = {}
    for *_, i, j in sorted(ranked, reverse=True):
        if -i not in pairs and -j not in pairs.values():
            pairs[-i] = -j
    return dict(sorted(pairs.items()))


def _is_news(flow: Flow, held: Sequence[Flow]) -> bool:
    """False for a flow without a partner that still says nothing new: a tie-up of two parties between whom money moves,
    or a flow with a side unnamed that may be any of those held."""
    if flow.kind is Kind.PARTNERSHIP and any(same_two(flow, other) for other in held):
        return False
    nameless = len(flow.parties) < 2
    return not (nameless and any(flow.kind is other.kind and compare(flow, other).same for other in held))


def terms(flow: Flow) -> dict[str, Any]:
    """Return a flow's terms, JSON-ready, for a change's `before` or `after`."""
    return {
        "amount": flow.amount,
        "currency": flow.currency,
        "megawatts": flow.megawatts,
        "bound": flow.bound.value,
        "status": flow.status.value,
    }


def _size(flow: Flow) -> dict[str, Any]:
    found = terms(flow)
    del found["status"]
    return found


def _change(
    kind: ChangeKind, story: Story, flow: Flow, *, before: dict[str, Any] | None = None, after: dict[str, Any]
) -> Change:
    return Change(kind, story.id, story.version + 1, flow=flow, before=before or {}, after=after)


def _update(story: Story, held: StoryFlow, told: Flow, telling: Telling) -> tuple[StoryFlow, list[Change]]:
    """Return one held flow after another article told it, and the material changes of it."""
    old = held.flow
    later = telling.is_later(story, held)
    status = _status(old, told, later=later)
    sized = _resized(story, old, told, later=later, corrects=telling.corrects)
    new = replace(
        sized or _filled(old, told),
        payer=old.payer or told.payer,
        payee=old.payee or told.payee,
        chips=old.chips if old.chips is not None else told.chips,
        years=old.years if old.years is not None else told.years,
        status=status,
    )
    if sized is None and status is old.status:
        return replace(held, flow=new), []
    # The words that prove a change are those of the article that brought it.
    new = replace(new, evidence=told.evidence or old.evidence)
    changes = []
    if status is not old.status:
        kind = ChangeKind.CANCELLED if status is Status.CANCELLED else ChangeKind.STATUS
        changes.append(_change(kind, story, new, before={"status": old.status.value}, after={"status": status.value}))
    if sized is not None:
        changes.append(_change(ChangeKind.AMOUNT, story, new, before=_size(old), after=_size(new)))
    return replace(held, flow=new, article_id=telling.article.id, source=telling.article.source), changes


def _status(old: Flow, told: Flow, *, later: bool) -> Status:
    """Return a flow's status after another account of it.

    It only ever gets firmer, but for a cancellation. What was called off comes back when a party says so later. An
    account that is older than what is known brings a firmer status, never a cancellation.
    """
    if told.status is old.status:
        return old.status
    if told.status is Status.CANCELLED:
        return Status.CANCELLED if later else old.status
    if old.status is Status.CANCELLED:
        return told.status if later and told.status is Status.ANNOUNCED else old.status
    if old.status is Status.OPTION:
        # A loose account may call a right a duty; only the same figure told as a duty says that it was exercised.
        exercised = later and told.status is Status.ANNOUNCED and figures(old, told) is Figures.AGREE
        return told.status if exercised else old.status
    if told.status is Status.OPTION:
        return old.status
    return max(old.status, told.status, key=FIRMNESS.index)


def _resized(story: Story, old: Flow, told: Flow, *, later: bool, corrects: bool) -> Flow | None:
    """Return the flow with another size, None where the article gives none that is materially another.

    A first figure is always one. A firm amount replaces what is known when it lies more than 5 % off (more than a vague
    one covers) and was told later; the figure of the article that opened the story comes back only where the text says
    that terms were revised, for an outlet that still has the old figure is no news.
    """
    if told.status is Status.CANCELLED:
        return None
    sized = replace(
        old,
        amount=told.amount,
        currency=told.currency,
        bound=told.bound,
        megawatts=old.megawatts if old.megawatts is not None else told.megawatts,
    )
    if old.amount is None and told.amount is not None:
        return sized
    if old.amount is None and old.megawatts is None and told.megawatts is not None:
        return replace(old, megawatts=told.megawatts, bound=told.bound)
    if old.amount is None or told.amount is None or old.currency != told.currency or told.bound is not Bound.EXACT:
        return None
    near = figures(old, told) > Figures.UNKNOWN
    if near or not later or (not corrects and _was_founding(story, told)):
        return None
    return sized


def _was_founding(story: Story, told: Flow) -> bool:
    return any(
        flow.amount is not None
        and told.amount is not None
        and flow.currency == told.currency
        and apart(flow.amount, told.amount) <= FIRM
        and compare(flow, told).same
        for flow in story.founding
    )


def _filled(old: Flow, told: Flow) -> Flow:
    """Return the flow with a vague amount made firm by a near one, and missing megawatts filled in."""
    megawatts = old.megawatts if old.megawatts is not None else told.megawatts
    firmer = (
        old.amount is not None
        and told.amount is not None
        and old.currency == told.currency
        and old.bound is not Bound.EXACT
        and told.bound is Bound.EXACT
        and figures(old, told) > Figures.UNKNOWN
    )
    if firmer:
        return replace(old, amount=told.amount, bound=told.bound, megawatts=megawatts)
    if old.megawatts is None and old.amount is None:
        return old
    return replace(old, megawatts=megawatts)
