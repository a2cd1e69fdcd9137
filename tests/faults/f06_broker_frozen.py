"""Test 6: the broker freezes while articles are being filed."""

from __future__ import annotations

import time
from collections.abc import Iterable

import sqlalchemy

from tests.faults.lab import Lab, wait_until
from tests.faults.newsstand import Newsstand, migrate
from tests.faults.receivers import SECRET, Receiver
from worker.adapters.store import Store

TITLE = "Broker frozen"

_FROZEN_S = 60.0
_TRANSACTION_S = 5.0
_BACK_S = 60.0
_START_S = 240.0
_ARTICLES = 60


def run(lab: Lab) -> None:
    """Publish deals, freeze Valkey once the first is filed, and look at the store meanwhile."""
    valkey = lab.valkey()
    stand = lab.enter(Newsstand(("one",)))
    receiver = lab.enter(Receiver())
    environ = lab.configure(
        feeds=stand.rows(),
        recipients={"hook": {"channel": "webhook", "address": receiver.url(), "secret": SECRET}},
        rules=[{"id": "all", "recipients": ["hook"]}],
        polling={"min_interval": "2s", "max_interval": "2s", "host_gap": 0, "tick": "1s", "sweep": "2s", "jitter": 0},
        fetch={"allow": [stand.address, receiver.address]},
    )
    url = lab.database_url()
    environ |= {"GIGAWATCH_DATABASE_URL": url, "GIGAWATCH_BROKER_URL": valkey.url}
    migrate(environ)
    store = Store(url)
    lab.at_end(store.close)
    worker = lab.part("worker", environ=environ).start()
    beat = lab.part("beat", environ=environ).start()
    wait_until(lambda: stand.polled("one") > 1, _START_S, "the first polls")
    stand.publish("one", _ARTICLES)
    wait_until(lambda: _count(store, "story") > 0, _START_S, "the first article is filed", pause_s=0.01)
    valkey.freeze()
    lab.at_end(valkey.thaw)
    frozen = time.monotonic()
    filed_before = _count(store, "story")
    longest = _longest_wait(store, _FROZEN_S * lab.scale)
    filed = _count(store, "story")
    committed = _alerts(store)
    waiting = len(set(committed) - set(receiver.ids()))
    valkey.thaw()
    lab.figure("stories at the freeze", filed_before)
    lab.figure("stories at the thaw", filed)
    lab.figure("longest wait for the store's write lock s", longest)
    lab.figure("alerts committed and not delivered while frozen", waiting)
    lab.must(longest <= _TRANSACTION_S, f"a transaction held the store for {longest:.1f} s")
    lab.must(filed > filed_before, "nothing was filed during the freeze: the fault missed the commit")
    lab.must(waiting > 0, "every alert had left before the freeze: the fault missed the commit")
    errors = [line for line in (worker.words() + beat.words()).splitlines() if "broker" in line]
    lab.figure("log lines of the broker", len(errors))
    lab.must("took no message" in worker.words() or "away" in worker.words(), "no publish error was recorded")
    lab.figure("frozen s", time.monotonic() - frozen)
    thawed = time.monotonic()
    try:
        wait_until(lambda: _delivered(store, receiver, committed), 4 * _BACK_S, "delivery after the thaw")
    except TimeoutError as error:
        lab.must(False, str(error))
    lab.figure("all that was committed delivered after s", time.monotonic() - thawed)
    lab.must(time.monotonic() - thawed <= _BACK_S, "delivery after the thaw took too long")
    lab.must(_count(store, "story") >= filed, "what was filed during the freeze was not kept")


def _count(store: Store, table: str) -> int:
    with store.read() as connection:
        return int(connection.scalar(sqlalchemy.text(f"SELECT count(*) FROM {table}")) or 0)


def _alerts(store: Store) -> dict[str, str]:
    """Return the alerts with the digest that took each in, if one did."""
    with store.read() as connection:
        rows = connection.execute(sqlalchemy.text("SELECT id, digest_id FROM alert"))
        return {str(row.id): str(row.digest_id or "") for row in rows}


def _delivered(store: Store, receiver: Receiver, wanted: Iterable[str]) -> bool:
    """Whether all of these alerts have come, each by itself or in a digest."""
    come, now = receiver.ids(), _alerts(store)
    return all(key in come or now[key] in come for key in wanted)


def _longest_wait(store: Store, seconds: float) -> float:
    """Write again and again as a filing would, and return the longest that it took: behind somebody's transaction."""
    end = time.monotonic() + seconds
    longest = 0.0
    while time.monotonic() < end:
        begun = time.monotonic()
        with store.write() as connection:
            store.lock(connection, 7_406_001)
        longest = max(longest, time.monotonic() - begun)
        time.sleep(0.1)
    return longest
