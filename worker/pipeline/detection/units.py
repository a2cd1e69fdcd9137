"""What French news counts in: currencies, sizes, capacity, accelerators.

Patterns for text in lower case that start where a number ends. `AHEAD` is a cheap test before the others.
"""

from __future__ import annotations

import re

from worker.pipeline.detection.numerals import SPACE

S = f"[{SPACE}]"
_DE = rf"(?:de{S}|d['’])"

# Written form (folded to lower case) -> ISO 4217. The bare dollar is the American one, the bare crown the Swedish one.
_CURRENCIES: tuple[tuple[str, str], ...] = (
    (rf"\${S}?(?:ca|can|cad)\b|ca\$|c\$|\bcad\b|dollars?{S}canadiens?", "CAD"),
    (rf"\${S}?aus\b|au?\$|\baud\b|dollars?{S}australiens?", "AUD"),
    (rf"hk\$|\bhkd\b|dollars?{S}de{S}hong[ -]?kong|dollars?{S}hongkongais", "HKD"),
    (rf"nt\$|\btwd\b|dollars?{S}taïwanais", "TWD"),
    (rf"s\$|\bsgd\b|dollars?{S}(?:de{S}singapour|singapouriens?)", "SGD"),
    (
        rf"\${S}?us\b|us{S}?\$|\$|\busd\b|dollars?{S}(?:américains?|us\b|états-?uniens?|des{S}états-unis)"
        rf"|dollars?\b|billets{S}verts",
        "USD",
    ),
    (r"€|\beur\b|euros?\b", "EUR"),
    (rf"£|\bgbp\b|livres?(?:{S}sterlings?|{S}britanniques?)?\b", "GBP"),
    (rf"\bxof\b|\bfcfa\b|francs?{S}cfa\b", "XOF"),
    (rf"\bchf\b|francs?{S}suisses?\b|francs?\b", "CHF"),
    (rf"\bjpy\b|yens?(?:{S}japonais)?\b", "JPY"),
    (r"\bcny\b|\brmb\b|yuans?\b|renminbis?\b", "CNY"),
    (r"¥", "JPY"),
    (rf"₩|\bkrw\b|wons?(?:{S}(?:sud-)?coréens?)?\b", "KRW"),
    (r"₹|\binr\b|roupies?(?:\s(?:indiennes?))?\b", "INR"),
    (rf"\bmad\b|dirhams?{S}marocains?", "MAD"),
    (rf"\baed\b|dirhams?(?:{S}émiratis?)?\b", "AED"),
    (rf"\bsar\b|riyals?(?:{S}saoudiens?)?\b|rials?{S}saoudiens?", "SAR"),
    (rf"\bnok\b|couronnes?{S}norvégiennes?", "NOK"),
    (rf"\bdkk\b|couronnes?{S}danoises?", "DKK"),
    (rf"\bsek\b|couronnes?(?:{S}suédoises?)?\b", "SEK"),
    (r"\bpln\b|zlotys?\b", "PLN"),
    (r"\bbrl\b|reals\b|réaux\b|reais\b", "BRL"),
)
CURRENCY = "|".join(pattern for pattern, _ in _CURRENCIES)
_CODES = tuple((re.compile(pattern), code) for pattern, code in _CURRENCIES)


def currency_code(written: str) -> str:
    """Return the ISO 4217 code of a written currency, "" if it is none."""
    return next((code for pattern, code in _CODES if pattern.fullmatch(written)), "")


SIZES = {"k": 1e3, "m": 1e6, "g": 1e9, "b": 1e9, "mille": 1e3, "mio": 1e6, "mia": 1e9, "bn": 1e9}


def size_of(word: str, *, english: bool) -> float:
    """Return the factor of a word of size.

    `billion` is a million millions in French (10^12) and a thousand millions in English; `english` says which the text
    means. `trillion` is read as 10^12, for no news has ever needed the French 10^18.
    """
    folded = word.casefold().rstrip("s.")
    if folded in SIZES:
        return SIZES[folded]
    if folded.startswith(("milliard", "md", "mrd", "miliard")):
        return 1e9
    if folded.startswith("millier"):
        return 1e3
    if folded.startswith("million"):
        return 1e6
    if folded.startswith("billion"):
        return 1e9 if english else 1e12
    return 1e12 if folded.startswith("trillion") else 1.0


