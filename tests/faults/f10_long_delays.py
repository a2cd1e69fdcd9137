"""Test 10: an alert whose next attempt is a day away waits in the store and nowhere else."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import redis
import sqlalchemy

from tests.faults.lab import Lab, Part, wait_until
from tests.faults.newsstand import migrate
from tests.faults.receivers import SECRET, Answer, Receiver, Request, pending
from worker.adapters.store import Store

TITLE = "Long delays"

_MOST_ETA_S = 60.0
_LATE_S = 10.0
_START_S = 240.0
_LOOK_S = 20.0
_SOON_S = 90.0


def run(lab: Lab) -> None:
    """A failed alert is put off by a day; all is stopped, the day passes for its row, all starts again."""
    valkey = lab.valkey()
    well = [False]

    def answer(_request: Request, _handler: Any) -> Answer:
        return Answer() if well[0] else Answer(500)

    receiver = lab.enter(Receiver(answer))
    environ = lab.configure(
        feeds=[{"id": "absent", "name": "Absent", "url": "http://127.0.0.1:9/rss"}],
        recipients={"hook": {"channel": "webhook", "address": receiver.url(), "secret": SECRET}},
        rules=[{"id": "all", "recipients": ["hook"]}],
        polling={"tick": "5s", "sweep": "2s"},
        fetch={"allow": ["127.0.0.1:9", receiver.address]},
    )
    url = lab.database_url()
    environ |= {"GIGAWATCH_DATABASE_URL": url, "GIGAWATCH_BROKER_URL": valkey.url}
    migrate(environ)
    store = Store(url)
    lab.at_end(store.close)
    parts = _start(lab, environ, "first")
    (key,) = pending(store, 1)
    wait_until(lambda: bool(receiver.requests()), _START_S, "the first attempt")
    wait_until(lambda: _next_attempt(store, key) is not None, 30, "the next attempt is planned")
    store.postpone("deliver", key, until=datetime.now(UTC) + timedelta(days=1))
    planned = _next_attempt(store, key)
    away = (planned - datetime.now(UTC)).total_seconds() if planned else 0.0
    lab.figure("next attempt away h", away / 3600)
    lab.must(away > 23 * 3600, f"the next attempt is {away:.0f} s away, not a day")
    _look(lab, valkey.client())
    for part in parts:
        part.stop()
    valkey.kill()
    valkey.start()
    well[0] = True
    due = datetime.now(UTC) + timedelta(seconds=_SOON_S)
    with store.write() as connection:
        connection.execute(sqlalchemy.text("UPDATE alert SET next_attempt_at = :at"), {"at": _written(store, due)})
    # What the receiver's failures left behind would be as old.
    store.forget_failures("hook")
    lab.must(_next_attempt(store, key) == due, "the test could not move the row's time")
    _start(lab, environ, "second")
    wait_until(lambda: len(receiver.requests()) > 1, _SOON_S + _START_S, "the second attempt")
    late = receiver.requests()[1].wall - due.timestamp()
    lab.figure("second attempt late s", late)
    lab.must(-0.1 <= late <= _LATE_S, f"the second attempt came {late:.1f} s from its time")
    lab.must(set(receiver.ids()) == {key}, "another id")
    lab.note("the memory of a worker is not looked into: what waits there would be in `unacked` too, which is")


def _start(lab: Lab, environ: dict[str, str], name: str) -> list[Part]:
    return [lab.part(one, environ=environ, log=f"{name}-{one}").start() for one in ("worker", "beat")]


def _look(lab: Lab, client: redis.Redis) -> None:
    """Look into the broker for a while: no message for later, none that stays unacknowledged."""
    etas: list[float] = []
    looked = empty = 0
    kept: set[bytes] | None = None
    end = time.monotonic() + _LOOK_S
    while time.monotonic() < end:
        unacked: dict[bytes, bytes] = dict(cast("dict[bytes, bytes]", client.hgetall("unacked")))
        lists = [cast("list[bytes]", client.lrange(name, 0, -1)) for name in client.scan_iter(_type="list")]
        queued = [one for found in lists for one in found]
        etas += [eta for one in (*queued, *unacked.values()) if (eta := _eta(one)) is not None]
        kept = set(unacked) if kept is None else kept & set(unacked)
        looked += 1
        empty += not unacked
        time.sleep(0.1)
    lab.figure("looks into the broker", looked)
    lab.figure("of them with `unacked` empty", empty)
    lab.figure("longest eta s", max(etas, default=0.0))
    lab.must(max(etas, default=0.0) <= _MOST_ETA_S, f"a message for {max(etas, default=0):.0f} s from now")
    lab.must(empty > looked / 2, f"`unacked` was empty in {empty} looks of {looked}")
    lab.must(not kept, f"{len(kept or ())} messages stayed unacknowledged")


def _eta(message: bytes) -> float | None:
    found = json.loads(message)
    envelope = found[0] if isinstance(found, list) else found
    eta = envelope["headers"].get("eta")
    return (datetime.fromisoformat(eta) - datetime.now(UTC)).total_seconds() if eta else None


def _next_attempt(store: Store, key: str) -> datetime | None:
    (row,) = store.alerts_by_id([key])
    return row.next_attempt_at if row.attempts and row.last_error else None


def _written(store: Store, at: datetime) -> Any:
    return at.replace(tzinfo=None).isoformat(" ", "microseconds") if store.is_sqlite else at
