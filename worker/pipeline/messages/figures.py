"""Amounts, capacities and times as readers of one language write them."""

from __future__ import annotations

import math
from datetime import datetime
from functools import lru_cache

from babel.dates import format_datetime, get_timezone
from babel.numbers import format_decimal

from worker import text
from worker.model import Bound, Flow, Kind, Status
from worker.pipeline.messages.phrases import Phrases

_LOCALES = {"fr": "fr_FR", "en": "en_GB"}
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩"}
# Dollars per unit, roughly, to order amounts of several currencies. Never shown, so the day's rate is no matter.
_ROUGHLY = {
    "JPY": 0.01,
    "KRW": 0.001,
    "INR": 0.01,
    "TWD": 0.03,
    "CNY": 0.1,
    "SEK": 0.1,
    "NOK": 0.1,
    "AED": 0.3,
    "SAR": 0.3,
}
_PARIS = "Europe/Paris"
_GAP = "\u00a0"
NAME_LENGTH = 60


# One alert writes the same few figures many times over, and to find a locale's marks costs more than all the rest.
@lru_cache(maxsize=4096)
def _number(value: float, language: str, pattern: str = "#,##0.##") -> str:
    return str(format_decimal(value, format=pattern, locale=_LOCALES[language]))


def money(amount: float, currency: str | None, language: str) -> str:
    """Return `amount` (units of `currency`, a code of ISO 4217) in short: "8,5 Md€", "€8.5bn"."""
    size = abs(amount)
    code = text.one_line(currency or "", 8)
    sign = _SIGNS.get(code, "")
    if language == "en":
        scale, suffix = _scale(size, ((1e12, "tn"), (1e9, "bn"), (1e6, "m")))
        figure = f"{_number(amount / scale, 'en', _pattern(size / scale))}{suffix}"
        return f"{sign}{figure}" if sign else f"{code} {figure}".strip().replace(" ", _GAP)
    scale, suffix = _scale(size, ((1e9, "Md"), (1e6, "M")))
    figure = _number(amount / scale, "fr", _pattern(size / scale))
    unit = suffix + (sign or (f"{_GAP}{code}" if suffix and code else code))
    return f"{figure}{_GAP}{unit}".strip()


def _scale(size: float, steps: tuple[tuple[float, str], ...]) -> tuple[float, str]:
    # 999 999 999 rounds to a thousand millions; it is a billion.
    return next(((scale, suffix) for scale, suffix in steps if size >= scale * 0.99999), (1.0, ""))


def _pattern(value: float) -> str:
    return "#,##0.##" if value < 100 else "#,##0.#" if value < 1000 else "#,##0"


def power(megawatts: float, language: str) -> str:
    """Return a capacity: "1,2 GW", "400 MW"."""
    if megawatts >= 1000:
        return f"{_number(megawatts / 1000, language)}{_GAP}GW"
    return f"{_number(megawatts, language)}{_GAP}MW"


def _counted(key: str, value: float, phrase: Phrases) -> str:
    # French keeps the singular below two, English for one alone.
    one = value < 2 if phrase.language == "fr" else value == 1
    return phrase(f"{key}.{'one' if one else 'many'}", count=_number(value, phrase.language)).replace(" ", _GAP)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def sizes(flow: Flow, phrase: Phrases) -> tuple[str, ...]:
    """Return the figures of a flow, the leading one first and with its bound: amount, capacity, chips, term."""
    amount, megawatts, chips, years = map(_finite, (flow.amount, flow.megawatts, flow.chips, flow.years))
    found = []
    if amount is not None:
        found.append(money(amount, flow.currency, phrase.language))
    if megawatts is not None:
        found.append(power(megawatts, phrase.language))
    if chips is not None:
        found.append(_counted("chips", chips, phrase))
    if found and flow.bound is not Bound.EXACT:
        found[0] = phrase(f"bound.{flow.bound.value}", figure=found[0])
    if years is not None:
        found.append(_counted("years", years, phrase))
    return tuple(found)


def kind_and_size(flow: Flow, phrase: Phrases) -> str:
    """Return what moves: "30 Md$ de capacité de calcul", "18 000 puces", "rachat" where no figure is known."""
    amount, megawatts, chips = map(_finite, (flow.amount, flow.megawatts, flow.chips))
    noun = phrase(f"kind.{flow.kind.value}")
    if amount is not None or megawatts is not None:
        return phrase(f"of.{flow.kind.value}", figure=sizes(flow, phrase)[0])
    if chips is not None:
        figure = sizes(flow, phrase)[0]
        return figure if flow.kind is Kind.CHIPS else f"{noun} ({figure})"
    return noun


def name_of(party: str | None, phrase: Phrases) -> str:
    """Return a party's name on one line, or the words for one that is not named."""
    return text.one_line(party or "", NAME_LENGTH) or phrase("unnamed")


def arrow_of(flow: Flow) -> str:
    """Return the sign between payer and payee."""
    return "↔" if flow.kind is Kind.PARTNERSHIP else "→"


def parties(flow: Flow, phrase: Phrases) -> str:
    """Return "payer → payee"; the one name alone where the other is not known."""
    names = [name_of(name, phrase) for name in flow.parties]
    return f" {arrow_of(flow)} ".join(names) if names else phrase("unnamed")


def line(flow: Flow, phrase: Phrases, *, status: bool = True) -> str:
    """Return a flow on one line, as in a subject."""
    whole = f"{parties(flow, phrase)}{phrase('colon')}{kind_and_size(flow, phrase)}"
    return f"{whole} ({phrase(f'status.{flow.status.value}')})" if status else whole


def weight(flow: Flow) -> tuple[bool, bool, float, float, float]:
    """Return what flows are ordered by, the biggest last: firm before cancelled, money before the rest."""
    amount, megawatts, chips = (_finite(value) or 0.0 for value in (flow.amount, flow.megawatts, flow.chips))
    amount *= _ROUGHLY.get(flow.currency or "", 1.0)
    return flow.status is not Status.CANCELLED, flow.kind is not Kind.PARTNERSHIP, amount, megawatts, chips


def when(time: datetime, phrase: Phrases) -> str:
    """Return a time in Paris: "18 nov. 2025, 14:02"."""
    return _in_paris(time, "d MMM y, HH:mm", phrase)


def day(time: datetime, phrase: Phrases) -> str:
    """Return a day in Paris: "18 nov. 2025"."""
    return _in_paris(time, "d MMM y", phrase)


def _in_paris(time: datetime, pattern: str, phrase: Phrases) -> str:
    zone = get_timezone(_PARIS)
    return str(format_datetime(time, pattern, tzinfo=zone, locale=_LOCALES[phrase.language]))
