"""Rows of the tables: what all have in common, and the reader that gathers what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from worker.errors import Fault
from worker.settings import values
from worker.settings.faults import dotted, from_validation
from worker.settings.files import Table, did_you_mean

Model = TypeVar("Model", bound=BaseModel)
Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(values.read_list)]


class Row(BaseModel):
    """One table of a file: frozen, and an unknown key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the keys that a row may have in its file."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


class Reader:
    """Reads the rows of one table and gathers what is wrong with them."""

    def __init__(self, table: Table, faults: list[Fault], *, top: tuple[str, ...]) -> None:
        self.table = table
        self.faults = faults
        for key in table.values:
            if key not in top:
                self.note((key,), "unknown key", did_you_mean(key, top) or "one of " + ", ".join(top))

    def note(self, path: tuple[str | int, ...], problem: str, expected: str = "") -> None:
        """Note one fault at `path`."""
        self.faults.append(Fault(self.table.where(*path), dotted(path), problem, expected))

    def rows(self, key: str) -> list[tuple[int, Mapping[str, Any]]]:
        """Return the elements of `[[key]]` with their positions."""
        found = self.table.values.get(key, [])
        if isinstance(found, list) and all(isinstance(row, dict) for row in found):
            return list(enumerate(found))
        self.note((key,), "not a list of tables", f"[[{key}]] before each")
        return []

    def row(
        self, model: type[Model], value: Any, path: tuple[str | int, ...], secret: tuple[str, ...] = ()
    ) -> Model | None:
        """Return one row as `model`, or None after noting its faults."""
        try:
            return model.model_validate(value)
        except ValidationError as error:
            known = keys_of(model)
            for field in model.model_fields.values():
                # The keys of a table inside the row, for whoever wrote one a level too high.
                inner = field.annotation
                if isinstance(inner, type) and issubclass(inner, Row):
                    known = (*known, *keys_of(inner))
            self.faults += from_validation(
                error, at=path, where=lambda at: self.table.where(*at), known=known, secret=secret
            )
            return None

    def unique(self, seen: dict[str, tuple[str | int, ...]], value: Any, path: tuple[str | int, ...]) -> None:
        """Note a value that another row has already; what is no text, or empty, is the type's matter."""
        if not isinstance(value, str) or not value:
            return
        if value in seen:
            # An address may hold a token.
            shown = f'"{value}"' if "/" not in value else "the same address"
            self.note(path, f"{shown} again", f"a value of its own; first at {self.table.where(*seen[value])}")
        seen.setdefault(value, path)
