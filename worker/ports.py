"""What the steps need of the world, where a test may bring a second version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from worker.model import Alert, Article, Change, Edge, Entry, FeedState, Loop, Receipt, Recipient, Story, Verdict


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer, whole and bounded. `headers` have lower-case names; `url` is where it came from in the end;
    `permanent_url` is set where every hop to there was a 301 or 308."""

    status: int
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    permanent_url: str | None = None

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")


class Fetcher(Protocol):
    """The guarded HTTP client. Raises FetchError for what never became an answer (address refused, DNS, time, size,
    coding, redirects); every status, errors included, comes back as a Response."""

    async def get(self, url: str, *, accept: str, headers: Mapping[str, str] | None = None, limit: int) -> Response:
        """Fetch `url`; at most `limit` bytes after decoding."""
        ...

    async def post(self, url: str, *, body: bytes, headers: Mapping[str, str], timeout: float) -> Response:
        """Send `body`, follow no redirect, keep at most 20,000 bytes of the answer."""
        ...


class Channel(Protocol):
    """One way out. Raises DeliveryError when the receiver did not take the alert."""

    async def send(self, alert: Alert, recipient: Recipient, *, now: datetime) -> Receipt:
        """Send `alert` as it stands."""
        ...


class Clock(Protocol):
    """The time, and chance for jitter."""

    def now(self) -> datetime:
        """Return the time, aware, UTC."""
        ...

    def jitter(self) -> float:
        """Return a number from -1 to 1, evenly spread."""
        ...


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """An entry whose page is to be read; `attempts` counts earlier claims."""

    entry: Entry
    backlog: bool
    attempts: int


@dataclass(frozen=True, slots=True)
class OpenArticle:
    """An article to be judged; `fed` is the feed's own date of it, `attempts` counts earlier claims."""

    article: Article
    fed: datetime | None
    feed_id: str
    backlog: bool
    attempts: int


@dataclass(frozen=True, slots=True)
class Judged:
    """An article that was judged, and the story that it is filed under, if it tells a deal."""

    article: Article
    verdict: Verdict
    story_id: str | None


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert of the outbox with its fate. `attempts` counts the claims made so far."""

    alert: Alert
    state: str
    attempts: int
    next_attempt_at: datetime | None
    sent_at: datetime | None
    last_error: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What one poll brought: how many entries were new, and the ids of those whose page is to be read."""

    new: int
    to_read: tuple[int, ...]


class Robots(Protocol):
    """Whether a site's robots.txt lets a page be read."""

    async def allowed(self, url: str) -> bool:
        """Return whether `url` may be fetched."""
        ...


class Filing(Protocol):
    """One transaction that files one article; see the store."""

    def alike(self, bands: Sequence[int], *, since: datetime) -> tuple[Judged, ...]: ...
    def candidates(
        self, parties: Sequence[str], *, since: datetime, pairs: Iterable[Sequence[str]] = ...
    ) -> tuple[Story, ...]: ...
    def edges_near(self, parties: Sequence[str], *, since: datetime, hops: int) -> tuple[Edge, ...]: ...
    def story(self, story_id: str) -> Story | None: ...
    def known_loops(self, ids: Sequence[str]) -> dict[str, Loop]: ...
    def save_story(
        self, value: Story, *, article_id: str, changes: Sequence[Change], edges: Sequence[Edge]
    ) -> None: ...
    def save_alerts(self, alerts: Sequence[Alert], *, state: str) -> tuple[str, ...]: ...
    def close_article(
        self, article_id: str, verdict: Verdict, *, story_id: str | None, copy_of: str | None = ...
    ) -> None: ...
    def remember(self, article_id: str, bands: Sequence[int], *, since: datetime) -> None: ...


class Store(Protocol):
    """What the steps ask of the store; each method is documented where it is written (`adapters/store`).

    Every one raises StoreUnavailable when the database is away and StoreError when a person must look.
    """

    def ready(self, step: str, *, now: datetime, limit: int, quiet_s: float) -> tuple[Any, ...]: ...
    def claim(self, step: str, ids: Sequence[Any], *, now: datetime, lease_s: float) -> tuple[Any, ...]: ...
    def defer(self, step: str, key: Any, *, now: datetime, until: datetime) -> None: ...
    def postpone(self, step: str, key: Any, *, until: datetime, error: str = ..., counted: bool = ...) -> None: ...
    def quarantine(self, step: str, key: Any, *, error: str) -> None: ...
    def crashed(self, step: str, ids: Sequence[Any], *, times: int) -> tuple[Any, ...]: ...

    def feeds_by_id(self, ids: Sequence[str], *, removed: bool = ...) -> tuple[FeedState, ...]: ...
    def never_polled(self) -> int: ...
    def recent_times(self, feed_id: str, limit: int = ...) -> tuple[datetime, ...]: ...
    def save_feed_state(self, state: FeedState) -> None: ...
    def save_poll(
        self, state: FeedState, entries: Sequence[tuple[Entry, bool]], *, now: datetime, backlog: bool
    ) -> Saved: ...
    def take_host(self, name: str, *, now: datetime, lease_s: float) -> datetime | None: ...
    def free_host(self, name: str, *, free_at: datetime) -> None: ...
    def beat(self, part: str, now: datetime) -> None: ...

    def open_entries(self, ids: Sequence[int]) -> tuple[OpenEntry, ...]: ...
    def save_article(self, entry_id: int, value: Article, *, now: datetime, backlog: bool) -> bool: ...
    def open_articles(self, ids: Sequence[str]) -> tuple[OpenArticle, ...]: ...
    def alike(self, bands: Sequence[int], *, since: datetime) -> tuple[Judged, ...]: ...
    def backlog_open(self) -> bool: ...
    def filing(self, now: datetime) -> AbstractContextManager[Filing]: ...

    def alerts_by_id(self, ids: Sequence[str]) -> tuple[AlertRow, ...]: ...
    def save_delivered(self, alert_id: str, *, attempt: int, now: datetime, detail: str) -> None: ...
    def save_failed(
        self, alert_id: str, *, attempt: int, now: datetime, error: str, next_at: datetime | None
    ) -> None: ...
    def held_alerts(self) -> tuple[AlertRow, ...]: ...
    def release(self, alert_id: str, now: datetime) -> None: ...
    def bundle(self, digest: Alert, parts: Sequence[str], now: datetime) -> tuple[str, ...]: ...
    def add_alert(self, value: Alert, now: datetime) -> tuple[str, ...]: ...
