"""Rates of exchange: the packaged ones, and the European Central Bank's daily reference rates over them.

The bank publishes its rates on working days around 16:00 in Frankfurt, as units of each currency for one euro
(eurofxref-daily.xml, "Euro foreign exchange reference rates").
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lxml import etree

from worker.errors import ParseError
from worker.model import Cause, Rate

BANK = "ECB"
_FRANKFURT = ZoneInfo("Europe/Berlin")
# Half an hour after the usual time of publication.
_AFTER_PUBLICATION = time(16, 30)
_CODE = re.compile(r"[A-Z]{3}")
# The file holds some thirty; a document with more is another one.
_MOST = 200
# Rates are published for today or a day before; a day ahead is for clocks and zones that disagree.
_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reference:
    """The bank's rates of one day: units of each currency for one euro."""

    day: date
    per_euro: Mapping[str, float]


def parse(body: bytes, *, now: datetime) -> Reference:
    """Return the rates of the bank's document. Raises ParseError(not_a_feed) for anything else, a document type, which
    the bank's has not, or a day that is yet to come included."""
    # Entities need a document type; without one there is nothing to expand.
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ParseError(Cause.NOT_A_FEED, "a document with a document type, not the bank's reference rates")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError) as error:
        raise ParseError(Cause.NOT_A_FEED, f"not XML: {error}") from error
    rates: dict[str, float] = {}
    day: date | None = None
    for cube in root.iter("{*}Cube"):
        written, code = cube.get("time"), cube.get("currency")
        if written is not None and day is None:
            day = _day(str(written), now)
        if code is not None:
            rates[str(code)] = _rate(str(code), str(cube.get("rate", "")))
        if len(rates) > _MOST:
            raise ParseError(Cause.NOT_A_FEED, f"more than {_MOST} currencies, not the bank's daily reference rates")
    if day is None or "USD" not in rates:
        raise ParseError(Cause.NOT_A_FEED, "no day or no dollar, not the bank's reference rates")
    return Reference(day, rates)


def _day(written: str, now: datetime) -> date:
    try:
        day = date.fromisoformat(written)
    except ValueError as error:
        raise ParseError(Cause.NOT_A_FEED, f'"{written}" is not a day') from error
    if day > (now + _AHEAD).date():
        raise ParseError(Cause.NOT_A_FEED, f"rates of {written}, a day that is yet to come")
    return day


def _rate(code: str, written: str) -> float:
    try:
        rate = float(written)
    except ValueError:
        rate = 0.0
    if not _CODE.fullmatch(code) or not math.isfinite(rate) or rate <= 0:
        raise ParseError(Cause.NOT_A_FEED, f'"{code}" at "{written}" is not a rate')
    return rate


def over(packaged: Mapping[str, Rate], reference: Reference | None) -> dict[str, Rate]:
    """Return `packaged` with the bank's newer rates over it; what the operator set himself stays."""
    found = dict(packaged)
    if reference is None or not reference.per_euro.get("USD"):
        return found
    dollar = reference.per_euro["USD"]
    for code, units in {**reference.per_euro, "EUR": 1.0}.items():
        known = packaged.get(code)
        if known is None or (known.day is not None and known.day <= reference.day):
            found[code] = Rate(dollar / units, reference.day, BANK)
    return found


def next_refresh(now: datetime) -> datetime:
    """Return the next time at which new rates should be there, UTC."""
    local = now.astimezone(_FRANKFURT)
    for days in (0, 1):
        found = datetime.combine(local.date() + timedelta(days=days), _AFTER_PUBLICATION, _FRANKFURT).astimezone(UTC)
        if found > now:
            return found
    raise AssertionError("tomorrow's hour lies ahead")
