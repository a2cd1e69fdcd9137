"""Webhooks against a real receiver, signatures checked with the reference library."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook

from tests.adapters.alert_samples import NOW, alert, recipient
from tests.adapters.web import Answer, Request, Site, answer, drip
from worker.adapters.http import HttpClient
from worker.adapters.webhook import WebhookChannel, retry_after
from worker.errors import DeliveryError
from worker.model import ChannelKind, Receipt
from worker.ports import Response

NEW = "whsec_" + base64.b64encode(b"n" * 32).decode()
OLD = "whsec_" + base64.b64encode(b"o" * 32).decode()
BODY = '{"type":"test","data":{"name":"Hélianthe → Nivalis"}}'
HOOK = ChannelKind.WEBHOOK


def sent(
    page: bytes | Answer | None, *secrets: str, now: datetime = NOW, timeout: float = 5.0
) -> tuple[Receipt | DeliveryError, list[Request]]:
    """What became of one alert at a receiver that answers `page` (None: that is not there), and what it got."""

    async def run() -> tuple[Receipt | DeliveryError, list[Request]]:
        async with Site({} if page is None else {"/hook": page}) as site:
            url, allow = site.url("/hook"), (site.address,)
            if page is None:
                await site.__aexit__(None, None, None)
            async with HttpClient(user_agent="gigawatch-test", allow=allow) as client:
                channel = WebhookChannel(client, timeout=timeout)
                try:
                    receipt = await channel.send(alert(BODY, HOOK), recipient(HOOK, url, *secrets), now=now)
                except DeliveryError as error:
                    return error, site.requests
                return receipt, site.requests

    return asyncio.run(run())


def refused(page: bytes | Answer | None, *, timeout: float = 5.0) -> DeliveryError:
    outcome, _ = sent(page, NEW, timeout=timeout)
    assert isinstance(outcome, DeliveryError)
    return outcome


def test_the_body_arrives_signed_with_every_secret() -> None:
    now = datetime.now(UTC)  # the library takes nothing older than five minutes
    outcome, requests = sent(answer(204), NEW, OLD, now=now)
    assert outcome == Receipt("204", "")
    [request] = requests
    assert request.method == "POST"
    assert request.body == BODY.encode()
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == "a1" * 16
    assert request.headers["webhook-timestamp"] == str(int(now.timestamp()))
    assert len(request.headers["webhook-signature"].split(" ")) == 2
    for secret in (NEW, OLD):
        assert Webhook(secret).verify(request.body, request.headers)["type"] == "test"


def test_a_repeat_has_the_same_id_and_body_and_a_signature_of_its_own_time() -> None:
    _, [first] = sent(answer(503), NEW)
    _, [second] = sent(answer(204), NEW, now=NOW + timedelta(minutes=5))
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 300
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


@pytest.mark.parametrize("status", [200, 201, 202, 299])
def test_any_2xx_is_success(status: int) -> None:
    assert sent(answer(status, b"merci"), NEW)[0] == Receipt(str(status), "merci")


@pytest.mark.parametrize("status", [302, 400, 401, 404, 413, 429, 500, 503])
def test_anything_else_is_tried_again(status: int) -> None:
    error = refused(answer(status, b"non", location="http://127.0.0.1:1/elsewhere"))
    assert (error.permanent, error.disable, error.response) == (False, False, "non")
    assert str(status) in str(error)


def test_410_ends_it_and_the_receiver_with_it() -> None:
    error = refused(answer(410))
    assert (error.permanent, error.disable) == (True, True)


@pytest.mark.parametrize("status", [429, 503])
def test_the_receiver_may_ask_for_patience(status: int) -> None:
    assert refused(answer(status, retry_after="120")).retry_after == 120.0


@pytest.mark.parametrize(("status", "seconds"), [(429, 60.0), (503, None), (500, None)])
def test_too_many_requests_are_a_reason_to_wait_by_itself(status: int, seconds: float | None) -> None:
    assert refused(answer(status)).retry_after == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("Mon, 02 Mar 2026 13:12:00 GMT", 600.0),
        ("Mon, 02 Mar 2026 12:00:00 GMT", 0.0),
        ("-5", 0.0),
        ("1e9", 86_400.0),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_a_number_or_a_date_within_reason(value: str, seconds: float | None) -> None:
    assert retry_after(Response(503, "", {"retry-after": value}), now=NOW) == seconds


def test_a_receiver_that_is_away_or_silent_is_tried_again() -> None:
    async def silence(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3600)

    for error in (refused(None), refused(silence, timeout=0.3)):
        assert not error.permanent
        assert "/hook" not in str(error)  # its path may be the secret of the address


def test_an_endless_answer_is_cut() -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        await drip(writer, b"HTTP/1.1 500 No\r\nContent-Type: text/plain\r\n\r\n", b"x" * 30_000)

    error = refused(endless)
    assert str(error) == "webhook: HTTP 500"
    assert 0 < len(error.response) <= 20_000


def test_a_private_address_is_not_posted_to() -> None:
    async def run() -> None:
        async with Site({"/hook": answer(204)}) as site, HttpClient(user_agent="gigawatch-test") as client:
            to = recipient(HOOK, site.url("/hook"), NEW)
            with pytest.raises(DeliveryError):
                await WebhookChannel(client, timeout=5).send(alert(BODY, HOOK), to, now=NOW)
            assert site.connections == 0

    asyncio.run(run())


@pytest.mark.parametrize("secret", ["whsec_", "whsec_A"])
def test_a_secret_that_cannot_sign_is_named_not_shown(secret: str) -> None:
    outcome, requests = sent(answer(204), secret)
    assert isinstance(outcome, DeliveryError)
    assert outcome.permanent
    assert "desk" in str(outcome)
    assert secret not in str(outcome).replace("whsec_ and", "")
    assert not requests
