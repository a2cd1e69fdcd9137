"""The time and chance: the only place that asks the machine for either."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from worker.errors import GigawatchError

# How long one look at the other clock is relied on, in seconds.
_TRUSTED_S = 60.0
# Machines whose clocks are kept agree more closely than this; a correction would only put them out of step.
_ALIKE = timedelta(seconds=1)


class SystemClock:
    """The machine's clock, UTC, and its random numbers."""

    def now(self) -> datetime:
        """Return the time, aware, UTC."""
        return datetime.now(UTC)

    def jitter(self) -> float:
        """Return a number from -1 to 1, evenly spread."""
        return random.uniform(-1.0, 1.0)


class SharedClock(SystemClock):
    """The clock of whatever `ask` asks, so that machines whose own clocks differ agree on when a lease ends.

    Asked once a minute; in between, and while it does not answer, this machine's clock goes on from there.
    """

    def __init__(self, ask: Callable[[], datetime]) -> None:
        self._ask = ask
        self._ahead = timedelta(0)
        self._ask_at = time.monotonic()

    def now(self) -> datetime:
        """Return the time, aware, UTC."""
        if time.monotonic() >= self._ask_at:
            self._ask_at = time.monotonic() + _TRUSTED_S
            self._compare()
        return super().now() + self._ahead

    def _compare(self) -> None:
        before = super().now()
        try:
            theirs = self._ask()
        except GigawatchError:
            # Whoever needs the answer itself meets the same fault, and says so.
            return
        after = super().now()
        ahead = theirs - (before + (after - before) / 2)
        self._ahead = ahead if abs(ahead) > _ALIKE + (after - before) else timedelta(0)
