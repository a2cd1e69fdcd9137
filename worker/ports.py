"""What the steps need of the world, where a test may bring a second version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from worker.model import (
    Account,
    Alert,
    Article,
    Change,
    Decision,
    Edge,
    Entry,
    FeedState,
    Loop,
    Receipt,
    Recipient,
    RecipientState,
    Rulings,
    Story,
    Verdict,
)


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
class AlertRow:
    """An alert of the outbox with its fate. `attempts` counts the claims made so far; `leave_at` is when it left or may
    leave, `hold` what keeps it until then (None and "" where it waits for the digest of a first poll)."""

    alert: Alert
    state: str
    attempts: int
    next_attempt_at: datetime | None
    sent_at: datetime | None
    last_error: str
    leave_at: datetime | None = None
    hold: str = ""


@dataclass(frozen=True, slots=True)
class SavedRates:
    """Rates of exchange of one day: units of each currency for one euro."""

    day: date
    per_euro: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class JudgedArticle:
    """A stored article with what was judged of it: `verdict` is None where it was not, `error` says why it could not
    be. `fed` is the feed's own date of it, `story_id` the story that it was filed under."""

    article: Article
    verdict: Verdict | None
    state: str
    fed: datetime | None
    feed_id: str
    backlog: bool
    story_id: str | None
    seen_at: datetime
    error: str = ""


@dataclass(frozen=True, slots=True)
class StoppedEntry:
    """An entry whose page was never fetched, for the gate stopped it; its longer text is not kept."""

    entry: Entry
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Dates:
    """When an article was published by its page (`published`) and by its feed (`fed`), and whether a first poll
    brought it."""

    published: datetime | None
    fed: datetime | None
    backlog: bool


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

    def candidates(self, parties: Sequence[str], *, since: datetime) -> tuple[Story, ...]: ...
    def ways_back(self, edges: Sequence[Edge], *, since: datetime) -> tuple[Edge, ...]: ...
    def edges_of(self, stories: Sequence[str]) -> tuple[Edge, ...]: ...
    def known_loops(self, ids: Sequence[str]) -> dict[str, Loop]: ...
    def save_story(
        self, value: Story, *, article_id: str, changes: Sequence[Change], edges: Sequence[Edge]
    ) -> None: ...
    def settle(self, stories: Sequence[Story], gone: Sequence[tuple[str, str]]) -> None: ...
    def save_alerts(
        self, alerts: Sequence[Alert], *, state: str, leave_at: datetime | None = ..., hold: str = ...
    ) -> tuple[str, ...]: ...
    def departures(self, recipient_id: str, *, since: datetime) -> tuple[tuple[datetime, ...], datetime | None]: ...
    def close_article(self, article_id: str, verdict: Verdict, *, story_id: str | None) -> None: ...
    def rulings(self, candidates: Sequence[Story]) -> Rulings: ...
    def muted(self, story_id: str) -> frozenset[str]: ...


class Deciding(Filing, Protocol):
    """One transaction that takes a decision on stories, or takes one back; see the store."""

    def story(self, story_id: str) -> Story | None: ...
    def accounts(self, value: Story) -> tuple[Account, ...]: ...
    def add_decision(self, value: Decision) -> Decision: ...
    def amend(self, value: Decision) -> Decision: ...
    def decision(self, number: int) -> Decision | None: ...
    def later_decisions(self, value: Decision) -> tuple[Decision, ...]: ...
    def undo(self, value: Decision) -> None: ...
    def keep_faces(self, value: Decision, into: str, olds: Sequence[Story]) -> None: ...
    def faces_of(self, value: Decision) -> tuple[Story, ...]: ...
    def faces(self, story_id: str) -> tuple[Story, ...]: ...
    def keep_apart(self, value: Decision) -> None: ...
    def mute(self, value: Decision) -> bool: ...
    def mutes(self, story_id: str) -> tuple[Decision, ...]: ...
    def loops_of(self, ids: frozenset[str]) -> tuple[tuple[str, Loop], ...]: ...
    def regroup(
        self,
        ledgers: Sequence[tuple[Story, Sequence[Edge]]],
        *,
        retired: frozenset[str],
        owned: Mapping[str, Sequence[Loop]],
        broken: Sequence[Loop],
    ) -> None: ...
    def has_changes(self, story_id: str) -> bool: ...
    def save_changes(self, changes: Sequence[Change], article_id: str) -> None: ...


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
    def backlog_open(self) -> bool: ...
    def filing(self, now: datetime) -> AbstractContextManager[Filing]: ...
    def deciding(self, now: datetime) -> AbstractContextManager[Deciding]: ...

    def alerts_by_id(self, ids: Sequence[str]) -> tuple[AlertRow, ...]: ...
    def save_delivered(self, alert_id: str, *, attempt: int, now: datetime, detail: str) -> None: ...
    def save_failed(
        self, alert_id: str, *, attempt: int, now: datetime, error: str, next_at: datetime | None
    ) -> None: ...
    def held_alerts(self) -> tuple[AlertRow, ...]: ...
    def due_holds(self, now: datetime) -> tuple[AlertRow, ...]: ...
    def hold(self, ids: Sequence[str], *, until: datetime, why: str) -> None: ...
    def saved_rates(self, source: str) -> SavedRates | None: ...
    def take_rates(self, source: str, *, now: datetime, lease_s: float) -> bool: ...
    def save_rates(self, source: str, day: date, rates: Mapping[str, float], *, next_at: datetime) -> None: ...
    def save_rates_failure(self, source: str, *, error: str, next_at: datetime) -> None: ...
    def release(self, alert_id: str, now: datetime) -> None: ...
    def bundle(self, digest: Alert, parts: Sequence[str], now: datetime) -> tuple[str, ...]: ...
    def add_alert(self, value: Alert, now: datetime) -> tuple[str, ...]: ...

    def judged(self, since: datetime) -> Iterator[JudgedArticle]: ...
    def judged_by_id(self, ids: Sequence[str]) -> tuple[JudgedArticle, ...]: ...
    def stopped_entries(self, since: datetime) -> Iterator[StoppedEntry]: ...
    def changed_versions(self, since: datetime) -> tuple[tuple[str, int], ...]: ...
    def histories(self, ids: Sequence[str]) -> dict[str, tuple[Story, tuple[tuple[datetime, Change], ...]]]: ...
    def dates_of(self, versions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Dates]: ...
    def alerts_made(self, article_ids: Sequence[str], since: datetime) -> int: ...
    def recipient_states(self) -> tuple[RecipientState, ...]: ...
    def save_recipient_state(self, state: RecipientState) -> None: ...
    def forget_failures(self, recipient_id: str) -> None: ...

    def heartbeats(self) -> dict[str, datetime]: ...
    def prunable(self, sort: str, *, before: datetime) -> int: ...
    def prune(self, sort: str, *, before: datetime, now: datetime, limit: int) -> int: ...
