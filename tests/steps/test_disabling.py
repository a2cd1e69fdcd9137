"""Recipients that are sent nothing any more: at their own word, or after days in which nothing reached them."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.steps.conftest import Desk
from tests.steps.court import Court, deal
from worker.adapters.store import DEAD, SENT
from worker.errors import DeliveryError
from worker.model import ChannelKind, Recipient, RecipientState, Rule
from worker.pipeline.recipients import after_failure

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AWAY, REFUSED = DeliveryError("webhook: HTTP 503"), DeliveryError("550 inconnu", permanent=True)
GONE = DeliveryError("webhook: HTTP 410", permanent=True, disable=True)


@pytest.fixture
def court(desk: Desk) -> Court:
    """A court whose only recipient is a webhook."""
    found = Court(desk)
    hook = Recipient("crochet", ChannelKind.WEBHOOK, "https://gazette.example/hook")
    found.parts = replace(found.parts, recipients={"crochet": hook}, rules=(Rule("tout", ("crochet",)),))
    return found


def fail(court: Court, days: float, *, every: float = 1.0) -> None:
    """Let a delivery of a further deal fail every so many days, for `days`."""
    for number in range(int(days / every)):
        ids = court.file(f"d{number}", deal(f"Client {number}", f"Nuage {number}", 1e9), title=f"Contrat {number}")
        court.deliver(*ids)
        court.clock.move(days=every)


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
