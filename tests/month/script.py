"""The month as it is written in script.toml: articles, and what feeds show of them at what time."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Written:
    """An article: its page, at `/{feed}/{slug}.html`. `story` is "" where it tells none."""

    slug: str
    feed: str
    at: datetime
    title: str
    summary: str
    text: str
    story: str

    @property
    def path(self) -> str:
        return page_path(self.feed, self.slug)


@dataclass(frozen=True)
class Shown:
    """An item as `feed` begins to show it at `at`; one of the same guid takes the place of the one before."""

    feed: str
    at: datetime
    guid: str
    path: str
    title: str
    summary: str
    published: datetime


@dataclass(frozen=True)
class Script:
    """The month. `shown` is in order of time; `pages` are articles by the path of their page."""

    feeds: dict[str, dict[str, str]]
    articles: tuple[Written, ...]
    shown: tuple[Shown, ...]
    pages: dict[str, Written]
    again: int


def page_path(feed: str, slug: str) -> str:
    return f"/{feed}/{slug}.html"


def load() -> Script:
    """Return what script.toml says."""
    table = tomllib.loads((HERE / "script.toml").read_text(encoding="utf-8"))
    rows = [(story, row) for story, told in table["stories"].items() for row in told]
    rows += [("", row) for row in table["alike"]]
    by_slug = {row["slug"]: row for _, row in rows}
    articles = tuple(_article(story, row, by_slug) for story, row in rows)
    known = {article.slug: article for article in articles}
    assert len(known) == len(articles)
    pages = {article.path: article for article in articles}
    shown = [_first(article) for article in articles]
    for row in table["again"]:
        item = _again(row, known)
        pages.setdefault(item.path.partition("?")[0], known[row["slug"]])
        shown.append(item)
    shown.sort(key=lambda item: (item.at, item.guid))
    return Script(table["feeds"], articles, tuple(shown), pages, len(table["again"]))


def _article(story: str, row: dict[str, Any], by_slug: dict[str, dict[str, Any]]) -> Written:
    words = by_slug[row["copy_of"]] if "copy_of" in row else row
    text = words["text"].strip()
    return Written(row["slug"], row["feed"], row["at"], words["title"], words["summary"], text, story)


def _first(article: Written) -> Shown:
    # A feed shows an article some minutes after it was published.
    at = article.at + timedelta(minutes=5)
    return Shown(article.feed, at, article.slug, article.path, article.title, article.summary, article.at)


def _again(row: dict[str, Any], known: dict[str, Written]) -> Shown:
    article = known[row["slug"]]
    path = page_path(article.feed, row["page"]) if "page" in row else article.path
    return Shown(
        feed=row.get("feed", article.feed),
        at=row["at"],
        guid=row.get("guid", article.slug),
        path=path + row.get("address", ""),
        title=row.get("title", article.title),
        summary=article.summary,
        published=row.get("published", article.at),
    )
