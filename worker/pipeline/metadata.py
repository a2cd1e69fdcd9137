"""What a page says about itself: JSON-LD, Open Graph, meta elements. Read by `articles`, below it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bs4 import BeautifulSoup, Tag

from worker.pipeline import dates
from worker.pipeline.markup import soup

_READ = ("title", "meta", "link", "script", "h1", "time")
_JSON_BYTES = 500_000
_MOST_NODES = 500
_ARTICLE = re.compile(r"(article|blogposting|report|reportage|newsstory)$", re.IGNORECASE)
_LANGUAGE = re.compile(r"<html\b[^<>]{0,500}?\s(?:xml:)?lang\s*=\s*[\"']?\s*([A-Za-z]{2})\b", re.IGNORECASE)
_COMMENT = re.compile(r"^\s*(<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(-->|//\s*\]\]>|\]\]>)\s*$")
_DATE_METAS = (
    "article:published_time", "og:published_time", "og:article:published_time", "datepublished", "date",
    "pubdate", "publish-date", "publication_date", "dc.date.issued", "dc.date", "dcterms.created", "sailthru.date",
    "cxenseparse:recs:publishtime", "parsely-pub-date",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Metadata:
    """A page's own statements, uncleaned. `titles` best first; `locked` is None where the page says nothing."""

    titles: tuple[str, ...] = ()
    description: str = ""
    body: str = ""
    published: datetime | None = None
    author: str = ""
    canonical: str = ""
    language: str = ""
    sites: tuple[str, ...] = ()
    locked: bool | None = None


@dataclass(slots=True)
class _Page:
    soup: BeautifulSoup
    metas: dict[str, str] = field(default_factory=dict)
    article: Mapping[str, Any] = field(default_factory=dict)


def read(html: str) -> Metadata:
    """Return what the page `html` says about itself. Damaged JSON-LD counts as none."""
    page = _Page(soup(html, *_READ))
    for tag in page.soup.find_all("meta"):
        name = str(tag.get("property") or tag.get("name") or tag.get("itemprop") or "").strip().casefold()
        content = str(tag.get("content") or "").strip()
        if name and content:
            page.metas.setdefault(name, content)
    page.article = _article(page.soup)
    metas, article = page.metas, page.article
    publisher = article.get("publisher")
    sites = (metas.get("og:site_name", ""), _name(publisher), metas.get("application-name", ""))
    return Metadata(
        titles=_titles(page),
        description=metas.get("og:description") or metas.get("description") or _text(article.get("description")),
        body=_text(article.get("articleBody")),
        published=_published(page),
        author=_names(article.get("author")) or _meta_author(metas),
        canonical=_canonical(page.soup) or metas.get("og:url", ""),
        language=_language(html, page),
        sites=tuple(site for site in sites if site),
        locked=_locked(page),
    )


def _article(tree: BeautifulSoup) -> Mapping[str, Any]:
    found = [node for node in _nodes(tree) if any(_ARTICLE.search(kind) for kind in _kinds(node))]
    named = [node for node in found if _text(node.get("headline")) or _text(node.get("datePublished"))]
    return next(iter(named or found), {})


def _nodes(tree: BeautifulSoup) -> Iterator[Mapping[str, Any]]:
    waiting: list[Any] = []
    for script in tree.find_all("script", type=re.compile(r"ld\+json", re.IGNORECASE)):
        try:
            waiting.append(json.loads(_COMMENT.sub("", script.get_text()[:_JSON_BYTES]), strict=False))
        except (ValueError, RecursionError):
            continue
    seen = 0
    while waiting and seen < _MOST_NODES:
        node = waiting.pop(0)
        seen += 1
        if isinstance(node, list):
            waiting[:0] = node[:_MOST_NODES]
        elif isinstance(node, dict):
            yield node
            waiting += [node[key] for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart") if key in node]


def _kinds(node: Mapping[str, Any]) -> list[str]:
    kind = node.get("@type")
    return [str(one) for one in kind] if isinstance(kind, list) else [str(kind or "")]


def _titles(page: _Page) -> tuple[str, ...]:
    headings = [tag.get_text(" ") for tag in page.soup.find_all("h1", limit=3)]
    title = page.soup.find("title")
    found = [
        _text(page.article.get("headline")),
        page.metas.get("og:title", ""),
        headings[0] if len(headings) == 1 else "",
        page.metas.get("twitter:title", ""),
        title.get_text(" ") if isinstance(title, Tag) else "",
        *headings,
    ]
    found = [one for one in found if one.strip()]
    # Google asks for headlines of 110 characters at most, and some systems cut them there.
    return tuple(sorted(found, key=lambda one: one.rstrip().endswith(("…", "..."))))


def _published(page: _Page) -> datetime | None:
    written = [_text(page.article.get("datePublished")), *(page.metas.get(name, "") for name in _DATE_METAS)]
    times = [str(tag.get("datetime") or "") for tag in page.soup.find_all("time", limit=3)]
    found = (dates.read(one) for one in [*written, *times] if one)
    return next((one for one in found if one is not None), None)


def _locked(page: _Page) -> bool | None:
    said = _yes_or_no(page.article.get("isAccessibleForFree"))
    if said is None:
        parts = page.article.get("hasPart")
        inner = [_yes_or_no(part.get("isAccessibleForFree")) for part in _list(parts) if isinstance(part, dict)]
        said = False if False in inner else None
    if said is not None:
        return not said
    tier = page.metas.get("article:content_tier", "").casefold()
    return {"locked": True, "free": False}.get(tier)


def _canonical(tree: BeautifulSoup) -> str:
    for tag in tree.find_all("link", href=True):
        if "canonical" in " ".join(str(word) for word in tag.get_attribute_list("rel")).casefold().split():
            return str(tag["href"])
    return ""


def _language(html: str, page: _Page) -> str:
    match = _LANGUAGE.search(html[:20_000])
    said = match.group(1) if match else _text(page.article.get("inLanguage")) or page.metas.get("og:locale", "")
    return said[:2].casefold() if re.match(r"[A-Za-z]{2}(?![A-Za-z])", said) else ""


def _meta_author(metas: Mapping[str, str]) -> str:
    for name in ("author", "article:author", "dc.creator", "sailthru.author", "parsely-author"):
        if (value := metas.get(name, "")) and "://" not in value:
            return value
    return ""


def _names(value: Any) -> str:
    return ", ".join(dict.fromkeys(name for one in _list(value) if (name := _name(one))))


def _name(value: Any) -> str:
    name = _text(value.get("name")) if isinstance(value, dict) else _text(value)
    return "" if "://" in name else name.strip()


def _yes_or_no(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(_text(value).rpartition("/")[2].strip().casefold())


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = next(iter(value), "")
    return value if isinstance(value, str) else ""
