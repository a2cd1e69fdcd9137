"""The port `worker.ports.Parser` without a process of its own: the same functions, called here. For tests alone."""

from __future__ import annotations

from datetime import datetime

from worker.model import Article, Entry, Feed, ParsedFeed
from worker.pipeline import articles, feeds
from worker.ports import Parser


class InlineParser(Parser):
    """Reads in this process; passes the same tests as the isolated one (tests/adapters/test_parsing.py)."""

    async def feed(self, body: bytes, *, feed: Feed, content_type: str, base: str, now: datetime) -> ParsedFeed:
        return feeds.parse(body, feed=feed, content_type=content_type, base=base, now=now)

    async def article(self, body: bytes, *, entry: Entry, feed: Feed, url: str, content_type: str) -> Article:
        return articles.read(body, entry=entry, feed=feed, url=url, content_type=content_type)

    def close(self) -> None:
        """Hold nothing."""


class FailingParser(InlineParser):
    """Answers every document with `error`."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def feed(self, body: bytes, *, feed: Feed, content_type: str, base: str, now: datetime) -> ParsedFeed:
        raise self._error

    async def article(self, body: bytes, *, entry: Entry, feed: Feed, url: str, content_type: str) -> Article:
        raise self._error
