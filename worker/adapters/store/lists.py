"""A list of values as one parameter, so that a statement is the same however long the list is.

An `IN` with a place per value is another statement for each length: it is put together, and planned by the database,
anew nearly every time. SQLite takes the list as JSON, PostgreSQL as an array.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Boolean, ColumnElement, String, Text, TypeDecorator, bindparam, column
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine


class _Listed(TypeDecorator[Sequence[Any]]):
    """Values of one type, an array or their JSON."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self.item))

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return json.dumps(list(value)) if dialect.name == "sqlite" else list(value)


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002
        # A condition as it stands: "... = 1" around it would be out of reach of an index.
        return self


class _Each(FunctionElement[str]):
    type = String()
    inherit_cache = True


@compiles(_Among)
def _any_of(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    wanted, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{wanted} = ANY ({values})"


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    wanted, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{wanted} IN (SELECT value FROM json_each({values}))"  # noqa: S608


@compiles(_Each)
def _unnested(element: _Each, compiler: SQLCompiler, **options: Any) -> str:
    return f"(SELECT unnest({compiler.process(element.clauses, **options)}) AS value)"


@compiles(_Each, "sqlite")
def _each_of_json(element: _Each, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


def among(wanted: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that a column's value is in the list which the parameter `name` holds."""
    # Without the column's length: a longer value equals nothing, and must not be cut until it equals something.
    item = String() if isinstance(wanted.type, String) else wanted.type
    return _Among(wanted, bindparam(name, type_=_Listed(item)))


def each(name: str) -> TableValuedAlias:
    """Return a table of the texts in the list which the parameter `name` holds, its only column `value`."""
    return _Each(bindparam(name, type_=_Listed(String()))).table_valued(column("value", String), name=name)
