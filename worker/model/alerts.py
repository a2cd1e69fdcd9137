"""Who is told of what, and what leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from worker.model.deals import Kind, Status
from worker.model.stories import Change, Story


class ChannelKind(StrEnum):
    """How an alert leaves."""

    CONSOLE = "console"
    EMAIL = "email"
    WEBHOOK = "webhook"
    CHAT = "chat"


class Pace(StrEnum):
    """When a recipient's alerts leave."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"


class Hold(StrEnum):
    """What keeps an alert from leaving at once."""

    BACKLOG = "backlog"
    DAILY = "daily"
    WEEKLY = "weekly"
    QUIET = "quiet"
    CEILING = "ceiling"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When alerts may leave. Times of day are those of `timezone` (an IANA name); `day` counts from Monday, 0.

    `quiet` is (start, end), over midnight where the start is the later; `ceiling` is alerts in any hour, None for no
    limit."""

    pace: Pace = Pace.IMMEDIATE
    at: time = time(8)
    day: int = 0
    timezone: str = "Europe/Paris"
    quiet: tuple[time, time] | None = None
    ceiling: int | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody or something that receives alerts. `address` is an e-mail address, a webhook or chat URL, or "-" for the
    console. `secrets` are webhook signing secrets (`whsec_...`), the newest first."""

    id: str
    channel: ChannelKind
    address: str
    language: str = "fr"
    secrets: tuple[str, ...] = ()
    schedule: Schedule = Schedule()

    def __repr__(self) -> str:
        return f"Recipient({self.id!r}, {self.channel.value})"


class Firmness(StrEnum):
    """How much of a flow is certain: announced without "up to", announced with it, a right, or told by sources only. A
    cancelled flow has none."""

    FIRM = "firm"
    UP_TO = "up_to"
    OPTION = "option"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What is asked of a flow and its story. Every non-empty part must hold; an empty one always does.

    `min_amount` is in units of `currency`, `min_megawatts` in MW, `country` in ISO 3166 codes. Of `any_of` one must
    hold, of `all_of` each, `unless` must not.
    """

    companies: tuple[str, ...] = ()
    payer: tuple[str, ...] = ()
    payee: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    statuses: tuple[Status, ...] = ()
    firmness: tuple[Firmness, ...] = ()
    min_amount: float | None = None
    currency: str = "USD"
    min_megawatts: float | None = None
    loop: bool | None = None
    country: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    houses: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    any_of: tuple[Condition, ...] = ()
    all_of: tuple[Condition, ...] = ()
    unless: Condition | None = None


@dataclass(frozen=True, slots=True)
class Rule(Condition):
    """Which changes go to whom: the condition, a name for it, and recipients by id."""

    id: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency is worth in USD. `day` is None where the operator set the rate; `source` is "ECB"
    where the European Central Bank says so, "" for a rounded rate."""

    usd: float
    day: date | None
    source: str = ""


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
