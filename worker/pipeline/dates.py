"""Dates as feeds and pages write them; wrong ones are None. Shared by feeds and articles, below both."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

# No feed carries items older than the web; what says so is a system's zero date.
_FIRST_YEAR = 1991
_FRENCH = {
    "janv": "Jan", "févr": "Feb", "fevr": "Feb", "fév": "Feb", "fev": "Feb", "mars": "Mar", "avr": "Apr",
    "mai": "May", "juin": "Jun", "juil": "Jul", "août": "Aug", "aout": "Aug", "sept": "Sep", "oct": "Oct",
    "nov": "Nov", "déc": "Dec", "dec": "Dec",
}  # fmt: skip
_FRENCH_DATE = re.compile(
    r"(?:[a-zéû]{3,8}\.?,?\s+)?(\d{1,2})(?:er)?\s+([a-zéû]{3,9})\.?\s+(\d{4})(?:\s+(?:à\s+)?(\d{1,2})[h:](\d{2})(?::\d\d)?)?"
    r"\s*([+-]\d{4}|gmt|utc|z)?",
    re.IGNORECASE,
)


def from_fields(parsed: Any, written: str) -> datetime | None:
    """Return the time of a feedparser `*_parsed` tuple (UTC), or of what was `written`, or None."""
    if parsed is not None:
        try:
            year, month, day, hour, minute, second = tuple(parsed)[:6]
            return sane(datetime(year, month, day, hour, minute, second, tzinfo=UTC))
        except (ValueError, TypeError, OverflowError):
            pass
    return read(written)


def read(written: str) -> datetime | None:
    """Return the time that `written` says (ISO 8601, RFC 5322, French words), in UTC; None for no date.

    Without an offset it is taken as UTC, as feedparser does: at most two hours early for a French site, and a date in
    the future is clamped anyway.
    """
    written = written.strip()[:100]
    if not written:
        return None
    for reader in (datetime.fromisoformat, parsedate_to_datetime, _french):
        try:
            found = reader(written)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        if found is not None:
            return sane(found)
    return None


def sane(found: datetime) -> datetime | None:
    """Return `found` in UTC, None where its year is before the web or it cannot be expressed in UTC."""
    try:
        found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        return None
    return found if found.year >= _FIRST_YEAR else None


def _french(written: str) -> datetime | None:
    match = _FRENCH_DATE.fullmatch(written.casefold())
    if not match:
        return None
    day, word, year, hour, minute, offset = match.groups()
    month = next((english for french, english in _FRENCH.items() if word.startswith(french)), None)
    if month is None:
        return None
    zone = offset if offset and offset[0] in "+-" else "+0000"
    return parsedate_to_datetime(f"{day} {month} {year} {hour or '0'}:{minute or '00'}:00 {zone}")
