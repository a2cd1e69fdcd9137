"""From the bytes at a feed's address to a parsed feed, or to a word on what they are instead.

feedparser reads what is a feed; in front of it stands what it does not do: charsets that are not as declared, HTML
and challenge pages, entities and document types (an attack or an ornament, never news), and size.
"""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

import feedparser

from worker.errors import ParseError
from worker.model import Cause, Feed, ParsedFeed
from worker.pipeline import dates
from worker.pipeline.charset import decode
from worker.pipeline.feeds import apart, jsonfeed
from worker.pipeline.feeds import plain as plain_reader
from worker.pipeline.feeds.entries import NAME, RawItem, entries, web_address
from worker.pipeline.feeds.prepared import ITEM, prepare
from worker.pipeline.markup import ILLEGAL, plain

_NUMBER = re.compile(r"\d{1,5}")
_SKIP = re.compile(r"<skip(hours|days)\b[^<>]*>(.{0,3000}?)</skip\1\s*>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(r"<hour\b[^<>]*>\s*(\d{1,2})\s*</hour", re.IGNORECASE)
_DAY = re.compile(r"<day\b[^<>]*>\s*([a-z]+)\s*</day", re.IGNORECASE)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS = {"hourly": 3600.0, "daily": 86_400.0, "weekly": 604_800.0, "monthly": 2_592_000.0, "yearly": 31_536_000.0}
# What feedparser was seen to raise on damaged documents (a fuzzer, November 2026).
_TRIPPED = (KeyError, TypeError, ValueError, AttributeError, IndexError, AssertionError, RecursionError)


def parse(body: bytes, *, feed: Feed, content_type: str, base: str, now: datetime) -> ParsedFeed:
    """Return what the feed document `body` says; `content_type` and `base` are its HTTP header and own address.

    RSS 0.9x, 1.0, 2.0, Atom, CDF and JSON Feed, in any charset; at most 500 newest entries, cleaned, dates not after
    `now`. A feed without entries is a feed. Raises ParseError(empty | html | not_a_feed), and nothing else.
    """
    where = base or feed.url
    if not body.strip(b" \t\r\n\x00\xef\xbb\xbf\xfe\xff"):
        raise ParseError(Cause.EMPTY, f"{where}: the answer is empty; if it stays so, the feed has moved")
    try:
        return _parsed(decode(body, content_type), feed=feed, base=where, now=now)
    except (ParseError, MemoryError):
        raise
    except Exception as error:
        # Two parsers with twenty years of special cases read this; whatever they trip over is this document's fault.
        name = type(error).__name__
        raise ParseError(Cause.NOT_A_FEED, f"{where}: the document cannot be read as a feed ({name})") from error


def _parsed(text: str, *, feed: Feed, base: str, now: datetime) -> ParsedFeed:
    text = ILLEGAL.sub("", text).strip("\ufeff \t\r\n")
    if text.startswith(("{", "[")):
        about, items = jsonfeed.read(text, where=base)
        title, site = plain(about["title"], NAME), web_address(about["site"], base)
        found = entries(items, feed=feed, base=base, now=now)
        return ParsedFeed(title=title, site=site, entries=found, version=about["version"])
    text = prepare(text, base)
    about, items, version = _read(text, base)
    hours, days = _skipped(text)
    return ParsedFeed(
        title=plain(_string(about, "title"), NAME),
        site=web_address(_string(about, "link"), base),
        entries=entries(items, feed=feed, base=base, now=now),
        ttl_s=_ttl(about),
        skip_hours=hours,
        skip_days=days,
        version=version,
    )


def _read(text: str, base: str) -> tuple[dict[str, Any], list[RawItem], str]:
    """Return the channel's fields, the items and the version of an XML feed."""
    try:
        read = feedparser.parse(
            io.BytesIO(text.encode("utf-8")),
            # Without its own address it leaves guids as they are written: "17" must not change when the feed moves.
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
        items = [_item(one, base) for one in read.get("entries", [])]
        if items and read.get("bozo"):
            items = apart.complete(items, text)
        if items or not ITEM.search(text):
            return read.get("feed") or {}, items, str(read.get("version") or "xml")
    except _TRIPPED:
        pass
    about, items = plain_reader.read(text)
    return dict(about), items, "plain"


def _item(entry: dict[str, Any], base: str) -> RawItem:
    content = max((_string(one, "value") for one in dict.get(entry, "content") or ()), key=len, default="")
    summary = _string(entry, "summary")
    author = dict.get(entry, "author_detail") or {}
    return RawItem(
        guid=_string(entry, "id"),
        link=_link(entry, base),
        title=_string(entry, "title"),
        summary="" if summary == content and summary else summary,
        content=content,
        author=_string(author, "name") or _string(entry, "author"),
        published=_published(entry),
    )


def _published(entry: dict[str, Any]) -> datetime | None:
    for field in ("published", "updated", "created"):
        found = dates.from_fields(dict.get(entry, f"{field}_parsed"), _string(entry, field))
        if found is not None:
            return found
    return None


def _link(entry: dict[str, Any], base: str) -> str:
    """Return the item's own address: FeedBurner's original, the link, or a guid that is one."""
    for field in ("feedburner_origlink", "link", "id"):
        value = _string(entry, field)
        # feedparser offers a guid as the link where there is none; one that is no whole address is no address.
        if value == _string(entry, "id") and not value.startswith(("http://", "https://")):
            continue
        if web_address(value, base):
            return value
    return ""


def _string(values: Any, field: str) -> str:
    # dict.get, because FeedParserDict answers for keys that are not there (updated for published) and warns of it.
    value = dict.get(values, field) if isinstance(values, dict) else None
    return value if isinstance(value, str) else ""


def _ttl(about: dict[str, Any]) -> float | None:
    """Return how long the feed says it stays fresh, in seconds: `ttl` (minutes), or `sy:updatePeriod`.

    WordPress writes "hourly" into every feed without anybody having said so: it counts as nothing said.
    """
    minutes = _NUMBER.fullmatch(_string(about, "ttl").strip())
    if minutes and int(minutes.group()) > 0:
        return int(minutes.group()) * 60.0
    period = _PERIODS.get(_string(about, "sy_updateperiod").strip().casefold())
    times = _NUMBER.fullmatch(_string(about, "sy_updatefrequency").strip() or "1")
    if period is None or times is None or int(times.group()) < 1:
        return None
    seconds = period / int(times.group())
    return seconds if seconds > 3600.0 else None


def _skipped(text: str) -> tuple[frozenset[int], frozenset[int]]:
    """Return the hours (UTC) and days (Monday = 0) in which the feed asks not to be read (RSS 2.0)."""
    first = ITEM.search(text)
    head = text[: min(first.start(), 50_000)] if first else text[:50_000]
    found = {match.group(1).casefold(): match.group(2) for match in _SKIP.finditer(head)}
    hours = frozenset(int(hour) % 24 for hour in _HOUR.findall(found.get("hours", "")))
    names = [day.casefold() for day in _DAY.findall(found.get("days", ""))]
    days = frozenset(_DAYS.index(name) for name in names if name in _DAYS)
    # Whoever forbids every hour or every day says nothing that can be obeyed.
    return (hours if len(hours) < 24 else frozenset()), (days if len(days) < 7 else frozenset())
