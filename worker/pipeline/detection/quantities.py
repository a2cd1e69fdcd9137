"""Amounts, capacity, accelerators, terms and shares as French news writes them, each with its limit and its role.

One pass: a number is found, then the unit that must follow it; a number without a unit is nothing. Offsets point into
the text as given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from worker.model import Bound
from worker.pipeline.detection import countries, numerals, units
from worker.pipeline.detection.numerals import COLLECTIVE, DIGITS, VAGUE, WORDS, Number
from worker.pipeline.detection.quantity_context import WINDOW, bound, is_past, is_term, role

_S = units.S
# Years beyond which no commitment lasts.
_LONGEST_TERM = 99.0
# Years between commas from which on they are a person's age.
_GROWN = 20.0


class Dimension(StrEnum):
    """What a quantity counts."""

    MONEY = "money"
    POWER = "power"
    CHIPS = "chips"
    YEARS = "years"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Quantity:
    """Characters `start` to `end` say `value` of `unit`.

    value: units of the currency, MW, accelerators, years or percent; None for vague sizes and ranges.
    unit: ISO 4217 code ("" where the text never names a currency), "MW", "chips", "years" or "%".
    role: what it measures if it is not the amount of a flow: valuation, revenue, programme, per_unit, converted,
    share_price, capex, total, result, or "span" for years of which it is open whether they are a term; else "".
    """

    start: int
    end: int
    dimension: Dimension
    value: float | None
    unit: str
    bound: Bound
    role: str = ""


@dataclass(frozen=True, slots=True)
class _Measure:
    """A unit read after a number: its factor, and how far it reaches."""

    end: int
    dimension: Dimension
    factor: float
    unit: str


_NUMBER = re.compile(
    rf"(?<![\w.,])(?:(?P<prefix>(?:us|ca|hk|nt|c|a|s)?\$|[€£¥]|\b(?:usd|eur|chf|gbp){_S}){_S}?)?"
    rf"(?:(?P<digits>{DIGITS})|(?P<collective>{COLLECTIVE})|(?P<vague>{VAGUE})"
    rf"|(?P<the>(?:le|du|au|demi){_S}?(?=milliard\b)|demi-(?=milliard|million|gigawatt))|(?P<words>{WORDS})(?![\w'’]))",
)
_LETTER = re.compile(rf"{_S}?[mgkb]\b")
_RANGE = re.compile(rf"{_S}?(?P<link>à|et|ou|-|–|—){_S}?(?:(?P<digits>{DIGITS})|(?P<words>{WORDS})(?!\w))")
_RISE = re.compile(
    r"(?:pass\w+|port\w+|relev\w+|augment\w+|grimp\w+|bond\w+|mont\w+|réduit\w*|ramen\w+|rédui\w+)\b[^.;]{0,40}?\bde\s*$",
)
_ENTRE = re.compile(r"\bentre\s+$")
_STOP = re.compile(r"[.!?…][\s\u00a0]|\n")
_ADJECTIVE = re.compile(r"\b(biennal|triennal|quinquennal|septennal|décennal)e?s?\b")
_ADJECTIVE_YEARS = {"biennal": 2.0, "triennal": 3.0, "quinquennal": 5.0, "septennal": 7.0, "décennal": 10.0}
_LINK_BETWEEN = re.compile(rf"{_S}?(?:à|et|-|–){_S}?$")


def find(text: str) -> tuple[Quantity, ...]:
    """Return the quantities of `text` in order, none overlapping another."""
    text = _lower(text)
    found: list[Quantity] = []
    position = 0
    while match := _NUMBER.search(text, position):
        position = match.end() if match.end() > match.start() else match.start() + 1
        quantity = _read(text, match, found)
        if quantity is not None:
            found.append(quantity)
            position = quantity.end
    return tuple(countries.settle(text, _with_currencies(_with_adjectives(text, found))))


find_quantities = find


def _lower(text: str) -> str:
    """Return `text` in lower case without a change of length, so that offsets hold."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def _read(text: str, match: re.Match[str], earlier: list[Quantity]) -> Quantity | None:
    if match["words"] in ("un", "une") and not units.AHEAD.match(text, match.end()):
        # By far the most frequent number of all is an article.
        return None
    number, end = _number(match), match.end()
    prefix = (match["prefix"] or "").strip()
    second = _RANGE.match(text, end)
    spread = None
    if second and number.value is not None and _is_range(text, match, second):
        spread = _measure(text, second.end(), prefix, second["digits"] or second["words"])
    if spread is None and match["words"] and not units.AHEAD.match(text, end):
        return None
    if spread is None and second is not None and second["link"] == "et" and (shared := _shared(text, match, second)):
        return _in_context(text, match.start(), shared, (number.value or 0.0) * shared.factor, number.about, earlier)
    measure = spread or _measure(text, end, prefix, match[0])
    if measure is None:
        return _elliptic(text, match, earlier) if match["digits"] else None
    bare = measure.dimension is Dimension.MONEY and not measure.unit and measure.factor < 1e9
    if bare and not any(quantity.dimension is Dimension.MONEY for quantity in earlier):
        # "jusqu'à 50 millions" is money only where money was spoken of.
        return None
    if match["words"] and measure.dimension is Dimension.CHIPS and measure.factor == 1 and number.value in (0, 1):
        return None
    value = _value(match, second if spread else None, measure, number)
    if spread and not _RISE.search(text[max(0, match.start() - 60) : match.start()]):
        value = None
    return _in_context(text, match.start(), measure, value, number.about, earlier)


