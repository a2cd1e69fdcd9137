"""A database of an earlier version comes to this one's schema with all that it holds."""

from __future__ import annotations

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from tests.adapters.store_samples import NOW
from worker.adapters.store import Store
from worker.adapters.store.migrate import _config

_OLD = (
    "INSERT INTO article (id, entry_id, feed_id, record, fingerprint, seen_at, backlog, state, deal)"
    " VALUES ('a1', 1, 'gazette', '{\"text\": \"é\"}', 'ff', :now, false, 'done', false)",
    "INSERT INTO alert (id, type, rule_id, recipient_id, channel, subject, body, data, created_at, state)"
    " VALUES ('x1', 'test', 'r', 'journal', 'console', 's', 'corps', '{}', :now, 'dead')",
    "INSERT INTO delivery (alert_id, attempt, at, ok, detail) VALUES ('x1', 1, :now, false, 'non')",
)


def test_a_database_of_the_first_schema_is_upgraded_without_loss(database_url: str) -> None:
    store = Store(database_url)
    config = _config()
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        now = NOW.replace(tzinfo=None).isoformat(" ") if store.is_sqlite else NOW
        for statement in _OLD:
            connection.execute(text(statement), {"now": now})
    store.migrate()
    (row,) = store.alerts()
    assert (row.alert.body, row.state) == ("corps", "dead")
    assert [detail for _, _, detail in store.attempts_of("x1")] == ["non"]
    assert store.counts()["articles"] == 1
    assert (store.decisions(), store.recipient_states()) == ((), ())
    assert store.prune("articles", before=NOW.replace(year=2027), now=NOW, limit=10) == 1
    with store.read() as connection:
        assert connection.execute(text("SELECT pruned_at FROM article")).scalar() is not None
    store.close()


def test_each_migration_says_which_it_follows() -> None:
    for script in ScriptDirectory.from_config(_config()).walk_revisions():
        assert (
            f"Revision ID: {script.revision}\nRevises: {script.down_revision or 'nothing'}\n" in f"{script.longdoc}\n"
        )
