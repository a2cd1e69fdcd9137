"""A store as an earlier schema had it, with a row or more in every table that it knew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy
from alembic import command
from sqlalchemy import Connection, Table

from tests.adapters.store_samples import NOW, alert, article, feed, flow, story
from worker.adapters.store import Store
from worker.adapters.store.feeds import fresh_feed, settings_of
from worker.adapters.store.migrate import _config
from worker.adapters.store.records import to_record
from worker.model import Change, ChangeKind, Edge

_EDGE = Edge("Nordlys", "Helvia", flow().kind, 2e9, "USD", flow().status, flow().bound, "s1", NOW)
_CHANGE = Change(ChangeKind.NEW_STORY, "s1", 1)

# By table: what the rows hold; columns that a schema does not have are left out, others that it wants are made up.
ROWS: dict[str, list[dict[str, Any]]] = {
    "feed": [
        {
            **fresh_feed(NOW), "id": "gazette", "name": "Gazette", "url": feed().url, "settings": settings_of(feed()),
            "origin": "config", "etag": '"7"', "polls": 3,
        }
    ],
    "entry": [
        {"id": 1, "feed_id": "gazette", "guid": "g1", "title": "Nordlys loue un centre", "state": "done"},
        {"id": 2, "feed_id": "gazette", "guid": "g2", "title": "à lire", "state": "open", "next_attempt_at": NOW},
    ],
    "entry_key": [{"key": "u|g1", "feed_id": "gazette"}, {"key": "u|g2", "feed_id": "gazette"}],
    "article": [
        {"id": "a1", "entry_id": 1, "feed_id": "gazette", "record": to_record(article()), "state": "open"},
        {"id": "a2", "entry_id": 1, "feed_id": "gazette", "record": to_record(article("a2")), "state": "quarantined"},
    ],
    "story": [{"id": "s1", "version": 1, "status": "announced", "record": to_record(story())}],
    "story_party": [{"party": "nordlys", "story_id": "s1"}, {"party": "helvia", "story_id": "s1"}],
    "edge": [{"id": 1, "story_id": "s1", "payer": "nordlys", "payee": "helvia", "record": to_record(_EDGE)}],
    "change": [
        {"id": 1, "story_id": "s1", "version": 1, "article_id": "a1", "kind": "new_story", "record": to_record(_CHANGE)}
    ],
    "alert": [
        {
            "id": state, "type": "deal.detected", "rule_id": "r", "recipient_id": "desk", "channel": "console",
            "story_id": "s1", "body": alert().body, "data": {"story": "s1"}, "state": state,
        }
        for state in ("open", "held", "done", "dead")
    ],
    "delivery": [{"id": 1, "alert_id": "dead", "attempt": 1, "ok": False, "detail": "non"}],
}  # fmt: skip


def fill(store: Store, revision: str) -> dict[str, int]:
    """Make the tables of `revision` in an empty database and put rows into all; returns how many each has."""
    config = _config()
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        found = sqlalchemy.MetaData()
        found.reflect(connection)
        for table in found.sorted_tables:
            if table.name != "alembic_version":
                for row in ROWS.get(table.name, [{}]):
                    _insert(connection, table, row)
    return counted(store)


def counted(store: Store) -> dict[str, int]:
    """Return the number of rows of every table there is."""
    with store.read() as connection:
        names = sqlalchemy.inspect(connection).get_table_names()
        return {
            name: connection.scalar(sqlalchemy.text(f'SELECT count(*) FROM "{name}"')) or 0
            for name in names
            if name != "alembic_version"
        }


def _insert(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    values = {column.name: row.get(column.name, _made_up(table, column)) for column in table.columns}
    naive = connection.dialect.name == "sqlite"
    plain = {
        name: value.astimezone(UTC).replace(tzinfo=None) if naive and hasattr(value, "astimezone") else value
        for name, value in values.items()
        if value is not ...
    }
    connection.execute(table.insert().values(**plain))


def _made_up(table: Table, column: Any) -> Any:
    if column.server_default is not None or (column.nullable and not column.primary_key):
        return ...
    reference = next(iter(column.foreign_keys), None)
    if reference is not None:
        return ROWS.get(reference.column.table.name, [{}])[0].get("id", 1)
    kind = column.type.python_type if not isinstance(column.type, sqlalchemy.JSON) else dict
    plain: dict[type, Any] = {int: 1, float: 1.0, bool: False, dict: {}, datetime: NOW}
    return plain.get(kind, table.name)