_HALF = rf"(?P<half>{S}et{S}demie?\b)?"
_SIZE_WORD = r"mill?iards?\b|mds?\b|mrds?\b|mia\b|mio\b|millions?\b|billions?\b|trillions?\b|bn\b"
# One letter is a size only right before a currency: "500 M€", "20 M d'euros".
_SIZE_LETTER = rf"[mgkb](?={S}?(?:[$€£]|(?:us|ca)\$|{_DE}(?:euro|dollar)|(?:eur|usd|chf|gbp)\b))"
MONEY = re.compile(
    rf"(?:{S}?(?P<demi>-?demi[- ]))?{S}?(?:(?P<size>{_SIZE_WORD}|{_SIZE_LETTER})\.?{_HALF})?"
    rf"(?P<unit>{S}?{_DE}?(?P<currency>{CURRENCY}))?",
)
POWER = re.compile(
    rf"(?:{S}?(?P<demi>-?demi[- ]))?(?:{S}?(?P<size>milliers?|centaines|dizaines){S}{_DE})?"
    rf"{S}?-?(?P<unit>mw|gw|m[ée]gawatts?|gigawatts?)(?P<kind>-?(?:it|e|c|p|crête|électriques?))?"
    rf"(?![\w·])(?!-?heures?)(?!{S}?[/.·]?h\b){_HALF}",
)
_MODEL = (
    r"(?:nvidia\s|amd\s)?(?:gb|gh|vr|mi|tpu\sv|[abhlr])[1-9]\d{1,2}[a-z]?\b|blackwell\b|hopper\b|vera\srubin|rubin\b"
    r"|trainium\s?\d?|inferentia\s?\d?|ironwood\b|instinct\b|gaudi\s?\d?|ascend\b|maia\b|mtia\b|titan\b|wse"
)
_CHIP = (
    rf"(?:g|t|x|l|n)pus?\b|asics?\b|unités{S}de{S}traitement|puces?\b|accélérateurs?\b"
    rf"|cartes?\b(?!{S}(?:bancaires?|sim|mères?|de{S}(?:paiement|crédit|visite|fidélité)|d['’]identité|vitale|grises?))"
    rf"|processeurs?\b|circuits?\b|{_MODEL}"
)
CHIPS = re.compile(
    rf"(?:{S}?(?P<size>millions?|milliers?|milliards?){S}{_DE})?{S}?(?:{_DE})?"
    rf"(?:(?:nouve(?:lles?|aux)|derniers?|dernières|premi(?:ers|ères)|précieu(?:x|ses)|futur(?:e?)s|autres|systèmes|unités"
    rf"|équivalents?|exemplaires{S}(?:du|de{S}la|des)){S}){{0,2}}(?P<noun>{_CHIP})"
)
AHEAD = re.compile(
    rf"(?:-|{S})*(?:de{S}|d['’])?(?:demi|m(?:ill|[diw]|rd|[ée]gaw|ois)|bill|tril|bn|g(?:w|igaw)|%|p(?:our|uce|roc|rem)"
    rf"|[gtxln]pu|c(?:arte|irc|our|hf)|a(?:cc|sic|n)|déc|doll|eu?r|[$€£¥₩₹]|livre|franc|y(?:en|uan)|won|roup|usd|gbp"
    rf"|nouv|derni|proch|dirh|riy|unité|équiv|syst|exem|préc|puis|futur|autre|nvidia|amd|ver|black|hopp|train|zlot|k[€$]"
    rf"|billets|[a-z]{{1,2}}\d)"
)
PERCENT = re.compile(rf"{S}?(?:%|pour{S}cent\b)")
TERM = re.compile(
    rf"{S}?(?:(?:prochaine|première)s?{S})?(?P<unit>ans?\b|années?\b|annuités?\b|exercices?\b|mois\b|décennies?\b)(?P<demi>)(?P<half>{S}et{S}demie?\b)?(?!{S}(?:plus{S}tôt|plus{S}tard|après|auparavant))",
)
# Things counted in millions and milliards that are not money.
COUNTED = re.compile(
    rf"{S}?{_DE}(?:\w+{S})?(?:paramètres|transistors|utilisat\w+|internautes|tokens|jetons|actions|titres|requêtes|images|personnes"
    r"|kilom\w+|opérations|mètres?|habitants|messages|appareils|tonnes|kwh|mwh|litres|vues|téléch\w+|pages|lignes|abonn\w+"
    r"|clients|bons|m3|m²|visit\w+|joueurs|foyers|ménages|français|américains|salariés|smartphones|exemplaires|unités"
    r"|fois|calculs?\spar|secondes|minutes|heures|données|documents|vidéos|neurones|années|puces|gpu|tpu|watts|octets)\b",
)
OF = re.compile(rf"{S}?{_DE}")
# After "millions" without a currency, only these make it money.
PAID = re.compile(
    rf"{S}?{_DE}(?:contrats?|dettes?|prêts?|crédits?|investissements?|capita\w+|fonds|loyers?|obligations|revenus?|commandes)\b",
)
