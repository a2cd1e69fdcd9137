"""JSON Feed 1.0 and 1.1 (jsonfeed.org), which feedparser does not read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from worker.errors import ParseError
from worker.model import Cause
from worker.pipeline import dates
from worker.pipeline.feeds.entries import RawItem

_MOST = 2_000


def read(text: str, *, where: str) -> tuple[dict[str, str], list[RawItem]]:
    """Return a JSON feed's title, site and version, and its items. Raises ParseError(not_a_feed) for other JSON."""
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise ParseError(Cause.NOT_A_FEED, f"{where}: neither XML nor readable JSON; check the address") from error
    version = document.get("version") if isinstance(document, dict) else None
    items = document.get("items") if isinstance(document, dict) else None
    named = isinstance(version, str) and "jsonfeed.org/version/" in version
    if not isinstance(items, list) or not (named or "home_page_url" in document or "feed_url" in document):
        raise ParseError(Cause.NOT_A_FEED, f"{where}: JSON, but not a JSON Feed; check the address")
    about = {"title": _text(document.get("title")), "site": _text(document.get("home_page_url"))}
    about["version"] = "json" + _text(version).rpartition("/")[2].replace(".", "")[:4]
    return about, [_item(item) for item in items[:_MOST] if isinstance(item, dict)]


def _item(item: dict[str, Any]) -> RawItem:
    plain = _text(item.get("content_text"))
    names = ", ".join(dict.fromkeys(_names(item)))
    written = _text(item.get("date_published")) or _text(item.get("date_modified"))
    return RawItem(
        guid=_text(item.get("id")),
        link=_text(item.get("url")) or _text(item.get("external_url")),
        title=_text(item.get("title")),
        summary=_escaped(_text(item.get("summary"))),
        content=_text(item.get("content_html")) or _escaped(plain),
        author=names,
        published=dates.read(written),
    )


def _names(item: dict[str, Any]) -> Iterator[str]:
    authors = item.get("authors")
    for author in [*(authors if isinstance(authors, list) else []), item.get("author")]:
        if isinstance(author, dict) and _text(author.get("name")):
            yield _text(author.get("name"))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _escaped(value: str) -> str:
    """Return plain text as markup that says the same."""
    return value.replace("&", "&amp;").replace("<", "&lt;")
