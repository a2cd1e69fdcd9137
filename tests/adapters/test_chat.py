"""Chat through Apprise to a real receiver on this machine, by its plain JSON service."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.adapters.alert_samples import NOW, recipient
from tests.adapters.web import Request, Site, answer
from tests.pipeline import message_samples as samples
from worker.adapters.chat import ChatChannel, is_allowed
from worker.errors import DeliveryError
from worker.model import ChannelKind, Receipt

apprise = pytest.importorskip("apprise", reason="needs the extra `chat`")
CHAT = ChannelKind.CHAT
ALERT = samples.messages().compose(samples.draft(channel=CHAT))


def sent(status: int, *, named: bool = True) -> tuple[Receipt | DeliveryError, list[Request]]:
    """What became of one alert at a receiver that answers `status`, and what it got."""

    async def run() -> tuple[Receipt | DeliveryError, list[Request]]:
        async with Site({"/t0ken-of-the-room": answer(status, b"said the room")}) as site:
            channel = ChatChannel([site.address] if named else [])
            to = recipient(CHAT, f"json://{site.address}/t0ken-of-the-room")
            try:
                return await channel.send(ALERT, to, now=NOW), site.requests
            except DeliveryError as error:
                return error, site.requests

    return asyncio.run(run())


def test_the_alert_arrives_short_and_with_its_links() -> None:
    outcome, [request] = sent(200)
    assert outcome == Receipt("accepted")
    got: dict[str, Any] = json.loads(request.body)
    title = got["title"].replace("\u00a0", " ")
    assert title == "Nivalis → Hélianthe : 30 Md$ de capacité de calcul (annoncé)"
    assert "https://www.gazette.example/a1" in got["message"]
    assert "https://courrier.example/a2?x=1&y=2" in got["message"]
    assert len(got["message"]) < 800


@pytest.mark.parametrize("status", [401, 404, 500])
def test_what_the_room_answered_is_told_without_its_token(status: int) -> None:
    outcome, _ = sent(status)
    assert isinstance(outcome, DeliveryError)
    assert not outcome.permanent
    assert str(status) in str(outcome)
    assert "t0ken" not in f"{outcome} {outcome.response}"


def test_a_server_that_is_not_named_is_not_reached() -> None:
    outcome, requests = sent(200, named=False)
    assert isinstance(outcome, DeliveryError)
    assert outcome.permanent
    assert "delivery.chat_servers" in str(outcome)
    assert requests == []


def test_a_server_that_is_away_is_tried_again() -> None:
    to = recipient(CHAT, "json://127.0.0.1:9/t0ken-of-the-room")
    with pytest.raises(DeliveryError) as caught:
        asyncio.run(ChatChannel(["127.0.0.1:9"]).send(ALERT, to, now=NOW))
    assert not caught.value.permanent
    assert "t0ken" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("mmosts://chat.example/3ccdd113474722377935511fc85d3dd4", True),
        ("mmost://chat.example:8065/3ccdd113474722377935511fc85d3dd4", True),
        ("mmosts://other.example/3ccdd113474722377935511fc85d3dd4", False),
        ("rockets://user:pass@chat.example/#room", True),
        ("ntfys://chat.example/topic", True),
        ("xmls://chat.example/x", False),
    ],
)
def test_a_named_server_is_reached_by_services_that_talk_to_it_alone(address: str, allowed: bool) -> None:
    service = apprise.Apprise.instantiate(address)
    assert service is not None
    assert is_allowed(service, {"chat.example"}) is allowed


def test_a_port_that_is_named_is_the_only_one() -> None:
    service = apprise.Apprise.instantiate("mmost://chat.example:8065/3ccdd113474722377935511fc85d3dd4")
    assert is_allowed(service, {"chat.example:8065"})
    assert not is_allowed(service, {"chat.example:8066"})