def _shared(text: str, match: re.Match[str], second: re.Match[str]) -> _Measure | None:
    """Return the unit of the first of two numbers that share it: "respectivement 7 et 5 milliards"."""
    if not match["digits"] or not second["digits"]:
        return None
    measure = _measure(text, second.end(), "", second["digits"])
    if (
        measure is None
        or measure.dimension not in (Dimension.MONEY, Dimension.POWER)
        or measure.factor != measure.factor
    ):
        return None
    return replace(measure, end=match.end())


_MORE = re.compile(r"jusqu['’]à\s+$|\bles\s+$")
# "X en fournit 600 millions, Y 400.", "90 millions : 60 à X, 30 à Y", "X en prête 130 ; Y, le solde".
_OWN_SHARE = re.compile(r"(?:^[^.!?]{0,60}[,;:]\s(?:[\w&'’.-]+\s){0,5}|\ben\s\w{3,12}\s)$")
_SHARE_ENDS = re.compile(r"\s*(?:[.;,)](?!\d)|à\s(?:la\s|l['’])?\w)")
_ENDS = re.compile(rf"\s*(?:[,;.)](?!\d)|$)|{_S}(?:restants?|autres|suivants?|supplémentaires?)\b")


def _elliptic(text: str, match: re.Match[str], earlier: list[Quantity]) -> Quantity | None:
    """Read "5 milliards, puis jusqu'à 20," where the unit of the money before is understood."""
    last = earlier[-1] if earlier else None
    if (
        last is None
        or last.dimension is not Dimension.MONEY
        or (last.value or 0) < 1e6
        or match.start() - last.end > 120
    ):
        return None
    value = numerals.read_digits(match["digits"], scaled=True)
    if _OWN_SHARE.search(text[last.end : match.start()]) and _SHARE_ENDS.match(text, match.end()) and value < 1000:
        measure = _Measure(match.end(), Dimension.MONEY, 1e9 if (last.value or 0) >= 1e9 else 1e6, last.unit)
        return _in_context(text, match.start(), measure, value * measure.factor, False, earlier)
    told = _MORE.search(text[max(0, match.start() - 12) : match.start()])
    ended = _ENDS.match(text, match.end())
    if not told or not ended or value >= 1000 or ("les" in told[0] and not ended[0].strip(" ,;.)")):
        return None
    measure = _Measure(match.end(), Dimension.MONEY, 1e9 if (last.value or 0) >= 1e9 else 1e6, last.unit)
    return _in_context(text, match.start(), measure, value * measure.factor, False, earlier)


def _number(match: re.Match[str]) -> Number:
    if match["digits"]:
        return Number(numerals.read_digits(match["digits"], scaled=False))
    if match["collective"]:
        return Number(numerals.read_collective(match["collective"]), about=True)
    if match["vague"]:
        return Number(None)
    if match["the"]:
        return Number(0.5 if match["the"].casefold().startswith("demi") else 1.0)
    return Number(numerals.read_words(match["words"]))


