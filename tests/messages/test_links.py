"""The links by which a reader ends what no longer interests him, and their headers."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from tests.pipeline import message_samples as samples
from tests.pipeline.message_samples import STORY_ID, draft, html, parsed, plain
from worker.model import AlertType
from worker.pipeline.messages import Links
from worker.pipeline.messages.links import MUTE, UNSUBSCRIBE, is_signed, signature

KEY = "k" * 32
PAGE = Links("stop@gw.example", "https://veille.example/gw", KEY)


def shown(links: Links) -> list[str]:
    mail = parsed(samples.messages(links=links).compose(draft()).body)
    return [str(link["href"]) for link in BeautifulSoup(html(mail), "lxml").select("a.act")]


def test_by_mail_the_subject_names_what_and_whom() -> None:
    mute, leave = shown(Links("stop+gw@gw.example"))
    for link, words in ((mute, f"gigawatch mute {STORY_ID} desk"), (leave, "gigawatch unsubscribe milliards desk")):
        parts = urlsplit(link)
        assert (parts.scheme, unquote(parts.path)) == ("mailto", "stop+gw@gw.example")
        assert parse_qs(parts.query) == {"subject": [words]}


def test_with_a_page_the_links_go_there_and_are_signed() -> None:
    mute, leave = shown(PAGE)
    for link, act, name, subject in ((mute, MUTE, "story", STORY_ID), (leave, UNSUBSCRIBE, "rule", "milliards")):
        assert link.startswith(f"https://veille.example/gw/{act}?")
        query = {key: values[0] for key, values in parse_qs(urlsplit(link).query).items()}
        assert (query[name], query["recipient"]) == (subject, "desk")
        signed = {"act": act, "subject": subject, "recipient": "desk"}
        assert is_signed(query["key"], key=KEY, **signed)
        for other in ({"act": "x"}, {"subject": "x"}, {"recipient": "x"}):
            assert not is_signed(query["key"], key=KEY, **{**signed, **other})
        assert not is_signed(query["key"], key="another", **signed)
        assert not is_signed("é", key=KEY, **signed)


def test_without_a_key_nothing_is_signed() -> None:
    assert Links("", "https://veille.example").unsubscribe("r", "desk").page == ""
    given = {"act": MUTE, "subject": "s", "recipient": "desk"}
    assert not is_signed(signature("", **given), key="", **given)


def test_the_header_names_page_and_mail_and_one_click_only_over_tls() -> None:
    def headers(links: Links) -> tuple[str | None, str | None]:
        mail = parsed(samples.messages(links=links).compose(draft()).body)
        return mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]

    by_mail = "<mailto:stop@gw.example?subject=gigawatch%20unsubscribe%20milliards%20desk>"
    assert headers(Links("stop@gw.example")) == (by_mail, None)
    both, click = headers(PAGE)
    assert both is not None
    page, mail = both.split(", ")
    assert page == f"<{PAGE.unsubscribe('milliards', 'desk').page}>"
    assert (mail, click) == (by_mail, "List-Unsubscribe=One-Click")
    assert headers(replace(PAGE, page="http://veille.example"))[1] is None
    assert headers(Links()) == (None, None)


def test_the_header_stands_whole_in_lines_that_mail_allows() -> None:
    long = replace(PAGE, page=f"https://{'v' * 60}.example/{'p' * 120}")
    rule, recipient = replace(samples.RULE, id="r" * 64), replace(draft().recipient, id="d" * 64)
    body = samples.messages(links=long).compose(draft(rule=rule, recipient=recipient)).body
    assert max(map(len, body.split("\r\n"))) <= 998
    assert f"List-Unsubscribe: <{long.unsubscribe('r' * 64, 'd' * 64).page}>,\r\n <mailto:" in body


@pytest.mark.parametrize("links", [Links(), Links("no address")])
def test_without_an_address_there_is_no_link(links: Links) -> None:
    assert shown(links) == []
    assert "Se désabonner" not in plain(parsed(samples.messages(links=links).compose(draft()).body))


def test_the_plain_text_has_the_same_links() -> None:
    written = plain(parsed(samples.messages(links=PAGE).compose(draft()).body))
    for link in shown(PAGE):
        assert link in written


def test_nobody_is_subscribed_to_a_test() -> None:
    mail = parsed(samples.messages(links=PAGE).compose(draft(AlertType.TEST)).body)
    assert "List-Unsubscribe" not in mail
    assert "veille.example" not in plain(mail)
