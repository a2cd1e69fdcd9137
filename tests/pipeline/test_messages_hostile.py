"""Whatever articles and feeds say, a message stays what it is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pipeline import message_samples as samples
from tests.pipeline.message_samples import (
    LOOP,
    NOW,
    RULE,
    STORY_ID,
    checked,
    draft,
    html,
    parsed,
    story,
)
from worker import text
from worker.model import (
    AlertType,
    Change,
    ChangeKind,
    ChannelKind,
    Evidence,
    Flow,
    Kind,
    Loop,
    Recipient,
    Source,
    Span,
)

MESSAGES = samples.messages()

HOSTILE = [
    "Titre\r\nBcc: victime@gw.example\r\n\r\n<script>alert(1)</script>",
    "zéro\x00zéro\x0b\x0c\x1b[31m\x85\u2028\u2029fin",
    "\ud800 seul \udfff et \u202e à l’envers",
    "long " * 1000,
    "x" * 5000,
    "{{ 7*7 }} {% raw %} =?utf-8?q?Bcc=3A?= <!--",
    "Titre =?utf-8?q?=0D=0ABcc=3A_victime=40gw.example?= fin",
    "=?utf-8?B?DQpCY2M6IHZpY3RpbWVAZ3cuZXhhbXBsZQ==?=",
    "",
    " \n ",
]


def everywhere(word: str) -> Any:
    """A draft with `word` wherever an article or a feed puts its own text."""
    span = Span("text", 0, len(word))
    flow = Flow(word, f"{word}2", Kind.COMPUTE, 1e9, word, evidence=(Evidence("amount", span, word, word, span),))
    source = Source("a1", word, f"https://presse.example/{word}", word, word, None, NOW)
    script = Source("a2", word, f"javascript:{word}", word, word, None, NOW)
    loop = Loop("1", (replace(LOOP.edges[0], payer=word, payee=f"{word}2", currency=word),))
    changes = (
        Change(ChangeKind.NEW_FLOW, STORY_ID, 2, flow),
        Change(ChangeKind.STATUS, STORY_ID, 2, flow, {"status": word, word: word}, {"status": "announced"}),
        Change(ChangeKind.LOOP_CLOSED, STORY_ID, 2, loop=loop),
    )
    whole = story(flow, title=word, sources=(source, script), loops=(loop,))
    return draft(AlertType.UPDATED, of=whole, changes=changes, why=(word,), message=word)


def assert_harmless(word: str) -> None:
    hostile = everywhere(word)
    body = MESSAGES.compose(hostile).body
    assert max(len(line) for line in body.encode("ascii").split(b"\r\n")) <= 998
    mail = parsed(body)
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "X-Gigawatch-Story", "List-Id",
        "List-Unsubscribe", "Auto-Submitted", "X-Gigawatch-Rule", "X-Gigawatch-Kind", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert not re.search(r"[\r\n\x00]", str(mail["Subject"]))
    page = BeautifulSoup(html(mail), "lxml")
    assert not page.find_all(["script", "img", "iframe", "object"])
    assert {str(link["href"]).partition("?")[0] for link in page.select("a.act")} == {"mailto:stop@gw.example"}
    told = page.select("a:not(.act)")
    assert all(str(link["href"]).startswith("https://presse.example/") for link in told)
    hook = replace(hostile, recipient=replace(hostile.recipient, channel=ChannelKind.WEBHOOK))
    sent = MESSAGES.compose(hook).body
    assert len(sent.encode("utf-8")) < 20_000
    checked(sent)
    for channel in (ChannelKind.CONSOLE, ChannelKind.CHAT):
        shown = MESSAGES.compose(replace(hostile, recipient=replace(hostile.recipient, channel=channel))).body
        assert text.clean(shown) == shown


@pytest.mark.parametrize("word", HOSTILE)
def test_no_text_of_an_article_breaks_or_steers_a_message(word: str) -> None:
    assert_harmless(word)


@settings(max_examples=25)
@given(st.text(st.characters(), max_size=300))
def test_nor_does_any_other_text(word: str) -> None:
    assert_harmless(word)


def test_a_hostile_address_stays_in_its_header() -> None:
    for address in (
        "a@b.example\r\nBcc: c@d.example",
        "no address",
        '"x" <y@z.example>, c@d.example',
        "@",
        "a@" + "b" * 400,
    ):
        recipient = Recipient("desk\r\nX-Evil: 1", ChannelKind.EMAIL, address)
        mail = parsed(MESSAGES.compose(draft(recipient=recipient, rule=replace(RULE, id="r\r\nBcc: x@y.example"))).body)
        assert "Bcc" not in mail
        assert "X-Evil" not in mail
