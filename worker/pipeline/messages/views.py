"""What the templates are given: words and figures ready to be shown, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worker import text
from worker.model import Alert, AlertType, Cause, Change, ChangeKind, Draft, Flow, Loop, Source, Status
from worker.pipeline.messages import figures, records
from worker.pipeline.messages.phrases import Phrases
from worker.pipeline.messages.quotes import Quote, quotes

_SUBJECT, _TITLE = 180, 200
_FLOWS, _SOURCES, _CHANGES, _LOOPS = 20, 12, 8, 3
DEALS = 40


@dataclass(frozen=True, slots=True)
class Row:
    """One flow of the table. `size` is its leading figure, `terms` the others, `what` kind and leading figure in words."""

    payer: str
    arrow: str
    payee: str
    kind: str
    size: str
    terms: str
    what: str
    status: str
    state: Status


@dataclass(frozen=True, slots=True)
class Step:
    """One edge of a loop's drawing."""

    payer: str
    label: str


@dataclass(frozen=True, slots=True)
class Ring:
    """One loop: its steps in order, and its path on one line."""

    steps: tuple[Step, ...]
    path: str
    back: str


@dataclass(frozen=True, slots=True)
class Reference:
    """One article. `url` is "" where it cannot be linked; `note` says when only the feed's text was read."""

    title: str
    house: str
    time: str
    url: str
    host: str
    note: str


@dataclass(frozen=True, slots=True)
class View:
    """One alert, worded. `lead` is the flow that it is about, `None` for a notice; `headline` its parties, or the path
    of the loop that it tells of."""

    type: AlertType
    badge: str
    subject: str
    headline: str
    lead: Row | None
    what: str
    message: str
    changes: tuple[str, ...]
    flows: tuple[Row, ...]
    more_flows: int
    rings: tuple[Ring, ...]
    quotes: tuple[Quote, ...]
    sources: tuple[Reference, ...]
    more_sources: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deal:
    """One story of a digest."""

    row: Row
    parties: str
    what: str
    badges: tuple[str, ...]
    looped: bool
    more_flows: int
    sources: tuple[Reference, ...]


def row(flow: Flow, phrase: Phrases) -> Row:
    """Return a flow as a row of the table."""
    sizes = figures.sizes(flow, phrase)
    return Row(
        payer=figures.name_of(flow.payer, phrase),
        arrow=figures.arrow_of(flow),
        payee=figures.name_of(flow.payee, phrase),
        kind=phrase(f"kind.{flow.kind.value}"),
        size=sizes[0] if sizes else "",
        terms=" · ".join(sizes[1:]),
        what=figures.kind_and_size(flow, phrase),
        status=phrase(f"status.{flow.status.value}"),
        state=flow.status,
    )


def ring(loop: Loop, phrase: Phrases) -> Ring:
    """Return a loop as it is drawn."""
    names = [figures.name_of(edge.payer, phrase) for edge in loop.edges]
    steps = []
    for name, edge in zip(names, loop.edges, strict=True):
        flow = Flow(edge.payer, edge.payee, edge.kind, edge.amount, edge.currency, bound=edge.bound)
        label = figures.kind_and_size(flow, phrase)
        if edge.status is not Status.ANNOUNCED:
            label += f" ({phrase(f'status.{edge.status.value}')})"
        steps.append(Step(name, label))
    back = names[0] if names else ""
    return Ring(tuple(steps), " → ".join([*names, back]), phrase("loop.back", name=back))


def reference(source: Source, phrase: Phrases) -> Reference:
    """Return an article as it is cited."""
    note = ""
    if source.origin == "feed" and source.limits is not Cause.OK:
        note = f"{phrase('feed_only')} ({phrase.first(f'limits.{source.limits.value}', 'limits.other')})"
    house = text.one_line(source.house or source.source, _TITLE)
    return _cited(source.title, house, figures.when(source.published or source.seen_at, phrase), source.url, note)


def _cited(title: str, house: str, time: str, url: str, note: str = "") -> Reference:
    url = records.address(url)
    host = text.host_of(url).removeprefix("www.")
    return Reference(text.one_line(title, _TITLE) or host, house or host, time, url, text.one_line(host, 80), note)


def _lead(draft: Draft, flows: Sequence[Flow]) -> Flow | None:
    """The biggest of the flows that changed, else of all."""
    keys = {change.flow.key for change in draft.changes if change.flow is not None}
    changed = [flow for flow in flows if flow.key in keys] or [one.flow for one in draft.changes if one.flow]
    return max(changed or flows, key=figures.weight, default=None)


def changed(change: Change, phrase: Phrases) -> str:
    """Return one change as a line: what, which flow, before and after."""
    word = phrase(f"change.{change.kind.value}")
    if change.loop is not None:
        return f"{word}{phrase('colon')}{ring(change.loop, phrase).path}"
    if change.flow is None:
        return word
    flow = figures.line(change.flow, phrase, status=False)
    if change.kind in (ChangeKind.NEW_STORY, ChangeKind.NEW_FLOW, ChangeKind.CANCELLED):
        return f"{word}{phrase('colon')}{flow}"
    before, after = (_state(side, change.flow, phrase) for side in (change.before, change.after))
    flow = f"{figures.parties(change.flow, phrase)}, {phrase(f'kind.{change.flow.kind.value}')}"
    step = f"{before} → {after}" if before and after else after or before
    return f"{word}{phrase('colon')}{step} ({flow})" if step else f"{word}{phrase('colon')}{flow}"


