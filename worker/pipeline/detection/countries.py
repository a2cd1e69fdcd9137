"""Money whose name several countries share: the dollar of an article about Québec, the crown of one about Denmark.

Theory: a French text names the country of a dollar or a crown once, if at all, and leaves the rest to the place it
speaks of. Only the bare word is open; "dollars américains" and "$ US" are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING

from worker.pipeline.detection import units
from worker.pipeline.detection.patterns import pattern
from worker.pipeline.detection.quantity_context import BRACKET

if TYPE_CHECKING:
    from worker.pipeline.detection.quantities import Quantity

# Where a dollar is Canadian: places, and firms and bodies that are at home nowhere else.
_CANADA = pattern(
    r"\b(?:canad\w+|québ\w+|montréal\w*|toronto|torontois\w*|ottawa|alberta|ontari\w+|lévis|vancouver|calgary|winnipeg"
    r"|saskatchewan|manitoba|edmonton|halifax|mississauga|longueuil|gatineau|outaouais|sherbrooke|estrie|saguenay"
    r"|trois-rivières|mauricie|abitibi|charlevoix|beauharnois|bécancour|drummondville|rimouski|baie-comeau|sept-îles"
    r"|desjardins|caisse de dépôt|cdpq|boralex|innergex|pomerleau)\b"
)
# Words and firms that are more often met there than elsewhere; alone they say nothing.
_CANADIAN = pattern(r"\b(?:telus|banque scotia|rbc|bmo|laval|infonuagique|courriels?|ententes?|fédéral)\b")
_AMERICAN = pattern(r"\$[\s\u00a0\u202f]?\(?us\b|us\$|dollars?[\s\u00a0](?:américain|us\b|des états)")
_QUEBEC = pattern(r"\d[\s\u00a0\u202f]?[mg][\s\u00a0\u202f]?\$")
# The bare word, where the characters of a quantity end.
_OPEN = pattern(r"\b(?:dirhams?|r[iy]+als?|roupies?|dinars?|pesos?|livres?|couronnes?|shill?ings?|francs?)$")
_WRITTEN = pattern(units.CURRENCY)
# Words of a country that make it the place of an article where its dollar is written as there; twice as many elsewhere.
_ENOUGH = 2
# Characters behind a sum within which it is said to be American, and between a sum and its conversion.
_BEHIND, _BRACKETED = 15, 45


# A name that several countries share: the code that `units` reads its bare form as, what says that it means just that
# one, and the others' codes, each with the words of its place.
_LOCAL = tuple(
    (bare, pattern(plain), tuple((code, pattern(rf"\b(?:{place})")) for code, place in others))
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
_DOLLARS = pattern(
    r"\b(?:américain|états-unis|new-yor|californi|texas|texan|wall street|nasdaq|silicon valley|san francisco|seattle)"
)
_NO_DOLLARS = pattern(
    r"\b(?:europ|franc[eo-]|français|paris|allem|berlin|ital|espagn|suisse|belg|britanni|londr|suéd|norv|dan(?:ois|emark)"
    r"|finland|polon|portug|néerland|pays-bas|canad|québ|japon|corée|coréen|chin|inde\b|indien|afri|maroc|sénég|ivoir)"
)


# In these, what is larger than any one deal is a market's worth or the sum of many promises ("" where none is named).
_GREAT = frozenset(("USD", "EUR", "GBP", "CHF", "CAD", "AUD", ""))
_LARGEST_DEAL = 6e11


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


def beyond(found: Sequence[Quantity]) -> Iterator[Quantity]:
    """Yield the quantities, a sum of money larger than any one deal's with the role "total"."""
    for quantity in found:
        great = quantity.dimension == "money" and quantity.unit in _GREAT and not quantity.role
        yield replace(quantity, role="total") if great and (quantity.value or 0) >= _LARGEST_DEAL else quantity


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
    american = [_is_american(text, one, after) for one, after in zip(found, [*found[1:], None], strict=True)]
    sums = {quantity.value for quantity in found if quantity.unit == "CAD"}
    if "CAD" not in codes and _is_of_canada(text):
        sums = {one.value for one in found} - {one.value for one, told in zip(found, american, strict=True) if told}
    read = [
        one if told or one.unit != "USD" or one.value not in sums else replace(one, unit="CAD")
        for one, told in zip(found, american, strict=True)
    ]
    return [
        replace(one, role="converted") if before is not None and _converts(text, before, one) else one
        for before, one in zip([None, *read[:-1]], read, strict=True)
    ]


def _is_of_canada(text: str) -> bool:
    """Whether an article is of Canada: it names its places, and writes sums as there or names them often."""
    places = len(_CANADA.findall(text))
    if not places:
        return False
    local = places + len(_CANADIAN.findall(text))
    return local >= _ENOUGH and (bool(_QUEBEC.search(text)) or local >= 2 * _ENOUGH)


def _is_american(text: str, quantity: Quantity, following: Quantity | None) -> bool:
    """Whether a sum is written as American: "300 M$ US", "300 millions de dollars américains", "40 M$ (US)"."""
    stop = min(quantity.end + _BEHIND, following.start if following else len(text))
    return bool(_AMERICAN.search(text, max(0, quantity.start - 4), stop))


def _converts(text: str, before: Quantity, one: Quantity) -> bool:
    """Whether a sum in American dollars only says again, in brackets, the Canadian one before it."""
    between = text[before.end : one.start]
    return (before.unit, one.unit) == ("CAD", "USD") and len(between) < _BRACKETED and bool(BRACKET.match(between))
