"""Whether a flow and its story meet a rule's condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worker import text
from worker.model import Article, Bound, Condition, Firmness, Flow, Kind, Status, Story

_FIRMNESS = {Status.OPTION: Firmness.OPTION, Status.REPORTED: Firmness.REPORTED, Status.CANCELLED: None}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a condition is held against besides the flow. `rates` are USD per unit of a currency, `countries` ISO 3166
    codes by folded name; `article` is the one that brought the news, where it is at hand."""

    story: Story
    circular: bool
    rates: Mapping[str, float]
    countries: Mapping[str, str]
    article: Article | None = None


def firmness(flow: Flow) -> Firmness | None:
    """Return how much of `flow` is certain; None for a cancelled one."""
    if flow.status is Status.ANNOUNCED:
        return Firmness.UP_TO if flow.bound is Bound.UP_TO else Firmness.FIRM
    return _FIRMNESS[flow.status]


def meets(condition: Condition, flow: Flow, facts: Facts) -> bool:
    """Return whether `flow`, all by itself, and its story meet every part of `condition`."""
    return (
        _flow_meets(condition, flow, facts.rates)
        and _story_meets(condition, facts)
        and (not condition.words or _says(condition.words, flow, facts))
        and (not condition.any_of or any(meets(one, flow, facts) for one in condition.any_of))
        and all(meets(one, flow, facts) for one in condition.all_of)
        and (condition.unless is None or not meets(condition.unless, flow, facts))
    )


def asks_for_loops(condition: Condition) -> bool:
    """Return whether nothing but a story whose money runs in a circle can meet `condition`."""
    return (
        condition.loop is True
        or any(map(asks_for_loops, condition.all_of))
        or (bool(condition.any_of) and all(map(asks_for_loops, condition.any_of)))
        or condition.unless == Condition(loop=False)
    )


def asks_for_tellers(condition: Condition) -> bool:
    """Return whether it matters to `condition` who tells a deal and in what words: it may be met by an article that
    says nothing new."""
    return bool(condition.feeds or condition.houses or condition.words) or any(
        map(asks_for_tellers, (*condition.any_of, *condition.all_of))
    )


def _flow_meets(condition: Condition, flow: Flow, rates: Mapping[str, float]) -> bool:
    return (
        (not condition.payer or _among(condition.payer, _sides(flow, flow.payer)))
        and (not condition.payee or _among(condition.payee, _sides(flow, flow.payee)))
        and (not condition.kinds or flow.kind in condition.kinds)
        and (not condition.statuses or flow.status in condition.statuses)
        and (not condition.firmness or firmness(flow) in condition.firmness)
        and (condition.min_amount is None or _reaches(flow, condition.min_amount, condition.currency, rates))
        and (condition.min_megawatts is None or (flow.megawatts or 0.0) >= condition.min_megawatts)
    )


def _story_meets(condition: Condition, facts: Facts) -> bool:
    story = facts.story
    return (
        (condition.loop is None or condition.loop is facts.circular)
        and (not condition.companies or _among(condition.companies, story.parties))
        and (not condition.country or _is_from(condition.country, facts))
        and (not condition.feeds or any(one.feed in condition.feeds for one in story.sources))
        and (not condition.houses or _among(condition.houses, [one.house for one in story.sources]))
    )


def _sides(flow: Flow, name: str | None) -> tuple[str, ...]:
    # A partnership has no direction: either party stands on either side.
    if flow.kind is Kind.PARTNERSHIP:
        return flow.parties
    return (name,) if name else ()


def _among(wanted: Sequence[str], names: Sequence[str]) -> bool:
    return bool({text.fold(name) for name in wanted} & {text.fold(name) for name in names})


def _is_from(wanted: Sequence[str], facts: Facts) -> bool:
    return any(facts.countries.get(text.fold(name)) in wanted for name in facts.story.parties)


def _reaches(flow: Flow, least: float, currency: str, rates: Mapping[str, float]) -> bool:
    """True where the amount is at least `least`; a currency without a rate cannot be compared and does not match."""
    if flow.amount is None:
        return False
    if flow.currency == currency:
        return flow.amount >= least
    own, wanted = rates.get(flow.currency or ""), rates.get(currency)
    return own is not None and wanted is not None and flow.amount * own >= least * wanted


def _says(wanted: Sequence[str], flow: Flow, facts: Facts) -> bool:
    """True where a title, the summary or a sentence of the flow's evidence holds one of `wanted`, whole words only; a
    star at the end stands for any ending."""
    parts = [facts.story.title, *(one.title for one in facts.story.sources)]
    parts += [one.sentence for one in flow.evidence]
    if facts.article is not None:
        parts += [facts.article.title, facts.article.summary]
    # Between parts a mark that no word holds, so that no expression matches across them.
    told = " | ".join(f" {' '.join(text.words(part))} " for part in parts)
    return any(_expression(one) in told for one in wanted)


def _expression(wanted: str) -> str:
    inner = " ".join(text.words(wanted))
    return f" {inner}" if wanted.rstrip().endswith("*") else f" {inner} "
