"""What an article adds to a story: flows paired, gaps filled, material changes told apart from other wordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from worker import text
from worker.model import Bound, Change, ChangeKind, Flow, Kind, Status, Story, StoryFlow
from worker.pipeline.stories.accounts import unpack
from worker.pipeline.stories.likeness import (
    ANEW_DAYS,
    FIRM,
    Figures,
    apart,
    compare,
    compare_sizes,
    figures,
    pair,
    same_two,
)
from worker.pipeline.stories.tellings import Telling

# The firmest last.
FIRMNESS = (Status.CANCELLED, Status.OPTION, Status.REPORTED, Status.ANNOUNCED)
_DAY_S = 86400.0


def merge(story: Story, telling: Telling) -> tuple[tuple[StoryFlow, ...], tuple[Change, ...]]:
    """Return the story's flows with what `telling` adds, and the material changes, of version `story.version + 1`."""
    pairs = pair(telling.flows, [held.flow for held in story.flows])
    flows = list(story.flows)
    changes: list[Change] = []
    for told, place in pairs.items():
        flows[place], found = _update(story, story.flows[place], telling.flows[told], telling)
        changes += found
    for told, flow in enumerate(telling.flows):
        if told in pairs or not is_news(flow, [held.flow for held in flows]):
            continue
        # A tie-up turns out to be a purchase: what moves takes the place of what did not.
        flows = [held for held in flows if not (held.flow.kind is Kind.PARTNERSHIP and same_two(held.flow, flow))]
        flows.append(telling.held(flow))
        changes.append(new_flow(story, flow))
    return tuple(flows), tuple(changes)


def new_flow(story: Story, flow: Flow) -> Change:
    """Return the change that a flow brings which the story did not have."""
    kind = ChangeKind.CANCELLED if flow.status is Status.CANCELLED else ChangeKind.NEW_FLOW
    return _change(kind, story, flow, after=terms(flow))


def is_news(flow: Flow, held: Sequence[Flow]) -> bool:
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
    sized = _resized(story, old, told, telling, later=later)
    new = replace(
        sized or _filled(old, told),
        payer=old.payer or told.payer,
        payee=old.payee or told.payee,
        chips=old.chips if old.chips is not None else told.chips,
        years=old.years if old.years is not None else told.years,
        status=status,
    )
    changes = differences(story, old, new, extends=_is_anew(story, held, told, telling))
    if not changes:
        return replace(held, flow=new), []
    # The words that prove a change are those of the article that brought it.
    new = replace(new, evidence=told.evidence or old.evidence)
    changes = [replace(change, flow=new) for change in changes]
    return replace(held, flow=new, article_id=telling.source.article_id, source=telling.source.source), changes


def differences(story: Story, old: Flow, new: Flow, *, extends: bool) -> list[Change]:
    """Return what is materially new in `new`, which was `old` in `story`: a party that the story did not know, another
    status, another size. `extends` says that a higher figure is a later commitment, not another reading of one."""
    changes = []
    known = {text.fold(name) for name in story.parties}
    named = {side: getattr(new, side) for side in ("payer", "payee") if getattr(old, side) is None}
    named = {side: name for side, name in named.items() if name and text.fold(name) not in known}
    if named:
        changes.append(_change(ChangeKind.NEW_PARTY, story, new, before=dict.fromkeys(named), after=named))
    if new.status is not old.status:
        exercised = old.status is Status.OPTION and new.status is Status.ANNOUNCED
        kind = ChangeKind.CANCELLED if new.status is Status.CANCELLED else ChangeKind.STATUS
        kind = ChangeKind.EXTENDED if exercised else kind
        before, after = {"status": old.status.value}, {"status": new.status.value}
        changes.append(_change(kind, story, new, before=before, after=after))
    if _is_resized(old, new):
        kind = ChangeKind.EXTENDED if extends and _has_grown(old, new) else ChangeKind.AMOUNT
        changes.append(_change(kind, story, new, before=_size(old), after=_size(new)))
    return changes


