"""Alerts in chat rooms and on phones, by Apprise: Slack, Teams, Discord, ntfy and their like."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from worker.errors import DeliveryError
from worker.model import Alert, Receipt, Recipient

_MISSING = "chat needs the extra `chat`: pip install 'gigawatch[chat]'"
# Apprise speaks HTTP by itself, past the guard of adapters/http.py. So only services whose hosts are their own: those
# that are constants of their plug-ins (read in Apprise 2.3.0), and those named here where an address may name any host.
# An own server is reached by a webhook, which is guarded and signed.
_FIXED = frozenset({"slack", "discord", "tgram", "gchat", "wxteams", "pover"})
_NAMED: dict[str, tuple[str, ...]] = {
    "ntfy": ("ntfy.sh",),
    "ntfys": ("ntfy.sh",),
    "workflows": (".logic.azure.com", ".api.powerplatform.com"),
    "zulip": ("zulipchat.com",),
}


class ChatChannel:
    """Sends by the Apprise address of the recipient. Apprise is an extra, imported when first used."""

    async def send(self, alert: Alert, recipient: Recipient, *, now: datetime) -> Receipt:
        """Send subject and body as plain text.

        Raises DeliveryError: permanent where Apprise is missing, does not know the address, or would leave for a host
        that is not the service's own; else to be tried again. Apprise says only yes or no, so what the receiver
        answered is not known.
        """
        del now
        await asyncio.to_thread(_notify, alert, recipient)
        return Receipt("accepted")


def _notify(alert: Alert, recipient: Recipient) -> None:
    apprise = _apprise()
    service = apprise.Apprise.instantiate(recipient.address)
    if service is None:
        raise DeliveryError(f"chat: the address of {recipient.id} is not one that Apprise knows", permanent=True)
    if not is_allowed(service):
        raise DeliveryError(
            f"chat: the address of {recipient.id} is for none of the services that chat reaches "
            f"({', '.join(sorted(_FIXED | set(_NAMED)))}, on their own hosts); use a webhook for a server of your own",
            permanent=True,
        )
    try:
        taken = service.notify(title=alert.subject, body=alert.body, body_format=apprise.NotifyFormat.TEXT)
    except Exception as error:
        # Its plug-ins are many and their errors their own. The address may hold a token: name the kind alone.
        raise DeliveryError(f"chat: {type(error).__name__}") from error
    if not taken:
        raise DeliveryError("chat: the service did not take the message")


def is_allowed(service: Any) -> bool:
    """Return whether an Apprise service sends to a host of its own and to no other."""
    kind = str(getattr(service, "schema", "")).lower()
    if kind in _FIXED:
        return True
    # Zulip calls it another name: what follows the organisation's own.
    host = str(getattr(service, "hostname" if kind == "zulip" else "host", None) or "").lower().rstrip(".")
    if kind in ("ntfy", "ntfys") and not host:
        return True  # without a host, its plug-in goes to ntfy.sh
    return any(host == name or (name.startswith(".") and host.endswith(name)) for name in _NAMED.get(kind, ()))


def _apprise() -> Any:
    try:
        import apprise
    except ImportError as error:
        raise DeliveryError(_MISSING, permanent=True) from error
    return apprise
