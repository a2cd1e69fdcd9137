"""French numerals, in digits and in words, read at a place in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass

SPACE = " \u00a0\u2007\u2009\u202f"
_S = f"[{SPACE}]"

_ONES = {
    "zéro": 0, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8,
    "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16,
}  # fmt: skip
_TENS = {
    "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70, "huitante": 80,
    "octante": 80, "nonante": 90,
}  # fmt: skip
_COLLECTIVES = {
    "dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "quarantaine": 40,
    "cinquantaine": 50, "soixantaine": 60, "centaine": 100,
}  # fmt: skip
NAMES = frozenset((*_ONES, *_TENS, "cent", "mille"))
_WORD = "|".join(sorted([*_ONES, *_TENS, "vingts", "cents?", "mille"], key=len, reverse=True))

# Digits, with groups of three split by a space, a point or an apostrophe (Swiss), or plain with one decimal mark.
DIGITS = (
    rf"\d{{1,3}}(?:{_S}\d{{3}}(?!\d))+(?:,\d+)?|\d{{1,3}}(?:\.\d{{3}}(?!\d))+(?:,\d+)?"
    rf"|\d{{1,3}}(?:['’]\d{{3}}(?!\d))+|\d{{1,3}}(?:,\d{{3}}(?!\d)){{2,}}|\d+(?:[.,]\d+)?"
)
WORDS = rf"(?:{_WORD})(?:(?:-|{_S})(?:et(?:-|{_S}))?(?:{_WORD})){{0,6}}"
COLLECTIVE = rf"(?:une?|la){_S}(?:petite{_S}|bonne{_S}|grosse{_S})?(?:{'|'.join(_COLLECTIVES)}){_S}(?:de{_S}|d['’])"
VAGUE = (
    rf"(?:(?:plusieurs|quelques|des|de{_S}nombreux){_S}(?:dizaines|centaines|milliers){_S}(?:de{_S}|d['’])"
    rf"|(?:plusieurs|quelques|(?<![\w'’])des\b|de{_S}nombreux|(?:dizaines|centaines){_S}(?:de|d['’])){_S}?)"
)
_GROUPED = re.compile(rf"\d{{1,3}}(?:[.,]\d{{3}})+(?:,\d+)?$|\d{{1,3}}(?:[{SPACE}'’]\d{{3}})+")
_SPLIT = re.compile(rf"[-{SPACE}]+")


@dataclass(frozen=True, slots=True)
class Number:
    """`value` is None where the text only gives an order of size; `about` where the form itself is approximate."""

    value: float | None
    about: bool = False


def read_digits(digits: str, *, scaled: bool) -> float:
    """Return the value of digits as French writes them.

    One group of three after a point is thousands, as news agencies write them ("1.400 milliards"). One after a comma is
    a fraction where a word of size follows (`scaled`: "1,234 milliard"), else the English thousands ("100,000 GPU").
    """
    bare = digits
    for mark in SPACE + "'’":
        bare = bare.replace(mark, "")
    points, commas = bare.count("."), bare.count(",")
    if points > 1 or (points == 1 and commas == 1):
        return float(bare.replace(".", "").replace(",", "."))
    if commas > 1:
        return float(bare.replace(",", ""))
    mark = "." if points else "," if commas else ""
    if not mark:
        return float(bare)
    whole, _, rest = bare.partition(mark)
    if len(rest) == 3 and len(whole) <= 3 and whole != "0" and (mark == "." or not scaled):
        return float(whole + rest)
    return float(f"{whole}.{rest}")


def read_words(words: str) -> float:
    """Return the value of a numeral in words: "quatre-vingt-dix", "deux cent mille", "vingt et un"."""
    total = current = 0
    for word in _SPLIT.split(words.casefold()):
        if word in _ONES:
            current += _ONES[word]
        elif word in ("vingt", "vingts") and current % 100 == 4:
            current += 76
        elif word.rstrip("s") in _TENS:
            current += _TENS[word.rstrip("s")]
        elif word in ("cent", "cents"):
            below = current % 100
            current += 100 * max(below, 1) - below
        elif word == "mille":
            total += max(current, 1) * 1000
            current = 0
    return float(total + current)


def read_collective(words: str) -> float:
    """Return the size of "une dizaine de", "une bonne centaine de"."""
    folded = words.casefold()
    return float(next(size for word, size in _COLLECTIVES.items() if word in folded))
