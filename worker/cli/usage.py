"""What Typer says of a wrong command line and above its lists of options, in the language of the command line.

Typer has its sentences in English alone. Those that its errors may hold are known here by their shape; one that is not
known stays as it is, for half a sentence translated helps nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import typer
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup

from worker.cli.phrases import phrase

F = TypeVar("F", bound=Callable[..., Any])

# The group `of` is what a sentence is about, `rest` what follows it, in words of its own.
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(shape, re.DOTALL), key)
    for shape, key in (
        (r"No such command (?P<of>'.*?')\. Did you mean (?P<rest>.+)\?", "usage.command_near"),
        (r"No such command (?P<of>'.*')\.", "usage.command"),
        (r"Missing command\.", "usage.no_command"),
        (r"Missing argument (?P<of>'.*')\.", "usage.argument"),
        (r"Missing (?:option|parameter) (?P<of>'.*')\.", "usage.needed"),
        (r"No such option: (?P<of>\S+) \((?:Possible options:|Did you mean) (?P<rest>.+?)\??\)", "usage.option_near"),
        (r"No such option: (?P<of>\S+)", "usage.option"),
        (r"Option (?P<of>'.*') requires (?:an argument|\d+ arguments)\.", "usage.no_value"),
        (r"Option (?P<of>'.*') does not take a value\.", "usage.a_value"),
        (r"Got unexpected extra argument(?:\(?s\)?)? \((?P<of>.*)\)", "usage.extra"),
        (r"Invalid value for (?P<of>'.*'): (?P<rest>.*)", "usage.invalid"),
        (r"Input should be a valid integer.*", "usage.integer"),
        (r"Input should be a valid number.*", "usage.number"),
        (r"Input should be greater than or equal to (?P<of>\S+)", "usage.least"),
        (r"Input should be less than or equal to (?P<of>\S+)", "usage.most"),
    )
)


def told(message: str) -> str:
    """Return what is wrong with a command line, given in Typer's words, in the language in use."""
    for shape, key in _SHAPES:
        found = shape.fullmatch(message)
        if found is not None:
            parts = found.groupdict()
            rest = told(parts["rest"]) if parts.get("rest") else ""
            return phrase(key, of=parts.get("of", ""), rest=rest)
    return message


def usage(context: typer.Context) -> str:
    """Return the line that shows how a command is called."""
    line = context.get_usage().removeprefix("Usage: ")
    return phrase("usage.line", line=line)


def speak() -> None:
    """Let the frames of every help text have titles in the language in use."""
    rich_utils.ARGUMENTS_PANEL_TITLE = phrase("usage.arguments")
    rich_utils.OPTIONS_PANEL_TITLE = phrase("usage.options")
    rich_utils.COMMANDS_PANEL_TITLE = phrase("usage.commands")
    rich_utils.DEFAULT_STRING = phrase("usage.default", value="{}")
    rich_utils.REQUIRED_LONG_STRING = phrase("usage.required")


class _Command(TyperCommand):
    """A command whose `--help` speaks the language in use."""

    def get_help_option(self, ctx: Any) -> Any:
        return _worded(super().get_help_option(ctx))


class _Group(TyperGroup):
    """A noun whose `--help` speaks the language in use."""

    def get_help_option(self, ctx: Any) -> Any:
        return _worded(super().get_help_option(ctx))


def _worded(option: Any) -> Any:
    if option is not None:
        option.help = phrase("usage.help")
    return option


class Commands(typer.Typer):
    """An application, or a noun of it, as Typer makes them, with the words of this command line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(cls=_Group, **options)

    def command(self, name: str | None = None, **options: Any) -> Callable[[F], F]:
        """Take a function as a command, as Typer does."""
        return super().command(name, **{"cls": _Command, **options})
