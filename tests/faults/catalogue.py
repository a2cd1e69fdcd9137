"""Which fault tests there are: one module `fNN_name.py` each, found by its name.

A module has `TITLE`, `run(lab)` and may have `SHORT = True` (ends within 20 s, so it runs with the other tests too) and
`LAST = True` (runs after all others).
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults.lab import Lab

_NAME = re.compile(r"f(\d\d)_\w+")


@dataclass(frozen=True, slots=True)
class Case:
    """One test: `number` as in the table of README.md."""

    number: int
    title: str
    run: Callable[[Lab], None]
    short: bool
    last: bool


def cases() -> dict[int, Case]:
    """Return the tests by number, in order."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("f*.py")):
        name = _NAME.fullmatch(path.stem)
        if name is None:
            continue
        module = importlib.import_module(f"tests.faults.{path.stem}")
        number = int(name[1])
        found[number] = Case(
            number, module.TITLE, module.run, getattr(module, "SHORT", False), getattr(module, "LAST", False)
        )
    return found
