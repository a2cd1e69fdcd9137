"""From every schema there was to this one, on both databases, with rows in every table; and killed on the way."""

from __future__ import annotations

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests.adapters.old_stores import counted, fill
from tests.adapters.store_samples import NOW
from tests.conftest import ROOT
from worker.adapters.store import Store
from worker.adapters.store.migrate import _config, head
from worker.adapters.store.schema import metadata

_REVISIONS = [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]

_KILLED = """
import os, signal, sys
from sqlalchemy import event
from worker.adapters.store import Store

store, left = Store(sys.argv[1]), int(sys.argv[2])
CHANGES = ("CREATE", "ALTER", "DROP", "UPDATE", "INSERT")


@event.listens_for(store.engine, "after_cursor_execute")
def count(connection, cursor, statement, *rest):
    global left
    if statement.split()[0].upper() in CHANGES:
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)


store.migrate()
"""


def readable(store: Store) -> None:
    """Read through the store what the rows of every schema hold."""
    assert {row.state for row in store.alerts()} == {"open", "held", "done", "dead"}
    assert [one.id for one in store.stories()] == ["s1"]
    assert [change.story_id for _, change in store.changes("s1")] == ["s1"]
    assert [(edge.payer, edge.payee) for edge in store.edges_between(["Nordlys", "Helvia"])] == [("Nordlys", "Helvia")]
    assert [(one.feed.id, one.etag) for one in store.feeds()] == [("gazette", '"7"')]
    assert [one.entry.guid for one in store.open_entries([1, 2])] == ["g2"]
    assert [one.article.id for one in store.open_articles(["a1", "a2"])] == ["a1"]
    assert [one.key for one in store.quarantined()] == ["a2"]
    assert [detail for _, _, detail in store.attempts_of("dead")] == ["non"]


def workable(store: Store) -> None:
    """Take up what the rows of every schema left to do."""
    assert store.claim("read", [2], now=NOW, lease_s=60) == (2,)
    assert store.retry_alerts(["dead"], NOW) == 1
    assert store.retry_quarantined("judge", ["a2"], NOW) == 1


@pytest.mark.parametrize("revision", _REVISIONS)
def test_all_rows_are_there_and_of_use_after_the_upgrade(database_url: str, revision: str) -> None:
    store = Store(database_url)
    before = fill(store, revision)
    assert all(before.values())
    assert store.migrate() == head()
    after = counted(store)
    assert {name: after.get(name) for name in before} == before
    readable(store)
    workable(store)
    with store.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
    store.close()


@pytest.mark.parametrize("changes", [1, 9, 17])
def test_an_upgrade_that_is_killed_leaves_the_store_as_it_was(database_url: str, changes: int) -> None:
    store = Store(database_url)
    before = fill(store, "0001")
    store.close()
    program = [sys.executable, "-c", _KILLED, database_url, str(changes)]
    killed = subprocess.run(program, cwd=ROOT, timeout=120, capture_output=True, text=True)
    assert killed.returncode == -9, killed.stderr
    again = Store(database_url)
    assert again.schema_version() == "0001"
    assert counted(again) == before
    assert again.migrate() == head()
    readable(again)
    workable(again)
    again.close()
