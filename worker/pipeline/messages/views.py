"""What the templates are given: words and figures ready to be shown, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worker import text
from worker.model import AlertType, Bound, Change, ChangeKind, Draft, Flow, Status
from worker.pipeline.messages import figures, records
from worker.pipeline.messages.phrases import Phrases
from worker.pipeline.messages.quotes import Quote, quotes
from worker.pipeline.messages.rows import Reference, Ring, Row, reference, ring, row

_SUBJECT, _TITLE = 180, 200
_FLOWS, _SOURCES, _CHANGES, _LOOPS = 20, 12, 8, 3


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
    before, after = (_state(side, change.flow, phrase) for side in _differing(change))
    flow = f"{figures.parties(change.flow, phrase)}, {phrase(f'kind.{change.flow.kind.value}')}"
    step = f"{before} → {after}" if before and after else after or before
    return f"{word}{phrase('colon')}{step} ({flow})" if step else f"{word}{phrase('colon')}{flow}"


def _said(change: Change, lead: Flow | None, told: bool) -> bool:
    """Whether the head of the message says already what `change` says."""
    if change.kind is ChangeKind.CANCELLED:
        return change.flow is not None and lead is not None and change.flow.key == lead.key
    return change.kind is ChangeKind.NEW_STORY or (told and change.kind is ChangeKind.LOOP_CLOSED)


def _differing(change: Change) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return `before` and `after` without a size that is the same on both sides, where another is not."""
    sizes = (("amount", "currency", "bound"), ("megawatts",), ("chips",), ("years",))
    both = change.before, change.after
    same = [names for names in sizes if all(both[0].get(name) == both[1].get(name) for name in names)]
    if len(same) == len(sizes):
        return both
    dropped = {name for names in same for name in names}
    before, after = ({name: value for name, value in side.items() if name not in dropped} for side in both)
    return before, after


def _state(values: Mapping[str, Any], flow: Flow, phrase: Phrases) -> str:
    """Return one side of a change in words; "" where it holds nothing that can be shown."""

    def number(name: str) -> float | None:
        value = values.get(name)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    currency = values.get("currency")
    shown = Flow(
        flow.payer, flow.payee, flow.kind, number("amount"), currency if isinstance(currency, str) else flow.currency,
        number("megawatts"), number("chips"), number("years"), _bound(values.get("bound")),
    )  # fmt: skip
    found = list(figures.sizes(shown, phrase))
    status = values.get("status")
    if status in list(Status):
        found.append(phrase(f"status.{status}"))
    return " · ".join(found)


def _bound(value: Any) -> Bound:
    return Bound(value) if value in list(Bound) else Bound.EXACT


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
        if loops and any(change.kind is ChangeKind.LOOP_CLOSED for change in draft.changes):
            whole += f", {phrase('subject.and_loop')}"
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
        changes=tuple(changed(one, phrase) for one in draft.changes[:_CHANGES] if not _said(one, lead, told)),
        flows=tuple(row(flow, phrase) for flow in biggest[:_FLOWS]),
        more_flows=max(0, len(biggest) - _FLOWS),
        rings=rings,
        quotes=quotes(biggest, story),
        sources=tuple(reference(one, phrase) for one in sources[:_SOURCES]),
        more_sources=max(0, len(sources) - _SOURCES),
        why=tuple(text.one_line(why, _TITLE) for why in draft.why if why.strip())
        or (phrase("rule", name=text.one_line(draft.rule.id, 80)),),
    )
