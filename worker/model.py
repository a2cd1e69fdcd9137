"""The one vocabulary of gigawatch. Frozen values, no behaviour beyond what follows from a value itself.

Times are timezone-aware UTC. Money is in units of its currency, capacity in MW, terms in years.
Definitions of deal, flow, kind, status and story: see "What counts as a deal" in the README.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What moves from payer to payee."""

    COMPUTE = "compute"
    CHIPS = "chips"
    EQUITY = "equity"
    DEBT = "debt"
    SITE = "site"
    POWER = "power"
    ACQUISITION = "acquisition"
    PARTNERSHIP = "partnership"


class Status(StrEnum):
    """How firm a flow is."""

    ANNOUNCED = "announced"
    REPORTED = "reported"
    OPTION = "option"
    CANCELLED = "cancelled"


class Bound(StrEnum):
    """How the amount (or the capacity, where there is no amount) is limited."""

    EXACT = "exact"
    ABOUT = "about"
    UP_TO = "up_to"
    AT_LEAST = "at_least"


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
    """What the store remembers of a feed between polls. `etag` and `last_modified` are as the server wrote them."""

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
class Article:
    """One piece of news as judged. `text` is stored as judged: every offset points into it (or into title or summary).

    `origin` is "page" where the page was read, "feed" where only the feed's own text was to be had; `limits` says why.
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


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) of one part of an article: "title", "summary" or "text"."""

    part: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What proves one field of a flow: the words themselves (`span`) and the sentence around them.

    `field` is a field of Flow ("payer", "payee", "kind", "amount", "megawatts", "chips", "years", "status", "bound").
    """

    field: str
    span: Span
    quote: str
    sentence: str
    sentence_span: Span


@dataclass(frozen=True, slots=True)
class Flow:
    """One directed movement of value, payer to payee. Fields as in the README's table of flows."""

    payer: str | None
    payee: str | None
    kind: Kind
    amount: float | None = None
    currency: str | None = None
    megawatts: float | None = None
    chips: float | None = None
    years: float | None = None
    bound: Bound = Bound.EXACT
    status: Status = Status.ANNOUNCED
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, bool]:
        """(payer, payee, kind, is an option); a partnership has no direction, so its parties are sorted."""
        payer, payee = self.payer or "", self.payee or ""
        if self.kind is Kind.PARTNERSHIP and payee < payer:
            payer, payee = payee, payer
        return payer, payee, self.kind.value, self.status is Status.OPTION

    @property
    def parties(self) -> tuple[str, ...]:
        return tuple(name for name in (self.payer, self.payee) if name)


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground of a verdict. `weight` is its part in the score's log-odds, positive for, negative against."""

    code: str
    weight: float
    detail: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the detector says of one article. `score` is a probability, 0 to 1."""

    deal: bool
    score: float
    flows: tuple[Flow, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One article as a story cites it."""

    article_id: str
    title: str
    url: str
    source: str
    house: str
    published: datetime | None
    seen_at: datetime
    origin: str = "page"
    limits: Cause = Cause.OK


@dataclass(frozen=True, slots=True)
class StoryFlow:
    """A flow as the story holds it, with the article that said it last and when the story first had it."""

    flow: Flow
    article_id: str
    source: str
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class Story:
    """One deal as the world sees it. `founding` are the flows of the article that opened it; later articles are
    compared with those, so that a story cannot drift."""

    id: str
    title: str
    version: int
    status: Status
    flows: tuple[StoryFlow, ...]
    founding: tuple[Flow, ...]
    sources: tuple[Source, ...]
    opened_at: datetime
    updated_at: datetime
    loops: tuple[Loop, ...] = ()
    words: frozenset[str] = frozenset()

    @property
    def parties(self) -> tuple[str, ...]:
        seen: dict[str, None] = {}
        for held in self.flows:
            seen.update(dict.fromkeys(held.flow.parties))
        return tuple(seen)


class ChangeKind(StrEnum):
    """What is new in a story's version."""

    NEW_STORY = "new_story"
    NEW_FLOW = "new_flow"
    AMOUNT = "amount"
    STATUS = "status"
    CANCELLED = "cancelled"
    LOOP_CLOSED = "loop_closed"


@dataclass(frozen=True, slots=True)
class Change:
    """One material change. `before` and `after` are values without display (numbers, a status), JSON-ready."""

    kind: ChangeKind
    story_id: str
    version: int
    flow: Flow | None = None
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    loop: Loop | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """One flow of money in the ledger, between named parties."""

    payer: str
    payee: str
    kind: Kind
    amount: float | None
    currency: str | None
    status: Status
    bound: Bound
    story_id: str
    date: datetime
    source: str = ""


@dataclass(frozen=True, slots=True)
class Loop:
    """A directed cycle of money. `edges[i].payee == edges[i + 1].payer`, and the last pays the first. `id` is computed
    from the path alone, turned so that the alphabetically first party leads."""

    id: str
    edges: tuple[Edge, ...]


class ChannelKind(StrEnum):
    """How an alert leaves."""

    CONSOLE = "console"
    EMAIL = "email"
    WEBHOOK = "webhook"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody or something that receives alerts. `address` is an e-mail address, a webhook or chat URL, or "-" for the
    console. `secrets` are webhook signing secrets (`whsec_...`), the newest first."""

    id: str
    channel: ChannelKind
    address: str
    language: str = "fr"
    secrets: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Recipient({self.id!r}, {self.channel.value})"


@dataclass(frozen=True, slots=True)
class Rule:
    """Which changes go to whom. Every non-empty condition must hold; an empty one always does."""

    id: str
    recipients: tuple[str, ...]
    companies: tuple[str, ...] = ()
    payer: tuple[str, ...] = ()
    payee: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    statuses: tuple[Status, ...] = ()
    min_amount: float | None = None
    currency: str = "USD"
    min_megawatts: float | None = None
    loop: bool | None = None


class AlertType(StrEnum):
    """The `type` of a webhook body, and the X-Gigawatch-Kind of a mail."""

    DETECTED = "deal.detected"
    UPDATED = "deal.updated"
    CANCELLED = "deal.cancelled"
    LOOP = "loop.closed"
    DIGEST = "digest"
    TEST = "test"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Draft:
    """An alert decided but not yet worded: what happened, why this recipient is told, and under which id."""

    id: str
    type: AlertType
    rule: Rule
    recipient: Recipient
    why: tuple[str, ...]
    created_at: datetime
    story: Story | None = None
    changes: tuple[Change, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it leaves, frozen when its cause was filed, so that every repeat has the same id and the same body.

    `body` is a whole RFC 5322 message (email), the exact JSON text (webhook), or plain text (console, chat).
    `data` is the webhook `data` object of the alert whatever its channel; digests are built from it.
    """

    id: str
    type: AlertType
    rule_id: str
    recipient_id: str
    channel: ChannelKind
    subject: str
    body: str
    data: dict[str, Any]
    created_at: datetime
    story_id: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receiver answered to one attempt; `response` is cut to 20,000 bytes."""

    status: str
    response: str = ""
