"""A store of an earlier schema becomes one of today's without loss."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text

from tests.cli import books
from worker.adapters.store import Store
from worker.adapters.store.migrate import _config


def test_a_ledger_of_the_first_schema_is_searched_after_the_upgrade(database_url: str) -> None:
    old = Store(database_url)
    config = _config()
    with old.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        now = {"at": "2026-03-02 09:30:00"}
        connection.execute(
            text(
                "INSERT INTO story (id, version, status, title, record, opened_at, updated_at) "
                "VALUES ('s', 1, 'announced', 't', '{}', :at, :at)"
            ),
            now,
        )
        record = (
            '{"payer": "B", "payee": "A", "kind": "debt", "amount": 1.0, "currency": "USD", "status": "announced", '
            '"bound": "exact", "story_id": "s", "date": "2026-03-01T00:00:00Z", "source": ""}'
        )
        connection.execute(
            text("INSERT INTO edge (story_id, payer, payee, record, date) VALUES ('s', 'b', 'a', :record, :at)"),
            {"record": record, **now},
        )
    old.migrate()
    (edge,) = old.edges_between(["A", "B"])
    assert (edge.payer, edge.payee) == ("B", "A")
    with old.filing(books.NOW) as filing:
        back = [edge.__class__("A", "B", edge.kind, 1.0, "USD", edge.status, edge.bound, "n", books.NOW)]
        assert filing.ways_back(back, since=books.day(2025, 1, 1)) == (edge,)
    old.close()
