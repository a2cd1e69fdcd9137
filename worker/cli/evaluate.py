"""`gigawatch eval`: how good the detector is on labelled articles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from worker.cli import exits, screen, session
from worker.cli.inputs import Item, article_of, file_bytes, rows
from worker.cli.judging import Judged, judge
from worker.cli.phrases import phrase
from worker.cli.screen import Column
from worker.errors import UsageError

_CORPUS = Path("tests/quality")
_LABELS = ("yes", "no", "borderline")


def evaluate(
    context: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE.jsonl...]", help=phrase("eval.files"))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=phrase("option.json"))] = False,
    errors: Annotated[int, typer.Option("--errors", min=0, metavar="N", help=phrase("eval.errors"))] = 0,
    diff: Annotated[Path | None, typer.Option("--diff", metavar="OTHER.jsonl", help=phrase("eval.diff"))] = None,
    orders: Annotated[int, typer.Option("--orders", min=0, max=10_000, metavar="N", help=phrase("eval.orders"))] = 0,
) -> None:
    from worker.cli.arrivals import Arrivals, shuffled
    from worker.pipeline import scoring

    gold = [item for path in _chosen(files or []) for item in _labelled(path)]
    other = _predictions(diff) if diff else {}
    here = session.of(context)
    judged = judge(gold, here)
    predictions = {one.item.article.id: one.as_dict() for one in judged}
    figures = scoring.score([dict(item.row) for item in gold], predictions)
    window = timedelta(days=here.settings.stories.window_days)
    arrivals: Arrivals | None = shuffled(judged, orders, window) if orders else None
    if as_json:
        screen.emit({**figures.as_dict(), **({"orders": arrivals.as_dict()} if arrivals else {})})
    else:
        _show(figures.as_dict())
        if arrivals:
            screen.say("eval.grouping", **arrivals.as_dict())
        _show_errors(getattr(figures, "errors", ()), errors)
    if diff:
        _show_changes(judged, other)
    raise typer.Exit(exits.OK)


def _chosen(files: Sequence[Path]) -> list[Path]:
    if files:
        return list(files)
    found = sorted(_CORPUS.rglob("*.jsonl")) if _CORPUS.is_dir() else []
    if not found:
        raise UsageError(phrase("eval.no_files"))
    return found


def _labelled(path: Path) -> list[Item]:
    items = []
    for line, row in rows(file_bytes(path), str(path)):
        where = f"{path}:{line}"
        if row.get("deal") not in _LABELS:
            raise UsageError(f'{where}: deal: {row.get("deal")!r}; "yes", "no" or "borderline" was expected')
        if not isinstance(row.get("flows"), list):
            raise UsageError(f"{where}: flows: a list was expected")
        items.append(Item(article_of(row, where), row))
    return items


def _predictions(path: Path) -> dict[str, Mapping[str, Any]]:
    return {str(row.get("id")): row for _, row in rows(file_bytes(path), str(path))}


def _show(figures: Mapping[str, Any]) -> None:
    columns = (
        Column("column.figure", style="bold"), Column("column.precision", right=True),
        Column("column.recall", right=True),
        Column("column.f1", right=True),
    )  # fmt: skip
    parts = [
        (phrase(f"eval.{part}"), *(f"{figures[part][name]:.3f}" for name in ("precision", "recall", "f1")))
        for part in ("detection", "flows", "stories")
    ]
    screen.table(columns, parts)
    fields = "  ".join(f"{name} {value:.3f}" for name, value in figures["fields"].items())
    screen.facts(
        [
            (phrase("eval.direction"), f"{figures['direction']:.3f}"),
            (phrase("eval.record"), f"{figures['record']:.3f}"),
            (phrase("eval.fields"), fields),
            (phrase("eval.articles"), f"{figures['articles']} (+{figures['borderline']} borderline)"),
        ]
    )


def _show_errors(errors: Sequence[Sequence[Any]], most: int) -> None:
    if not most:
        return
    columns = (Column("column.id"), Column("column.error"), Column("column.detail", ratio=1))
    screen.table(columns, [tuple(str(cell) for cell in error)[:3] for error in errors[:most]])


def _show_changes(judged: Sequence[Judged], other: Mapping[str, Mapping[str, Any]]) -> None:
    """Say which articles are judged otherwise than in an earlier `scan --jsonl`."""
    found = []
    for one in judged:
        record = one.as_dict()
        before = other.get(record["id"])
        if before is None:
            continue
        labels = {"yes": True, "no": False}.get(str(one.item.row.get("deal")))
        if bool(before.get("deal")) != record["deal"]:
            better = "" if labels is None else phrase("eval.better" if record["deal"] == labels else "eval.worse")
            found.append((record["id"], phrase("eval.now_deal" if record["deal"] else "eval.now_none"), better))
        elif _keys(before) != _keys(record):
            found.append((record["id"], phrase("eval.other_flows"), "; ".join(sorted(_keys(record) ^ _keys(before)))))
    columns = (Column("column.id"), Column("column.change"), Column("column.detail", ratio=1))
    screen.table(columns, found, title=phrase("eval.changes", count=len(found)))


def _keys(record: Mapping[str, Any]) -> set[str]:
    flows = record.get("flows") or []
    return {f"{flow.get('payer')}→{flow.get('payee')} {flow.get('kind')} {flow.get('amount')}" for flow in flows}
