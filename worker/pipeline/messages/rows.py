"""Flows, loops and articles as they are shown, alone or in a digest."""

from __future__ import annotations

from dataclasses import dataclass

from worker import text
from worker.model import Cause, Flow, Kind, Loop, Source, Status
from worker.pipeline.messages import figures, records
from worker.pipeline.messages.phrases import Phrases

_TITLE, _SOURCE = 200, 60


@dataclass(frozen=True, slots=True)
class Row:
    """One flow of the table. `size` is its leading figure, `terms` the others, `what` says kind and figure, `detail`
    what the size leaves open; `mark` says that the flow is new or changed, `looped` that it is part of a loop;
    `unnamed` are the sides that nobody named, "payer" or "payee"."""

    payer: str
    arrow: str
    payee: str
    kind: str
    size: str
    terms: str
    what: str
    detail: str
    status: str
    state: Status
    mark: str
    looped: bool
    unnamed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One edge of a loop's drawing; `origin` says when and where it was read."""

    payer: str
    label: str
    status: str
    state: Status
    origin: str


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


def row(flow: Flow, phrase: Phrases, *, mark: str = "", looped: bool = False) -> Row:
    """Return a flow as a row of the table."""
    sizes = figures.sizes(flow, phrase)
    kind = phrase(f"kind.{flow.kind.value}")
    # A count of chips says already that chips are bought.
    counted = flow.kind is Kind.CHIPS and flow.chips is not None and len(sizes) > 1
    return Row(
        payer=figures.name_of(flow.payer, phrase),
        arrow=figures.arrow_of(flow),
        payee=figures.name_of(flow.payee, phrase),
        kind=kind,
        size=sizes[0] if sizes else "",
        terms=" · ".join(sizes[1:]),
        what=figures.kind_and_size(flow, phrase),
        detail=" · ".join([*([] if counted else [kind]), *sizes[1:]]),
        status=phrase(f"status.{flow.status.value}"),
        state=flow.status,
        mark=mark,
        looped=looped,
        unnamed=tuple(side for side, name in (("payer", flow.payer), ("payee", flow.payee)) if not name),
    )


def ring(loop: Loop, phrase: Phrases) -> Ring:
    """Return a loop as it is drawn."""
    names = [figures.name_of(edge.payer, phrase) for edge in loop.edges]
    steps = []
    for name, edge in zip(names, loop.edges, strict=True):
        flow = Flow(edge.payer, edge.payee, edge.kind, edge.amount, edge.currency, bound=edge.bound)
        label, status = figures.kind_and_size(flow, phrase), phrase(f"status.{edge.status.value}")
        origin = [figures.day(edge.date, phrase), text.one_line(edge.source, _SOURCE)]
        steps.append(Step(name, label, status, edge.status, ", ".join(filter(None, origin))))
    back = names[0] if names else ""
    return Ring(tuple(steps), " → ".join([*names, back]), phrase("loop.back", name=back))


def reference(source: Source, phrase: Phrases) -> Reference:
    """Return an article as it is cited."""
    note = ""
    if source.origin == "feed" and source.limits is not Cause.OK:
        note = f"{phrase('feed_only')} ({phrase.first(f'limits.{source.limits.value}', 'limits.other')})"
    house = text.one_line(source.house or source.source, _TITLE)
    return cited(source.title, house, figures.when(source.published or source.seen_at, phrase), source.url, note)


def cited(title: str, house: str, time: str, url: str, note: str = "") -> Reference:
    """Return an article from its parts; an address that may not be linked is left out."""
    url = records.address(url)
    host = text.host_of(url).removeprefix("www.")
    return Reference(text.one_line(title, _TITLE) or host, house or host, time, url, text.one_line(host, 80), note)
