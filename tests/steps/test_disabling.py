"""Recipients that are sent nothing any more: at their own word, or after days in which nothing reached them."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.steps.conftest import Desk
from tests.steps.court import Court, deal
from tests.steps.refusals import AWAY, GONE, NOW, REFUSED, fail, hooked
from worker.adapters.store import DEAD, SENT
from worker.errors import DeliveryError
from worker.model import ChannelKind, RecipientState
from worker.pipeline.recipients import after_failure, rests


@pytest.fixture
def court(desk: Desk) -> Court:
    return hooked(desk)


def test_a_webhook_that_answers_410_is_sent_nothing_more_until_it_is_put_back(
    court: Court, caplog: pytest.LogCaptureFixture
) -> None:
    court.post.refusal = GONE
    ids = court.file("a", deal("Nordlys", "Helvia", 2e9))
    with caplog.at_level(logging.ERROR, "gigawatch"):
        court.deliver(*ids)
    assert [record.message.count("gigawatch alerts enable crochet") for record in caplog.records] == [1]
    (state,) = court.store.recipient_states()
    assert (state.id, state.disabled_at, state.reason) == ("crochet", court.clock.now(), "webhook: HTTP 410")
    court.post.refusal = None
    ids += court.file("b", deal("Boréal", "Granit", 3e8), title="Boréal et Granit")
    court.deliver(*ids)
    assert court.post.sent == []
    assert {row.state for row in court.store.alerts()} == {DEAD}
    assert court.store.enable_recipient("crochet")
    assert not court.store.enable_recipient("crochet")
    assert court.store.retry_alerts(None, court.clock.now()) == 2
    court.deliver(*ids)
    assert sorted(court.post.sent) == sorted(ids)
    assert {row.state for row in court.store.alerts()} == {SENT}


def test_five_days_in_which_every_delivery_failed_disable(court: Court, caplog: pytest.LogCaptureFixture) -> None:
    court.post.refusal = AWAY
    with caplog.at_level(logging.ERROR, "gigawatch"):
        fail(court, 5)
        assert caplog.records == []
        assert court.store.recipient_states()[0].disabled_at is None
        ids = court.file("last", deal("Nordlys", "Helvia", 2e9))
        court.deliver(*ids)
    assert len(caplog.records) == 1
    assert court.store.recipient_states()[0].disabled_at is not None


def test_a_recipient_that_keeps_us_waiting_in_vain_rests_with_all_its_alerts_until_one_gets_through(
    court: Court,
) -> None:
    ids = [
        *court.file("a", deal("Nordlys", "Helvia", 2e9)),
        *court.file("b", deal("Boréal", "Granit", 3e8), title="Boréal et Granit"),
    ]
    court.post.refusal = DeliveryError("webhook: HTTP 429", retry_after=600)
    court.deliver(ids[0])
    (state,) = court.store.recipient_states()
    assert state.rests_until == court.clock.now() + timedelta(minutes=10)
    court.post.refusal = None
    court.deliver(*ids)
    assert court.post.sent == []
    second = court.store.alerts_by_id([ids[1]])[0]
    # It was not tried, so no attempt is lost.
    assert (second.attempts, second.next_attempt_at) == (0, state.rests_until)
    court.clock.move(minutes=10)
    court.deliver(ids[1])
    assert court.post.sent == [ids[1]]
    assert court.store.recipient_states() == ()


def test_sending_again_wakes_a_recipient_that_rests(court: Court) -> None:
    ids = court.file("a", deal("Nordlys", "Helvia", 2e9))
    court.store.save_recipient_state(RecipientState("crochet", NOW, NOW, None, "x", NOW + timedelta(hours=1)))
    court.store.retry_alerts(None, court.clock.now())
    court.deliver(*ids)
    assert court.post.sent == ids


@pytest.mark.parametrize(
    ("failing", "waited_s", "asked", "rest"),
    [
        (0, 1.0, None, None),
        (0, 20.0, None, 60),
        (300, 20.0, None, 300),
        (86_400, 20.0, None, 900),
        (0, 0.1, 120.0, 120),
        (0, 0.1, 1e9, 3600),
    ],
)
def test_how_long_a_recipient_is_left_alone(
    failing: float, waited_s: float, asked: float | None, rest: float | None
) -> None:
    state = RecipientState("x", NOW - timedelta(seconds=failing), NOW - timedelta(minutes=1))
    error = DeliveryError("webhook: no whole answer in time", retry_after=asked)
    after = after_failure(state, ChannelKind.WEBHOOK, error, now=NOW, waited_s=waited_s)
    assert after.rests_until == (None if rest is None else NOW + timedelta(seconds=rest))
    assert rests(after, NOW) is (rest is not None)
    assert after_failure(state, ChannelKind.EMAIL, error, now=NOW, waited_s=waited_s) == state


def test_a_rehearsal_has_its_days_as_short_as_its_schedule() -> None:
    state = RecipientState("x")
    for hour in range(6):
        state = after_failure(state, ChannelKind.WEBHOOK, AWAY, now=NOW + timedelta(hours=hour), factor=1 / 24)
    assert state.disabled_at == NOW + timedelta(hours=5)


def test_one_success_begins_the_count_anew(court: Court) -> None:
    court.post.refusal = AWAY
    fail(court, 4)
    court.post.refusal = None
    ids = court.file("well", deal("Nordlys", "Helvia", 2e9))
    court.deliver(*ids)
    assert court.store.recipient_states() == ()


def test_a_stale_failure_never_puts_a_disabled_recipient_back(court: Court) -> None:
    off = RecipientState("crochet", NOW, NOW, NOW, "webhook: HTTP 410")
    court.store.save_recipient_state(off)
    court.store.save_recipient_state(replace(off, disabled_at=None, reason="late"))
    court.store.forget_failures("crochet")
    assert court.store.recipient_states() == (off,)


@pytest.mark.parametrize(
    ("channel", "error", "disabled"),
    [
        (ChannelKind.WEBHOOK, AWAY, True),
        (ChannelKind.CHAT, AWAY, True),
        (ChannelKind.EMAIL, REFUSED, True),
        # The relay and the console are our own: their faults say nothing of the recipient.
        (ChannelKind.EMAIL, AWAY, False),
        (ChannelKind.CONSOLE, REFUSED, False),
    ],
)
def test_whose_fault_a_failure_is(channel: ChannelKind, error: DeliveryError, *, disabled: bool) -> None:
    state = RecipientState("x")
    for day in range(6):
        state = after_failure(state, channel, error, now=NOW + timedelta(days=day))
    assert (state.disabled_at is not None) is disabled


def test_a_recipient_to_whom_nothing_was_sent_for_days_has_refused_nothing() -> None:
    state = after_failure(RecipientState("x"), ChannelKind.WEBHOOK, AWAY, now=NOW)
    state = after_failure(state, ChannelKind.WEBHOOK, AWAY, now=NOW + timedelta(days=9))
    assert (state.disabled_at, state.failing_since) == (None, NOW + timedelta(days=9))
