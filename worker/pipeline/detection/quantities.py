"""Amounts, capacity, accelerators, terms and shares as French news writes them, each with its limit and its role.

One pass: a number is found, then the unit that must follow, without which it is nothing. Offsets point into the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from worker.model import Bound
from worker.pipeline.detection import capacities, countries, numerals, units
from worker.pipeline.detection import quantity_context as context
from worker.pipeline.detection.numerals import COLLECTIVE, DIGITS, VAGUE, WORDS, Number
from worker.pipeline.detection.patterns import pattern

_S = units.S
# Years beyond which no commitment lasts.
_LONGEST_TERM = 99.0


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
    denied, share_price, capex, total, result, place, or "span" for years that may be no term; else "".
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


_NUMBER = pattern(
    rf"(?<![\w.,])(?:(?P<prefix>(?:us|ca|hk|nt|c|a|s)?\$|[€£¥]|\b(?:usd|eur|chf|gbp){_S}){_S}?)?"
    rf"(?:(?P<digits>{DIGITS})|(?P<collective>{COLLECTIVE})|(?P<vague>{VAGUE})"
    rf"|(?P<the>(?:le|du|au|demi){_S}?(?=milliard\b)|demi-(?=milliard|million|gigawatt)"
    rf"|(?:trois{_S}quarts|un{_S}quart){_S}de{_S}(?=milliard\b))|(?P<words>{WORDS})(?![\w'’]))",
)
# How many quantities back, and how many characters, "en" may reach.
_BACK, _REACH = 4, 300
# Quantities that one looks back over for money: with all of them the time of a long table would be its length squared.
_TABLE = 60
# What "en" may stand for with a verb of paying, of having, or of either.
_COUNTED = {
    "money": (Dimension.MONEY,),
    "thing": (Dimension.POWER, Dimension.CHIPS),
    "any": (Dimension.MONEY, Dimension.POWER, Dimension.CHIPS),
}
# A small number after a name is its version as often; a large one counts accelerators, not megawatts or milliards.
_SINGLE, _MANY = 9, 1000
_PARTS = {"de": 0.5, "tr": 0.75, "un": 0.25}  # "demi", "trois quarts de", "un quart de".
_LETTER = pattern(rf"{_S}?[mgkb]\b")
_RANGE = pattern(rf"{_S}?(?P<link>à|et|ou|-|–|—){_S}?(?:(?P<digits>{DIGITS})|(?P<words>{WORDS})(?!\w))")


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
    return tuple(countries.settle(text, _with_currencies(text, _with_adjectives(text, found))))


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
    before = text[max(0, match.start() - 60) : match.start()]
    bare = measure.dimension is Dimension.MONEY and not measure.unit and measure.factor < 1e9
    if bare and not (any(one.dimension is Dimension.MONEY for one in earlier[-_TABLE:]) or context.is_priced(before)):
        # "jusqu'à 50 millions" is money only where money was spoken of.
        return None
    if match["words"] and measure.dimension is Dimension.CHIPS and measure.factor == 1 and number.value in (0, 1):
        return None
    value = _value(match, second if spread else None, measure, number)
    if spread and not context.RISE.search(before):
        value = None
    return _in_context(text, match.start(), measure, value, number.about, earlier)


def _shared(text: str, match: re.Match[str], second: re.Match[str]) -> _Measure | None:
    """Return the unit of the first of two numbers that share it: "respectivement 7 et 5 milliards"."""
    if not match["digits"] or not second["digits"]:
        return None
    measure = _measure(text, second.end(), "", second["digits"])
    fits = measure and measure.dimension in (Dimension.MONEY, Dimension.POWER) and measure.factor == measure.factor
    return replace(measure, end=match.end()) if measure and fits else None


def _elliptic(text: str, match: re.Match[str], earlier: list[Quantity]) -> Quantity | None:
    """Read "5 milliards, puis jusqu'à 20," where the unit of the money before is understood."""
    found = _counted_before(text, match, earlier) or _number_of(text, match, earlier)
    if found or not earlier:
        return found
    last, (start, end) = earlier[-1], match.span("digits")
    if start - last.end > 120:
        return None
    between, after = text[last.end : start], text[end : end + 40]
    value = numerals.read_digits(match["digits"], scaled=True)
    paid = last.dimension is Dimension.MONEY and (last.value or 0) >= 1e6 and value < _MANY
    counted = last.dimension in (Dimension.POWER, Dimension.CHIPS) and _SINGLE < value < _MANY
    opened = text[max(0, last.start - 60) : last.start]
    told = paid and (context.is_share(between, after) or context.is_more(text[start - 12 : start], after))
    told = told or ((paid or counted) and context.is_next(opened, between, match["digits"], after))
    return _of_size(text, match, last, value, earlier) if told else None


def _number_of(text: str, match: re.Match[str], earlier: list[Quantity]) -> Quantity | None:
    """Read "des accélérateurs, au nombre de 8 000" and "les cartes, 512 au total"."""
    start, end = match.span("digits")
    if not context.is_number(text[max(0, start - 20) : start], text[end : end + 12]):
        return None
    spoken = list(units.CHIP.finditer(text, max(0, start - 60), start))
    if not spoken or context.ends_sentence(text[spoken[-1].end() : start]):
        return None
    value = numerals.read_digits(match["digits"], scaled=False)
    return _in_context(text, start, _Measure(end, Dimension.CHIPS, 1.0, "chips"), value, False, earlier)


def _counted_before(text: str, match: re.Match[str], earlier: list[Quantity]) -> Quantity | None:
    """Read "en prendre 75 de plus", "lui en achète 2 600," where what is counted was said before."""
    start, end = match.span("digits")
    what = context.understood(text[max(0, start - _REACH) : start], match["digits"], text[end : end + 40])
    if not what:
        return None
    value = numerals.read_digits(match["digits"], scaled=False)
    for last in reversed(earlier[-_BACK:]):
        if start - last.end > _REACH:
            break
        least = 1e6 if last.dimension is Dimension.MONEY else 1.0
        much = last.dimension is Dimension.CHIPS or (value < _MANY and (last.value or 0) >= least)
        if much and last.dimension in _COUNTED[what]:
            return _of_size(text, match, last, value, earlier)
    if what != "money" and value >= _MANY and units.CHIP.search(text, max(0, start - _REACH), start):
        return _in_context(text, start, _Measure(end, Dimension.CHIPS, 1.0, "chips"), value, False, earlier)
    return None


def _of_size(text: str, match: re.Match[str], last: Quantity, value: float, earlier: list[Quantity]) -> Quantity | None:
    """Read a number as so many of what `last` counts."""
    factor = 1.0 if last.dimension is not Dimension.MONEY else 1e9 if (last.value or 0) >= 1e9 else 1e6
    measure = _Measure(match.end(), last.dimension, factor, last.unit)
    return _in_context(text, match.start(), measure, value * factor, False, earlier)


def _number(match: re.Match[str]) -> Number:
    if match["digits"]:
        return Number(numerals.read_digits(match["digits"], scaled=False))
    if match["collective"]:
        return Number(numerals.read_collective(match["collective"]), about=True)
    if match["vague"]:
        return Number(None)
    if match["the"]:
        return Number(_PARTS.get(match["the"][:2], 1.0))
    return Number(numerals.read_words(match["words"]))


def _is_range(text: str, match: re.Match[str], second: re.Match[str]) -> bool:
    link = second["link"]
    if link == "et":
        return bool(context.ENTRE.search(text[max(0, match.start() - 8) : match.start()]))
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
    if found := _some(text, at, number):
        return _Measure(found.end(), Dimension.CHIPS, 1.0, "chips")
    if found := units.TERM.match(text, at):
        years = {"m": 1 / 12, "d": 10.0}.get(found["unit"][0].casefold(), 1.0)
        return _Measure(found.end(), Dimension.YEARS, _halved(found, years, number), "years")
    return _money(text, at, "", number)


def _some(text: str, at: int, number: str) -> re.Match[str] | None:
    """Return what makes a number accelerators that are named after it or before: "des 40 000 puces", "exemplaires"."""
    start = at - len(number)
    if number[:1].isdigit() and not units.YEAR.fullmatch(number) and (found := units.PART.match(text, at)):
        return None if units.RANKED.search(text, max(0, start - 10), start) else found
    found = units.PIECES.match(text, at) if units.MANY_PIECES.match(number) else None
    if found is None or units.PRINTED.search(context.same_sentence_before(text, start, 0)):
        return None
    return found if units.CHIP.search(text, max(0, start - 2 * _REACH), start) else None


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
        before = text[max(0, at - len(number) - context.WINDOW) : at - len(number)]
        bought = units.BOUGHT.match(text, found.end()) and context.is_bought(before)
        if units.COUNTED.match(text, found.end()) and not bought:
            return None
        counted = size.startswith("mill") and "ard" not in size and units.OF.match(text, found.end())
        if counted and not (units.PAID.match(text, found.end()) or bought or context.is_paid(before)):
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
    before = context.same_sentence_before(text, start, last.end if last else 0)
    after = context.same_sentence_after(text, measure.end)
    span = ""
    if measure.dimension is Dimension.YEARS and (
        value is None or not (context.is_term(before, after) or _spent(text, last, before, value))
    ):
        of_measure = last and last.dimension in (Dimension.MONEY, Dimension.POWER) and last.end >= start - len(before)
        aged = not of_measure and before.endswith(", ") and after.startswith(",") and (value or 0.0) >= context.GROWN
        only_term = units.ONLY_TERM.search(text, start, measure.end)
        if value is None or not 0 < value <= _LONGEST_TERM or aged or only_term or context.is_past(before, after):
            return None
        span = "span"
    quantity = Quantity(start, measure.end, measure.dimension, value, measure.unit, context.bound(before, after), span)
    if about and quantity.bound is Bound.EXACT:
        quantity = replace(quantity, bound=Bound.ABOUT)
    if last and _closes_range(text, last, quantity):
        earlier[-1] = replace(last, value=None, unit=last.unit or quantity.unit)
        quantity = replace(quantity, value=None)
    if measure.dimension in (Dimension.MONEY, Dimension.POWER, Dimension.CHIPS):
        quantity = replace(quantity, role=_role(text, quantity, last, before, after))
    return quantity


def _spent(text: str, last: Quantity | None, before: str, years: float) -> bool:
    """True for "30 milliards en dix ans", "à dix ans": the time in which money is spent or lent."""
    money = last if last and last.dimension is Dimension.MONEY else None
    lent = context.same_sentence_before(text, money.start, 0) if money else None
    in_all = money is not None and len(before) < 60 and before.endswith("en ")
    return in_all or context.matures(before, years=years, lent=lent)


def _role(text: str, quantity: Quantity, last: Quantity | None, before: str, after: str) -> str:
    if last and _converts(text, last, quantity):
        return "converted"
    if quantity.dimension is Dimension.POWER and capacities.of_place(text, quantity.start):
        return "place"
    same = last if last and last.dimension is quantity.dimension else None
    previous = same.role if same and same.end >= quantity.start - len(before) else ""
    found = context.role(before, after, previous=previous)
    # "500 millions chacune" is no share's price.
    return "" if found == "share_price" and (quantity.value or 0) >= 1e5 else found


def _converts(text: str, last: Quantity, quantity: Quantity) -> bool:
    """True for the same money again in another currency: "(26 milliards d'euros)", "soit 26 milliards d'euros"."""
    both = {quantity.dimension, last.dimension} == {Dimension.MONEY}
    if not both or not quantity.unit or quantity.unit == last.unit or quantity.start - last.end > 45:
        return False
    if last.unit and not (last.value and quantity.value and 1e-4 < last.value / quantity.value < 1e4):
        return last.value is None and quantity.value is None
    return bool(context.BRACKET.match(text[last.end : quantity.start]))


def _closes_range(text: str, last: Quantity, quantity: Quantity) -> bool:
    """True where two whole quantities are the ends of a range: "entre 10 milliards et 15 milliards"."""
    if last.dimension is not quantity.dimension or quantity.start - last.end > 4:
        return False
    link = text[last.end : quantity.start]
    opened = text[max(0, last.start - 60) : last.start]
    if not context.LINK_BETWEEN.match(link) or context.RISE.search(opened):
        return False
    return bool(context.ENTRE.search(opened)) if "et" in link else bool(re.search(r"\bde\s+$", opened))


def _with_adjectives(text: str, found: list[Quantity]) -> list[Quantity]:
    """Add terms said in one word: "un contrat décennal"."""
    if "nna" not in text:
        # All of them have it, and hardly any text has.
        return found
    extra = [
        Quantity(m.start(), m.end(), Dimension.YEARS, units.ADJECTIVE_YEARS[m[1]], "years", Bound.EXACT)
        for m in units.ADJECTIVE.finditer(text)
        if text[max(0, m.start() - 5) : m.start() - 1] != "plan"
    ]
    return sorted([*found, *extra], key=lambda quantity: quantity.start) if extra else found


def _with_currencies(text: str, found: list[Quantity]) -> list[Quantity]:
    """Give money without a currency the last one named before it, or else the first one after it."""
    found = list(countries.beyond(countries.resolve(text, found)))
    named = [q.unit for q in found if q.dimension is Dimension.MONEY and q.unit] or [countries.unnamed(text)]
    current, result = named[0], []
    for quantity in found:
        if quantity.dimension is Dimension.MONEY:
            if quantity.unit and quantity.role != "converted":
                current = quantity.unit
            elif not quantity.unit:
                quantity = replace(quantity, unit=current)
        result.append(quantity)
    return result
