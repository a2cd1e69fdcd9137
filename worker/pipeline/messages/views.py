"""What the templates are given: words and figures ready to be shown, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker import text
from worker.model import AlertType, ChangeKind, Draft, Flow
from worker.pipeline.messages import changes, circles, figures, vouching
from worker.pipeline.messages.changes import Line
from worker.pipeline.messages.phrases import Phrases
from worker.pipeline.messages.quotes import Quote, quotes
from worker.pipeline.messages.rows import Reference, Ring, Row, reference, ring, row

_SUBJECT, _TITLE = 180, 200
_FLOWS, _DRAWN, _SOURCES, _LOOPS = 20, 6, 12, 3
_MARKS = {ChangeKind.NEW_FLOW: "mark.new"} | dict.fromkeys(
    (ChangeKind.NEW_PARTY, ChangeKind.AMOUNT, ChangeKind.EXTENDED, ChangeKind.STATUS), "mark.changed"
)


@dataclass(frozen=True, slots=True)
class View:
    """One alert, worded. `lead` is the flow that it is about, `None` for a notice; `headline` its parties, or the path
    of the loop that it tells of. Of the `flows` the first are `drawn` and the others `listed`, but those that a
    drawing of a loop shows already."""

    type: AlertType
    badge: str
    subject: str
    headline: str
    lead: Row | None
    what: str
    message: str
    changes: tuple[Line, ...]
    flows: tuple[Row, ...]
    drawn: tuple[Row, ...]
    listed: tuple[Row, ...]
    more_flows: int
    rings: tuple[Ring, ...]
    quotes: tuple[Quote, ...]
    sources: tuple[Reference, ...]
    more_sources: int
    why: tuple[str, ...]
    disputes: tuple[str, ...] = ()


def _lead(draft: Draft, flows: Sequence[Flow]) -> Flow | None:
    """The biggest of the flows that changed, else of all."""
    keys = {change.flow.key for change in draft.changes if change.flow is not None}
    changed = [flow for flow in flows if flow.key in keys] or [one.flow for one in draft.changes if one.flow]
    return max(changed or flows, key=figures.weight, default=None)


def subject(draft: Draft, phrase: Phrases) -> str:
    """Return the subject: parties, amount and kind first, one line whatever the article says."""
    flows = [held.flow for held in draft.story.flows] if draft.story else []
    loops = circles.loops_of(draft)
    lead = _lead(draft, flows)
    if draft.type is AlertType.TEST and lead is not None:
        whole = phrase("colon").join((phrase("subject.test"), figures.line(lead, phrase)))
    elif draft.type is AlertType.LOOP and loops:
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
            whole += f", {phrase('subject.and_loop' if circles.is_closed_anew(draft) else 'subject.in_loop')}"
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
    fresh = {change.flow.key for change in draft.changes if change.flow is not None}
    marks = {
        one.flow.key: phrase(_MARKS[one.kind]) for one in reversed(draft.changes) if one.flow and one.kind in _MARKS
    }
    loops = circles.loops_of(draft)
    rings = tuple(ring(loop, phrase) for loop in loops[:_LOOPS])
    told = draft.type is AlertType.LOOP and bool(rings)
    rows = [
        row(flow, phrase, mark=marks.get(flow.key, ""), looped=circles.holds(loops, flow)) for flow in biggest[:_FLOWS]
    ]
    open_rows = [one for one in rows if not (told and one.looped)]
    return View(
        type=draft.type,
        badge=phrase(f"badge.{draft.type.value}"),
        subject=subject(draft, phrase),
        headline=rings[0].path if told else figures.parties(lead, phrase) if lead else "",
        lead=row(lead, phrase) if lead else None,
        what=figures.kind_and_size(lead, phrase) if lead else "",
        message=text.clean(draft.message)[:4_000],
        changes=changes.lines(draft, lead, phrase),
        flows=tuple(rows),
        drawn=tuple(open_rows[:_DRAWN]),
        listed=tuple(open_rows[_DRAWN:]),
        more_flows=max(0, len(biggest) - _FLOWS),
        rings=rings,
        quotes=quotes(sorted(biggest, key=lambda flow: flow.key not in fresh), story, fresh),
        sources=tuple(reference(one, phrase) for one in sources[:_SOURCES]),
        more_sources=max(0, len(sources) - _SOURCES),
        why=tuple(text.one_line(why, _TITLE) for why in draft.why if why.strip())
        or (phrase("rule", name=text.one_line(draft.rule.id, 80)),),
        disputes=vouching.disputes(story, phrase),
    )
