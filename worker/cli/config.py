"""`gigawatch config check|dump`: is the configuration right, and what is in force."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from worker.cli import screen, session
from worker.cli.phrases import phrase
from worker.cli.screen import Column
from worker.cli.usage import Commands
from worker.errors import ConfigError

app = Commands(no_args_is_help=True)


@app.command("check", help=phrase("config.check"))
def check(context: typer.Context) -> None:
    from worker import runtime
    from worker.adapters.clock import SystemClock

    settings = session.of(context).settings
    runtime.load_detector(settings)
    screen.warnings(settings.warnings)
    faults = runtime.template_faults(settings, SystemClock().now())
    if faults:
        raise ConfigError(faults)
    screen.say("config.good", feeds=len(settings.feeds), recipients=len(settings.recipients), rules=len(settings.rules))


@app.command("dump", help=phrase("config.dump"))
def dump(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help=phrase("option.json"))] = False,
) -> None:
    shown = session.of(context).settings.masked()
    if as_json:
        screen.emit(shown)
        return
    columns = (Column("column.setting", ratio=1, style="bold"), Column("column.value", ratio=2))
    screen.table(columns, [(name, _plain(value)) for name, value in _flat(shown)])


def _flat(value: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        return [pair for key, inner in value.items() for pair in _flat(inner, f"{path}.{key}" if path else str(key))]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [pair for number, inner in enumerate(value) for pair in _flat(inner, f"{path}[{number}]")]
    return [(path, value)]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value)
