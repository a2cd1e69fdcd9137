"""Flows as other programs take them: rows for a spreadsheet, a network for a graph program."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from datetime import UTC, datetime

import networkx as nx

from worker import text
from worker.model import Flow
from worker.pipeline.ledger import Entry

COLUMNS = (
    "date", "first_seen", "payer", "payee", "kind", "amount", "currency", "megawatts", "chips", "years", "bound",
    "status", "firmness", "story", "title", "source", "house", "published", "url", "sentence",
)  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula and runs it (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@")


def csv_header() -> str:
    """Return the line of the columns' names."""
    return _line(COLUMNS)


def csv_line(entry: Entry) -> str:
    """Return one flow as a line of CSV (RFC 4180, CRLF). Numbers have a point and no grouping; no text is a formula."""
    flow, source = entry.flow, entry.source
    return _line(
        (
            stamp(entry.date), stamp(entry.first_seen), cell(entry.payer or ""), cell(entry.payee or ""),
            flow.kind.value, number(flow.amount), cell(flow.currency or ""), number(flow.megawatts), number(flow.chips),
            number(flow.years), flow.bound.value, flow.status.value, entry.firmness.value, cell(entry.story_id),
            cell(entry.title), cell(source.source if source else ""), cell(source.house if source else ""),
            stamp(source.published) if source and source.published else "", cell(entry.url), cell(entry.proof),
        )
    )  # fmt: skip


def cell(value: str) -> str:
    """Return a text on one line that no spreadsheet takes for a formula: with an apostrophe before = + - and @."""
    line = text.one_line(value)
    return f"'{line}" if line.startswith(_FORMULA) else line


def number(value: float | None) -> str:
    """Return a number as programs write it, "" for none."""
    if value is None or not math.isfinite(value):
        return ""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def stamp(time: datetime) -> str:
    """Return a time as RFC 3339 in UTC."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(cells)
    return written.getvalue()


def graphml(entries: Iterable[Entry]) -> bytes:
    """Return the flows between two named parties as GraphML: a node for each organisation, an edge for each flow.

    Sizes are numeric attributes, left out where they are unknown.
    """
    network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for entry in entries:
        if entry.payer is None or entry.payee is None:
            continue
        payer, payee = text.fold(entry.payer), text.fold(entry.payee)
        network.add_node(payer, label=text.one_line(entry.payer))
        network.add_node(payee, label=text.one_line(entry.payee))
        network.add_edge(payer, payee, **_attributes(entry))
    written = io.BytesIO()
    nx.write_graphml(network, written, encoding="utf-8", named_key_ids=True)
    return written.getvalue()


def _attributes(entry: Entry) -> dict[str, str | float]:
    flow = entry.flow
    return {
        "kind": flow.kind.value,
        **_sizes(flow),
        "currency": text.one_line(flow.currency or ""),
        "bound": flow.bound.value,
        "status": flow.status.value,
        "firmness": entry.firmness.value,
        "date": stamp(entry.date),
        "story": entry.story_id,
        "source": text.one_line(entry.source.source) if entry.source else "",
        "url": text.one_line(entry.url),
        "sentence": entry.proof,
    }


def _sizes(flow: Flow) -> dict[str, float]:
    sizes = {"amount": flow.amount, "megawatts": flow.megawatts, "chips": flow.chips, "years": flow.years}
    return {name: float(value) for name, value in sizes.items() if value is not None and math.isfinite(value)}
