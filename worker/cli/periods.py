"""How far back a command looks."""

from __future__ import annotations

from datetime import datetime, timedelta

from worker.cli.phrases import phrase
from worker.errors import UsageError
from worker.text import one_line

# Days that any command may ask for: far beyond any store's age, and far from where dates overflow.
MOST_DAYS = 3_660


def begin(since: str, now: datetime) -> datetime:
    """Return the time from which `since` ("30d", "12h", "1h30m", as in the settings) looks back from `now`.

    Raises UsageError for what is no duration, and for one beyond ten years.
    """
    from worker.settings.values import read_duration

    try:
        return now - timedelta(seconds=read_duration(since))
    except ValueError:
        raise UsageError(phrase("option.not_since", value=one_line(since, 80))) from None
