"""Finding and reading the configuration files. What a folder lacks comes from the packaged one, file by file."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import tomli

from worker.errors import Fault
from worker.settings.lines import line_numbers, line_of

TABLES = (
    "gigawatch.toml",
    "feeds.toml",
    "companies.toml",
    "lexicon.toml",
    "alerts.toml",
    "rates.toml",
    "detector.json",
)
# Above any real table (detector.json, the largest, is under 10 MB): a file of this size is a mistake, such as a device.
_LARGEST = 12 * 2**20
_CLOSE = 0.8


def packaged() -> Path:
    """Return the folder of the defaults: inside the package where it was installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_config"
    return inside if inside.is_dir() else package.parent / "config"


def did_you_mean(word: str, known: list[str] | tuple[str, ...], cutoff: float = 0.6) -> str:
    """Return `did you mean "x"?` for the nearest of `known`, or ""."""
    near = difflib.get_close_matches(word.lower(), [name.lower() for name in known], n=1, cutoff=cutoff)
    match = next((name for name in known if near and name.lower() == near[0]), "")
    return f'did you mean "{match}"?' if match else ""


def shown(path: Path) -> str:
    """Return a path as people know it: relative where it lies under the current folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


@dataclass(frozen=True)
class Table:
    """One parsed file, able to say where a key stands."""

    path: Path
    text: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def _lines(self) -> dict[tuple[str | int, ...], int]:
        return line_numbers(self.text) if self.path.suffix == ".toml" else {}

    def where(self, *keys: str | int) -> str:
        """Return `file:line` of a key, or the file alone."""
        line = line_of(self._lines, keys)
        return f"{shown(self.path)}:{line}" if line else shown(self.path)


def parse(path: Path, faults: list[Fault]) -> Table:
    """Return the parsed file; its faults are noted in `faults` and leave it empty."""
    text = _text(path, faults)
    if text is None:
        return Table(path)
    try:
        values = tomli.loads(text) if path.suffix == ".toml" else json.loads(text)
    except tomli.TOMLDecodeError as error:
        message = str(error)
        line = re.search(r"at line (\d+)", message)
        place = f"{shown(path)}:{line[1]}" if line else shown(path)
        faults.append(Fault(place, "", f"not TOML: {message}"))
        return Table(path, text)
    except RecursionError:
        faults.append(Fault(shown(path), "", "nested too deeply", "a plain table"))
        return Table(path, text)
    except ValueError as error:
        line_number = getattr(error, "lineno", None)
        faults.append(Fault(f"{shown(path)}:{line_number or 1}", "", f"not JSON: {error}"))
        return Table(path, text)
    if not isinstance(values, dict):
        faults.append(Fault(shown(path), "", "not a table", "named values"))
        return Table(path, text)
    return Table(path, text, values)


def _text(path: Path, faults: list[Fault]) -> str | None:
    try:
        if path.stat().st_size > _LARGEST:
            faults.append(Fault(shown(path), "", "too large", f"at most {_LARGEST // 2**20} MiB"))
            return None
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        faults.append(Fault(shown(path), "", f"cannot be read: {error.strerror}", "a readable file"))
    except UnicodeDecodeError as error:
        line = path.read_bytes().count(b"\n", 0, error.start) + 1
        faults.append(Fault(f"{shown(path)}:{line}", "", "not UTF-8", "a file saved as UTF-8"))
    return None


class Folder:
    """The folder asked for over the packaged one, and the faults met while reading from them."""

    def __init__(self, config: Path | None, environ: Mapping[str, str]) -> None:
        self.faults: list[Fault] = []
        self.own = self._own(config, environ)

    def _own(self, config: Path | None, environ: Mapping[str, str]) -> Path | None:
        asked, where = (
            (config, "--config") if config else (Path(environ.get("GIGAWATCH_CONFIG", "")), "GIGAWATCH_CONFIG")
        )
        if asked != Path():
            if not asked.is_dir():
                found = "is not a folder" if asked.exists() else "does not exist"
                self.faults.append(Fault(where, "", f"{asked} {found}", "the folder with gigawatch.toml"))
                return None
            self._check_names(asked)
            return asked
        here = Path("config")
        if not any((here / name).is_file() for name in TABLES):  # somebody else's folder of that name
            return None
        self._check_names(here)
        return here

    def _check_names(self, folder: Path) -> None:
        """A misspelt file would be passed over in silence and the packaged one used: say so."""
        try:
            paths = sorted(folder.iterdir())
        except OSError as error:
            self.faults.append(Fault(shown(folder), "", f"cannot be read: {error.strerror}", "a readable folder"))
            return
        for path in paths:
            if path.suffix in {".toml", ".json"} and path.name not in TABLES:
                near = did_you_mean(path.name, TABLES, cutoff=0.85)
                if near:
                    self.faults.append(Fault(shown(path), "", "unknown file", near))

    def find(self, name: str) -> Path | None:
        """Return the path that `name` is read from, or None where even the packaged folder lacks it."""
        for folder in (self.own, packaged()):
            if folder is not None and (folder / name).exists():
                return folder / name
        return None

    def read(self, name: str) -> Table:
        """Return the parsed file; its faults are noted and leave it empty."""
        path = self.find(name)
        return Table(Path(name)) if path is None else parse(path, self.faults)

    def templates(self) -> dict[str, str]:
        """Return name and text of every message template, those of the folder asked for first."""
        return {**self.packaged_templates(), **(self._templates_of(self.own) if self.own else {})}

    def packaged_templates(self) -> dict[str, str]:
        """Return name and text of the templates that gigawatch brings."""
        return self._templates_of(packaged())

    def template_folder(self) -> str:
        """Return where the templates of the folder asked for lie, as people know it."""
        return shown((self.own or packaged()) / "templates")

    def _templates_of(self, folder: Path) -> dict[str, str]:
        root = folder / "templates"
        found: dict[str, str] = {}
        for path in sorted(root.rglob("*")) if root.is_dir() else []:
            if path.is_file() and not path.name.startswith("."):
                text = _text(path, self.faults)
                if text is not None:
                    found[path.relative_to(root).as_posix()] = text
        return found


def read_secret(path: Path, *, where: str, key: str, faults: list[Fault]) -> str:
    """Return the text of a secret's file without its last line break; "" and a fault where it cannot be read."""
    try:
        if path.stat().st_size > 65536:
            faults.append(Fault(where, key, f"{path} is too large for a secret", "a file with the secret alone"))
            return ""
        text = path.read_text(encoding="utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        faults.append(Fault(where, key, f"{path} is not UTF-8 text", "a file with the secret alone"))
        return ""
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        faults.append(Fault(where, key, f"{str(path)!r} cannot be read: {reason}", "a file with the secret alone"))
        return ""
    if not text.strip():
        faults.append(Fault(where, key, f"{path} is empty", "a file with the secret alone"))
    return text
