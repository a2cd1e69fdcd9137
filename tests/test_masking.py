"""What hides secrets: in every form in which one may come back; what is hidden by its shape; what stays readable."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.masking import HIDDEN, NOTHING, Mask

SECRET = "k4nari/é+“x” &y\\z"


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        json.dumps(SECRET),
        repr(SECRET),
        html.escape(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
    ],
)
def test_every_form_is_hidden(form: str) -> None:
    assert "k4nari" not in Mask([SECRET])(f"the relay said: <{form}> and no more")
    assert form not in Mask([SECRET])(f"the relay said: <{form}> and no more")


def test_a_secret_given_quoted_is_hidden_plain() -> None:
    assert Mask(["p%40sswort-9"])("login p@sswort-9 refused") == f"login {HIDDEN} refused"


def test_a_longer_secret_is_hidden_before_its_own_part() -> None:
    assert Mask(["geheim", "geheimnis"])("geheimnis und geheim") == f"{HIDDEN} und {HIDDEN}"


@pytest.mark.parametrize("end", ["", "…", "...", "'", '"'])
@pytest.mark.parametrize("length", range(6, 20))
def test_a_secret_cut_off_at_the_end_is_hidden(length: int, end: str) -> None:
    secret = "whsec_k4nariAAAABBBBCCCC"
    assert Mask([secret])(f"500: {secret[:length]}{end}") == f"500: {HIDDEN}{end}"


def test_five_characters_at_the_end_say_nothing() -> None:
    assert Mask(["whsec_k4nari"])("a text that ends in whsec") == "a text that ends in whsec"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cannot connect to redis://:pw@host:6379/0: no", f"Cannot connect to redis://:{HIDDEN}@host:6379/0: no"),
        ("postgresql://gw:p:w@db/x", f"postgresql://gw:{HIDDEN}@db/x"),
        ("http://who@example.org/", "http://who@example.org/"),
        ("https://example.org/rss?token=abc&x=1", f"https://example.org/rss?token={HIDDEN}&x=1"),
        ("https://example.org/rss?x=1&API_KEY=abc", f"https://example.org/rss?x=1&API_KEY={HIDDEN}"),
        ("https://example.org/rss?format=atom", "https://example.org/rss?format=atom"),
        ("12:30 https://example.org/a, desk@example.org", "12:30 https://example.org/a, desk@example.org"),
    ],
)
def test_passwords_in_addresses_are_hidden_whoever_they_belong_to(text: str, expected: str) -> None:
    assert NOTHING(text) == expected


@pytest.mark.parametrize("secret", ["", "abc", "gigawatch", "Postgres"])
def test_what_would_blacken_every_line_is_left(secret: str) -> None:
    text = "gigawatch.poll: abc at postgres"
    assert Mask([secret])(text) == text


@given(secret=st.text(min_size=6, max_size=40), before=st.text(max_size=30), after=st.text(max_size=30))
def test_no_secret_is_left(secret: str, before: str, after: str) -> None:
    if secret.casefold() not in ("gigawatch", "postgres", "password", "localhost"):
        assert secret not in Mask([secret])(f"{before}{secret}{after}").replace(HIDDEN, "\0")
