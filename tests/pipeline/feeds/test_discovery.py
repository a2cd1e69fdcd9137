"""Which feeds a page names."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from worker.pipeline.feeds import find_feeds

BASE = "https://exemple.fr/tech/"


def test_alternates_first_then_links_and_comments_last() -> None:
    html = """<html><head>
    <link rel="alternate" type="application/rss+xml" title="Commentaires" href="/comments/feed/">
    <link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="atom.xml">
    <link rel="alternate" hreflang="en" href="/en/"><link rel="stylesheet" type="text/css" href="/feed.css">
    <link rel="alternate" type="application/json" href="/wp-json/oembed/1.0/embed?url=x">
    </head><body><a href="/flux-rss/ia.xml">RSS</a> <a href="/rss">RSS</a> <a href="/carriere">Carrière</a>
    <a href="javascript:rss()">RSS</a><a href="https://u:p@exemple.fr/rss">RSS</a></body></html>"""
    assert find_feeds(html, BASE) == (
        "https://exemple.fr/tech/atom.xml",
        "https://exemple.fr/flux-rss/ia.xml",
        "https://exemple.fr/rss",
        "https://exemple.fr/comments/feed/",
    )


def test_the_base_element_is_heeded() -> None:
    html = '<base href="https://cdn.exemple.fr/x/"><link rel="alternate" type="text/xml" href="rss.xml">'
    assert find_feeds(html, BASE) == ("https://cdn.exemple.fr/x/rss.xml",)


def test_a_page_of_links_is_bounded() -> None:
    started = time.process_time()
    assert len(find_feeds("<html>" + "".join(f"<a href='/rss/{n}'>" for n in range(60_000)), BASE)) == 20
    assert time.process_time() - started < 10.0


@given(st.text(max_size=300))
def test_any_text_gives_addresses_or_none(html: str) -> None:
    assert all(one.startswith("http") for one in find_feeds(f"<link rel=alternate type=text/xml href='{html}'>", BASE))
