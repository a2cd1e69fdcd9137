"""From pydantic's errors to faults that a person can act on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from worker.errors import Fault
from worker.settings.files import did_you_mean

Where = Callable[[tuple[str | int, ...]], str]

_EXPECTED = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "a text in quotes",
    "tuple_type": "a list in brackets",
    "list_type": "a list in brackets",
    "dict_type": "a table",
    "model_type": "a table",
    "path_type": "a path in quotes",
    "too_short": "at least one",
    "string_too_short": "a text that is not empty",
    "string_pattern_mismatch": "two capital letters (ISO 3166) or nothing",
}


def _limit(error: ErrorDetails) -> str:
    bounds = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}
    words = [text.format(error.get("ctx", {})[name]) for name, text in bounds.items() if name in error.get("ctx", {})]
    return " and ".join(words)


def _choice(error: ErrorDetails) -> str:
    choices = re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))
    near = did_you_mean(str(error["input"]), choices) if isinstance(error["input"], str) else ""
    return "one of " + ", ".join(choices) + (f"; {near}" if near else "")


def _shown_value(value: Any) -> str:
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= 60 else text[:57] + "..."


def _worded(error: ErrorDetails, known: Sequence[str]) -> tuple[str, str]:
    """Return (problem, expected) of one of pydantic's errors."""
    kind, key = error["type"], str(error["loc"][-1]) if error["loc"] else ""
    if kind == "extra_forbidden":
        return "unknown key", did_you_mean(key, list(known)) or ("one of " + ", ".join(known))
    if kind == "missing":
        return "missing", "a value"
    if isinstance(error["input"], dict) and kind in {"value_error", "assertion_error"}:
        return "incomplete or contradictory", str(error.get("ctx", {}).get("error", error["msg"]))
    problem = f"{_shown_value(error['input'])} is not valid"
    if kind == "value_error":
        return problem, str(error.get("ctx", {}).get("error", error["msg"]))
    if kind in {"enum", "literal_error"}:
        return problem, _choice(error)
    return problem, _EXPECTED.get(kind) or _limit(error) or error["msg"]


def from_validation(
    error: ValidationError, *, at: tuple[str | int, ...], where: Where, known: Sequence[str], secret: Sequence[str] = ()
) -> list[Fault]:
    """Return a fault for each of pydantic's errors.

    `at` is the path of what was validated, `where` names the place of a path, `known` are the keys allowed there,
    `secret` the keys whose value must not be shown.
    """
    faults = []
    for detail in error.errors(include_url=False):
        loc = tuple(part for part in detail["loc"] if not (isinstance(part, str) and "[" in part))
        problem, expected = _worded(detail, known)
        if detail["type"] != "extra_forbidden" and any(part in secret for part in loc):
            problem = problem if problem == "missing" else "the value (not shown) is not valid"
        path = (*at, *loc)
        faults.append(Fault(where(path), dotted(path), problem, expected))
    return faults


def dotted(path: Sequence[str | int]) -> str:
    """Return `feed[3].pages.text` for a path; people count from 1."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text
