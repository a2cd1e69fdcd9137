"""Service notices and their all-clear, in every form."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.pipeline import message_samples as samples
from tests.pipeline.message_samples import NOW, RULE, checked, draft, html, parsed, plain
from worker.model import Alert, AlertType, ChannelKind, Recipient
from worker.pipeline.messages.notices import Line

MESSAGES = samples.messages()
LINES: tuple[Line, ...] = (
    ("what", "Aucun article depuis neuf jours."),
    ("cause", "404"),
    ("Flux", "Le Mag"),
    "Rien d’autre.",
)


def system(channel: ChannelKind = ChannelKind.EMAIL, language: str = "fr", **changed: Any) -> Alert:
    values: dict[str, Any] = {"title": "Le Mag se tait", "lines": LINES, "now": NOW, "key": "feed:mag", **changed}
    return MESSAGES.compose_system(recipient=Recipient("desk", channel, "desk@gw.example", language), **values)


def test_a_notice_says_what_why_and_what_to_do_in_the_readers_language() -> None:
    assert plain(parsed(system().body)).splitlines()[:6] == [
        "Message de service : Le Mag se tait", "", "Constat : Aucun article depuis neuf jours.", "Cause : 404",
        "Flux : Le Mag", "Rien d’autre.",
    ]  # fmt: skip
    english = plain(parsed(system(language="en").body)).splitlines()
    assert english[0] == "Service notice: Le Mag se tait"
    assert "Cause: 404" in english
    assert "What: Aucun article depuis neuf jours." in english


def test_the_all_clear_is_an_alert_of_its_own_in_the_same_thread() -> None:
    raised, again, cleared = system(), system(now=NOW + timedelta(hours=1)), system(healed=True, lines=())
    assert raised.id == again.id
    assert raised.id != cleared.id
    assert raised.id != system(key="feed:other").id
    assert raised.id != system(ChannelKind.WEBHOOK).id
    first, last = parsed(raised.body), parsed(cleared.body)
    assert first["References"] == last["References"] == last["In-Reply-To"]
    assert first["In-Reply-To"] is None
    assert (first["X-Gigawatch-Kind"], first["X-Gigawatch-Rule"]) == ("system", "system")
    assert str(last["Subject"]) == "Rétabli : Le Mag se tait"
    assert 'class="bar-fault"' in html(first)
    assert 'class="bar-new"' in html(last)


def test_machines_get_its_state_by_the_schema() -> None:
    content = checked(system(ChannelKind.WEBHOOK).body)
    assert content["type"] == "system"
    assert content["data"]["state"] == "raised"
    assert content["data"]["key"] == "feed:mag"
    assert content["data"]["lines"][1:] == ["Cause : 404", "Flux : Le Mag", "Rien d’autre."]
    cleared = checked(system(ChannelKind.WEBHOOK, healed=True, lines=()).body)["data"]
    assert (cleared["state"], cleared["key"], cleared["lines"]) == ("cleared", "feed:mag", [])


@pytest.mark.parametrize("channel", list(ChannelKind))
@pytest.mark.parametrize("word", ["a\r\nBcc: x@y.example", "<script>x</script>", "\x00\u202e", "x" * 9000, ""])
def test_what_a_server_said_steers_nothing(channel: ChannelKind, word: str) -> None:
    alert = system(channel, title=word, lines=[("cause", word), (word, word), word] * 30, key=word or "k")
    if channel is ChannelKind.EMAIL:
        mail = parsed(alert.body)
        assert "Bcc" not in mail
        assert "<script>" not in html(mail)
        assert len(html(mail).encode()) < 102_000
    elif channel is ChannelKind.WEBHOOK:
        checked(alert.body)
        assert len(alert.body.encode()) < 20_000
    else:
        assert "\x00" not in alert.body


def test_a_draft_with_a_message_alone_is_a_notice_too() -> None:
    told = draft(AlertType.SYSTEM, changes=(), channel=ChannelKind.WEBHOOK, message="Titre\nDétail\n\nSuite")
    data = checked(MESSAGES.compose(told).body)["data"]
    assert (data["title"], data["lines"]) == ("Titre", ["Détail", "Suite"])


def test_a_digest_keeps_the_notices_that_it_stands_for() -> None:
    recipient = Recipient("desk", ChannelKind.EMAIL, "desk@gw.example")
    both = MESSAGES.compose_digest([system(), MESSAGES.compose(draft())], rule=RULE, recipient=recipient, now=NOW)
    assert both.subject.startswith("Une opération relevée")
    assert "  - Message de service : Le Mag se tait" in plain(parsed(both.body))
    assert "Le Mag se tait" in html(parsed(both.body))
    alone = [system(), system(key="feed:other", title="Autre flux")]
    only = MESSAGES.compose_digest(alone, rule=RULE, recipient=recipient, now=NOW)
    assert only.subject == "2 messages"
    hook = Recipient("crm", ChannelKind.WEBHOOK, "https://crm.example/")
    sent = checked(MESSAGES.compose_digest(alone, rule=RULE, recipient=hook, now=NOW).body)
    assert [one["type"] for one in sent["data"]["alerts"]] == ["system", "system"]
