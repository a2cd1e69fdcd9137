"""Alerts in chat rooms and on phones, by Apprise: Slack, Teams, Discord, ntfy and their like."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from worker.errors import DeliveryError
from worker.model import Alert, Receipt, Recipient

_MISSING = "chat needs the extra `chat`: pip install 'gigawatch[chat]'"


class ChatChannel:
    """Sends by the Apprise address of the recipient. Apprise is an extra, imported when first used."""

    async def send(self, alert: Alert, recipient: Recipient, *, now: datetime) -> Receipt:
        """Send subject and body as plain text.

        Raises DeliveryError: permanent where Apprise is missing or does not know the address, else to be tried again.
        Apprise says only yes or no, so what the receiver answered is not known.
        """
        del now
        await asyncio.to_thread(_notify, alert, recipient)
        return Receipt("accepted")


def _notify(alert: Alert, recipient: Recipient) -> None:
    apprise = _apprise()
    service = apprise.Apprise()
    if not service.add(recipient.address):
        raise DeliveryError(f"chat: the address of {recipient.id} is not one that Apprise knows", permanent=True)
    try:
        taken = service.notify(title=alert.subject, body=alert.body, body_format=apprise.NotifyFormat.TEXT)
    except Exception as error:
        # Its plug-ins are many and their errors their own. The address may hold a token: name the kind alone.
        raise DeliveryError(f"chat: {type(error).__name__}") from error
    if not taken:
        raise DeliveryError("chat: the service did not take the message")


def _apprise() -> Any:
    try:
        import apprise
    except ImportError as error:
        raise DeliveryError(_MISSING, permanent=True) from error
    return apprise
