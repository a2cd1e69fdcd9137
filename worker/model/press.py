"""Feeds, their entries, and articles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Cause(StrEnum):
    """Why a feed or a page could not be used. Shown to people, so each has a French and an English sentence."""

    OK = "ok"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    ENCODING = "encoding"
    REDIRECTS = "redirects"
    BLOCKED = "blocked"
    ROBOTS = "robots"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    GONE = "gone"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    HTTP_ERROR = "http_error"
    HTML = "html"
    NOT_A_FEED = "not_a_feed"
    EMPTY = "empty"
    SILENT = "silent"
    FLOOD = "flood"
    PAYWALL = "paywall"
    NO_TEXT = "no_text"
    NOT_HTML = "not_html"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class PageRules:
    """CSS selectors for a site whose pages the general reader gets wrong; empty string means "use the general way"."""

    title: str = ""
    text: str = ""
    date: str = ""
    author: str = ""
    remove: str = ""
    paywall: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """One subscription as configured (`feeds.toml`) or added by the operator."""

    id: str
    name: str
    url: str
    site: str = ""
    country: str = ""
    house: str = ""
    paywall: str = "none"
    topics: tuple[str, ...] = ()
    priority: int = 2
    paused: bool = False
    pages: PageRules = PageRules()


@dataclass(frozen=True, slots=True)
class FeedState:
    """What the store remembers of a feed between polls. `etag` and `last_modified` are as the server wrote them.

    `ttl_s` (seconds), `skip_hours` (UTC) and `skip_days` (Monday = 0) are what its last document asked for; `whole_at`
    is when a document came, not only word that nothing changed.
    """

    feed: Feed
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    interval_s: float = 3600.0
    next_poll_at: datetime | None = None
    last_poll_at: datetime | None = None
    last_success_at: datetime | None = None
    last_new_at: datetime | None = None
    failures: int = 0
    cause: Cause = Cause.OK
    message: str = ""
    polls: int = 0
    entries: int = 0
    moved_to: str | None = None
    moved_seen: int = 0
    disabled: bool = False
    ttl_s: float | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    whole_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a feed, cleaned: no control characters, no markup in title and summary, only http(s) addresses.

    `content` is the item's own longer text where the feed carries one (no markup, paragraphs split by blank lines).
    `keys` are the identities besides (feed, guid) under which the same item may come back.
    """

    feed_id: str
    guid: str
    url: str
    title: str
    summary: str = ""
    content: str = ""
    author: str = ""
    published: datetime | None = None
    keys: tuple[str, ...] = ()
    id: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What one feed document says. `ttl_s` in seconds; hours of the day in UTC; days as Monday = 0."""

    title: str
    site: str
    entries: tuple[Entry, ...]
    ttl_s: float | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    version: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """One piece of news as judged. `text` is stored as judged: every offset points into it (or into title or summary).

    `origin` is "page" where the page was read, "feed" where only the feed's own text was to be had; `limits` says why.
    `feed` is the id of the feed that brought it.
    """

    id: str
    title: str
    summary: str
    text: str
    url: str = ""
    source: str = ""
    house: str = ""
    author: str = ""
    published: datetime | None = None
    language: str = "fr"
    origin: str = "page"
    limits: Cause = Cause.OK
    fingerprint: str = ""
    feed: str = ""
