"""From raw items to entries: cleaned, bounded, told apart, dated."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urljoin

from worker.model import Entry, Feed
from worker.pipeline.feeds.identity import house_of, keys
from worker.pipeline.markup import paragraphs, plain
from worker.text import canonical_address, clean, digest, host_of, is_web_address, one_line

TITLE, SUMMARY, CONTENT, NAME, GUID, ADDRESS = 500, 4_000, 200_000, 200, 500, 2_000
MOST = 500
# A description as long as this is the article, not its summary.
_LONG = 1_500
# Markup read per document beyond what summaries need; ten megabytes of contents would cost ten seconds.
_BUDGET = 3_000_000
# What blog engines append to each item: it repeats the title and says nothing.
_SIGNATURE = re.compile(
    r"(?:l['’]article|cet article|the post|the article)\b.{3,600}?\b"
    r"(?:est apparu en premier sur|est d['’]abord apparu sur|est paru sur|appeared first on|first appeared on)"
    r"\b.{1,200}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class RawItem:
    """One item as its document has it: markup, entities and all. `published` is aware UTC, not yet clamped."""

    guid: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    author: str = ""
    published: datetime | None = None


def entries(items: Iterable[RawItem], *, feed: Feed, base: str, now: datetime) -> tuple[Entry, ...]:
    """Return the newest 500 of `items` as entries, in the document's order, with their keys.

    Dates in the future become `now`; items without title, text and address are left out; items that share one guid
    get one each; an address that several share is no identity.
    """
    kept = _newest([replace(item, published=_clamped(item.published, now)) for item in items])
    budget = _BUDGET
    cleaned: list[Entry] = []
    for item in kept:
        budget -= len(item.content) + len(item.summary)
        entry = _clean(item, feed_id=feed.id, base=base, whole=budget > 0)
        if entry is not None:
            cleaned.append(entry)
    return _told_apart(cleaned, house_of(feed) or host_of(base).removeprefix("www.") or feed.id, now)


def web_address(link: str, base: str) -> str:
    """Return `link` as an absolute http(s) address, resolved against `base`; "" for anything else."""
    link = "".join(clean(link).split())
    if not link or len(link) > ADDRESS:
        return ""
    try:
        found = urljoin(base, link)
    except ValueError:
        return ""
    return found if is_web_address(found) else ""


def _clamped(published: datetime | None, now: datetime) -> datetime | None:
    return None if published is None else min(published, now)


def _newest(items: Sequence[RawItem]) -> list[RawItem]:
    if len(items) <= MOST:
        return list(items)
    # Items without a date keep their place in the document, which is the newest first nearly everywhere.
    dated = [item.published.timestamp() if item.published else float("inf") for item in items]
    chosen = sorted(range(len(items)), key=lambda i: (-dated[i], i))[:MOST]
    return [items[i] for i in sorted(chosen)]


def _clean(item: RawItem, *, feed_id: str, base: str, whole: bool) -> Entry | None:
    url = web_address(item.link, base)
    if canonical_address(url) == canonical_address(base):
        # A link of "#x", which a newsroom's system really wrote for a whole day, is the feed itself.
        url = ""
    summary = _unsigned(paragraphs(item.summary, CONTENT if whole else SUMMARY))
    content = _unsigned(paragraphs(item.content, CONTENT)) if whole and item.content else ""
    if not content and len(summary) > _LONG:
        content = summary
    summary = one_line(summary or content[:SUMMARY], SUMMARY)
    title = plain(item.title, TITLE) or one_line(summary, 120)
    if not title and not url:
        return None
    guid = one_line(item.guid) or url or digest("item", title, summary)
    if len(guid) > GUID:
        guid = digest("guid", guid)
    return Entry(
        feed_id=feed_id,
        guid=guid,
        url=url,
        title=title,
        summary=summary,
        content=content,
        author=plain(item.author, NAME),
        published=item.published,
    )


def _unsigned(value: str) -> str:
    head, gap, last = value.rpartition("\n\n")
    if _SIGNATURE.fullmatch(last):
        return head
    return f"{head}{gap}{_SIGNATURE.sub('', last).rstrip()}" if len(last) < 5_000 else value


def _told_apart(cleaned: Sequence[Entry], house: str, now: datetime) -> tuple[Entry, ...]:
    same = dict.fromkeys((entry.guid, entry.url, entry.title) for entry in cleaned)
    unique = {(entry.guid, entry.url, entry.title): entry for entry in reversed(cleaned)}
    ordered = [unique[key] for key in same]
    guids = Counter(entry.guid for entry in ordered)
    links = Counter(canonical_address(entry.url) for entry in ordered)
    found = []
    for entry in ordered:
        guid = entry.guid if guids[entry.guid] == 1 else digest("shared guid", entry.guid, entry.url, entry.title)
        own = entry.url if links[canonical_address(entry.url)] == 1 else ""
        found.append(replace(entry, guid=guid, keys=_keys(own, entry, house, now)))
    return tuple(found)


def _keys(url: str, entry: Entry, house: str, now: datetime) -> tuple[str, ...]:
    """Return the entry's keys; one without a date is known by its title for today and yesterday, so that a feed that
    loses its dates and links for a while does not bring its items again."""
    days = (entry.published,) if entry.published else (now, now - timedelta(days=1))
    return tuple(dict.fromkeys(key for day in days for key in keys(url, entry.title, day, house)))
