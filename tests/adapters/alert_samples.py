"""One alert per channel, as the outbox holds it."""

from __future__ import annotations

from datetime import UTC, datetime

from worker.model import Alert, AlertType, ChannelKind, Recipient

NOW = datetime(2026, 3, 2, 13, 2, tzinfo=UTC)
MAIL = (
    "From: veille@gw.example\r\nTo: desk@gw.example\r\nSubject: Essai\r\nMessage-ID: <a1@gw.example>\r\n\r\n"
    "Bonjour\r\n.un point en tete\r\n"
)


def alert(body: str, channel: ChannelKind) -> Alert:
    return Alert("a1" * 16, AlertType.TEST, "r", "desk", channel, "Essai", body, {"schema": "1"}, NOW)


def recipient(channel: ChannelKind, address: str, *secrets: str) -> Recipient:
    return Recipient("desk", channel, address, "fr", secrets)
