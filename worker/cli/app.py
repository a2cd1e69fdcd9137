"""The application: global options, the nouns, and the border where errors become messages and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from worker import __version__
from worker.cli import (
    alerts,
    articles,
    backing,
    checks,
    config,
    decisions,
    evaluate,
    exits,
    feeds,
    quarantine,
    recipients,
    replay,
    rules,
    running,
    screen,
    status,
    stories,
    usage,
)  # fmt: skip
from worker.cli.demo import demo
from worker.cli.export import export
from worker.cli.faults_told import told
from worker.cli.ledger import ledger
from worker.cli.loops import loops
from worker.cli.phrases import phrase
from worker.cli.pruning import prune
from worker.cli.scan import scan
from worker.cli.session import Session
from worker.errors import ConfigError, GigawatchError

app = usage.Commands(
    name="gigawatch",
    help=phrase("app.help"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"gigawatch {__version__}\n")
        raise typer.Exit(exits.OK)


@app.callback()
def _globals(
    context: typer.Context,
    config_folder: Annotated[
        Path | None, typer.Option("--config", metavar="PATH", help=phrase("option.config"), show_default=False)
    ] = None,
    data_folder: Annotated[
        Path | None, typer.Option("--data", metavar="PATH", help=phrase("option.data"), show_default=False)
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help=phrase("option.verbose"))] = False,
    _version_asked: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=phrase("option.version"))
    ] = False,
) -> None:
    here = Session(config_folder, data_folder, verbose)
    here.log()
    context.obj = here


_RUN, _LOOK, _MEASURE = phrase("panel.run"), phrase("panel.look"), phrase("panel.measure")

for _name, _command, _panel in (
    ("up", running.up, _RUN),
    ("demo", demo, _RUN),
    ("worker", running.worker, _RUN),
    ("beat", running.beat, _RUN),
    ("migrate", running.migrate, _RUN),
    ("scan", scan, _MEASURE),
    ("eval", evaluate.evaluate, _MEASURE),
    ("doctor", checks.doctor, _LOOK),
    ("status", status.status, _LOOK),
    ("healthcheck", status.healthcheck, _LOOK),
    ("prune", prune, _RUN),
    ("backup", backing.backup, _RUN),
    ("restore", backing.restore, _RUN),
    ("loops", loops, _LOOK),
    ("ledger", ledger, _LOOK),
    ("export", export, _LOOK),
):
    app.command(_name, help=phrase(f"{_name}.help"), rich_help_panel=_panel)(_command)

for _name, _verb in decisions.COMMANDS:
    stories.app.command(_name, help=phrase(f"stories.{_name}"))(_verb)
articles.app.command("quarantined", help=phrase("articles.quarantined"))(quarantine.quarantined)
articles.app.command("retry", help=phrase("articles.retry"))(quarantine.retry)
alerts.app.command("enable", help=phrase("alerts.enable"))(recipients.enable)

for _name, _group in (("feeds", feeds.app), ("stories", stories.app), ("alerts", alerts.app), ("config", config.app)):
    app.add_typer(_group, name=_name, help=phrase(f"{_name}.help"), rich_help_panel=_LOOK)

app.command("replay", help=phrase("replay.help"), rich_help_panel=_MEASURE)(replay.replay)
app.add_typer(rules.app, name="rules", help=phrase("rules.help"), rich_help_panel=_LOOK)
app.add_typer(articles.app, name="articles", help=phrase("articles.help"), rich_help_panel=_LOOK)


# Options before the command for some, behind it for others: both are natural, so both are taken.
_VALUED, _BARE = ("--config", "--data"), ("--verbose", "-v")


def hoisted(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with the global options in front. `demo` has a --data of its own and is left as it is, and
    so is the --config behind `replay`, which names another lexicon and not another gigawatch."""
    if "demo" in arguments:
        return list(arguments)
    front: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            return [*front, *rest, argument, *waiting]
        if rest[:1] == ["replay"] and argument.partition("=")[0] == "--config":
            rest.append(argument)
        elif argument in _VALUED:
            front += [argument, *(value for value in [next(waiting, None)] if value is not None)]
        elif argument in _BARE or argument.partition("=")[0] in _VALUED:
            front.append(argument)
        else:
            rest.append(argument)
    return [*front, *rest]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (`sys.argv` by default); returns its exit code, see `exits`."""
    usage.speak()
    try:
        given = hoisted(sys.argv[1:] if arguments is None else arguments)
        result = app(given, prog_name="gigawatch", standalone_mode=False)
        sys.stdout.flush()
    except ConfigError as error:
        for fault in error.faults:
            screen.fault(told(fault))
        screen.remark("error.config", count=len(error.faults))
        return exits.code_of(error)
    except GigawatchError as error:
        screen.fault(told(error))
        return exits.code_of(error)
    except typer.TyperException as error:
        return _usage(error)
    except (KeyboardInterrupt, typer.Abort):
        return exits.INTERRUPTED
    except BrokenPipeError:
        # The reader went away (`| head`): nothing is left to say, and the flush at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.FAILED
    except Exception as error:  # the last border: a person gets one line, a maintainer the traceback
        screen.trace(error)
        screen.fault(phrase("error.bug", error=f"{type(error).__name__}: {error}"))
        return exits.FAILED
    return result if isinstance(result, int) else exits.OK


def _usage(error: typer.TyperException) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show() if hasattr(error, "show") else None
        return exits.USAGE
    screen.fault(usage.told(error.format_message()))
    if context is not None:
        screen.remark("error.usage", usage=usage.usage(context), command=context.command_path)
    return exits.USAGE
