"""`gigawatch scan`: judge articles from anywhere, without storing or sending anything."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.cli import exits, screen, session
from worker.cli.faults_told import told
from worker.cli.inputs import Item, read_each
from worker.cli.judging import Judged, judge
from worker.cli.phrases import phrase
from worker.cli.screen import Column
from worker.errors import UsageError


def scan(
    context: typer.Context,
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT...", help=phrase("scan.inputs"))],
    as_json: Annotated[bool, typer.Option("--json", help=phrase("option.json"))] = False,
    as_lines: Annotated[bool, typer.Option("--jsonl", help=phrase("scan.jsonl"))] = False,
    explain: Annotated[bool, typer.Option("--explain", help=phrase("scan.explain"))] = False,
) -> None:
    if as_json + as_lines + explain > 1:
        raise UsageError(phrase("scan.one_form"))
    here = session.of(context)
    items, code = _read(inputs, here)
    if code and not items:
        raise typer.Exit(code)
    if explain:
        from worker import runtime
        from worker.cli import explaining

        detector = runtime.load_detector(here.settings)
        for item in items:
            explaining.show(item.article, detector)
        raise typer.Exit(code)
    judged = judge(items, here)
    if as_lines:
        for one in judged:
            screen.emit_line(one.as_dict())
    elif as_json:
        screen.emit([one.as_dict() for one in judged])
    else:
        _show(judged)
    raise typer.Exit(code)


def _read(inputs: list[str], here: session.Session) -> tuple[list[Item], int]:
    """Return the articles of every input that can be used, and the code to end with; says why another cannot."""
    items: list[Item] = []
    codes = {exits.OK}
    for _, found in read_each(inputs, here):
        if isinstance(found, list):
            items += found
        else:
            screen.fault(told(found))
            codes.add(exits.code_of(found))
    return items, max(codes)


def _show(judged: list[Judged]) -> None:
    rows = []
    for one in judged:
        record = one.as_dict()
        flows = [screen.flow_line(flow) for flow in record["flows"]]
        mark = phrase("scan.deal") if one.verdict.deal else phrase("scan.no_deal")
        rows.append((mark, f"{one.verdict.score:.2f}", one.item.article.title, flows[0] if flows else ""))
        rows += [("", "", "", flow) for flow in flows[1:]]
    columns = (
        Column("column.deal", style="bold"),
        Column("column.score", right=True),
        Column("column.title", ratio=1),
        Column("column.flows", ratio=1),
    )
    screen.table(columns, rows)
    screen.remark("scan.sum", deals=sum(one.verdict.deal for one in judged), articles=len(judged))