def _is_range(text: str, match: re.Match[str], second: re.Match[str]) -> bool:
    link = second["link"]
    if link == "et":
        return bool(_ENTRE.search(text[max(0, match.start() - 8) : match.start()]))
    return link in ("à", "ou") or bool(match["digits"] and second["digits"])


def _value(match: re.Match[str], second: re.Match[str] | None, measure: _Measure, number: Number) -> float | None:
    digits = second["digits"] if second else match["digits"]
    words = second["words"] if second else match["words"]
    value = number.value
    if digits:
        value = numerals.read_digits(digits, scaled=measure.factor != 1 or measure.dimension is Dimension.PERCENT)
    elif second and words:
        value = numerals.read_words(words)
    return None if value is None else round(value * measure.factor, 6)


def _measure(text: str, at: int, prefix: str, number: str) -> _Measure | None:
    """Return the unit that starts at `at`, None if there is none."""
    if prefix:
        return _money(text, at, prefix, number)
    if found := units.POWER.match(text, at):
        factor = 1000.0 if found["unit"].casefold().startswith("g") else 1.0
        if found["size"]:
            factor *= 1000.0 if found["size"].casefold().startswith("millier") else float("nan")
        return _Measure(found.end(), Dimension.POWER, _halved(found, factor, number), "MW")
    if found := units.PERCENT.match(text, at):
        return _Measure(found.end(), Dimension.PERCENT, 1.0, "%")
    if found := units.CHIPS.match(text, at):
        factor = units.size_of(found["size"], english=False) if found["size"] else 1.0
        if factor < 1e9:
            return _Measure(found.end(), Dimension.CHIPS, factor, "chips")
    if found := units.TERM.match(text, at):
        years = {"m": 1 / 12, "d": 10.0}.get(found["unit"][0].casefold(), 1.0)
        return _Measure(found.end(), Dimension.YEARS, _halved(found, years, number), "years")
    return _money(text, at, "", number)


def _halved(found: re.Match[str], factor: float, number: str) -> float:
    """Apply "demi" and "et demi": the factor is scaled so that number times factor is right."""
    if found["demi"]:
        return factor * 0.5
    if found["half"]:
        words = numerals.WORDS
        if re.fullmatch(words, number.strip()):
            whole = numerals.read_words(number.strip())
        else:
            whole = numerals.read_digits(re.sub(r"[^\d.,]", "", number) or "1", scaled=True)
        return factor * (whole + 0.5) / (whole or 1)
    return factor


def _money(text: str, at: int, prefix: str, number: str) -> _Measure | None:
    found = units.MONEY.match(text, at)
    if found is None or not (prefix or found["size"] or found["currency"]):
        return None
    size, written = found["size"], found["currency"] or prefix
    if prefix and not size and (letter := _LETTER.match(text, at)):
        return _Measure(
            letter.end(), Dimension.MONEY, units.size_of(letter[0].strip(), english=True), units.currency_code(written)
        )
    if size is None:
        return None if found["demi"] else _Measure(found.end(), Dimension.MONEY, 1.0, units.currency_code(written))
    if not written:
        if units.COUNTED.match(text, found.end()):
            return None
        counted = size.startswith("mill") and "ard" not in size and units.OF.match(text, found.end())
        if counted and not units.PAID.match(text, found.end()):
            return None
    english = bool(prefix) or (bool(found["currency"]) and " d" not in (found["unit"] or "")[:2].replace("\u00a0", " "))
    english = english or not re.match(r"\s*\d([.,]\d+)?\s*$|\s*une?\s*$", number)
    factor = _halved(found, units.size_of(size, english=english), number)
    return _Measure(found.end(), Dimension.MONEY, factor, units.currency_code(written) if written else "")


def _in_context(
    text: str, start: int, measure: _Measure, value: float | None, about: bool, earlier: list[Quantity]
) -> Quantity | None:
    if value is not None and value != value:
        value = None
    last = earlier[-1] if earlier else None
    before = _same_sentence_before(text, start, last.end if last else 0)
    after = _same_sentence_after(text, measure.end)
    span = ""
    if measure.dimension is Dimension.YEARS and (value is None or not (is_term(before, after) or _spent(last, before))):
        aged = before.endswith(", ") and after.startswith(",") and value is not None and value >= _GROWN
        if value is None or not 0 < value <= _LONGEST_TERM or aged or is_past(before, after):
            return None
        span = "span"
    quantity = Quantity(start, measure.end, measure.dimension, value, measure.unit, bound(before, after), span)
    if about and quantity.bound is Bound.EXACT:
        quantity = replace(quantity, bound=Bound.ABOUT)
    if last and _closes_range(text, last, quantity):
        earlier[-1] = replace(last, value=None, unit=last.unit or quantity.unit)
        quantity = replace(quantity, value=None)
    if measure.dimension in (Dimension.MONEY, Dimension.POWER, Dimension.CHIPS):
        quantity = replace(quantity, role=_role(text, quantity, last, before, after))
    return quantity


