"""Alerts in chat rooms and on phones, by Apprise: Slack, Teams, Discord, ntfy and their like."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from worker import text
from worker.errors import DeliveryError
from worker.model import Alert, Receipt, Recipient

_MISSING = "chat needs the extra `chat`: pip install 'gigawatch[chat]'"
# Apprise speaks HTTP by itself, past the guard of adapters/http.py. So only services whose hosts are their own: those
# that are constants of their plug-ins (read in Apprise 2.3.0), and those named here where an address may name any host.
# A server of one's own is reached by a webhook, which is guarded and signed, or where the operator names it.
_FIXED = frozenset({"slack", "discord", "tgram", "gchat", "wxteams", "pover"})
# Those of its plug-ins that send to the host of their address and to nothing else.
_OF_SERVERS = frozenset({"mmost", "rocket", "nctalk", "synology", "gotify", "ntfy", "json"})
_KEPT = 2_000  # characters of what Apprise says
_SHORTEST_TOKEN = 5  # characters
_NAMED: dict[str, tuple[str, ...]] = {
    "ntfy": ("ntfy.sh",),
    "ntfys": ("ntfy.sh",),
    "workflows": (".logic.azure.com", ".api.powerplatform.com"),
    "zulip": ("zulipchat.com",),
}


class ChatChannel:
    """Sends by the Apprise address of the recipient. Apprise is an extra, imported when first used.

    `servers` are further hosts that may be reached, `host` or `host:port` in lower case.
    """

    def __init__(self, servers: Sequence[str] = ()) -> None:
        self._servers = frozenset(servers)

    async def send(self, alert: Alert, recipient: Recipient, *, now: datetime) -> Receipt:
        """Send subject and body as plain text.

        Raises DeliveryError: permanent where Apprise is missing, does not know the address, or would leave for a host
        that is not the service's own; else to be tried again, with what Apprise logged of the receiver's answer.
        """
        del now
        await asyncio.to_thread(_notify, alert, recipient, self._servers)
        return Receipt("accepted")


def _notify(alert: Alert, recipient: Recipient, servers: Set[str]) -> None:
    apprise = _apprise()
    service = apprise.Apprise.instantiate(recipient.address)
    if service is None:
        raise DeliveryError(f"chat: the address of {recipient.id} is not one that Apprise knows", permanent=True)
    if not is_allowed(service, servers):
        raise DeliveryError(
            f"chat: the address of {recipient.id} is for none of the services that chat reaches "
            f"({', '.join(sorted(_FIXED | set(_NAMED)))}, on their own hosts); use a webhook for a server of your own, "
            "or name it in delivery.chat_servers",
            permanent=True,
        )
    try:
        with _overheard() as said:
            taken = service.notify(title=alert.subject, body=alert.body, body_format=apprise.NotifyFormat.TEXT)
    except Exception as error:
        # Its plug-ins are many and their errors their own. The address may hold a token: name the kind alone.
        raise DeliveryError(f"chat: {type(error).__name__}") from error
    if not taken:
        answer = _masked("; ".join(said), recipient.address)
        reason = f": {answer[:200]}" if answer else ""
        raise DeliveryError(f"chat: the service did not take the message{reason}", response=answer)


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """Give the warnings that Apprise logs in this thread: `notify` itself answers yes or no alone."""
    said: list[str] = []
    here = threading.get_ident()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == here:
                said.append(text.one_line(record.getMessage(), _KEPT))

    listener = Listener(logging.WARNING)
    logger = logging.getLogger("apprise")
    logger.addHandler(listener)
    try:
        yield said
    finally:
        logger.removeHandler(listener)


def _masked(said: str, address: str) -> str:
    """Return `said` without any part of the address that may be a token."""
    parts = {part for part in re.split(r"[/:?&=@#]+", address.partition("://")[2]) if len(part) >= _SHORTEST_TOKEN}
    for part in sorted(parts | {unquote(part) for part in parts}, key=len, reverse=True):
        said = said.replace(part, "***")
    return said[:_KEPT]


def is_allowed(service: Any, servers: Set[str] = frozenset()) -> bool:
    """Return whether an Apprise service sends to a host of its own, or to one of `servers`, and to no other."""
    kind = str(getattr(service, "schema", "")).lower()
    if kind in _FIXED:
        return True
    # Zulip calls it another name: what follows the organisation's own.
    host = str(getattr(service, "hostname" if kind == "zulip" else "host", None) or "").lower().rstrip(".")
    if getattr(service, "protocol", None) in _OF_SERVERS and servers & {host, f"{host}:{service.port}"}:
        return True
    if kind in ("ntfy", "ntfys") and not host:
        return True  # without a host, its plug-in goes to ntfy.sh
    return any(host == name or (name.startswith(".") and host.endswith(name)) for name in _NAMED.get(kind, ()))


def _apprise() -> Any:
    try:
        import apprise
    except ImportError as error:
        raise DeliveryError(_MISSING, permanent=True) from error
    return apprise
