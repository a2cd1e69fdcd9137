"""How much work waits, as the store counts it."""

from __future__ import annotations

from datetime import timedelta

from tests.adapters.store_samples import NOW
from tests.faults.receivers import pending
from worker.adapters.store import Store
from worker.model import Backlog


def test_alerts_by_what_they_wait_for(store: Store) -> None:
    ids = pending(store, 5)
    (row,) = store.alerts_by_id(ids[:1])
    now = row.alert.created_at + timedelta(minutes=1)
    assert store.claim("deliver", ids[:1], now=now, lease_s=60) == (ids[0],)
    store.postpone("deliver", ids[1], until=now + timedelta(hours=1))
    store.quarantine("deliver", ids[2], error="it took its worker down")
    found = store.backlogs(now)["deliver"]
    assert (found.waiting, found.leased, found.later, found.held, found.set_aside) == (2, 1, 1, 0, 1)
    assert found.oldest is not None
    assert timedelta(0) < now - found.oldest <= timedelta(minutes=2)


def test_nothing_waits_in_an_empty_store(store: Store) -> None:
    assert store.backlogs(NOW) == {step: Backlog() for step in ("poll", "read", "judge", "deliver")}
