"""OPML in and out: a round trip loses nothing, a hostile file reaches nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.cli import opml
from worker.errors import UsageError
from worker.model import Feed

_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_reads_nested_outlines_and_passes_over_what_cannot_be_polled() -> None:
    body = b"""<?xml version="1.0"?><opml version="2.0"><body><outline text="Presse">
      <outline type="rss" text="Le &quot;Calcul&quot; &amp; co" xmlUrl="https://a.example/feed" htmlUrl="https://a.example/"/>
      <outline type="rss" title="Deux" xmlUrl="ftp://b.example/feed"/></outline>
      <outline type="rss" text="" xmlUrl="https://c.example/rss"/></body></opml>"""
    feeds, refused = opml.read(body, name="x.opml", taken=())
    assert [(feed.id, feed.name, feed.url, feed.site) for feed in feeds] == [
        ("le-calcul-co", 'Le "Calcul" & co', "https://a.example/feed", "https://a.example/"),
        ("c-example", "c.example", "https://c.example/rss", ""),
    ]
    assert refused == ("ftp://b.example/feed",)


@pytest.mark.parametrize("body", [b"", b"   ", b"<html><body>no</body></html>", b"not xml at all", b"\xff\xfe\x00"])
def test_what_is_not_opml_is_named(body: bytes) -> None:
    with pytest.raises(UsageError, match=r"liste\.opml: not OPML"):
        opml.read(body, name="liste.opml", taken=())


def test_an_external_entity_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOPSECRET")
    body = (
        f'<!DOCTYPE opml [<!ENTITY x SYSTEM "{secret.as_uri()}">]><opml version="2.0"><body>'
        '<outline text="n &x;" xmlUrl="https://a.example/"/></body></opml>'
    )
    feeds, _ = opml.read(body.encode(), name="x", taken=())
    assert all("TOPSECRET" not in feed.name for feed in feeds)


def test_ids_do_not_collide() -> None:
    assert opml.feed_id("La Tribune", "https://x.example", {"la-tribune", "la-tribune-2"}) == "la-tribune-3"
    assert opml.feed_id("日本", "https://www.x.example/a", ()) == "www-x-example"


_TEXT = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Cn", "Co", "Cf", "Zl", "Zp", "Zs"))).map(str.strip)
_NAMES = _TEXT.filter(bool)


@given(st.lists(_NAMES, min_size=1, max_size=5))
def test_what_is_written_is_read_again(names: list[str]) -> None:
    feeds = [
        Feed(
            id=f"f{index}",
            name=name[:100],
            url=f"https://h{index}.example/feed?a=1&b={index}",
            site="https://s.example/",
        )
        for index, name in enumerate(names)
    ]
    read, refused = opml.read(opml.write(feeds, title="a < b & c", now=_NOW).encode(), name="x", taken=())
    assert [feed.url for feed in read] == [feed.url for feed in feeds]
    assert [feed.site for feed in read] == [feed.site for feed in feeds]
    assert refused == ()
    assert len({feed.id for feed in read}) == len(feeds)
