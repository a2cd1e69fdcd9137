"""What receivers say and what the store keeps of it holds no secret."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy

from worker.adapters.masked import MaskedChannel
from worker.adapters.store import Store
from worker.adapters.store.schema import metadata
from worker.errors import DeliveryError
from worker.masking import HIDDEN, Mask
from worker.model import Alert, AlertType, Cause, ChannelKind, Feed, Receipt, Recipient, RecipientState, Stage
from worker.model.watch import CanaryRun
from worker.ports import Channel

SECRET = "k4nari-secret"
SAID = f"500: you sent {SECRET} to https://u:{SECRET}@example.org/?token={SECRET}"
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
ALERT = Alert("a1", AlertType.TEST, "all", "hook", ChannelKind.WEBHOOK, "Essai", "{}", {"schema": "1"}, NOW)
RECIPIENT = Recipient("hook", ChannelKind.WEBHOOK, "https://example.org/hook")


class _Echo(Channel):
    def __init__(self, answer: Receipt | DeliveryError) -> None:
        self._answer = answer

    async def send(self, alert: Alert, recipient: Recipient, *, now: datetime) -> Receipt:
        if isinstance(self._answer, DeliveryError):
            raise self._answer
        return self._answer


def test_a_receipt_is_masked() -> None:
    channel = MaskedChannel(_Echo(Receipt("200", SAID)), mask=Mask([SECRET]))
    receipt = asyncio.run(channel.send(ALERT, RECIPIENT, now=NOW))
    assert receipt.status == "200"
    assert SECRET not in receipt.response
    assert HIDDEN in receipt.response


def test_an_error_is_masked_and_keeps_what_follows_from_it() -> None:
    error = DeliveryError(SAID, permanent=True, disable=True, retry_after=7.0, response=SAID)
    with pytest.raises(DeliveryError) as caught:
        asyncio.run(MaskedChannel(_Echo(error), mask=Mask([SECRET])).send(ALERT, RECIPIENT, now=NOW))
    told = caught.value
    assert SECRET not in str(told) + told.response
    assert (told.permanent, told.disable, told.retry_after) == (True, True, 7.0)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = Store(f"sqlite:///{tmp_path / 'store.db'}", mask=Mask([SECRET]))
    opened.migrate()
    opened.sync_feeds([Feed(id="f", name="F", url="https://example.org/rss")], NOW)
    opened.add_alert(ALERT, NOW)
    return opened


def _failing_feed(store: Store) -> None:
    (state,) = store.feeds()
    store.save_feed_state(replace(state, cause=Cause.SERVER_ERROR, message=SAID))


def _missed_canary(store: Store) -> None:
    run = CanaryRun("c1", NOW, NOW, None, None, "")
    store.plant(run, Feed(id="canary", name="c", url="http://canary.invalid/"), now=NOW)
    store.miss("c1", Stage.DELIVER, SAID)


def _missed_rates(store: Store) -> None:
    store.take_rates("https://example.org/rates", now=NOW, lease_s=1)
    store.save_rates_failure("https://example.org/rates", error=SAID, next_at=NOW)


@pytest.mark.parametrize(
    "save",
    [
        lambda store: store.save_delivered("a1", attempt=1, now=NOW, detail=SAID),
        lambda store: store.save_failed("a1", attempt=1, now=NOW, error=SAID, next_at=NOW),
        lambda store: store.save_failed("a1", attempt=1, now=NOW, error=SAID, next_at=None),
        lambda store: store.postpone("deliver", "a1", until=NOW, error=SAID),
        lambda store: store.quarantine("deliver", "a1", error=SAID),
        lambda store: store.save_recipient_state(RecipientState("hook", NOW, NOW, NOW, SAID)),
        _failing_feed,
        _missed_canary,
        _missed_rates,
    ],
)
def test_what_was_said_is_kept_without_the_secret(store: Store, save: Callable[[Store], None]) -> None:
    save(store)
    with store.read() as connection:
        kept = "\n".join(str(row) for table in metadata.sorted_tables for row in connection.execute(table.select()))
    store.close()
    assert HIDDEN in kept
    assert SECRET not in kept


def test_an_error_of_the_database_holds_no_parameters(store: Store) -> None:
    with pytest.raises(sqlalchemy.exc.StatementError) as caught, store.engine.connect() as connection:
        connection.execute(sqlalchemy.text("INSERT INTO nothing VALUES (:secret)"), {"secret": SECRET})
    store.close()
    assert SECRET not in str(caught.value)
