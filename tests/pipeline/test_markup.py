"""Markup to plain text: paragraphs, titles, mended encodings."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.pipeline.charset import decode
from worker.pipeline.markup import mend, paragraphs, plain


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Un.</p><p>Deux.</p>", "Un.\n\nDeux."),
        ("Un.<br><br/>Deux.", "Un.\n\nDeux."),
        ("Un <b>mot</b>, <a href='x'>lien</a>.", "Un mot, lien."),
        ("<div>Un<div>Deux</div>Trois</div>", "Un\n\nDeux\n\nTrois"),
        ("<table><tr><td>1,5 GW</td><td>2027</td></tr></table>", "1,5 GW 2027"),
        ("<p>Vu<script>x()</script><style>p{}</style><iframe src=x></iframe>.</p>", "Vu."),
        ("<form><input value=x>Nom</form><svg><text>x</text></svg>", "Nom"),
        ("Texte\nsur deux lignes\n\nSuite", "Texte sur deux lignes\n\nSuite"),
        ("3 &lt; 4 &amp; 5&nbsp;%", "3 < 4 & 5 %"),
        ("<p>Ouvert <b>jamais fermé", "Ouvert jamais fermé"),
        ("<?xml version='1.0' encoding='utf-16'?><p>Été</p>", "Été"),
        ("", ""),
        ("<p> </p>", ""),
    ],
)
def test_paragraphs(markup: str, text: str) -> None:
    assert paragraphs(markup, 10_000) == text


@given(st.text(alphabet="<>/pb &;éa\n", max_size=200), st.integers(1, 50))
def test_paragraphs_have_a_limit_and_no_stray_lines(markup: str, limit: int) -> None:
    found = paragraphs(markup, limit)
    assert len(found) <= limit + 2 * found.count("\n\n") + 1
    assert not re.search(r"\n{3}|\n\n\s|\s$|^\s", found)


@given(st.text(max_size=300))
def test_a_title_has_one_line_and_a_limit(value: str) -> None:
    found = plain(value, 100)
    assert len(found) <= 100
    assert "\n" not in found
    assert "<script" not in found.lower()


@pytest.mark.parametrize("word", ["été", "déjà « vu »", "l’IA", "cœur – 30 €", "naïve Noël ça où"])
def test_mending_restores_and_leaves_sound_text_alone(word: str) -> None:
    assert mend(word.encode("utf-8").decode("windows-1252", "ignore")) == word
    assert mend(word) == word


@given(st.text(alphabet="aàäbcçdeéèêëfghiîïoôöœuùûüÿ ’«»–—…€.,0123456789ÀÉÈÊÔÇ\u00a0", max_size=200))
def test_french_is_never_taken_for_damage(text: str) -> None:
    # No word ends in â or Â, so before a sign they are left out above; before a letter they are sound.
    assert mend(text + "âge Âge") == text + "âge Âge"


@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-16", "utf-32", "utf-8-sig"]))
def test_unicode_comes_through_whole(text: str, charset: str) -> None:
    raw = f"<p>{text}".encode(charset, "replace")
    assert decode(raw) == raw.decode(charset)


@given(st.binary(max_size=300), st.text(max_size=30))
def test_any_bytes_decode(body: bytes, label: str) -> None:
    assert isinstance(decode(body, f"text/html; charset={label}"), str)