def _is_resized(old: Flow, new: Flow) -> bool:
    """True where the size of a flow is another one for a reader: a first figure, or one that no rounding explains."""
    if new.amount is not None and (old.amount is None or old.currency != new.currency):
        return True
    if new.amount is not None and figures(old, new) <= Figures.UNKNOWN:
        return True
    if old.megawatts is None:
        return old.amount is None and new.megawatts is not None
    return new.megawatts is not None and apart(old.megawatts, new.megawatts) > FIRM


def _has_grown(old: Flow, new: Flow) -> bool:
    if old.amount is not None and new.amount is not None and figures(old, new) <= Figures.UNKNOWN:
        return old.bound is Bound.EXACT and old.currency == new.currency and new.amount > old.amount
    return old.megawatts is not None and new.megawatts is not None and new.megawatts > old.megawatts


def _is_anew(story: Story, held: StoryFlow, told: Flow, telling: Telling) -> bool:
    """True where a party commits itself to more than it did: an announcement after an announcement, a week later or
    in words of revision."""
    if held.flow.status is not Status.ANNOUNCED or told.status is not Status.ANNOUNCED:
        return False
    if telling.account.revised:
        return True
    said = next((one.published for one in story.sources if one.article_id == held.article_id), None)
    published = telling.source.published
    if published is None or said is None:
        return False
    return (published - said).total_seconds() >= ANEW_DAYS * _DAY_S


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


def _resized(story: Story, old: Flow, told: Flow, telling: Telling, *, later: bool) -> Flow | None:
    """Return the flow with another size, None where the article gives none that is materially another.

    A first figure is always one. A firm amount replaces what is known when it lies more than 5 % off (more than a vague
    one covers) and was told later; a figure that an article gave before comes back only where the text says that terms
    were revised, for an outlet that still has the old figure is no news. A capacity is replaced by a later announcement
    alone: the press gives the phases of a site for the whole.
    """
    if told.status is Status.CANCELLED:
        return None
    if old.amount is None and told.amount is not None:
        megawatts = old.megawatts if old.megawatts is not None else told.megawatts
        return replace(old, amount=told.amount, currency=told.currency, bound=told.bound, megawatts=megawatts)
    if old.amount is None and old.megawatts is None and told.megawatts is not None:
        return replace(old, megawatts=told.megawatts, bound=told.bound)
    if not later or (not telling.account.revised and _was_told(story, told)):
        return None
    both = old.amount is not None and told.amount is not None
    if both and old.currency == told.currency and told.bound is Bound.EXACT and figures(old, told) <= Figures.UNKNOWN:
        megawatts = told.megawatts if told.megawatts is not None else old.megawatts
        return replace(old, amount=told.amount, bound=told.bound, megawatts=megawatts)
    held = next((one for one in story.flows if one.flow is old), None)
    if held is not None and _is_regauged(old, told) and _is_anew(story, held, told, telling):
        return replace(old, megawatts=told.megawatts, bound=told.bound if old.amount is None else old.bound)
    return None


def _is_regauged(old: Flow, told: Flow) -> bool:
    """True where a firm capacity is another one. With an amount, the bound is not the capacity's: then it is vague."""
    if old.megawatts is None or told.megawatts is None:
        return False
    bounds = [flow.bound if flow.amount is None else Bound.ABOUT for flow in (old, told)]
    clash = compare_sizes(old.megawatts, told.megawatts, bounds[0], bounds[1]) is Figures.CLASH
    return clash and (told.amount is not None or told.bound is Bound.EXACT)


def _was_told(story: Story, told: Flow) -> bool:
    """True where an article of the story gave this size before."""
    known = [*story.founding, *(flow for account in map(unpack, story.accounts) for flow in account.flows)]
    return any(_is_as_large(flow, told) and compare(flow, told).same for flow in known)


def _is_as_large(left: Flow, right: Flow) -> bool:
    if left.amount is not None and right.amount is not None:
        return left.currency == right.currency and apart(left.amount, right.amount) <= FIRM
    if left.megawatts is not None and right.megawatts is not None:
        return apart(left.megawatts, right.megawatts) <= FIRM
    return False


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
