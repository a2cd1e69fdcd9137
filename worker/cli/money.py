"""What the commands about money have in common: whose names, at which rates, and how sums of a row are shown."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from worker.cli import screen
from worker.cli.phrases import phrase
from worker.errors import UsageError
from worker.pipeline.ledger import Currency, Firmness, Row, Sum
from worker.text import fold, one_line

if TYPE_CHECKING:
    from rich.console import Console

    from worker.adapters.store import Store
    from worker.pipeline.ledger import Names
    from worker.settings import Settings

# The rates that gigawatch is shipped with are rounded from those of this month.
RATES_DATE = "2025-11"
_GAP = "\u00a0"
# Names are cut to make room for figures, but not below so many characters.
_NAME = 16
# Names proposed for one that is not known.
_NEAR = 3
_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}


def currency_of(code: str, settings: Settings) -> Currency:
    """Return the currency of comparison; raises UsageError for one without a rate."""
    code = code.strip().upper()
    if code not in settings.rates:
        raise UsageError(phrase("ledger.no_rate", code=code, known=", ".join(sorted(settings.rates))))
    return Currency(code, settings.rates)


def money(amount: float, code: str) -> str:
    """Return an amount as the tables show it, with spaces at which no line breaks."""
    sign = code in _SIGNS or not code
    shown = screen.money(amount, code if sign else None).strip()
    return (shown if sign else f"{shown} {code}").replace(" ", _GAP)


def sums(value: Sum) -> str:
    """Return the amounts of one cell, currencies side by side; flows without amount are counted in brackets."""
    shown = " + ".join(money(amount, code) for code, amount in value.amounts.items())
    missing = phrase("ledger.flows", count=value.unsized).replace(" ", _GAP) if value.unsized else ""
    if shown and value.unsized:
        return f"{shown} (+{value.unsized})"
    return shown or missing


def converted(value: Sum, code: str) -> str:
    """Return the converted amount of one cell, "" for none."""
    return money(value.converted, code) if value.converted is not None else ""


def sum_record(row: Row) -> dict[str, Any]:
    """Return a row JSON-ready: by firmness, amounts by currency, converted, and the number of flows."""
    return {
        one.value: {
            "amounts": dict(held.amounts), "converted": held.converted, "flows": held.flows, "unsized": held.unsized,
        }
        for one, held in row.items()
    }  # fmt: skip


def firm_columns(rows: Sequence[Row]) -> tuple[Firmness, ...]:
    """Return the degrees of firmness that occur in any of `rows`."""
    return tuple(one for one in Firmness if any(row[one].flows for row in rows))


Cells = Sequence[tuple[str, Mapping[Firmness, str], str]]


def grid(console: Console, head: str, columns: Sequence[Firmness], rows: Cells) -> None:
    """Print rows of (name, cells, style). Figures are never cut: where the window is too narrow for a column of each
    firmness, they stand under one another."""
    heads = {one: phrase(f"firmness.{one.value}") for one in columns}
    widths = {one: max(len(word), *(len(cells.get(one, "")) for _, cells, _ in rows)) for one, word in heads.items()}
    narrowest = min(_NAME, max(len(head), *(len(name) for name, _, _ in rows)))
    drawn = Table(box=None, pad_edge=False, header_style="dim", show_edge=False)
    drawn.add_column(head, no_wrap=True, overflow="ellipsis", min_width=narrowest)
    if narrowest + sum(2 + width for width in widths.values()) > console.width:
        drawn.add_column()
        for name, cells, style in rows:
            stacked = "\n".join(f"{heads[one]} {cells[one]}".replace(" ", _GAP) for one in columns if cells.get(one))
            drawn.add_row(Text(one_line(name)), Text(stacked), style=style)
    else:
        for one, word in heads.items():
            drawn.add_column(word, justify="right", no_wrap=True, min_width=widths[one])
        for name, cells, style in rows:
            drawn.add_row(Text(one_line(name)), *(Text(cells.get(one, "")) for one in columns), style=style)
    console.print(drawn)


def footnote(console: Console, currency: Currency, rows: Sequence[Row]) -> None:
    """Print what the converted sums stand on, and what they leave out."""
    console.print()
    console.print(Text(phrase("ledger.rates", code=currency.code, date=RATES_DATE), style="dim"))
    missing = sorted({code for row in rows for held in row.values() for code in held.unconverted if code})
    if missing:
        console.print(Text(phrase("ledger.unconverted", codes=", ".join(missing)), style="yellow"))


def heading(console: Console, words: str) -> None:
    """Print the heading of a part."""
    console.print()
    console.print(Text(words, style="bold"))


def day(value: Any) -> str:
    """Return the day of a time in the machine's zone."""
    return screen.when(value)[:10]


def hint(company: str, names: Names, store: Store) -> str:
    """Return what to say to somebody who asked for a name that the ledger does not have: its group, or names like it,
    of the list and of all that were ever read."""
    group = names.group_of(company)
    if group:
        return phrase("ledger.group", group=group)
    listed = {fold(name): name for name in names.known}
    known = dict.fromkeys([*store.parties(), *listed])
    near = difflib.get_close_matches(fold(company), list(known), n=_NEAR, cutoff=0.75)
    found = dict.fromkeys(listed.get(name) or store.spelling(name) for name in near)
    return phrase("ledger.near", names=", ".join(one_line(name, 60) for name in found)) if found else ""
