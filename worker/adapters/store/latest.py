"""The latest rows of each of many keys, by index, whatever the number of rows behind a key.

A window function or `key IN (...)` reads all rows of a key before it keeps the latest; a lateral join would do, but
SQLite has none. So: one sub-select with its own LIMIT per key. Statements are built once per number of keys, in few
sizes, for building costs more than running (60 keys: 10 ms against 0.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Column, CompoundSelect, Connection, Row, bindparam, select, union_all

_SIZES = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True, slots=True)
class Latest:
    """A search: `take` of the rows whose `key` columns equal a key, the latest by `order` first.

    The first column of `order` is the time. There must be an index of `key` and `order`.
    """

    key: tuple[Column[Any], ...]
    order: tuple[Column[Any], ...]
    take: tuple[Column[Any], ...]

    def of(
        self, connection: Connection, keys: Sequence[tuple[Any, ...]], *, since: datetime, limit: int
    ) -> Iterator[Row[Any]]:
        """Yield at most `limit` rows of each of `keys` not older than `since`."""
        rest = iter(keys)
        while chunk := list(islice(rest, _SIZES[-1])):
            size = next(size for size in _SIZES if size >= len(chunk))
            values = {"since": since, "limit": limit}
            for place in range(size):
                # No row equals a missing value: the statement's spare places find nothing.
                key = chunk[place] if place < len(chunk) else (None,) * len(self.key)
                values |= {f"k{place}_{part}": value for part, value in enumerate(key)}
            yield from connection.execute(_statement(self, size), values)


@lru_cache(maxsize=128)
def _statement(search: Latest, size: int) -> CompoundSelect[Any]:
    def one(place: int) -> Any:
        wanted = [column == bindparam(f"k{place}_{part}") for part, column in enumerate(search.key)]
        latest = (
            select(*search.take)
            .where(*wanted, search.order[0] >= bindparam("since"))
            .order_by(*(column.desc() for column in search.order))
            .limit(bindparam("limit"))
        )
        return select(latest.subquery())

    return union_all(*(one(place) for place in range(size)))
