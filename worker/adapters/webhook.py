"""Alerts as signed HTTP requests, after Standard Webhooks 1.0.0."""

from __future__ import annotations

import binascii
import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from worker.errors import DeliveryError, FetchError
from worker.model import Alert, Receipt, Recipient
from worker.ports import Fetcher, Response

_KEPT = 20_000  # bytes of an answer, as the outbox holds them
_GONE, _TOO_MANY = 410, 429
# How long to leave a receiver alone that has too many requests and does not say for how long (Svix waits as long).
_LEFT_ALONE_S = 60.0
# Later than this a receiver asks for more patience than the whole schedule of repeats has.
_LONGEST_WAIT_S = 86_400.0


class WebhookChannel:
    """Posts `alert.body` as it stands, signed anew at each attempt with every secret of the recipient.

    `timeout` is in seconds, for the whole exchange.
    """

    def __init__(self, fetcher: Fetcher, *, timeout: float) -> None:
        self._fetcher = fetcher
        self._timeout = timeout

    async def send(self, alert: Alert, recipient: Recipient, *, now: datetime) -> Receipt:
        """Send `alert`; 2xx is success, a redirect is not.

        Raises DeliveryError: 410 for good and with `disable`, a secret that cannot sign for good, everything else to
        be tried again, with the receiver's Retry-After, or a minute after a 429 without one.
        """
        headers = {
            "content-type": "application/json",
            "webhook-id": alert.id,
            "webhook-timestamp": str(math.floor(now.timestamp())),
        }
        signatures = sign(alert, recipient, now=now)
        if signatures:
            headers["webhook-signature"] = signatures
        try:
            response = await self._fetcher.post(
                recipient.address, body=alert.body.encode("utf-8"), headers=headers, timeout=self._timeout
            )
        except FetchError as error:
            raise DeliveryError(f"webhook: {error}", retry_after=error.retry_after) from error
        answer = response.body[:_KEPT].decode("utf-8", "replace")
        if 200 <= response.status < 300:
            return Receipt(str(response.status), answer)
        gone = response.status == _GONE
        wait = retry_after(response, now=now)
        if wait is None and response.status == _TOO_MANY:
            wait = _LEFT_ALONE_S
        raise DeliveryError(
            f"webhook: HTTP {response.status}",
            permanent=gone,
            disable=gone,
            retry_after=wait,
            response=answer,
        )


def sign(alert: Alert, recipient: Recipient, *, now: datetime) -> str:
    """Return one signature per secret, split by spaces; "" for a recipient without secrets.

    Raises DeliveryError, permanent, for a secret that is no base64.
    """
    try:
        return " ".join(
            Webhook(secret).sign(msg_id=alert.id, timestamp=now.astimezone(UTC), data=alert.body)
            for secret in recipient.secrets
        )
    except (binascii.Error, ValueError, EmptyWebhookSecretError) as error:
        message = f"webhook: a secret of {recipient.id} cannot be used: whsec_ and base64 are expected"
        raise DeliveryError(message, permanent=True) from error


def retry_after(response: Response, *, now: datetime) -> float | None:
    """Return the seconds that Retry-After (RFC 9110, 10.2.3: a number or a date) asks for, 0 to a day, or None."""
    value = response.headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            then = parsedate_to_datetime(value)
        except (ValueError, TypeError, OverflowError):
            return None
        seconds = (then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds()
    return min(max(seconds, 0.0), _LONGEST_WAIT_S) if math.isfinite(seconds) else None
