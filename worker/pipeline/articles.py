"""From a page, or from a feed's own text, to the article that is judged."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

import soupsieve
import trafilatura
from bs4 import BeautifulSoup, Tag

from worker.errors import ParseError
from worker.model import Article, Cause, Entry, Feed, PageRules
from worker.pipeline import dates, metadata
from worker.pipeline.charset import decode
from worker.pipeline.markup import ILLEGAL, paragraphs, plain
from worker.pipeline.markup import soup as whole_tree
from worker.pipeline.metadata import Metadata
from worker.pipeline.prose import Prose, tidy
from worker.text import canonical_address, clean, digest, fingerprint, fold, host_of, is_web_address, words

_TITLE, _SUMMARY, _TEXT, _NAME = 500, 4_000, 200_000, 200
_PAGE = 3_000_000
# Pages with more elements than this are no articles, and cost trafilatura seconds: they are read without it.
_MOST_TAGS = 30_000
# Below this a page has no article text: a caption, a cookie notice, a teaser.
_SHORT = 200
# A text this long behind a declared paywall is worth more than the feed's, cut or not.
_LONG = 1_500
_HTML_TYPES = ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain", "")
_BINARY = (b"%PDF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"RIFF", b"\x1f\x8b")

_SCRIPT_OPEN = re.compile(r"<script\b[^<>]*>", re.IGNORECASE)
_SCRIPT_CLOSE = re.compile(r"</script\s*>", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s+[|–—·•»-]\s+|\s*\|\s*")


def read(body: bytes, *, entry: Entry, feed: Feed, url: str, content_type: str) -> Article:
    """Return the article of a page: its own title, text, date and author; the entry's where the page has none.

    `url` is where the page came from in the end. Behind a paywall the text is kept where it is long, or longer than
    the feed's, with limits `paywall`. Raises ParseError(not_html | paywall | no_text), and nothing else.
    """
    html = _html(body, url=url, content_type=content_type)
    try:
        return _article(html, entry=entry, feed=feed, url=url)
    except (ParseError, MemoryError):
        raise
    except Exception as error:
        # Three HTML parsers read what anybody may have written; whatever they trip over is this page's fault.
        raise ParseError(Cause.NO_TEXT, f"{url}: the page cannot be read ({type(error).__name__})") from error


def from_feed(entry: Entry, *, feed: Feed, limits: Cause) -> Article:
    """Return the article that the feed's own text makes; `limits` says why the page was not read.

    A feed's words about another site's page are its own: they take neither that page's name nor that site's house.
    """
    text = entry.content or entry.summary
    return Article(
        id=_id(entry.url if _is_own(feed, entry.url) else "", entry),
        title=entry.title,
        summary=entry.summary if entry.content else "",
        text=text,
        url=entry.url,
        source=feed.name,
        house=_house(feed, ""),
        author=entry.author,
        published=entry.published,
        origin="feed",
        limits=limits,
        fingerprint=fingerprint(text),
        feed=feed.id,
    )


def _html(body: bytes, *, url: str, content_type: str) -> str:
    kind = content_type.partition(";")[0].strip().casefold()
    if kind not in _HTML_TYPES:
        raise ParseError(Cause.NOT_HTML, f"{url}: {kind}, not a page")
    if body.startswith(_BINARY):
        raise ParseError(Cause.NOT_HTML, f"{url}: a file, not a page")
    html = ILLEGAL.sub("", decode(body, content_type)[:_PAGE])
    if "<" not in html:
        raise ParseError(Cause.NOT_HTML, f"{url}: plain text, not a page")
    return html


def _article(html: str, *, entry: Entry, feed: Feed, url: str) -> Article:
    about = metadata.read(html)
    # The whole tree is built only where a rule asks for it; 30 ms a page otherwise saved.
    soup = whole_tree(html) if feed.pages != PageRules() and html.count("<") <= _MOST_TAGS else None
    title = _title(about, soup, entry=entry, feed=feed, url=url)
    found = _body(html, soup, feed.pages, about=about, title=title)
    locked = _is_locked(about, found, soup, feed.pages)
    _check(found.text, entry=entry, url=url, locked=locked)
    address = _address(about.canonical, url)
    return Article(
        id=_id(address, entry),
        title=title,
        summary=_summary(about, entry) if _is_own(feed, address) else plain(about.description, _SUMMARY),
        text=found.text,
        url=address,
        source=feed.name,
        house=_house(feed, address),
        author=plain(_selected(soup, feed.pages.author) or about.author, _NAME) or entry.author,
        published=_published(about, soup, entry=entry, feed=feed),
        language=about.language or "fr",
        limits=Cause.PAYWALL if locked else Cause.OK,
        fingerprint=fingerprint(found.text),
        feed=feed.id,
    )


def _check(text: str, *, entry: Entry, url: str, locked: bool) -> None:
    feed_text = max(len(entry.content), len(entry.summary))
    if locked and len(text) < _LONG and len(text) <= max(feed_text, _SHORT):
        raise ParseError(Cause.PAYWALL, f"{url}: only the start is open to the public, and the feed says as much")
    if len(text) < _SHORT and len(text) <= max(feed_text, _SHORT / 2):
        raise ParseError(Cause.NO_TEXT, f"{url}: the page has no article text ({len(text)} characters)")


def _body(html: str, soup: BeautifulSoup | None, rules: PageRules, *, about: Metadata, title: str) -> Prose:
    if soup is not None and rules.remove:
        for tag in _select(soup, rules.remove):
            tag.decompose()
        html = str(soup)
    text = ""
    if soup is not None and rules.text:
        text = "\n\n".join(paragraphs(str(tag), _TEXT) for tag in _select(soup, rules.text))
    text = text or _extracted(html)
    # Some pages build their text in the browser, from the JSON-LD that everybody may read. Never behind a paywall.
    if not about.locked and len(about.body) > 2 * len(text):
        text = paragraphs(about.body, _TEXT)
    return tidy(text.split("\n\n"), title, _TEXT)


def _extracted(html: str) -> str:
    if html.count("<") > _MOST_TAGS:
        return paragraphs(html, _TEXT)
    # No scripts: trafilatura falls back to the JSON-LD's articleBody, which `_body` judges by itself.
    html = _without_scripts(html)
    # No deduplication: trafilatura's is a memory shared by all pages of the process, and a page read twice would be
    # empty. No comments: readers' opinions are not news.
    document = trafilatura.bare_extraction(html, include_comments=False, include_images=False, with_metadata=False)
    text = getattr(document, "text", None)
    return "\n\n".join(line for line in str(text or "").split("\n") if line.strip())


def _is_locked(about: Metadata, found: Prose, soup: BeautifulSoup | None, rules: PageRules) -> bool:
    if soup is not None and rules.paywall and _select(soup, rules.paywall):
        return True
    return about.locked is True or (found.cut and about.locked is not False)


def _title(about: Metadata, soup: BeautifulSoup | None, *, entry: Entry, feed: Feed, url: str) -> str:
    sites = [*about.sites, feed.name, *feed.name.split(","), *_host_names(url), *_host_names(feed.site)]
    names = {fold(site) for site in sites if site.strip()}
    own = _selected(soup, feed.pages.title)
    for candidate in (own, *about.titles):
        title = _without_site(plain(candidate, _TITLE), names)
        # A single word, or the site's own name, heads a section, not an article.
        if len(words(title)) >= 2 and fold(title) not in names:
            return title
    return entry.title


def _without_site(title: str, names: set[str]) -> str:
    """Cut the site's name, and a section before it, off either end of a title."""
    pieces = _SEPARATOR.split(title)
    if len(pieces) < 2:
        return title
    first, last = fold(pieces[0]), fold(pieces[-1])
    if last in names or any(last.startswith(f"{name} ") for name in names if len(name) > 3 and len(last) < 40):
        cut = list(_SEPARATOR.finditer(title))[-1].start()
        return _without_site(title[:cut].strip(), names)
    if first in names:
        return title[next(_SEPARATOR.finditer(title)).end() :].strip()
    return title


