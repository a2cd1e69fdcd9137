"""`gigawatch loops`: where money comes round, edge by edge, and what is broken."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from worker.cli import money, periods, screen, session
from worker.cli.phrases import phrase
from worker.text import fold, one_line

if TYPE_CHECKING:
    from rich.console import Console

    from worker.adapters.store import ToldLoop
    from worker.model import Edge
    from worker.pipeline.loops import Leg

_WIDE = 100  # columns from which date, parties, kind, amount, status and source stand side by side


def loops(
    context: typer.Context,
    company: Annotated[str, typer.Option("--company", help=phrase("loops.company"))] = "",
    since: Annotated[str, typer.Option("--since", metavar="24mo", help=phrase("option.since"))] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help=phrase("option.limit"))] = 50,
    as_json: Annotated[bool, typer.Option("--json", help=phrase("option.json"))] = False,
) -> None:
    from worker.pipeline.ledger import Names
    from worker.pipeline.loops import legs

    here = session.of(context)
    names = Names(here.settings.companies)
    wanted = {fold(name) for name in names.spellings(company)} if company else set()
    with here.opened() as runtime:
        start = periods.start(since, runtime.clock.now())
        found = [
            one
            for one in runtime.store.loops(since=start, limit=None if wanted else limit)
            if not wanted or any(fold(edge.payer) in wanted for edge in one.loop.edges)
        ][:limit]
        parties = sorted({edge.payer for one in found for edge in one.loop.edges})
        present = runtime.store.edges_between(parties)
        ended = runtime.store.cancelled_at(sorted({edge.story_id for one in found for edge in one.loop.edges}))
        known = not wanted or bool(found) or not wanted.isdisjoint(runtime.store.parties())
        hint = "" if known else money.hint(company, names, runtime.store)
    seen = [(one, legs(one.loop, present), ended) for one in found]
    if as_json:
        screen.emit([_record(*one) for one in seen])
        return
    if not seen and company:
        told = "loops.none_of" if known else "ledger.unknown"
        screen.remark(told, name=one_line(company, 80), hint=hint)
        return
    if not seen:
        screen.remark("loops.none")
        return
    console = screen.out()
    for one in seen:
        _show(console, *one)
    broken = sum(any(leg.gone for leg in steps) for _, steps, _ in seen)
    screen.remark("loops.sum", loops=len(seen), broken=broken)


def _broken_at(steps: tuple[Leg, ...], ended: dict[str, datetime]) -> datetime | None:
    times = [ended[leg.edge.story_id] for leg in steps if leg.gone and leg.edge.story_id in ended]
    return max(times, default=None)


def path(edges: tuple[Edge, ...]) -> str:
    """Return the parties of a loop on one line, the first again at the end."""
    return " → ".join(one_line(edge.payer, 60) for edge in (*edges, edges[0]))


def _show(console: Console, told: ToldLoop, steps: tuple[Leg, ...], ended: dict[str, datetime]) -> None:
    broken = any(leg.gone for leg in steps)
    since = _broken_at(steps, ended)
    state = phrase("loops.standing")
    if broken:
        state = phrase("loops.broken_at", date=money.day(since)) if since else phrase("loops.broken")
    console.print()
    console.print(Text("↻ " + path(told.loop.edges), style="bold"))
    closed = phrase("loops.closed", date=money.day(told.closed_at))
    console.print(Text.assemble((f"  {closed}, ", "dim"), (state, "bold red" if broken else "green")))
    if console.width >= _WIDE:
        console.print(_table(steps))
        return
    for leg in steps:
        first, *rest = _cells(leg)
        console.print(Text.assemble((f"  {first}  ", "dim"), (rest[0], _style(leg))))
        console.print(Text("              " + ", ".join(filter(None, rest[1:])), style=_style(leg)))


def _table(steps: tuple[Leg, ...]) -> Table:
    drawn = Table(box=None, pad_edge=False, show_header=False, show_edge=False)
    drawn.add_column(width=0)
    drawn.add_column(style="dim", no_wrap=True)
    for _ in range(2):
        drawn.add_column(no_wrap=True, overflow="ellipsis")
    drawn.add_column(no_wrap=True, justify="right")
    for _ in range(3):
        drawn.add_column(no_wrap=True, overflow="ellipsis")
    for leg in steps:
        drawn.add_row("", *(Text(cell, style=_style(leg)) for cell in _cells(leg)))
    return drawn


def _style(leg: Leg) -> str:
    return "red strike" if leg.gone else "yellow" if leg.changed else ""


def _cells(leg: Leg) -> tuple[str, ...]:
    edge = leg.edge
    bound = "" if edge.bound.value == "exact" or edge.amount is None else phrase(f"bound.{edge.bound.value}") + "\u00a0"
    amount = f"{bound}{money.money(edge.amount, edge.currency or '')}" if edge.amount is not None else "-"
    note = phrase("loops.gone") if leg.gone else phrase("loops.changed") if leg.changed else ""
    return (
        money.day(edge.date), f"{one_line(edge.payer, 40)} → {one_line(edge.payee, 40)}",
        phrase(f"kind.{edge.kind.value}"), amount, phrase(f"status.{edge.status.value}"), one_line(edge.source, 40),
        note,
    )  # fmt: skip


def _record(told: ToldLoop, steps: tuple[Leg, ...], ended: dict[str, datetime]) -> dict[str, Any]:
    return {
        "id": told.loop.id,
        "path": [edge.payer for edge in told.loop.edges],
        "closed_at": told.closed_at,
        "story": told.story_id,
        "broken": any(leg.gone for leg in steps),
        "broken_at": _broken_at(steps, ended),
        "edges": [
            {
                "payer": leg.edge.payer, "payee": leg.edge.payee, "kind": leg.edge.kind.value,
                "amount": leg.edge.amount, "currency": leg.edge.currency, "bound": leg.edge.bound.value,
                "status": leg.edge.status.value, "date": leg.edge.date, "source": leg.edge.source,
                "story": leg.edge.story_id, "gone": leg.gone, "changed": leg.changed,
            }
            for leg in steps
        ],
    }  # fmt: skip