def _state(values: Mapping[str, Any], flow: Flow, phrase: Phrases) -> str:
    """Return one side of a change in words; "" where it holds nothing that can be shown."""

    def number(name: str) -> float | None:
        value = values.get(name)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    currency = values.get("currency")
    shown = Flow(
        flow.payer, flow.payee, flow.kind, number("amount"), currency if isinstance(currency, str) else flow.currency,
        number("megawatts"), number("chips"), number("years"),
    )  # fmt: skip
    found = list(figures.sizes(shown, phrase))
    status = values.get("status")
    if status in list(Status):
        found.append(phrase(f"status.{status}"))
    return " · ".join(found)


def subject(draft: Draft, phrase: Phrases) -> str:
    """Return the subject: parties, amount and kind first, one line whatever the article says."""
    flows = [held.flow for held in draft.story.flows] if draft.story else []
    loops = [change.loop for change in draft.changes if change.loop is not None] or list(records.loops_of(draft))
    lead = _lead(draft, flows)
    if draft.type is AlertType.LOOP and loops:
        whole = phrase("subject.loop", rest=ring(loops[0], phrase).path)
    elif lead is None:
        known = text.one_line(draft.story.title if draft.story else draft.message, 120)
        notice = draft.type in (AlertType.TEST, AlertType.SYSTEM)
        word = phrase(f"subject.{draft.type.value}") if notice else ""
        whole = word if draft.type is AlertType.TEST else phrase("colon").join(filter(None, (word, known)))
    else:
        whole = figures.line(lead, phrase, status=draft.type is not AlertType.CANCELLED)
        if len(flows) > 1:
            whole += " " + phrase("and_more_flows", count=len(flows) - 1)
        if draft.type in (AlertType.UPDATED, AlertType.CANCELLED):
            whole = phrase(f"subject.{draft.type.name.lower()}", rest=whole)
    return text.one_line(whole, _SUBJECT) or "gigawatch"


def view(draft: Draft, phrase: Phrases) -> View:
    """Return everything that the templates of one alert show."""
    story = draft.story
    flows = [held.flow for held in story.flows] if story else []
    lead = _lead(draft, flows)
    biggest = sorted(flows, key=figures.weight, reverse=True)
    sources = sorted(story.sources, key=lambda one: one.published or one.seen_at, reverse=True) if story else []
    rings = tuple(ring(loop, phrase) for loop in records.loops_of(draft)[:_LOOPS])
    told = draft.type is AlertType.LOOP and bool(rings)
    return View(
        type=draft.type,
        badge=phrase(f"badge.{draft.type.value}"),
        subject=subject(draft, phrase),
        headline=rings[0].path if told else figures.parties(lead, phrase) if lead else "",
        lead=row(lead, phrase) if lead else None,
        what=figures.kind_and_size(lead, phrase) if lead else "",
        message=text.clean(draft.message)[:4_000],
        changes=tuple(changed(one, phrase) for one in draft.changes[:_CHANGES] if one.kind is not ChangeKind.NEW_STORY),
        flows=tuple(row(flow, phrase) for flow in biggest[:_FLOWS]),
        more_flows=max(0, len(biggest) - _FLOWS),
        rings=rings,
        quotes=quotes(biggest, story),
        sources=tuple(reference(one, phrase) for one in sources[:_SOURCES]),
        more_sources=max(0, len(sources) - _SOURCES),
        why=tuple(text.one_line(why, _TITLE) for why in draft.why if why.strip())
        or (phrase("rule", name=text.one_line(draft.rule.id, 80)),),
    )


def ordered(alerts: Sequence[Alert]) -> list[Alert]:
    """Return `alerts`, those of the biggest stories first, a story's own in order of time."""

    def rank(alert: Alert) -> tuple[bool, bool, float, float, float]:
        flows = [records.flow_of(flow) for flow in alert.data.get("flows", [])]
        return max(map(figures.weight, flows), default=(False, False, 0.0, 0.0, 0.0))

    best: dict[str, tuple[bool, bool, float, float, float]] = {}
    for alert in alerts:
        story = alert.story_id or alert.id
        best[story] = max(best.get(story, rank(alert)), rank(alert))
    by_time = sorted(alerts, key=lambda one: (one.created_at, one.id))
    by_story = sorted(by_time, key=lambda one: one.story_id or one.id)
    return sorted(by_story, key=lambda one: best[one.story_id or one.id], reverse=True)


def deals(alerts: Sequence[Alert], phrase: Phrases) -> tuple[Deal, ...]:
    """Return the stories of a digest, each once and as its last alert has it, the biggest first."""
    by_story: dict[str, list[Alert]] = {}
    for alert in sorted(alerts, key=lambda one: one.created_at):
        by_story.setdefault(alert.story_id or alert.id, []).append(alert)
    ranked = []
    for group in by_story.values():
        flows = [records.flow_of(flow) for flow in group[-1].data.get("flows", [])]
        if flows:
            lead = max(flows, key=figures.weight)
            ranked.append((figures.weight(lead), _deal(lead, len(flows) - 1, group, phrase)))
    ranked.sort(key=lambda pair: pair[0], reverse=True)
    return tuple(deal for _, deal in ranked)


def _deal(lead: Flow, more: int, group: Sequence[Alert], phrase: Phrases) -> Deal:
    data = group[-1].data
    types = dict.fromkeys(alert.type for alert in group if alert.type is not AlertType.DETECTED)
    return Deal(
        row=row(lead, phrase),
        parties=figures.parties(lead, phrase),
        what=figures.kind_and_size(lead, phrase),
        badges=tuple(phrase(f"badge.{kind.value}") for kind in types),
        looped=bool(data.get("loops")) or AlertType.LOOP in types,
        more_flows=more,
        sources=tuple(
            _cited(str(one.get("title", "")), str(one.get("house") or one.get("source") or ""), "", one.get("url", ""))
            for one in data.get("sources", [])[:_SOURCES]
        ),
    )