def _host_names(url: str) -> list[str]:
    host = host_of(url).removeprefix("www.")
    label = host.rpartition(".")[0].rpartition(".")[2] or host
    return [host, label, label.replace("-", " ")]


def _published(about: Metadata, soup: BeautifulSoup | None, *, entry: Entry, feed: Feed) -> datetime | None:
    found = dates.read(_selected(soup, feed.pages.date, attribute="datetime")) or about.published
    if found is None or entry.published is None:
        return found or entry.published
    # The feed's date is never in the future; a page's may be, or may be that of its last change.
    return entry.published if found > entry.published + timedelta(days=1) else found


def _summary(about: Metadata, entry: Entry) -> str:
    own = plain(about.description, _SUMMARY)
    cut = entry.summary.rstrip().endswith(("…", "...", "(...)", "[…]", "[...]"))
    return own if not entry.summary or (cut and len(own) >= len(entry.summary) - 10) else entry.summary


def _address(canonical: str, url: str) -> str:
    """Return the page's canonical address where it is one of the same site and of an article, else `url`."""
    canonical = "".join(clean(canonical).split())
    try:
        found = urljoin(url, canonical) if canonical else ""
        path = urlsplit(found).path
    except ValueError:
        return url
    mine, theirs = (host_of(one).removeprefix("www.").removeprefix("amp.").removeprefix("m.") for one in (url, found))
    same = mine == theirs or mine.endswith(f".{theirs}") or theirs.endswith(f".{mine}")
    return found if is_web_address(found) and same and path.strip("/") and len(found) <= 2_000 else url


def _id(url: str, entry: Entry) -> str:
    address = canonical_address(url)
    own = address and (urlsplit(address).query or urlsplit(address).path != "/")
    return digest(address) if own else digest("entry", entry.feed_id, entry.guid)


def _house(feed: Feed, url: str) -> str:
    return feed.house or host_of(feed.site or url or feed.url).removeprefix("www.")


def _is_own(feed: Feed, url: str) -> bool:
    """Whether a page is of the feed's own site: the same host, or one below or above it."""
    hosts = {host_of(feed.site).removeprefix("www."), host_of(feed.url).removeprefix("www.")} - {""}
    other = host_of(url).removeprefix("www.")
    return any(f".{one}".endswith(f".{other}") or f".{other}".endswith(f".{one}") for one in hosts if other)


def _select(soup: BeautifulSoup, selector: str) -> list[Tag]:
    try:
        return list(soup.select(selector, limit=200))
    except (soupsieve.SelectorSyntaxError, NotImplementedError):
        # The settings refuse such a selector by name; a page must not fail for one that came another way.
        return []


def _selected(soup: BeautifulSoup | None, selector: str, *, attribute: str = "") -> str:
    if soup is None or not selector:
        return ""
    for tag in _select(soup, selector):
        value = str(tag.get(attribute) or tag.get("content") or "") if attribute else ""
        if value := value or tag.get_text(" "):
            return str(value)
    return ""


def _without_scripts(html: str) -> str:
    """Return a page without its scripts, in one pass: scripts that never close must not cost a search each."""
    kept: list[str] = []
    at = 0
    while opened := _SCRIPT_OPEN.search(html, at):
        closed = _SCRIPT_CLOSE.search(html, opened.end())
        if closed is None:
            break
        kept.append(html[at : opened.start()])
        at = closed.end()
    kept.append(html[at:])
    return "".join(kept)
