"""The console's stream and file, and chat without its extra."""

from __future__ import annotations

import asyncio
import io
import socket
import sys
from pathlib import Path

import pytest

from tests.adapters.alert_samples import NOW, alert, recipient
from worker.adapters.chat import ChatChannel, is_allowed
from worker.adapters.console import LARGEST, ConsoleChannel
from worker.errors import DeliveryError
from worker.model import ChannelKind

CONSOLE, CHAT = ChannelKind.CONSOLE, ChannelKind.CHAT


def test_each_alert_is_shown_and_kept(tmp_path: Path) -> None:
    stream, path = io.StringIO(), tmp_path / "data" / "alerts.log"
    channel = ConsoleChannel(stream, path=path)
    for body in ("Hélianthe → Nivalis\n", "deux\x1b[31m\r\nlignes"):
        asyncio.run(channel.send(alert(body, CONSOLE), recipient(CONSOLE, "-"), now=NOW))
    assert stream.getvalue() == "Hélianthe → Nivalis\n\ndeux[31m\nlignes\n\n"
    assert path.read_text(encoding="utf-8") == stream.getvalue()


def test_the_file_makes_room_for_a_new_one_and_keeps_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "alerts.log"
    channel = ConsoleChannel(io.StringIO(), path=path)
    for name in ("un", "deux"):
        path.write_bytes(name.encode() + b" " * LARGEST)
        asyncio.run(channel.send(alert("Hélianthe", CONSOLE), recipient(CONSOLE, "-"), now=NOW))
        assert path.read_text(encoding="utf-8") == "Hélianthe\n\n"
        assert path.with_name("alerts.log.1").read_bytes().startswith(name.encode())
    assert sorted(one.name for one in tmp_path.iterdir()) == ["alerts.log", "alerts.log.1"]


def test_a_terminal_of_few_letters_gets_the_rest_as_question_marks() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    asyncio.run(ConsoleChannel(stream, path=None).send(alert("Hé", CONSOLE), recipient(CONSOLE, "-"), now=NOW))
    assert raw.getvalue() == b"H?\n\n"


def test_a_stream_or_file_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    stream = io.StringIO()
    closed = io.StringIO()
    closed.close()
    (tmp_path / "file").write_text("")
    for channel in (ConsoleChannel(closed, path=None), ConsoleChannel(stream, path=tmp_path / "file" / "alerts.log")):
        with pytest.raises(DeliveryError) as caught:
            asyncio.run(channel.send(alert("x", CONSOLE), recipient(CONSOLE, "-"), now=NOW))
        assert not caught.value.permanent
    assert stream.getvalue() == ""


def test_chat_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(DeliveryError, match=r"gigawatch\[chat\]") as caught:
        asyncio.run(ChatChannel().send(alert("x", CHAT), recipient(CHAT, "slack://token"), now=NOW))
    assert caught.value.permanent


def test_chat_refuses_an_address_that_it_does_not_know() -> None:
    pytest.importorskip("apprise", reason="needs the extra `chat`")
    with pytest.raises(DeliveryError) as caught:
        asyncio.run(ChatChannel().send(alert("x", CHAT), recipient(CHAT, "nothing-of-the-kind://t0ken"), now=NOW))
    assert caught.value.permanent
    assert "t0ken" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/%23veille", True),
        ("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", True),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", True),
        ("ntfy://veille", True),
        ("ntfys://ntfy.sh/veille", True),
        ("ntfys://10.0.0.1/veille", False),
        ("ntfys://ntfy.sh.example/veille", False),
        ("workflows://prod-01.westeurope.logic.azure.com:443/643d/xyz/", True),
        ("workflows://127.0.0.1:443/643d/xyz/", False),
        ("workflows://logic.azure.com.example:443/643d/xyz/", False),
        ("zulip://veille@desk/a6k4m0z9v7b2x8c1q5w3e6r4t2y8u1i0", True),
        ("zulip://veille@desk.internal.example/a6k4m0z9v7b2x8c1q5w3e6r4t2y8u1i0", False),
        ("json://127.0.0.1:9/hook", False),
        ("xml://169.254.169.254/latest", False),
        ("syslog://", False),
    ],
)
def test_chat_leaves_for_the_services_own_hosts_alone(address: str, allowed: bool) -> None:
    apprise = pytest.importorskip("apprise", reason="needs the extra `chat`")
    service = apprise.Apprise.instantiate(address)
    assert service is not None
    assert is_allowed(service) is allowed


def test_chat_to_a_server_of_ones_own_is_refused_before_anything_leaves() -> None:
    pytest.importorskip("apprise", reason="needs the extra `chat`")
    with socket.socket() as canary:
        canary.bind(("127.0.0.1", 0))
        canary.listen()
        canary.setblocking(False)
        address = f"json://127.0.0.1:{canary.getsockname()[1]}/t0ken"
        with pytest.raises(DeliveryError, match="webhook") as caught:
            asyncio.run(ChatChannel().send(alert("x", CHAT), recipient(CHAT, address), now=NOW))
        with pytest.raises(BlockingIOError):
            canary.accept()
    assert caught.value.permanent
    assert "t0ken" not in str(caught.value)
