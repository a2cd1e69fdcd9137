"""From the bytes at a feed's address to a parsed feed, or to a word on what they are instead.

feedparser reads what is a feed; in front of it stands what it does not do: charsets that are not as declared, HTML
and challenge pages, entities and document types (an attack or an ornament, never news), and size.
"""

from __future__ import annotations

import io
import re
from datetime import datetime
from html.entities import html5
from typing import Any

import feedparser

from worker.errors import ParseError
from worker.model import Cause, Feed
from worker.pipeline import dates
from worker.pipeline.charset import decode
from worker.pipeline.feeds import jsonfeed
from worker.pipeline.feeds.entries import NAME, ParsedFeed, RawItem, entries, web_address
from worker.pipeline.feeds.strangers import page_error
from worker.pipeline.markup import ILLEGAL, plain

_ROOTS = frozenset({"rss", "feed", "rdf", "channel", "entry"})
_HTML_ROOT = re.compile(
    r"html|head|body|div|p|span|b|br|h1|title|meta|script|center|font|pre|link|style|a|table|section|main|iframe|form"
)
_ROOT_LATER = re.compile(r"<(?:\w+:)?(?:rss|feed|rdf)\b[^<>]*>|<\?xml\b", re.IGNORECASE)
_NAME = re.compile(r"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_ITEM = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_REFERENCE = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|.*)|&(?:([A-Za-z][A-Za-z0-9]{1,31});|(?!#[0-9]{1,7};|#x[0-9a-f]{1,6};))",
    re.IGNORECASE | re.DOTALL,
)
_OWN = frozenset({"amp", "lt", "gt", "quot", "apos"})
_NUMBER = re.compile(r"\d{1,5}")
_SKIP = re.compile(r"<skip(hours|days)\b[^<>]*>(.{0,3000}?)</skip\1\s*>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(r"<hour\b[^<>]*>\s*(\d{1,2})\s*</hour", re.IGNORECASE)
_DAY = re.compile(r"<day\b[^<>]*>\s*([a-z]+)\s*</day", re.IGNORECASE)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS = {"hourly": 3600.0, "daily": 86_400.0, "weekly": 604_800.0, "monthly": 2_592_000.0, "yearly": 31_536_000.0}
# Items taken from either end of a longer document: 50,000 cost feedparser eight seconds, and the newest 500 are kept.
_EACH_END = 500
_ELEMENTS = 200_000
# Half a million attributes cost 400 MB; a real tag, embedded images included, stays below this.
_HUGE_TAG = re.compile(r"<[A-Za-z][^<>]{100000,}>")


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
        # feedparser is two parsers with twenty years of special cases; whatever it trips over is this document's fault.
        name = type(error).__name__
        raise ParseError(Cause.NOT_A_FEED, f"{where}: the document cannot be read as a feed ({name})") from error


def _parsed(text: str, *, feed: Feed, base: str, now: datetime) -> ParsedFeed:
    text = ILLEGAL.sub("", text).strip("\ufeff \t\r\n")
    if text.startswith(("{", "[")):
        about, items = jsonfeed.read(text, where=base)
        title, site = plain(about["title"], NAME), web_address(about["site"], base)
        found = entries(items, feed=feed, base=base, now=now)
        return ParsedFeed(title=title, site=site, entries=found, version=about["version"])
    text = _slim(_from_root(text, base))
    read = feedparser.parse(
        io.BytesIO(text.encode("utf-8")),
        # Without its own address it leaves guids as they are written: "17" must not change when the feed moves.
        response_headers={"content-type": "application/xml; charset=utf-8"},
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    about = read.get("feed") or {}
    hours, days = _skipped(text)
    return ParsedFeed(
        title=plain(_string(about, "title"), NAME),
        site=web_address(_string(about, "link"), base),
        entries=entries([_item(one, base) for one in read.get("entries", [])], feed=feed, base=base, now=now),
        ttl_s=_ttl(about),
        skip_hours=hours,
        skip_days=days,
        version=str(read.get("version") or "xml"),
    )


def _from_root(text: str, base: str) -> str:
    """Return `text` from its feed on; raises ParseError for a page or for XML of another kind."""
    at, prefix, name = _root(text)
    if name in _ROOTS and not (prefix == "" and name == "channel" and "<item" not in text.casefold()):
        return text
    lower = text[:200_000].casefold()
    if _HTML_ROOT.fullmatch(name) or lower.startswith("<!doctype html"):
        # A warning that a server printed above its feed looks like a page; a page has <html>.
        later = _ROOT_LATER.search(text, at + 1, at + 20_000)
        if later is None or "<html" in lower:
            raise page_error(text, base)
        return text[later.start() :]
    if not name:
        later = _ROOT_LATER.search(text, 0, 20_000)
        if later is not None:
            return text[later.start() :]
        if text.startswith(("<!--", "<?", "<!")):
            raise ParseError(Cause.EMPTY, f"{base}: a document without an element; if it stays so, the feed has moved")
        raise ParseError(Cause.NOT_A_FEED, f"{base}: plain text, not a feed; check the address")
    later = _ROOT_LATER.search(text, at + 1, at + 20_000)
    if later is not None and not later.group().startswith("<?"):
        return text
    raise ParseError(Cause.NOT_A_FEED, f"{base}: XML of another kind (<{prefix}{name}>), not a feed; check the address")


def _root(text: str) -> tuple[int, str, str]:
    """Return the place, prefix and local name of the first element, past prolog, comments and document type."""
    at = 0
    while (at := text.find("<", at)) >= 0:
        if text.startswith("<!--", at):
            at = _after(text, "-->", at)
        elif text.startswith("<?", at):
            at = _after(text, ">", at)
        elif text.startswith("<!", at):
            at = _doctype_end(text, at)
        elif match := _NAME.match(text, at):
            return at, match.group(1) or "", match.group(2).casefold()
        else:
            at += 1
    return 0, "", ""


def _after(text: str, sign: str, at: int) -> int:
    found = text.find(sign, at)
    return len(text) if found < 0 else found + len(sign)


def _doctype_end(text: str, at: int) -> int:
    close, bracket = text.find(">", at), text.find("[", at)
    if 0 <= bracket < close:
        inner = text.find("]", bracket)
        # The internal subset ends at the "]" that ">" follows; entity values may hold others.
        while inner >= 0 and not text[inner + 1 : inner + 200].lstrip().startswith(">"):
            inner = text.find("]", inner + 1)
        close = text.find(">", inner) if inner >= 0 else -1
    return len(text) if close < 0 else close + 1


def _slim(text: str) -> str:
    """Return the document without prolog and document type, with no entities but XML's, and without the middle items
    where it has more than a thousand.

    A bare "&" is escaped: feedparser would give the document to its loose parser, which reads "AT&T" as "AT&T;".
    """
    at, _, _ = _root(text)
    text = _REFERENCE.sub(_reference, text[at:])
    starts = [match.start() for match in _ITEM.finditer(text)]
    if len(starts) > 2 * _EACH_END:
        text = text[: starts[_EACH_END]] + text[starts[-_EACH_END] :]
    return _affordable(_HUGE_TAG.sub("", text))


def _affordable(text: str) -> str:
    """Return what feedparser reads in some six seconds: 20 µs an element, an eighth of that a reference, in each of its
    two parsers. What is cut is cut before an item."""
    cost = text.count("<") + text.count("&") // 8
    if cost <= _ELEMENTS:
        return text
    at = len(text) * _ELEMENTS // cost
    item = max(text.rfind("<item", 0, at), text.rfind("<entry", 0, at))
    return text[: item if item > 0 else at]


def _reference(found: re.Match[str]) -> str:
    name = found.group(1)
    if found.group().startswith("<") or name in _OWN:
        return found.group()
    character = html5.get(f"{name};", "") if name else ""
    if not character or character in "<>&":
        return "&amp;" + found.group()[1:]
    return character


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
    first = _ITEM.search(text)
    head = text[: min(first.start(), 50_000)] if first else text[:50_000]
    found = {match.group(1).casefold(): match.group(2) for match in _SKIP.finditer(head)}
    hours = frozenset(int(hour) % 24 for hour in _HOUR.findall(found.get("hours", "")))
    names = [day.casefold() for day in _DAY.findall(found.get("days", ""))]
    days = frozenset(_DAYS.index(name) for name in names if name in _DAYS)
    # Whoever forbids every hour or every day says nothing that can be obeyed.
    return (hours if len(hours) < 24 else frozenset()), (days if len(days) < 7 else frozenset())
