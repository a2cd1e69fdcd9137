"""Ways out whose answers say no secret: receivers give back what they were sent, log-in and address included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from worker.errors import DeliveryError
from worker.masking import Mask
from worker.model import Alert, Receipt, Recipient
from worker.ports import Channel


class MaskedChannel(Channel):
    """Sends by `inner`; receipts and errors come out without what `mask` hides."""

    def __init__(self, inner: Channel, *, mask: Mask) -> None:
        self._inner = inner
        self._mask = mask

    async def send(self, alert: Alert, recipient: Recipient, *, now: datetime) -> Receipt:
        """Send `alert`. Raises DeliveryError as `inner` does."""
        with hidden(self._mask):
            receipt = await self._inner.send(alert, recipient, now=now)
        return Receipt(receipt.status, self._mask(receipt.response))


@contextmanager
def hidden(mask: Mask) -> Iterator[None]:
    """Let a DeliveryError through without what `mask` hides."""
    try:
        yield
    except DeliveryError as error:
        raise DeliveryError(
            mask(str(error)),
            permanent=error.permanent,
            disable=error.disable,
            retry_after=error.retry_after,
            response=mask(error.response),
        ) from error
