"""Rates of exchange and held alerts in both stores, and a database of before that is upgraded."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from alembic import command
from sqlalchemy import insert

from tests.adapters.store_samples import NOW, alert
from worker.adapters.store import BUNDLED, HELD, OPEN, SENT, Store
from worker.adapters.store.migrate import _config
from worker.adapters.store.schema import alert as table
from worker.model import Hold

BANK = "https://bank.example/rates.xml"


def test_one_worker_alone_fetches_the_rates_and_again_when_they_are_due(store: Store) -> None:
    assert store.saved_rates(BANK) is None
    assert store.take_rates(BANK, now=NOW, lease_s=60)
    assert not store.take_rates(BANK, now=NOW, lease_s=60)
    assert store.saved_rates(BANK) is None
    # Whoever took the errand died: after its lease another takes it.
    assert store.take_rates(BANK, now=NOW + timedelta(seconds=60), lease_s=60)
    store.save_rates(BANK, date(2026, 3, 2), {"USD": 1.08}, next_at=NOW + timedelta(days=1))
    assert not store.take_rates(BANK, now=NOW + timedelta(hours=23), lease_s=60)
    assert store.take_rates(BANK, now=NOW + timedelta(hours=24), lease_s=60)
    store.save_rates_failure(BANK, error="503", next_at=NOW + timedelta(hours=25))
    saved = store.saved_rates(BANK)
    assert saved is not None
    assert (saved.day, saved.per_euro) == (date(2026, 3, 2), {"USD": 1.08})
    assert store.take_rates("https://other.example/", now=NOW, lease_s=60)


def hold(store: Store, name: str, *, minutes: int, why: Hold, recipient: str = "desk") -> None:
    with store.filing(NOW) as filing:
        leave_at = NOW + timedelta(minutes=minutes)
        filing.save_alerts([alert(name, recipient=recipient)], state=HELD, leave_at=leave_at, hold=why)


def due(store: Store, minutes: int) -> list[str]:
    return [row.alert.id for row in store.due_holds(NOW + timedelta(minutes=minutes))]


def test_held_alerts_are_due_at_their_time_and_those_of_a_ceiling_together(store: Store) -> None:
    hold(store, "a", minutes=10, why=Hold.DAILY)
    hold(store, "b", minutes=90, why=Hold.DAILY)
    hold(store, "c", minutes=90, why=Hold.CEILING)
    hold(store, "d", minutes=20, why=Hold.QUIET, recipient="other")
    assert due(store, 9) == []
    assert due(store, 10) == ["a", "c"]
    assert sorted(due(store, 20)) == ["a", "c", "d"]
    assert store.held_alerts() == ()
    store.hold(["a"], until=NOW + timedelta(minutes=30), why=Hold.QUIET)
    assert due(store, 20) == ["d"]
    assert due(store, 30) == ["a", "c", "d"]
    store.release("a", NOW + timedelta(minutes=30))
    store.hold(["a"], until=NOW, why=Hold.QUIET)  # gone meanwhile: it stays gone
    assert due(store, 60) == ["d"]


def test_departures_count_what_left_and_not_what_waits_or_was_bundled(store: Store) -> None:
    with store.filing(NOW) as filing:
        filing.save_alerts([alert("gone")], state=OPEN)
        filing.save_alerts([alert("other", recipient="other")], state=OPEN)
    hold(store, "one", minutes=5, why=Hold.CEILING)
    hold(store, "two", minutes=4, why=Hold.CEILING)
    hold(store, "three", minutes=3, why=Hold.QUIET)
    store.save_delivered("gone", attempt=1, now=NOW + timedelta(minutes=1), detail="ok")
    with store.filing(NOW) as filing:
        assert filing.departures("desk", since=NOW - timedelta(hours=1)) == ((NOW,), NOW + timedelta(minutes=4))
        assert filing.departures("desk", since=NOW) == ((), NOW + timedelta(minutes=4))
        assert filing.departures("other", since=NOW - timedelta(hours=1)) == ((NOW,), None)
    digest = alert("digest", at=NOW + timedelta(minutes=6))
    assert store.bundle(digest, ["one", "two", "three"], NOW + timedelta(minutes=6)) == ("digest",)
    with store.filing(NOW) as filing:
        left, waiting = filing.departures("desk", since=NOW - timedelta(hours=1))
    assert (left, waiting) == ((NOW, NOW + timedelta(minutes=6)), None)
    assert {row.state for row in store.alerts()} == {SENT, OPEN, BUNDLED}


@pytest.mark.parametrize("state", [HELD, OPEN, SENT, BUNDLED])
def test_a_database_of_before_keeps_its_alerts(database_url: str, state: str) -> None:
    old = Store(database_url)
    with old.write() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        values = {
            "id": "x", "type": "deal.detected", "rule_id": "tout", "recipient_id": "desk", "channel": "console",
            "subject": "s", "body": "b", "data": {"story": None}, "created_at": NOW, "state": state, "attempts": 0,
            "last_error": "",
        }  # fmt: skip
        connection.execute(insert(table).values(**values))
    old.migrate()
    (row,) = old.alerts()
    assert (row.state, row.hold) == (state, "")
    assert row.leave_at == (None if state in (HELD, BUNDLED) else NOW)
    assert [one.alert.id for one in old.held_alerts()] == (["x"] if state == HELD else [])
    assert due(old, 10_000_000) == []
    old.close()
