"""What the steps need of the world, where a test may bring a second version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from worker.model import Alert, Receipt, Recipient


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer, whole and bounded. `headers` have lower-case names; `url` is where it came from in the end;
    `permanent_url` is set where every hop to there was a 301 or 308."""

    status: int
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    permanent_url: str | None = None

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")


class Fetcher(Protocol):
    """The guarded HTTP client. Raises FetchError for what never became an answer (address refused, DNS, time, size,
    coding, redirects); every status, errors included, comes back as a Response."""

    async def get(self, url: str, *, accept: str, headers: Mapping[str, str] | None = None, limit: int) -> Response:
        """Fetch `url`; at most `limit` bytes after decoding."""
        ...

    async def post(self, url: str, *, body: bytes, headers: Mapping[str, str], timeout: float) -> Response:
        """Send `body`, follow no redirect, keep at most 20,000 bytes of the answer."""
        ...


class Channel(Protocol):
    """One way out. Raises DeliveryError when the receiver did not take the alert."""

    async def send(self, alert: Alert, recipient: Recipient, *, now: datetime) -> Receipt:
        """Send `alert` as it stands."""
        ...


class Clock(Protocol):
    """The time, and chance for jitter."""

    def now(self) -> datetime:
        """Return the time, aware, UTC."""
        ...

    def jitter(self) -> float:
        """Return a number from -1 to 1, evenly spread."""
        ...


class Doorbell(Protocol):
    """Wakes a worker for rows that the store holds. Never raises for a broker that is away: the store keeps the work."""

    def ring(self, step: str, ids: tuple[int, ...] | tuple[str, ...]) -> bool:
        """Ask for `step` ("poll", "read", "judge", "deliver") on these rows; False if nobody could be asked."""
        ...
