"""The outbox: alerts put in once, their fates, dead letters, held ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.adapters.store_samples import NOW, alert
from worker.adapters.store import DEAD, HELD, Store
from worker.model import (
    Bound,
    Edge,
    FeedState,
    Kind,
    Status,
)


def polled(store: Store, feed_id: str = "gazette") -> FeedState:
    found = store.feed(feed_id)
    assert found is not None
    return replace(found, polls=found.polls + 1, etag='W/"é 1"', next_poll_at=NOW + timedelta(hours=1))


def edge(payer: str, payee: str, story_id: str = "s1") -> Edge:
    return Edge(payer, payee, Kind.COMPUTE, 2e9, "USD", Status.ANNOUNCED, Bound.EXACT, story_id, NOW)


def test_an_alert_is_put_into_the_outbox_once(store: Store) -> None:
    assert store.add_alert(alert(), NOW) == ("alert-1",)
    assert store.add_alert(alert(), NOW) == ()


def test_the_fate_of_an_alert(store: Store) -> None:
    store.add_alert(alert(), NOW)
    assert store.claim("deliver", ["alert-1"], now=NOW, lease_s=60) == ("alert-1",)
    store.save_failed("alert-1", attempt=1, now=NOW, error="451 plus tard", next_at=NOW + timedelta(minutes=1))
    assert store.claim("deliver", ["alert-1"], now=NOW, lease_s=60) == ()
    store.claim("deliver", ["alert-1"], now=NOW + timedelta(minutes=1), lease_s=60)
    store.save_failed("alert-1", attempt=2, now=NOW, error="550 non", next_at=None)
    assert [(row.state, row.attempts, row.last_error) for row in store.alerts(state=DEAD)] == [(DEAD, 2, "550 non")]
    assert store.retry_alerts(None, NOW) == 1
    store.claim("deliver", ["alert-1"], now=NOW, lease_s=60)
    store.save_delivered("alert-1", attempt=1, now=NOW, detail="250 ok")
    assert store.counts()["sent"] == 1
    assert [ok for _, ok, _ in store.attempts_of("alert-1")] == [False, False, True]
    assert store.alerts_by_id(["alert-1"])[0].alert == alert()


def test_many_alerts_for_one_recipient_do_not_hide_anothers(store: Store) -> None:
    for number in range(30):
        store.add_alert(replace(alert(f"busy{number:02d}"), recipient_id="busy"), NOW)
    store.add_alert(replace(alert("rare"), recipient_id="rare"), NOW + timedelta(minutes=5))
    later = NOW + timedelta(minutes=10)
    assert set(store.due_alerts(later, limit=5, each=3)) == {"busy00", "busy01", "busy02", "rare"}
    assert set(store.ready_alerts(now=later, limit=2, each=3, quiet_s=30)) == {"busy00", "rare"}
    assert "rare" not in store.ready_alerts(now=later, limit=50, each=3, quiet_s=30)
    store.put_off("busy", now=later, until=later + timedelta(minutes=1))
    assert store.due_alerts(later, limit=50, each=50) == ("rare",)
    assert len(store.due_alerts(later + timedelta(minutes=1), limit=50, each=50)) == 31


def test_dead_letters_are_counted_by_recipient_while_they_are_fresh(store: Store) -> None:
    for number, name in enumerate(("a", "b")):
        store.add_alert(alert(name), NOW)
        store.save_failed(name, attempt=1, now=NOW + timedelta(hours=number), error=f"550 {name}", next_at=None)
    (one,) = store.given_up(NOW - timedelta(days=1))
    assert (one.recipient_id, one.count, one.since, one.error) == (alert().recipient_id, 2, NOW, "550 b")
    assert store.given_up(NOW + timedelta(days=1)) == ()
    store.retry_alerts(None, NOW)
    assert store.given_up(NOW - timedelta(days=1)) == ()


def test_only_alerts_that_failed_and_are_tried_again_wait_for_a_recipient(store: Store) -> None:
    name = alert().recipient_id
    for key in ("a", "b", "c"):
        store.add_alert(alert(key), NOW)
    store.add_alert(replace(alert("d"), recipient_id="other"), NOW)
    assert store.waiting_for(name) == 0
    # The first attempt is under way.
    store.claim("deliver", ("a",), now=NOW, lease_s=30)
    assert store.waiting_for(name) == 0
    store.save_failed("a", attempt=1, now=NOW, error="503", next_at=NOW + timedelta(minutes=5))
    assert store.waiting_for(name) == 1
    store.claim("deliver", ("a",), now=NOW + timedelta(minutes=5), lease_s=30)
    assert store.waiting_for(name) == 1
    store.claim("deliver", ("b",), now=NOW, lease_s=30)
    store.save_failed("b", attempt=1, now=NOW, error="554", next_at=None)
    assert (store.waiting_for(name), store.waiting_for("other")) == (1, 0)
    store.save_failed("a", attempt=2, now=NOW, error="503", next_at=None)
    store.retry_alerts(None, NOW)
    assert store.waiting_for(name) == 0


def test_dead_letters_are_sent_again_by_recipient_and_time(store: Store) -> None:
    for hour in range(4):
        one = replace(alert(f"a{hour}"), created_at=NOW + timedelta(hours=hour), recipient_id="xy"[hour % 2])
        store.add_alert(one, NOW)
        store.save_failed(f"a{hour}", attempt=1, now=NOW, error="550", next_at=None)
    assert store.retry_alerts(None, NOW, recipient="z") == 0
    assert store.retry_alerts(None, NOW, recipient="x", since=NOW + timedelta(hours=1)) == 1
    assert store.retry_alerts(None, NOW, since=NOW + timedelta(hours=1), until=NOW + timedelta(hours=3)) == 1
    assert {row.alert.id for row in store.alerts(state=DEAD)} == {"a0", "a3"}


def test_held_alerts_leave_in_one_digest_or_alone(store: Store) -> None:
    with store.filing(NOW) as filing:
        filing.save_alerts([alert("a"), alert("b"), alert("c")], state=HELD)
    assert [row.alert.id for row in store.held_alerts()] == ["a", "b", "c"]
    store.release("c", NOW)
    assert store.bundle(alert("digest"), ["a", "b"], NOW) == ("digest",)
    assert store.bundle(alert("digest"), ["a", "b"], NOW) == ()
    counts = store.counts()
    assert (counts["bundled"], counts["to_deliver"], counts["held"]) == (2, 2, 0)
