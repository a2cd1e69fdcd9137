"""The list of all settings as data, for the README's test, for `doctor`, and for nobody to keep by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from worker.settings.environment import PREFIX, SHORT
from worker.settings.sections import SECTIONS, key_of


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of gigawatch.toml: its section, key, default (seconds, bytes), meaning and variable."""

    section: str
    key: str
    default: Any
    meaning: str
    variable: str

    @property
    def name(self) -> str:
        return f"{self.section}.{self.key}"


def reference() -> tuple[Setting, ...]:
    """Return every key of every section, in the order of the file."""
    short = {target: name for name, target in SHORT.items()}
    found = []
    for section, model in SECTIONS.items():
        for name, field in model.model_fields.items():
            key = key_of(name)
            default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
            variable = short.get((section, key), f"{PREFIX}{section}__{key}".upper())
            found.append(Setting(section, key, default, field.description or "", variable))
    return tuple(found)
