"""Values of the model as JSON columns, and back, without loss. Pydantic reads the types off the dataclasses."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Column, Label, Text, cast

T = TypeVar("T")

_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def to_record(value: Any) -> dict[str, Any]:
    """Return a dataclass of the model as JSON-ready values; times in ISO 8601, sets as sorted lists."""
    record: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json")
    for name, held in record.items():
        if isinstance(getattr(value, name), frozenset):
            record[name] = sorted(held)
    return record


def from_record(kind: type[T], record: dict[str, Any]) -> T:
    """Return the `kind` that `to_record` wrote; raises pydantic's ValidationError for a record of another shape."""
    value: T = _adapter(kind).validate_python(record)
    return value


def written(record: Column[Any]) -> Label[str]:
    """Return a column of records as it is written: to read the text at once takes half of what dictionaries take."""
    return cast(record, Text).label(record.name)


def from_text(kind: type[T], text: str) -> T:
    """Return the `kind` of a record that was chosen as `written`; raises ValidationError as `from_record` does."""
    value: T = _adapter(kind).validate_json(text)
    return value