def _spent(last: Quantity | None, before: str) -> bool:
    """True for "30 milliards en dix ans": the time in which money is spent."""
    return bool(last and last.dimension is Dimension.MONEY and len(before) < 60 and before.endswith("en "))


def _role(text: str, quantity: Quantity, last: Quantity | None, before: str, after: str) -> str:
    if last and _converts(text, last, quantity):
        return "converted"
    previous = (
        last.role if last and last.dimension is quantity.dimension and last.end >= quantity.start - len(before) else ""
    )
    found = role(before, after, previous=previous)
    # "500 millions chacune" is no share's price.
    return "" if found == "share_price" and (quantity.value or 0) >= 1e5 else found


_BRACKET = re.compile(
    r"[\s\u00a0\u202f]*(?:\([^()\d]{0,25}|,?[\s\u00a0]*soit[\s\u00a0](?:[^\d,.;()]{0,25}[\s\u00a0])?|/[\s\u00a0]*|ou[\s\u00a0])$"
)


def _converts(text: str, last: Quantity, quantity: Quantity) -> bool:
    """True for the same money again in another currency: "(26 milliards d'euros)", "soit 26 milliards d'euros"."""
    if quantity.dimension is not Dimension.MONEY or last.dimension is not Dimension.MONEY:
        return False
    if not quantity.unit or quantity.unit == last.unit or quantity.start - last.end > 45:
        return False
    if last.unit and not (last.value and quantity.value and 1e-4 < last.value / quantity.value < 1e4):
        return last.value is None and quantity.value is None
    return bool(_BRACKET.match(text[last.end : quantity.start]))


def _closes_range(text: str, last: Quantity, quantity: Quantity) -> bool:
    """True where two whole quantities are the ends of a range: "entre 10 milliards et 15 milliards"."""
    if last.dimension is not quantity.dimension or quantity.start - last.end > 4:
        return False
    link = text[last.end : quantity.start]
    opened = text[max(0, last.start - 60) : last.start]
    if not _LINK_BETWEEN.match(link) or _RISE.search(opened):
        return False
    return bool(_ENTRE.search(opened)) if "et" in link else bool(re.search(r"\bde\s+$", opened))


def _same_sentence_before(text: str, start: int, floor: int) -> str:
    window = text[max(floor, start - WINDOW, 0) : start]
    cut = 0
    for stop in _STOP.finditer(window):
        cut = stop.end()
    return window[cut:]


def _same_sentence_after(text: str, end: int) -> str:
    window = text[end : end + 60]
    stop = _STOP.search(window)
    return window[: stop.start()] if stop else window


def _with_adjectives(text: str, found: list[Quantity]) -> list[Quantity]:
    """Add terms said in one word: "un contrat décennal"."""
    extra = [
        Quantity(m.start(), m.end(), Dimension.YEARS, _ADJECTIVE_YEARS[m[1].casefold()], "years", Bound.EXACT)
        for m in _ADJECTIVE.finditer(text)
        if not text[max(0, m.start() - 6) : m.start()].casefold().endswith(("plan ", "plan\u00a0"))
    ]
    return sorted([*found, *extra], key=lambda quantity: quantity.start) if extra else found


def _with_currencies(found: list[Quantity]) -> list[Quantity]:
    """Give money without a currency the last one named before it, or else the first one after it."""
    named = [q.unit for q in found if q.dimension is Dimension.MONEY and q.unit]
    if not named:
        return found
    current, result = named[0], []
    for quantity in found:
        if quantity.dimension is Dimension.MONEY:
            if quantity.unit and quantity.role != "converted":
                current = quantity.unit
            elif not quantity.unit:
                quantity = replace(quantity, unit=current)
        result.append(quantity)
    return result
