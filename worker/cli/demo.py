"""`gigawatch demo`: the whole thing on this machine, without network, told as it happens."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from worker.cli import exits, phrases, screen
from worker.cli.phrases import phrase
from worker.cli.screen import Column
from worker.errors import UsageError
from worker.text import one_line

if TYPE_CHECKING:
    from worker.demo.report import Report

_STYLES = {
    "publish": "cyan", "polled": "dim", "unchanged": "dim", "read": "dim", "refused": "yellow", "mail": "bold green",
    "hook": "green", "loop": "bold magenta", "quiet": "dim",
}  # fmt: skip


def demo(
    data: Annotated[Path | None, typer.Option("--data", metavar="PATH", help=phrase("demo.data"))] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help=phrase("demo.port"))] = 0,
    database_url: Annotated[str, typer.Option("--database-url", help=phrase("demo.database"))] = "",
    broker_url: Annotated[str, typer.Option("--broker-url", help=phrase("demo.broker"))] = "",
    workers: Annotated[int, typer.Option("--workers", min=1, max=8, help=phrase("demo.workers"))] = 1,
    keep: Annotated[bool, typer.Option("--keep/--no-keep", help=phrase("demo.keep"))] = True,
    as_json: Annotated[bool, typer.Option("--json", help=phrase("option.json"))] = False,
) -> None:
    import shutil

    from worker.adapters.clock import SystemClock
    from worker.demo import script
    from worker.demo.play import Options, Play
    from worker.settings import packaged

    if data is not None and data.exists() and any(data.iterdir()):
        raise UsageError(phrase("demo.not_empty", path=data))
    folder = data or Path(tempfile.mkdtemp(prefix="gigawatch-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    play = Play(
        script.load(packaged() / "demo" / "newsroom.toml"),
        Options(
            data=folder.resolve(), port=port, language=phrases.language(), database_url=database_url,
            broker_url=broker_url, workers=workers,
        ),
        environ=os.environ,
        clock=SystemClock(),
        tell=(lambda _event, _values: None) if as_json else Narrator().tell,
    )  # fmt: skip
    report = play.run()
    if as_json:
        screen.emit(report.as_dict())
    else:
        _show(report)
    if not keep and data is None:
        shutil.rmtree(folder, ignore_errors=True)
    raise typer.Exit(exits.OK if report.ok else exits.FAILED)


class Narrator:
    """Tells the demo's events on the terminal, each with its time, from whatever thread they come."""

    def __init__(self) -> None:
        from worker.adapters.clock import SystemClock

        self._clock = SystemClock()
        self._console = screen.out()
        self._lock = threading.Lock()
        self._console.print(Text(phrase("demo.fiction"), style="italic"))

    def tell(self, event: str, values: Mapping[str, str]) -> None:
        """Print one event."""
        key = f"demo.{event}"
        if event == "publish":
            key = "demo.publish_deal" if values["story"] else "demo.publish_other"
        shown = {name: one_line(value, 90 if name in ("title", "subject") else 200) for name, value in values.items()}
        line = phrase(key, **shown)
        with self._lock:
            time = self._clock.now().astimezone().strftime("%H:%M:%S")
            self._console.print(
                Text(f"{time}  ", style="dim") + Text(line, style=_STYLES.get(event, "")), soft_wrap=True
            )
            sys.stdout.flush()


def _show(report: Report) -> None:
    console = screen.out()
    console.print()
    _show_deals(report)
    console.print()
    columns = (Column("column.lookalike", ratio=1), Column("column.alerts"), Column("column.result"))
    silent = [(one.title, str(len(one.alerts)), _result(one.ok)) for one in report.silent]
    screen.table(columns, silent, title=phrase("demo.silent"))
    console.print()
    columns = (Column("column.check", ratio=1), Column("column.found"), Column("column.result"))
    checks = [(phrase(f"demo.check.{one.name}"), one.found, _result(one.ok)) for one in report.checks]
    screen.table(columns, checks, title=phrase("demo.checks"))
    for text in report.unexplained:
        screen.say("demo.unexplained", text=text)
    console.print()
    screen.say("demo.mails_at", folder=report.mails)
    screen.say("demo.hooks_at", folder=report.hooks)
    screen.say("demo.data_at", folder=report.data)
    screen.say("demo.well" if report.ok else "demo.ill", seconds=report.seconds)


def _show_deals(report: Report) -> None:
    columns = (
        Column("column.planted", ratio=1),
        Column("column.expected"),
        Column("column.mails"),
        Column("column.webhooks"),
        Column("column.result"),
    )
    rows = []
    for one in report.stories:
        name = f"{one.name}  ↻ {phrase('demo.looped')}" if one.loop else one.name
        rows.append((name, _types(one.expected), _types(one.email), _types(one.webhook), _result(one.ok)))
    screen.table(columns, rows, title=phrase("demo.deals"))


def _result(ok: bool) -> str:
    return phrase("demo.good" if ok else "demo.bad")


def _types(types: tuple[str, ...]) -> str:
    return ", ".join(phrase(f"type.{one}") if phrases.known(f"type.{one}") else one for one in types) or "-"
