"""A court whose only recipient is a webhook, and the ways in which it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tests.steps.conftest import Desk
from tests.steps.court import Court, deal
from worker.errors import DeliveryError
from worker.model import ChannelKind, Recipient, Rule

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AWAY, REFUSED = DeliveryError("webhook: HTTP 503"), DeliveryError("550 inconnu", permanent=True)
GONE = DeliveryError("webhook: HTTP 410", permanent=True, disable=True)


def hooked(desk: Desk) -> Court:
    """Return a court whose only recipient is a webhook."""
    found = Court(desk)
    hook = Recipient("crochet", ChannelKind.WEBHOOK, "https://gazette.example/hook")
    found.parts = replace(found.parts, recipients={"crochet": hook}, rules=(Rule("tout", ("crochet",)),))
    return found


def fail(court: Court, days: float, *, every: float = 1.0) -> None:
    """Let a delivery of a further deal fail every so many days, for `days`."""
    for number in range(int(days / every)):
        ids = court.file(f"d{number}", deal(f"Client {number}", f"Nuage {number}", 1e9), title=f"Contrat {number}")
        court.deliver(*ids)
        court.clock.move(days=every)
