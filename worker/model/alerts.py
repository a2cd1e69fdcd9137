"""Who is told of what, and what leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
