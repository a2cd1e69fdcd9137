"""`gigawatch articles quarantined` and `retry`: what was set aside since it took a worker down, and another try."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import exits, screen, session
from worker.cli.faults_told import told
from worker.cli.phrases import phrase
from worker.cli.screen import Column
from worker.errors import UsageError
from worker.text import one_line

if TYPE_CHECKING:
    from worker.adapters.store import Quarantined
    from worker.runtime import Runtime

# An entry that never became an article is called by its number.
ENTRY = "entry-"
_MOST = 10_000


def name(one: Quarantined) -> str:
    """Return what a row that was set aside is called on the command line."""
    return f"{ENTRY}{one.key}" if one.step == "read" else str(one.key)


def quarantined(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=_MOST, help=phrase("option.limit"))] = 50,
    as_json: Annotated[bool, typer.Option("--json", help=phrase("option.json"))] = False,
) -> None:
    with session.of(context).opened() as runtime:
        found = runtime.store.quarantined(limit)
        total = runtime.store.quarantined_count()
    if as_json:
        screen.emit([_record(one) for one in found])
        return
    if not found:
        screen.say("quarantine.none")
        return
    columns = (
        Column("column.id", style="dim"), Column("column.seen"), Column("column.tries", right=True),
        Column("column.stop"), Column("column.title", ratio=3), Column("column.error", ratio=3),
    )  # fmt: skip
    rows = [
        (
            _short(one),
            screen.when(one.seen_at),
            str(one.attempts),
            phrase(f"quarantine.{one.step}"),
            one.title,
            told(one.error),
        )
        for one in found
    ]
    screen.table(columns, rows)
    screen.remark("quarantine.sum", count=total)


def _short(one: Quarantined) -> str:
    return name(one) if one.step == "read" else str(one.key)[:8]


def _record(one: Quarantined) -> dict[str, Any]:
    return {
        "id": name(one), "step": one.step, "title": one.title, "url": one.url, "feed": one.feed_id,
        "seen_at": one.seen_at, "attempts": one.attempts, "error": one.error,
    }  # fmt: skip


def retry(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help=phrase("quarantine.ids"))] = None,
    everything: Annotated[bool, typer.Option("--all", help=phrase("quarantine.all"))] = False,
) -> None:
    if bool(ids) == everything:
        raise UsageError(phrase("quarantine.which"))
    with session.of(context).opened() as runtime:
        held = runtime.store.quarantined(_MOST)
        wanted = list(held) if everything else [_named(held, prefix) for prefix in ids or []]
        count = sum(_open(runtime, step, wanted) for step in ("read", "judge"))
    screen.say("quarantine.retried", count=count)
    raise typer.Exit(exits.OK if count or everything else exits.FAILED)


def _open(runtime: Runtime, step: str, wanted: list[Quarantined]) -> int:
    keys = [one.key for one in wanted if one.step == step]
    return runtime.store.retry_quarantined(step, keys, runtime.clock.now()) if keys else 0


def _named(held: tuple[Quarantined, ...], prefix: str) -> Quarantined:
    exact = [one for one in held if name(one) == prefix]
    found = exact or [one for one in held if one.step == "judge" and name(one).startswith(prefix)]
    if not prefix or len(found) != 1:
        raise UsageError(phrase("quarantine.unknown", id=one_line(prefix, 80), count=len(found)))
    return found[0]
