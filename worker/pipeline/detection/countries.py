"""Money whose name several countries share: the dollar of an article about Québec, the crown of one about Denmark.

Theory: a French text names the country of a dollar or a crown once, if at all, and leaves the rest to the place it
speaks of. Only the bare word is open; "dollars américains" and "$ US" are not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING

from worker.pipeline.detection import units

if TYPE_CHECKING:
    from worker.pipeline.detection.quantities import Quantity

_CANADA = re.compile(
    r"\b(?:canad\w+|québ\w+|montréal\w*|toronto|torontois\w*|ottawa|alberta|ontari\w+|lévis|vancouver|calgary|winnipeg"
    r"|saskatchewan|manitoba|edmonton|halifax|mississauga|laval|longueuil|gatineau|outaouais|sherbrooke|estrie|saguenay"
    r"|trois-rivières|mauricie|abitibi|charlevoix|beauharnois|bécancour|varennes|drummondville|rimouski|baie-comeau"
    r"|sept-îles|desjardins|caisse de dépôt|cdpq|boralex|innergex|pomerleau|telus|banque scotia|rbc|bmo|infonuagique"
    r"|courriels?|ententes?|fédéral)\b"
)
_AMERICAN = re.compile(r"\$[\s\u00a0\u202f]?us\b|us\$|dollars?[\s\u00a0](?:américain|us\b|des états)")
_BARE = re.compile(r"\$|dollars?")
_QUEBEC = re.compile(r"\d[\s\u00a0\u202f]?[mg][\s\u00a0\u202f]?\$")
# The bare word, where the characters of a quantity end.
_OPEN = re.compile(r"\b(?:dirhams?|r[iy]+als?|roupies?|dinars?|pesos?|livres?|couronnes?|shill?ings?|francs?)$")
_WRITTEN = re.compile(units.CURRENCY)
# Mentions of a country that make it the place of an article, where its dollar is written as there.
_ENOUGH = 2


# A name that several countries share: the code that `units` reads its bare form as, what says that it means just that
# one, and the others' codes, each with the words of its place.
_LOCAL = tuple(
    (bare, re.compile(plain), tuple((code, re.compile(rf"\b(?:{place})")) for code, place in others))
    for bare, plain, others in (
        (
            "AED",
            r"\baed\b|émirat|émirien|dubaï|abou dhabi",
            (
                (
                    "MAD",
                    "maroc|casablanca|rabat|tanger|marrakech|nouaceur|benguérir|attijariwafa|ocp|agadir|oujda|settat|jorf"
                    "|dakhla|bouskoura|chérifien",
                ),
            ),
        ),
        ("SAR", "saoud|riyad|arabie", (("QAR", r"qatar|doha\b|qnb\b"),)),
        (
            "INR",
            r"\binde\b|indien|mumbai|delhi|bangalore|hyderabad|chennai",
            (
                ("MUR", r"mauric|île maurice|port-louis|ébène\b"),
                ("IDR", "indonési|jakarta|batam"),
                ("PKR", "pakistan|karachi|islamabad"),
                ("LKR", "sri lanka|colombo"),
            ),
        ),
        ("TND", "tunis", (("DZD", r"algéri|alger\b|\boran\b"), ("KWD", "koweït"), ("JOD", "jordan|amman"))),
        (
            "MXN",
            "mexi",
            (
                ("COP", "colombi|bogot|medell"),
                ("CLP", "chili|santiago"),
                ("ARS", "argentin|buenos"),
                ("PHP", "philippin|manille"),
            ),
        ),
        ("GBP", "sterling|britanni|londr|londonien|royaume-uni|écoss|anglais", (("EGP", "égypt|le caire|cairote"),)),
        (
            "SEK",
            "su[èé]d|stockholm|malmö|göteborg",
            (
                ("NOK", r"norv[éè]g|oslo\b|narvik|bergen|stavanger"),
                ("DKK", "danois|danemark|copenhague|jutland|aarhus|odense|aalborg"),
                ("CZK", r"tch[èé]qu|prague|brno\b"),
                ("ISK", "island|reykjav"),
            ),
        ),
        ("KES", "kény|nairobi|safaricom", (("UGX", "ougand|kampala"), ("TZS", "tanzani"))),
        (
            "CHF",
            "suisse|helvét|genève|genevois|zurich|zurichois|lausann|vaudois|valais|bâle|berne|tessin|fribourg",
            (("XOF", r"sénégal|dakar|ivoirien|abidjan|bénin|togo|niger\b|burkin|mali\b|\bcfa\b"),),
        ),
    )
)


# Words of the places where an article that names no money at all means dollars, and of those where it does not.
_DOLLARS = re.compile(
    r"\b(?:américain|états-unis|new-yor|californi|texas|texan|wall street|nasdaq|silicon valley|san francisco|seattle)"
)
_NO_DOLLARS = re.compile(
    r"\b(?:europ|franc[eo-]|français|paris|allem|berlin|ital|espagn|suisse|belg|britanni|londr|suéd|norv|dan(?:ois|emark)"
    r"|finland|polon|portug|néerland|pays-bas|canad|québ|japon|corée|coréen|chin|inde\b|indien|afri|maroc|sénég|ivoir)"
)


def resolve(text: str, found: Sequence[Quantity]) -> Sequence[Quantity]:
    """Return quantities whose bare name of money has the currency that it means in `text` (in lower case).

    A number without a name ("et Crédit Rural 30") has what the last one written means, or else the first one.
    """
    meant = _meant(text, {quantity.unit for quantity in found if quantity.role != "converted"})
    if not meant:
        return found
    read = [_written(text, quantity, meant) for quantity in found]
    known = {quantity.unit: code for quantity, code in reversed([*zip(found, read, strict=True)]) if code}
    result = []
    for quantity, code in zip(found, read, strict=True):
        if quantity.unit in meant:
            known[quantity.unit] = code or known.get(quantity.unit, meant[quantity.unit])
            quantity = replace(quantity, unit=known[quantity.unit])
        result.append(quantity)
    return result


def _written(text: str, quantity: Quantity, meant: Mapping[str, str]) -> str:
    """Return the currency that the characters of a quantity say, "" if they say none."""
    if quantity.unit in meant and _OPEN.search(text, quantity.start, quantity.end):
        return meant[quantity.unit]
    return quantity.unit if _WRITTEN.search(text, quantity.start, quantity.end) else ""


def _meant(text: str, codes: Set[str]) -> dict[str, str]:
    """Return what bare names of money mean in an article: the code read -> the code meant."""
    meant: dict[str, str] = {}
    for bare, plain, others in _LOCAL:
        if bare not in codes:
            continue
        found = [(len(place.findall(text)), code) for code, place in others]
        own = len(plain.findall(text))
        told = [code for count, code in sorted(found, reverse=True) if count > own]
        told = told or [code for code, _ in others if code in codes]
        if told:
            meant[bare] = told[0]
    return meant


def unnamed(text: str) -> str:
    """Return the currency of an article that names none: American news is told without. `text` in lower case."""
    return "USD" if _DOLLARS.search(text) and not _NO_DOLLARS.search(text) else ""


def settle(text: str, found: Sequence[Quantity]) -> Sequence[Quantity]:
    """Return quantities in dollars as those of the article's country. `text` in lower case.

    In a text of Canada a dollar is the Canadian one, unless it is written as American, there or elsewhere of that sum.
    """
    codes = {quantity.unit for quantity in found}
    if "USD" not in codes:
        return found
    sums = {quantity.value for quantity in found if quantity.unit == "CAD"}
    local = len(_CANADA.findall(text))
    if local >= _ENOUGH and "CAD" not in codes and (_QUEBEC.search(text) or local >= 2 * _ENOUGH):
        foreign = {one.value for one in found if one.unit == "USD" and _is_american(text, one)}
        sums = {quantity.value for quantity in found} - foreign
    return [_as(quantity, "USD", "CAD") if quantity.value in sums else quantity for quantity in found]


def _is_american(text: str, quantity: Quantity) -> bool:
    return bool(_AMERICAN.search(text, max(0, quantity.start - 4), quantity.end + 15))


def _as(quantity: Quantity, old: str, new: str) -> Quantity:
    return replace(quantity, unit=new) if quantity.unit == old else quantity
