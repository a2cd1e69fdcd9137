"""Small feeds, written for these tests."""

from __future__ import annotations

from datetime import UTC, datetime

from worker.model import Entry, Feed, ParsedFeed
from worker.pipeline.feeds import parse

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
FEED = Feed(id="exemple", name="Exemple", url="https://exemple.fr/rss", site="https://exemple.fr/", house="Maison")
BASE = "https://exemple.fr/rss"


def read(body: bytes | str, content_type: str = "application/rss+xml", now: datetime = NOW) -> ParsedFeed:
    raw = body.encode("utf-8") if isinstance(body, str) else body
    return parse(raw, feed=FEED, content_type=content_type, base=BASE, now=now)


def rss(*items: str, head: str = "") -> str:
    inner = "".join(f"<item>{item}</item>" for item in items)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/'
        'content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">'
        f"<channel><title>Exemple</title><link>https://exemple.fr/</link>{head}{inner}</channel></rss>"
    )


def one(item: str) -> Entry:
    """Read a feed of one item and return its entry."""
    (entry,) = read(rss(item)).entries
    return entry
