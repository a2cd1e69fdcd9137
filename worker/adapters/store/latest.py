"""The latest rows of each of many keys, by index, whatever the number of rows behind a key.

A window function or `key IN (...)` reads all rows of a key before it keeps the latest; a lateral join would do, but
SQLite has none. So: one sub-select with its own LIMIT per key. Statements are built once per number of keys, in few
sizes, for building costs more than running (60 keys: 10 ms against 0.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Row, bindparam, select, union_all

_SIZES = (1, 2, 4, 8, 16, 32, 64)

Keys = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Latest:
    """A search: `take` of the rows whose `key` columns equal a key, the latest by `order` first.

    The first column of `order` is the time. There must be an index of `key` and `order`.
    """

    key: tuple[ColumnElement[Any], ...]
    order: tuple[ColumnElement[Any], ...]
    take: tuple[ColumnElement[Any], ...]

    def of(self, connection: Connection, keys: Keys, *, since: datetime, limit: int) -> list[Row[Any]]:
        """Return at most `limit` rows of each of `keys` not older than `since`."""
        return together(connection, [(self, keys)], since=since, limit=limit)


def together(
    connection: Connection, asked: Sequence[tuple[Latest, Keys]], *, since: datetime, limit: int
) -> list[Row[Any]]:
    """Return what several searches find, each for its own keys, asked at once; all `take` columns of the same sort."""
    found: list[Row[Any]] = []
    for start in range(0, max((len(keys) for _, keys in asked), default=0), _SIZES[-1]):
        parts = [(search, keys[start : start + _SIZES[-1]]) for search, keys in asked if keys[start:]]
        sized = tuple((search, next(size for size in _SIZES if size >= len(keys))) for search, keys in parts)
        values: dict[str, Any] = {"since": since, "limit": limit}
        for number, ((search, size), (_, keys)) in enumerate(zip(sized, parts, strict=True)):
            # No row equals a missing value: the statement's spare places find nothing.
            spare = [(None,) * len(search.key)] * (size - len(keys))
            for place, key in enumerate([*keys, *spare]):
                for part, value in enumerate(key):
                    values[f"k{number}_{place}_{part}"] = value
        found += connection.execute(_statement(sized), values).all()
    return found


@lru_cache(maxsize=256)
def _statement(sized: tuple[tuple[Latest, int], ...]) -> CompoundSelect[Any]:
    def one(search: Latest, number: int, place: int) -> Any:
        wanted = [column == bindparam(f"k{number}_{place}_{part}") for part, column in enumerate(search.key)]
        latest = (
            select(*search.take)
            .where(*wanted, search.order[0] >= bindparam("since"))
            .order_by(*(column.desc() for column in search.order))
            .limit(bindparam("limit"))
        )
        return select(latest.subquery())

    return union_all(
        *(one(search, number, place) for number, (search, size) in enumerate(sized) for place in range(size))
    )
