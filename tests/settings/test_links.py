"""Where readers' wishes go, and which chat servers may be reached."""

from __future__ import annotations

import json

import pytest

from tests.pipeline.message_samples import draft, parsed
from tests.settings.conftest import Config
from worker import runtime

KEY = "hunter2-hunter2-hunter2-hunter2"


def test_a_page_needs_a_key_and_shows_it_nowhere(config: Config) -> None:
    fault = config.write("gigawatch.toml", '[smtp]\npage = "https://veille.example/gw/"\n').fault()
    assert (fault.key, "page_key" in fault.expected) == ("smtp", True)
    fault = config.fault(GIGAWATCH_SMTP__PAGE_KEY="hunter2")
    assert "hunter2" not in str(fault)
    found = config.load(GIGAWATCH_SMTP__PAGE_KEY=KEY)
    assert found.smtp.page == "https://veille.example/gw"
    assert "hunter2" not in json.dumps(found.masked()) + repr(found.smtp)


@pytest.mark.parametrize(
    "value", ["veille.example", "ftp://veille.example", "https://u@veille.example", "https://v.example/?a=b",
              "https://v.example/é", "https://v.example/a b", "https://v.example/>,<x",
              "https://v.example/" + "p" * 200]
)  # fmt: skip
def test_what_is_no_page(config: Config, value: str) -> None:
    fault = config.fault(GIGAWATCH_SMTP__PAGE=value, GIGAWATCH_SMTP__PAGE_KEY=KEY)
    assert fault.key == "smtp.page"


def test_wishes_go_to_their_address_or_else_to_the_sender(config: Config) -> None:
    config.write("gigawatch.toml", '[smtp]\nsender = "veille@gw.example"\n')

    def mailbox(**environ: str) -> str:
        words = runtime.messages(config.load(**environ), on_fault=lambda fault: None)
        return str(parsed(words.compose(draft()).body)["List-Unsubscribe"])

    assert mailbox().startswith("<mailto:veille@gw.example?")
    assert mailbox(GIGAWATCH_SMTP__UNSUBSCRIBE="stop@gw.example").startswith("<mailto:stop@gw.example?")
    assert config.fault(GIGAWATCH_SMTP__UNSUBSCRIBE="Stop <stop@gw.example>").key == "smtp.unsubscribe"


def test_chat_servers_are_hosts(config: Config) -> None:
    found = config.load(GIGAWATCH_DELIVERY__CHAT_SERVERS="Chat.example.org, 10.0.0.7:8065")
    assert found.delivery.chat_servers == ("chat.example.org", "10.0.0.7:8065")
    for wrong in ("https://chat.example.org", "chat.example.org:0", "chat/x", "-"):
        assert config.fault(GIGAWATCH_DELIVERY__CHAT_SERVERS=wrong).key.startswith("delivery.chat_servers")


def test_templates_of_ones_own_are_told_from_the_packaged_ones(config: Config) -> None:
    (config.folder / "templates").mkdir()
    config.write("templates/alert.txt.j2", "Bonjour")
    found = config.load()
    assert found.templates["alert.txt.j2"] == "Bonjour"
    assert found.packaged_templates["alert.txt.j2"] != "Bonjour"
    assert found.template_folder.endswith("config/templates")
