"""What the database does for each statement: the plans of all that ran between two moments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from worker.adapters.store import Store

# Tables that grow without end. A plan that reads one of them from end to end grows with it.
GROWING = ("article", "article_band", "entry", "story", "story_party", "story_pair", "edge", "change", "alert", "loop")
_SCAN = re.compile(rf"\b(?:SCAN|Seq Scan on) ({'|'.join(GROWING)})\b(?! USING (?:COVERING )?INDEX \S+_open)")

_FEW = 5_000

Statement = tuple[str, Any]


@contextmanager
def recorded(store: Store) -> Iterator[list[Statement]]:
    """Give the list of the different statements that `store` runs, with the values of their first run."""
    found: dict[str, Any] = {}
    statements: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        if statement not in found and statement.lstrip().split()[0] in ("SELECT", "UPDATE", "DELETE"):
            found[statement] = None
            statements.append((statement, values[0] if many else values))

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def scans(store: Store, statements: list[Statement], *, forced: bool = False) -> list[str]:
    """Return for each statement that reads a growing table from end to end: the table and the statement's beginning.

    PostgreSQL reads small tables whole by choice: those of a few rows do not count, and with `forced` it does so only
    where no index is of use.
    """
    explain = "EXPLAIN QUERY PLAN " if store.is_sqlite else "EXPLAIN "
    found = []
    with store.engine.connect() as connection:
        if forced and not store.is_sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, values in statements:
            rows = connection.exec_driver_sql(explain + statement, values).all()
            plan = "\n".join(str(row[-1]) for row in rows)
            tables = [table for table in _SCAN.findall(plan) if forced or _rows(connection, table) > _FEW]
            found += [f"{table}: {' '.join(statement.split())[:160]}" for table in tables]
        connection.rollback()
    return found


def _rows(connection: Connection, table: str) -> int:
    return int(connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar() or 0)
