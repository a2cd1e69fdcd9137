"""The console's stream and file, and chat without its extra."""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path

import pytest

from tests.adapters.alert_samples import NOW, alert, recipient
from worker.adapters.chat import ChatChannel
from worker.adapters.console import ConsoleChannel
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
