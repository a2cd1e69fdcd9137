"""The time and chance: the only place that asks the machine for either."""

from __future__ import annotations

import random
from datetime import UTC, datetime


class SystemClock:
    """The machine's clock, UTC, and its random numbers."""

    def now(self) -> datetime:
        """Return the time, aware, UTC."""
        return datetime.now(UTC)

    def jitter(self) -> float:
        """Return a number from -1 to 1, evenly spread."""
        return random.uniform(-1.0, 1.0)
