"""rates.toml, the packaged rates of exchange with their day, and the operator's own from [rates] of gigawatch.toml."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from worker.errors import Fault
from worker.model import Rate
from worker.settings.files import Table, did_you_mean

EXPECTED = "an ISO 4217 code and how many USD one unit is worth, such as EUR = 1.16"


def read_rates(table: Table, faults: list[Fault]) -> dict[str, Rate]:
    """Return the rates of rates.toml by code; the dollar is always among them."""
    for key in table.values:
        if key not in ("day", "usd", "schema"):
            near = did_you_mean(key, ("day", "usd")) or "day, or [usd] before the rates"
            faults.append(Fault(table.where(key), key, "unknown key", near))
    day = table.values.get("day")
    if type(day) is not date:
        if table.values:
            problem = "missing" if day is None else "not a day"
            faults.append(Fault(table.where("day"), "day", problem, "the day of the rates, such as day = 2026-01-30"))
        day = date.min
    rows = table.values.get("usd", {})
    if not isinstance(rows, dict):
        faults.append(Fault(table.where("usd"), "usd", "not a table", "[usd]"))
        rows = {}
    rates = {"USD": Rate(1.0, day)}
    for code, value in rows.items():
        rate = usd_per_unit(code, value)
        if rate is None:
            faults.append(Fault(table.where("usd", code), f"usd.{code}", "not a rate", EXPECTED))
        else:
            rates[code] = Rate(rate, day)
    return rates


def usd_per_unit(code: str, value: Any) -> float | None:
    """Return a rate as a number, None where code or value is none."""
    try:
        rate = float(value) if not isinstance(value, bool) else 0.0
    except (TypeError, ValueError):
        return None
    well = len(code) == 3 and code.isascii() and code.isupper() and 0 < rate < float("inf")
    return rate if well else None


def set_rates(given: Mapping[str, Any], where: Mapping[str, str], faults: list[Fault]) -> dict[str, Rate]:
    """Return the operator's own rates, `where` naming the place of each."""
    rates = {}
    for code, value in given.items():
        rate = usd_per_unit(code, value)
        if rate is None:
            near = did_you_mean(code, ("refresh", "source"), cutoff=0.75)
            faults.append(Fault(where[code], f"rates.{code}", "not a rate", near or EXPECTED))
        else:
            rates[code] = Rate(rate, None)
    return rates
