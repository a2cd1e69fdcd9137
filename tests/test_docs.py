"""The README against the code: every setting, command, flag, exit code and room stands in it, and nothing else does."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from tests.conftest import ROOT
from worker.cli import app, exits
from worker.model import Bound, ChannelKind, Flow, Kind, Status
from worker.settings import Setting, reference
from worker.settings.environment import ELSEWHERE, SHORT
from worker.settings.files import TABLES
from worker.settings.sections import SECTIONS, key_of
from worker.settings.tables import FEED_KEYS, PAGE_KEYS, RECIPIENT_KEYS, RULE_KEYS, SYSTEM_KEYS

README = (ROOT / "README.md").read_text(encoding="utf-8")
# Set for one shell, not in a file: what completion is made of by Typer itself.
NOT_OURS = {"--install-completion", "--show-completion", "--help"}


def table(first: str) -> list[list[str]]:
    """Return the rows of the README's table whose first heading is `first`, cells without back-quotes around them."""
    found = re.search(rf"^\| {re.escape(first)} \|.*\n\|[ -|]+\|\n((?:\|.*\n)+)", README, re.MULTILINE)
    assert found, f"the README has no table headed {first!r}"
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in found[1].splitlines()]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def written(setting: Setting) -> str:
    """Return a default as the README writes it."""
    default = setting.default
    field = next(name for name in SECTIONS[setting.section].model_fields if key_of(name) == setting.key)
    if field.endswith("_s"):
        unit, size = next(
            (unit, size) for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)) if default % size == 0
        )
        return f"`{default // size:.0f}{unit}`"
    if field.endswith("_bytes"):
        return f"`{default // 2**20} MiB`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, int | float):
        return f"`{default}`"
    if isinstance(default, Path):
        return "the system's"
    return {(): "none", None: "unset", "": "empty"}.get(default) or f"`{default}`"


def test_every_setting_with_its_default_and_meaning() -> None:
    rows = {named(name)[0]: (default, meaning) for name, default, meaning in table("key")}
    extra = {"smtp.password_file", "rates.XXX"}
    assert set(rows) - extra == {setting.name for setting in reference()}
    for setting in reference():
        assert rows[setting.name][1] == setting.meaning
        assert rows[setting.name][0] == written(setting), setting.name


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("key of `[[feed]]`", FEED_KEYS),
        ("key of `[recipients.NAME]`", RECIPIENT_KEYS),
        ("key of `[[rules]]`", RULE_KEYS),
        ("key of `[system]`", SYSTEM_KEYS),
        ("kind", tuple(Kind)),
        ("file", (*TABLES, "templates/")),
    ],
)
def test_every_key_of_the_tables(heading: str, keys: tuple[str, ...]) -> None:
    assert {named(row[0])[0] for row in table(heading)} == set(keys)


def test_every_field_of_a_flow_and_every_word_that_it_may_hold() -> None:
    rows = {name: row[1] for row in table("field") for name in named(row[0])}
    assert set(rows) == set(Flow.__dataclass_fields__) - {"kind"}
    assert named(rows["bound"]) == list(Bound)
    assert named(rows["status"]) == list(Status)
    selectors = next(row[1] for row in table("key of `[[feed]]`") if named(row[0]) == ["pages"])
    assert set(named(selectors)) == set(PAGE_KEYS)
    channels = next(row[1] for row in table("key of `[recipients.NAME]`") if named(row[0]) == ["channel"])
    assert set(named(channels)) == set(ChannelKind)


def commands() -> Iterator[tuple[str, set[str]]]:
    """Give every command with its long options."""

    def walk(command: object, path: str) -> Iterator[tuple[str, set[str]]]:
        children = getattr(command, "commands", None)
        if children is None:
            options = {
                name for option in getattr(command, "params", ()) for name in option.opts if name.startswith("--")
            }
            yield path, options - NOT_OURS
        else:
            for name, child in children.items():
                yield from walk(child, f"{path} {name}")

    yield from walk(get_command(app), "gigawatch")


def test_every_command_with_its_options() -> None:
    told = {named(row[0])[0]: set(named(row[1])) for row in table("command")}
    assert told == dict(commands())


def test_the_options_before_the_command() -> None:
    opening = README.split("## Commands\n", 1)[1].strip().split("\n\n")[0]
    told = {name.split()[0] for name in named(opening) if name.startswith("--")} - {"--json"} - NOT_OURS
    real = {option.opts[0] for option in get_command(app).params} - NOT_OURS
    assert told == real


def test_every_exit_code_with_its_meaning() -> None:
    assert {int(code): meaning for code, meaning in table("exit code")} == exits.MEANINGS


def test_every_variable_exists() -> None:
    real = {setting.variable for setting in reference()} | set(SHORT) | set(ELSEWHERE)
    real |= {f"{name}_FILE" for name in real} | {"GIGAWATCH_SECTION__KEY", "GIGAWATCH_SMTP__PASSWORD_FILE"}
    # What the compose file itself fills in from .env.
    real |= set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    for path in (ROOT / "README.md", ROOT / ".env.example", ROOT / "config" / "gigawatch.toml"):
        told = set(re.findall(r"GIGAWATCH_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8")))
        assert told - {"GIGAWATCH_SECTION__KEY_FILE"} <= real, path.name
    assert {*SHORT, *ELSEWHERE} <= set(re.findall(r"GIGAWATCH_[A-Z_]*[A-Z]", README))


def test_every_command_named_in_passing_exists() -> None:
    known = {path for path, _ in commands()}
    for quoted in re.findall(r"`gigawatch ([a-z ]+?)(?: [A-Z-][^`]*)?`", README):
        assert f"gigawatch {quoted}" in known, quoted


def test_the_map_of_the_rooms_is_true() -> None:
    drawing = README.split("## The rooms\n", 1)[1].split("```")[1]
    rooms = re.findall(r"^  (\S+)", drawing, re.MULTILINE)
    real = {
        path.name + ("/" if path.is_dir() else "") for path in (ROOT / "worker").iterdir() if path.name != "__init__.py"
    }
    assert set(rooms) == {name for name in real if not name.startswith(("__pycache__", "py.typed"))}
    for top in re.findall(r"^(\S+)", drawing, re.MULTILINE):
        assert (ROOT / top).is_dir(), top


@pytest.mark.parametrize(("name", "lock"), [("start", "constraints.txt"), ("test", ".ci/constraints-test.txt")])
def test_the_two_commands_are_one_line_each_and_install_what_is_locked(name: str, lock: str) -> None:
    script = [sys.executable, str(ROOT / ".ci" / "readme_command.py"), name]
    command = subprocess.run(script, capture_output=True, text=True, check=True, timeout=30).stdout
    assert command.count("\n") == 1
    assert f"-r {lock} " in command
    assert (ROOT / lock).is_file()


def test_both_languages_of_the_readme_and_every_link_into_it() -> None:
    headings = {
        re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-") for line in re.findall(r"^#+ (.*)", README, re.M)
    }
    for target in re.findall(r"\]\(#([^)]+)\)", README):
        assert target in headings
    for target in re.findall(r"\]\((?!#|https?:)([^)]+)\)", README):
        assert (ROOT / target).exists(), f"the README links to {target}"
