"""Rates of exchange: the bank's document, and what is in force over the packaged ones."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime

import pytest

from worker import settings
from worker.errors import ParseError
from worker.model import Rate
from worker.pipeline.detection import units
from worker.pipeline.rates import Reference, next_refresh, over, parse

NOW = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
    'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><gesmes:subject>Reference rates</gesmes:subject><Cube>'
)


def document(day: str = "2026-11-25", **rates: str) -> bytes:
    """Return a document of the bank's form."""
    rows = "".join(f"<Cube currency='{code}' rate='{rate}'/>" for code, rate in rates.items())
    return f"{HEAD}<Cube time='{day}'>{rows}</Cube></Cube></gesmes:Envelope>".encode()


def test_the_banks_document_is_read() -> None:
    found = parse(document(USD="1.1566", GBP="0.8749", JPY="180.75"), now=NOW)
    assert found == Reference(date(2026, 11, 25), {"USD": 1.1566, "GBP": 0.8749, "JPY": 180.75})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Access denied</body></html>",
        document(GBP="0.87"),
        document(USD="-1"),
        document(USD="nan"),
        document(USD="1.1", GBP=""),
        document(USD="1.1", Gold="3"),
        document("25 November", USD="1.1"),
        document("2026-12-25", USD="1.1"),
        document(USD="1.1", **{f"A{chr(65 + n // 26)}{chr(65 + n % 26)}": "2" for n in range(300)}),
        document(USD="1.1").replace(b"<gesmes:Env", b'<!DOCTYPE x [<!ENTITY a "1.2">]><gesmes:Env', 1),
        document(USD="1.1")[:-30],
    ],
)
def test_anything_else_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        parse(body, now=NOW)


def test_the_banks_newer_rates_lie_over_the_packaged_ones() -> None:
    old, newer = date(2025, 11, 28), date(2026, 11, 25)
    packaged = {
        "USD": Rate(1.0, old),
        "EUR": Rate(1.16, old),
        "GBP": Rate(1.3, old),
        "TWD": Rate(0.03, old),
        "CHF": Rate(2.0, None),
    }
    found = over(packaged, Reference(newer, {"USD": 1.2, "GBP": 0.8, "CHF": 0.9, "SEK": 12.0}))
    assert found["EUR"] == Rate(1.2, newer, "ECB")
    assert found["GBP"].usd == pytest.approx(1.5)
    assert found["SEK"] == Rate(pytest.approx(0.1), newer, "ECB")  # type: ignore[arg-type]
    assert found["USD"].usd == 1.0
    assert found["TWD"] == packaged["TWD"]
    assert found["CHF"] == packaged["CHF"]  # set by the operator
    assert over(packaged, None) == packaged
    assert over(packaged, Reference(date(2024, 1, 2), {"USD": 1.2})) == packaged


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-25T08:00", "2026-11-25T15:30"),
        ("2026-11-25T15:30", "2026-11-26T15:30"),
        ("2026-07-01T14:00", "2026-07-01T14:30"),
        ("2026-03-28T20:00", "2026-03-29T14:30"),
    ],
)
def test_new_rates_are_asked_for_once_a_day_after_their_publication(now: str, expected: str) -> None:
    def utc(written: str) -> datetime:
        return datetime.fromisoformat(written).replace(tzinfo=UTC)

    assert next_refresh(utc(now)) == utc(expected)


def test_every_currency_that_is_read_has_a_rate() -> None:
    known = tomllib.loads((settings.packaged() / "rates.toml").read_text("utf-8"))["usd"]
    read = {code for _, code in units._CODES}
    assert read - known.keys() <= {"USD"}
    assert len(read) > 40
