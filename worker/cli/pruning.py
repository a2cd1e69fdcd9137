"""`gigawatch prune`: let go now of what is older than `[keep]` says; the daemon does so once a day."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.cli import screen, session
from worker.cli.phrases import phrase
from worker.cli.screen import Column


def prune(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=phrase("prune.dry_run"))] = False,
    as_json: Annotated[bool, typer.Option("--json", help=phrase("option.json"))] = False,
) -> None:
    from worker.steps.prune import SORTS, prunable, prune_all

    with session.of(context).opened() as runtime:
        parts = runtime.parts
        whole = True
        if dry_run:
            counts = dict(prunable(parts))
        else:
            counts, whole = dict.fromkeys(SORTS, 0), False
        while not whole:
            done, whole = prune_all(parts)
            counts = {sort: counts[sort] + done[sort] for sort in counts}
        days = {sort: parts.policy.keep[sort].days for sort in counts}
    if as_json:
        screen.emit({"dry_run": dry_run, **counts})
        return
    columns = (Column("column.sort", ratio=1), Column("column.kept", right=True), Column("column.pruned", right=True))
    kept = [(phrase(f"prune.{sort}"), f"{days[sort]} {phrase('unit.d')}", str(counts[sort])) for sort in counts]
    screen.table(columns, kept)
    if dry_run:
        screen.remark("prune.nothing_yet")
