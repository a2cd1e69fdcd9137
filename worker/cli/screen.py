"""Output: tables for people, JSON for machines, progress on stderr."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from worker.cli.faults_told import told
from worker.cli.hiding import shown
from worker.cli.phrases import phrase
from worker.errors import Fault
from worker.text import clean, one_line

T = TypeVar("T")

# A pipe has no width; rich would cut at 80 and lose what a `grep` looks for.
_PIPE_WIDTH = 2_000


def out() -> Console:
    """Return the console of answers: colours and the window's width on a terminal, plain and wide elsewhere."""
    return Console(
        file=sys.stdout, width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False, soft_wrap=False
    )


def err() -> Console:
    """Return the console of remarks, progress and errors."""
    return Console(file=sys.stderr, width=None if sys.stderr.isatty() else _PIPE_WIDTH, highlight=False)


def emit(value: Any) -> None:
    """Print a value as JSON on stdout."""
    sys.stdout.write(shown(json.dumps(value, ensure_ascii=False, indent=1, default=_plain)) + "\n")


def emit_line(value: Any) -> None:
    """Print a value as one line of JSON on stdout."""
    sys.stdout.write(shown(json.dumps(value, ensure_ascii=False, default=_plain)) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(value)
    return str(value)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading's key in the phrase table, its place and how it bends. `ratio` shares the rest."""

    key: str
    right: bool = False
    ratio: int = 0
    style: str = ""
    width: int = 0


def table(columns: Sequence[Column], rows: Iterable[Sequence[str]], *, title: str = "") -> None:
    """Print a table: cells are data, never markup; long ones are cut with an ellipsis rather than wrapped."""
    console = out()
    drawn = Table(
        title=title or None, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim",
        expand=console.is_terminal, show_edge=False,
    )  # fmt: skip
    for column in columns:
        drawn.add_column(
            phrase(column.key), justify="right" if column.right else "left", ratio=column.ratio or None,
            style=column.style, no_wrap=True, overflow="ellipsis", width=column.width or None,
        )  # fmt: skip
    for row in rows:
        drawn.add_row(*(Text(shown(one_line(cell))) for cell in row))
    console.print(drawn)


def say(key: str, **values: Any) -> None:
    """Print a phrase on stdout; values are shown as they are, never read as markup."""
    out().print(phrase(key, **_safe(values)), soft_wrap=True)


def remark(key: str, **values: Any) -> None:
    """Print a phrase on stderr, for what is not part of the answer."""
    err().print(phrase(key, **_safe(values)), soft_wrap=True)


def _safe(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: escape(shown(one_line(str(value)))) for name, value in values.items()}


def fault(text: str) -> None:
    """Print an error on stderr, without what a site may have put into it for the terminal."""
    console = err()
    console.print(Text(phrase("error") + " ", style="bold red") + Text(clean(shown(text))), soft_wrap=True)


def trace(error: BaseException) -> None:
    """Print the traceback of an error on stderr."""
    sys.stderr.write(shown("".join(traceback.format_exception(error))))


def warnings(found: Iterable[Fault]) -> None:
    """Print what is odd in the configuration on stderr."""
    for one in found:
        remark("config.warning", text=told(one))


def progress(items: Sequence[T], key: str, *, least: int = 20) -> Iterator[T]:
    """Yield `items`, with a bar on a terminal's stderr where there are at least `least` of them."""
    return counted(items, len(items), key, least=least)


def counted(items: Iterable[T], total: int, key: str, *, least: int = 20) -> Iterator[T]:
    """Yield `items`, of which there are about `total`, with a bar as `progress` does."""
    if total < least or not sys.stderr.isatty():
        yield from items
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*parts, console=err(), transient=True) as bar:
        yield from bar.track(items, total=total, description=phrase(key))


def when(value: datetime | None) -> str:
    """Return a time in the machine's zone, to the minute; "-" for none."""
    return value.astimezone().strftime("%Y-%m-%d %H:%M") if value else "-"


def since(value: datetime | None, now: datetime) -> str:
    """Return how far `value` is from `now`, in the largest unit that fits ("12 min"); "-" for none."""
    if value is None:
        return "-"
    seconds = abs((now - value).total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {phrase('unit.' + unit)}"
    return f"{seconds:.0f} s"


def span(seconds: float) -> str:
    """Return a length of time in words, to the minute."""
    zero = datetime(2000, 1, 1, tzinfo=UTC)
    return since(zero, datetime.fromtimestamp(zero.timestamp() + seconds, UTC))


def money(amount: float | None, currency: str | None) -> str:
    """Return an amount as the tables show it: "6 Md€", "350 M$", "-" for none."""
    if amount is None:
        return "-"
    sign = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}.get(currency or "", currency or "")
    for size, unit in ((1e9, phrase("unit.billion")), (1e6, phrase("unit.million"))):
        if amount >= size:
            return f"{_figure(amount / size)} {unit}{sign}"
    return f"{_figure(amount)} {sign}"


def _figure(value: float) -> str:
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return text.replace(",", "\u202f").replace(".", phrase("unit.decimal"))


def number(value: float | None, unit: str = "") -> str:
    """Return a number with its unit, "-" for none."""
    return "-" if value is None else f"{_figure(value)} {unit}".strip()


def flow_line(flow: Mapping[str, Any]) -> str:
    """Return one flow record on one line: who pays whom, what for, how much, how firm."""
    unnamed = phrase("flow.unnamed")
    arrow = "↔" if flow["kind"] == "partnership" else "→"
    parties = f"{flow['payer'] or unnamed} {arrow} {flow['payee'] or unnamed}"
    figures = [
        money(flow["amount"], flow["currency"]), number(flow["megawatts"], "MW"),
        number(flow["chips"], phrase("unit.chips")), number(flow["years"], phrase("unit.years")),
    ]  # fmt: skip
    bound = "" if flow["bound"] == "exact" else phrase("bound." + flow["bound"]) + " "
    shown = ", ".join(figure for figure in figures if figure != "-")
    details = [phrase("kind." + flow["kind"]), f"{bound}{shown}" if shown else ""]
    if flow["status"] != "announced":
        details.append(phrase("status." + flow["status"]))
    return f"{parties}: " + ", ".join(detail for detail in details if detail)


def facts(rows: Sequence[tuple[str, str]]) -> None:
    """Print names and values, one pair a line, the values wrapped under one another."""
    drawn = Table(box=None, show_header=False, pad_edge=False)
    drawn.add_column(style="dim", no_wrap=True)
    drawn.add_column(overflow="fold")
    for name, value in rows:
        drawn.add_row(name, Text(shown(one_line(value))))
    out().print(drawn)


@contextmanager
def gauge(key: str) -> Iterator[Callable[[int, int], None] | None]:
    """Give what shows how much of a whole is done, on a terminal's stderr; None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    parts = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*parts, console=err(), transient=True) as bar:
        task = bar.add_task(phrase(key), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
