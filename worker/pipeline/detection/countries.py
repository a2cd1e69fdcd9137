"""Money whose name several countries share: the dollar of an article about Québec, the crown of one about Denmark.

Theory: a French text names the country of a dollar or a crown once, if at all, and leaves the rest to the place it
speaks of. Only the bare word is open; "dollars américains" and "$ US" are not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.pipeline.detection.quantities import Quantity

_CANADA = re.compile(
    r"\b(?:canad\w+|québec\w*|montréal\w*|toronto|torontois\w*|ottawa|alberta|ontari\w+|lévis|vancouver|calgary|winnipeg|saskatchewan|manitoba)\b"
)
_AMERICAN = re.compile(r"\$[\s\u00a0\u202f]?us\b|us\$|dollars?[\s\u00a0](?:américain|us\b|des états)")
_BARE = re.compile(r"\$|dollars?")
_QUEBEC = re.compile(r"\d[\s\u00a0\u202f]?[mg][\s\u00a0\u202f]?\$")
_CROWN = re.compile(r"couronnes?\b(?![\s\u00a0](?:suéd|norvég|dan|tch|island))")
_CROWNS = (
    ("DKK", re.compile(r"\b(?:dan(?:ois|oise|emark)\w*|copenhague|jutland|aarhus)\b")),
    ("NOK", re.compile(r"\b(?:norv[èé]g\w+|oslo|narvik|bergen|stavanger)\b")),
    ("SEK", re.compile(r"\b(?:su[èé]d\w+|stockholm|malmö|göteborg)\b")),
    ("CZK", re.compile(r"\b(?:tch[èé]qu\w+|prague|brno)\b")),
    ("ISK", re.compile(r"\b(?:island\w+|reykjavik)\b")),
)
# Mentions of a country that make it the place of an article, where its dollar is written as there.
_ENOUGH = 2


def settle(text: str, found: Sequence[Quantity]) -> Sequence[Quantity]:
    """Return quantities with the currency of the article's country. `text` in lower case."""
    units = {quantity.unit for quantity in found}
    if "USD" in units and not _AMERICAN.search(text) and "CAD" not in units:
        local = len(_CANADA.findall(text))
        if local >= _ENOUGH and (_QUEBEC.search(text) or local >= 2 * _ENOUGH):
            found = [_as(quantity, "USD", "CAD") for quantity in found]
    if "SEK" in units:
        named = max(_CROWNS, key=lambda pair: len(pair[1].findall(text)))
        if named[1].search(text):
            found = [
                _as(quantity, "SEK", named[0]) if _CROWN.search(text, quantity.start, quantity.end + 20) else quantity
                for quantity in found
            ]
    return found


def _as(quantity: Quantity, old: str, new: str) -> Quantity:
    return replace(quantity, unit=new) if quantity.unit == old else quantity
