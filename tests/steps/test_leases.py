"""Leases of alerts: as long as an attempt may last, and nobody's word counts who holds one no more."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.steps.conftest import JOURNAL, Desk
from tests.steps.court import Court, deal
from worker import runtime, settings
from worker.errors import DeliveryError
from worker.model import Alert, ChannelKind, Receipt, Recipient
from worker.steps import Policy


@pytest.fixture
def court(desk: Desk) -> Court:
    return Court(desk)


def _alert(court: Court) -> str:
    (alert_id,) = court.file("a", deal("Nordlys", "Helvia", 2e9))
    return alert_id


def test_a_lease_outlasts_the_longest_attempt_of_each_way_out() -> None:
    found = settings.load(
        config=settings.packaged(), environ={}, overrides={"smtp": {"timeout_s": 60.0}, "fetch": {"total_s": 120.0}}
    )
    policy = runtime.policy(found)
    assert policy.sending_s[ChannelKind.EMAIL] == 120.0
    assert policy.sending_s[ChannelKind.WEBHOOK] == 25.0
    assert set(policy.sending_s) == set(ChannelKind)
    assert policy.lease_s > 120.0


def test_an_alert_is_free_again_once_its_own_lease_is_over(court: Court) -> None:
    alert_id = _alert(court)
    policy = Policy(sending_s={**Policy().sending_s, JOURNAL.channel: 7.0}, record_s=3.0)
    court.parts = replace(court.parts, policy=policy)

    court.post.refusal = KeyboardInterrupt()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        court.deliver(alert_id)
    court.post.refusal = None
    court.desk.clock.move(seconds=9)
    court.deliver(alert_id)
    assert court.post.sent == []
    court.desk.clock.move(seconds=2)
    court.deliver(alert_id)
    assert court.post.sent == [alert_id]


def test_an_attempt_that_outlasts_its_lease_is_broken_off_and_made_again(court: Court) -> None:
    alert_id = _alert(court)
    court.parts = replace(court.parts, policy=Policy(sending_s={JOURNAL.channel: 0.05}))

    class Silent:
        async def send(self, alert: Alert, recipient: Recipient, *, now: object) -> Receipt:
            await asyncio.sleep(60)
            return Receipt("late")

    court.post = Silent()  # type: ignore[assignment]
    court.deliver(alert_id)
    (row,) = court.store.alerts_by_id([alert_id])
    assert (row.state, row.attempts) == ("open", 1)
    assert "not handed over within" in row.last_error


def test_a_claim_that_took_too_long_is_given_back_unsent_and_uncounted(court: Court) -> None:
    alert_id = _alert(court)
    claim = court.store.claim

    def slowly(*arguments: Any, **options: Any) -> Any:
        taken = claim(*arguments, **options)
        court.desk.clock.move(seconds=4)
        return taken

    court.store.claim = slowly  # type: ignore[method-assign]
    court.deliver(alert_id)
    (row,) = court.store.alerts_by_id([alert_id])
    assert (court.post.sent, row.state, row.attempts) == ([], "open", 0)
    court.store.claim = claim  # type: ignore[method-assign]
    court.deliver(alert_id)
    assert court.post.sent == [alert_id]


def test_who_lost_the_lease_takes_the_alert_from_nobody(court: Court) -> None:
    alert_id = _alert(court)
    store, now = court.store, court.clock.now()
    old, new = now + timedelta(seconds=30), now + timedelta(seconds=61)
    assert store.claim("deliver", [alert_id], now=now, lease_s=30)
    assert store.claim("deliver", [alert_id], now=now + timedelta(seconds=31), lease_s=30)
    late = now + timedelta(seconds=32)
    store.save_failed(alert_id, attempt=1, now=late, error="stopped meanwhile", next_at=late, lease=old)
    assert not store.claim("deliver", [alert_id], now=late, lease_s=30)
    store.save_failed(alert_id, attempt=1, now=late, error="550 non", next_at=None, lease=old)
    assert store.alerts_by_id([alert_id])[0].state == "open"
    assert len(store.attempts_of(alert_id)) == 2
    store.save_failed(alert_id, attempt=2, now=late, error="451 plus tard", next_at=late, lease=new)
    assert store.claim("deliver", [alert_id], now=late, lease_s=30)


def test_a_refusal_of_the_holder_counts(court: Court) -> None:
    alert_id = _alert(court)
    court.post.refusal = DeliveryError("550 non", permanent=True)
    court.deliver(alert_id)
    assert court.store.alerts_by_id([alert_id])[0].state == "dead"
