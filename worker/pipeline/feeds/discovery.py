"""Which feeds a page names."""

from __future__ import annotations

import re

from bs4 import Tag

from worker.pipeline.feeds.entries import web_address
from worker.pipeline.markup import soup

_TYPES = frozenset(
    {
        "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json",
        "application/json", "application/xml", "text/xml",
    }
)  # fmt: skip
_ADDRESS = re.compile(r"(^|[/._?=&-])(rss|feed|feeds|atom|flux-?rss|rdf)([/._?=&-]|\d*$)", re.IGNORECASE)
_MOST = 20
_SIZE = 2_000_000


def find_feeds(html: str, base: str) -> tuple[str, ...]:
    """Return the addresses of the feeds that a page names, at most 20: its `link rel="alternate"` first, then links
    that look like feeds. `base` is the page's own address; `<base href>` is heeded. Comment feeds come last."""
    if "<" not in html:
        return ()
    tree = soup(html[:_SIZE], "base", "link", "a")
    own = tree.find("base", href=True)
    if isinstance(own, Tag):
        base = web_address(str(own["href"]), base) or base
    named = [tag for tag in tree.find_all("link", href=True) if _is_alternate(tag)]
    linked = [tag for tag in tree.find_all("a", href=True, limit=5_000) if _ADDRESS.search(str(tag["href"])[-200:])]
    found = dict.fromkeys(web_address(str(tag["href"]), base) for tag in [*named, *linked])
    return tuple(sorted((one for one in found if one), key=lambda one: "comment" in one)[:_MOST])


def _is_alternate(tag: Tag) -> bool:
    words = set(" ".join(str(word) for word in tag.get_attribute_list("rel")).casefold().split())
    kind = str(tag.get("type") or "").partition(";")[0].strip().casefold()
    return "feed" in words or ("alternate" in words and kind in _TYPES and "oembed" not in str(tag["href"]))
