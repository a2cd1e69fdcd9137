"""`gigawatch ledger`: who promised what to whom, how firmly, and by which words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from worker.cli import money, screen, session
from worker.cli.phrases import phrase
from worker.errors import UsageError
from worker.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from worker.pipeline.ledger import Account, Currency, Entry, Firmness, Row, Side, Standing


def ledger(
    context: typer.Context,
    company: Annotated[str, typer.Argument(metavar="[COMPANY]", help=phrase("ledger.company"))] = "",
    proofs: Annotated[bool, typer.Option("--proofs", help=phrase("ledger.proofs"))] = False,
    groups: Annotated[bool, typer.Option("--groups", help=phrase("option.groups"))] = False,
    currency: Annotated[str, typer.Option("--currency", metavar="XXX", help=phrase("ledger.currency"))] = "USD",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help=phrase("option.limit"))] = 20,
    as_json: Annotated[bool, typer.Option("--json", help=phrase("option.json"))] = False,
) -> None:
    from worker.pipeline import ledger as books

    here = session.of(context)
    wanted = money.currency_of(currency, here.settings)
    names = books.Names(here.settings.companies, groups=groups)
    chosen = names.spellings(company) if company else ()
    with here.opened() as runtime:
        stories = runtime.store.told_stories(companies=chosen)
        lines = [line for story in stories for line in books.entries(story, names)]
    if not company:
        _overview(books.biggest(lines, wanted), wanted, limit, as_json=as_json)
        return
    held = books.account(names.of(company), lines, wanted)
    if not held.promised.lines and not held.received.lines:
        with here.opened() as runtime:
            hint = money.hint(company, names, runtime.store)
        raise UsageError(phrase("ledger.unknown", name=one_line(company, 80), hint=hint))
    if as_json:
        screen.emit(_record(held, wanted, groups=groups))
        return
    _show(held, wanted, limit, proofs=proofs)


def _overview(standings: Sequence[Standing], currency: Currency, limit: int, *, as_json: bool) -> None:
    from worker.pipeline.ledger import weight

    if as_json:
        rows = [
            {
                "company": one.name,
                "promised": money.sum_record(one.promised),
                "received": money.sum_record(one.received),
            }
            for one in standings
        ]
        screen.emit({"currency": currency.code, "rates_date": money.RATES_DATE, "companies": rows})
        return
    if not standings:
        screen.remark("ledger.none")
        return
    console = screen.out()
    sides: tuple[tuple[str, Callable[[Standing], Row]], ...] = (
        ("ledger.payers", lambda one: one.promised),
        ("ledger.payees", lambda one: one.received),
    )
    for key, row in sides:
        ranked = sorted(
            (one for one in standings if any(held.flows for held in row(one).values())),
            key=lambda one: (weight(row(one)), one.name),
        )
        money.heading(console, phrase(key))
        shown = [(one.name, _converted(row(one), currency), "") for one in ranked[:limit]]
        columns = money.firm_columns([row(one) for one in ranked[:limit]])
        money.grid(console, phrase("column.company"), columns, shown)
        if len(ranked) > limit:
            console.print(Text(phrase("ledger.more", count=len(ranked) - limit), style="dim"))
    money.footnote(console, currency, [row for one in standings for row in (one.promised, one.received)])


def _converted(row: Row, currency: Currency) -> Mapping[Firmness, str]:
    """Return one converted amount a cell; what has none is counted."""
    return {one: money.converted(held, currency.code) or money.sums(held) for one, held in row.items()}


def _show(held: Account, currency: Currency, limit: int, *, proofs: bool) -> None:
    console = screen.out()
    console.print()
    console.print(Text(one_line(held.name), style="bold underline"))
    for key, side in (("ledger.promised", held.promised), ("ledger.received", held.received)):
        money.heading(console, phrase(key))
        if not side.lines:
            console.print(Text(phrase("ledger.nothing"), style="dim"))
            continue
        _show_side(console, side, currency)
        _show_others(console, side, currency, limit)
    money.heading(console, phrase("ledger.lines"))
    both = sorted([*held.promised.lines, *held.received.lines], key=lambda line: line.date, reverse=True)
    _show_lines(console, both[:limit], proofs=proofs)
    if len(both) > limit:
        console.print(Text(phrase("ledger.more", count=len(both) - limit), style="dim"))
    money.footnote(console, currency, [held.promised.total, held.received.total])


def _show_side(console: Console, side: Side, currency: Currency) -> None:
    columns = money.firm_columns([side.total])

    def cells(row: Row) -> Mapping[Firmness, str]:
        return {one: money.sums(row[one]) for one in columns}

    rows = [(phrase(f"kind.{kind}"), cells(row), "") for kind, row in side.kinds.items()]
    rows.append((phrase("ledger.total"), cells(side.total), "bold"))
    codes = {code for value in side.total.values() for code in value.amounts}
    if codes - {currency.code}:
        shown = {one: money.converted(side.total[one], currency.code) for one in columns}
        rows.append((phrase("ledger.converted", code=currency.code), shown, "bold"))
    if len(side.years) > 1:
        rows += [(year, cells(row), "dim") for year, row in side.years.items()]
    money.grid(console, phrase("column.kind"), columns, rows)


def _show_others(console: Console, side: Side, currency: Currency, limit: int) -> None:
    console.print()
    rows = [
        (name or phrase("ledger.unnamed"), _converted(row, currency), "")
        for name, row in list(side.others.items())[:limit]
    ]
    money.grid(console, phrase("ledger.others"), money.firm_columns([side.total]), rows)
    if len(side.others) > limit:
        console.print(Text(phrase("ledger.more", count=len(side.others) - limit), style="dim"))


def _show_lines(console: Console, lines: Sequence[Entry], *, proofs: bool) -> None:
    from worker.pipeline.messages.records import flow_record

    drawn = Table(box=None, pad_edge=False, show_header=False, show_edge=False)
    drawn.add_column(style="dim", no_wrap=True)
    drawn.add_column(overflow="fold")
    for line in lines:
        record = {**flow_record(line.flow), "payer": line.payer, "payee": line.payee}
        source = one_line(line.source.source, 40) if line.source else ""
        shown = Text(screen.flow_line(record))
        shown.append(f"  {source} [{line.story_id[:8]}]", style="dim")
        if proofs and line.proof:
            shown.append(f"\n«\u00a0{line.proof}\u00a0»", style="italic")
        if proofs and line.url:
            shown.append(f"\n{one_line(line.url)}", style="dim")
        drawn.add_row(money.day(line.date), shown)
    console.print(drawn)


def _record(held: Account, currency: Currency, *, groups: bool) -> dict[str, Any]:
    def side(value: Side) -> dict[str, Any]:
        def rows(found: Mapping[str, Row]) -> dict[str, Any]:
            return {key: money.sum_record(row) for key, row in found.items()}

        return {
            "total": money.sum_record(value.total), "kinds": rows(value.kinds), "years": rows(value.years),
            "counterparties": rows(value.others), "lines": [line_record(line) for line in value.lines],
        }  # fmt: skip

    return {
        "company": held.name, "groups": groups, "currency": currency.code, "rates_date": money.RATES_DATE,
        "promised": side(held.promised), "received": side(held.received),
    }  # fmt: skip


def line_record(line: Entry) -> dict[str, Any]:
    """Return one flow with the webhook's fields, and the story, dates, sentence and address that it comes with."""
    from worker.pipeline.exporting import stamp
    from worker.pipeline.messages.records import address, flow_record

    source = line.source
    return {
        **flow_record(line.flow),
        "payer": line.payer,
        "payee": line.payee,
        "firmness": line.firmness.value,
        "date": stamp(line.date),
        "first_seen": stamp(line.first_seen),
        "story": line.story_id,
        "title": one_line(line.title),
        "source": one_line(source.source) if source else "",
        "house": one_line(source.house) if source else "",
        "published": stamp(source.published) if source and source.published else None,
        "url": address(line.url),
        "sentence": line.proof,
    }
