"""Feed lists as other readers exchange them: OPML 2.0 (opml.org/spec2.opml), in and out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from worker.errors import UsageError
from worker.model import Feed
from worker.text import fold, host_of, is_web_address, one_line

_LARGEST = 5 * 2**20
_ID_LENGTH = 60


def feed_id(name: str, url: str, taken: Collection[str]) -> str:
    """Return a new feed's id from its name, else its host: lower-case letters, digits and dashes, not in `taken`."""
    base = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-") or re.sub(r"[^a-z0-9]+", "-", host_of(url)).strip("-")
    base = base[:_ID_LENGTH].strip("-") or "feed"
    found, number = base, 1
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    return found


def read(body: bytes, *, name: str, taken: Collection[str]) -> tuple[tuple[Feed, ...], tuple[str, ...]]:
    """Return the feeds of an OPML document, and the addresses passed over because gigawatch cannot poll them.

    `name` is the file's, for messages; ids are new, none in `taken`. Raises UsageError for what is not OPML.
    """
    if len(body) > _LARGEST:
        raise UsageError(f"{name}: too large for a feed list (at most {_LARGEST // 2**20} MiB)")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    root = etree.fromstring(body, parser) if body.strip() else None
    if root is None or etree.QName(root).localname.lower() != "opml":
        raise UsageError(f"{name}: not OPML (an <opml> document with <outline xmlUrl=...> was expected)")
    feeds: list[Feed] = []
    refused: list[str] = []
    ids = set(taken)
    for outline in root.iter("outline"):
        url = str(outline.get("xmlUrl") or outline.get("xmlurl") or "").strip()
        if not url:
            continue
        if not is_web_address(url):
            refused.append(one_line(url, 200))
            continue
        label = one_line(str(outline.get("title") or outline.get("text") or host_of(url)), 120)
        site = str(outline.get("htmlUrl") or "").strip()
        new = feed_id(label, url, ids)
        ids.add(new)
        feeds.append(Feed(id=new, name=label, url=url, site=site if is_web_address(site) else ""))
    return tuple(feeds), tuple(refused)


def write(feeds: Iterable[Feed], *, title: str, now: datetime) -> str:
    """Return an OPML 2.0 document of `feeds`."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        f"<head><title>{escape(title)}</title><dateCreated>{format_datetime(now)}</dateCreated></head>",
        "<body>",
    ]
    for feed in feeds:
        site = f" htmlUrl={quoteattr(feed.site)}" if feed.site else ""
        name = quoteattr(feed.name)
        lines.append(f'<outline type="rss" text={name} title={name} xmlUrl={quoteattr(feed.url)}{site}/>')
    return "\n".join([*lines, "</body>", "</opml>"]) + "\n"
