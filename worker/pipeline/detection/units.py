"""What French news counts in: currencies, sizes, capacity, accelerators.

Patterns for text in lower case that start where a number ends. `AHEAD` is a cheap test before the others.
"""

from __future__ import annotations

from worker.pipeline.detection.numerals import SPACE
from worker.pipeline.detection.patterns import pattern

S = f"[{SPACE}]"
_DE = rf"(?:de{S}|d['’])"

# Written form (folded to lower case) -> ISO 4217. The bare dollar is the American one, the bare crown the Swedish one,
# and so on; countries.py says where it is another's.
_CURRENCIES: tuple[tuple[str, str], ...] = (
    (rf"\${S}?(?:ca|can|cad)\b|ca\$|c\$|\bcad\b|dollars?{S}canadiens?", "CAD"),
    (rf"\${S}?aus\b|au?\$|\baud\b|dollars?{S}australiens?", "AUD"),
    (rf"nz\$|\bnzd\b|dollars?{S}néo-?zélandais", "NZD"),
    (rf"hk\$|\bhkd\b|dollars?{S}de{S}hong[ -]?kong|dollars?{S}hongkongais", "HKD"),
    (rf"nt\$|\btwd\b|dollars?{S}(?:taïwanais|de{S}taïwan)", "TWD"),
    (rf"s\$|\bsgd\b|dollars?{S}(?:de{S}singapour|singapouriens?)", "SGD"),
    (
        rf"\${S}?us\b|us{S}?\$|\$|\busd\b|dollars?{S}(?:américains?|us\b|états-?uniens?|des{S}états-unis)"
        rf"|dollars?\b|billets{S}verts",
        "USD",
    ),
    (r"€|\beur\b|euros?\b", "EUR"),
    (rf"livres?{S}égyptiennes?|\begp\b", "EGP"),
    (rf"livres?{S}turques?", "TRY"),
    (rf"£|\bgbp\b|livres?(?:{S}sterlings?|{S}britanniques?)?\b", "GBP"),
    (rf"\bxof\b|\bf?{S}?cfa\b|francs?{S}cfa\b", "XOF"),
    (rf"\bxpf\b|francs?{S}pacifique\b|francs?{S}cfp\b", "XPF"),
    (rf"\bchf\b|francs?{S}suisses?\b|francs?\b", "CHF"),
    (rf"\bjpy\b|yens?(?:{S}japonais)?\b", "JPY"),
    (r"\bcny\b|\brmb\b|yuans?\b|renminbis?\b", "CNY"),
    (r"¥", "JPY"),
    (rf"₩|\bkrw\b|wons?(?:{S}(?:sud-)?coréens?)?\b", "KRW"),
    (rf"roupies?{S}mauriciennes?", "MUR"),
    (rf"\bidr\b|rupiahs?\b|roupies?{S}indonésiennes?", "IDR"),
    (rf"\bpkr\b|roupies?{S}pakistanaises?", "PKR"),
    (rf"\blkr\b|roupies?{S}sri-lankaises?", "LKR"),
    (rf"₹|\binr\b|roupies?(?:{S}indiennes?)?\b", "INR"),
    (rf"\bmad\b|dhs?\b|dirhams?{S}marocains?", "MAD"),
    (rf"\baed\b|dirhams?(?:{S}(?:émiratis?|émiriens?|des{S}émirats))?\b", "AED"),
    (rf"\bqar\b|r[iy]+als?{S}(?:qatariens?|qataris?|du{S}qatar)", "QAR"),
    (rf"\bsar\b|riyals?(?:{S}saoudiens?)?\b|rials?{S}saoudiens?", "SAR"),
    (rf"\bdzd\b|dinars?{S}algériens?", "DZD"),
    (rf"\bkwd\b|dinars?{S}koweïtiens?", "KWD"),
    (rf"\btnd\b|dinars?(?:{S}tunisiens?)?\b", "TND"),
    (rf"pesos?{S}colombiens?", "COP"),
    (rf"\bclp\b|pesos?{S}chiliens?", "CLP"),
    (rf"pesos?{S}argentins?", "ARS"),
    (rf"pesos?{S}philippins?", "PHP"),
    (rf"\bmxn\b|pesos?(?:{S}mexicains?)?\b", "MXN"),
    (rf"\bnok\b|couronnes?{S}norvégiennes?", "NOK"),
    (rf"\bdkk\b|couronnes?{S}danoises?", "DKK"),
    (rf"\bczk\b|couronnes?{S}tchèques?", "CZK"),
    (rf"couronnes?{S}islandaises?", "ISK"),
    (rf"\bsek\b|couronnes?(?:{S}suédoises?)?\b", "SEK"),
    (r"\bpln\b|zlotys?\b", "PLN"),
    (r"\bbrl\b|reals\b|réals?\b|réaux\b|reais\b", "BRL"),
    (rf"\bmyr\b|ringgits?(?:{S}malaisiens?)?\b", "MYR"),
    (rf"\bthb\b|bahts?(?:{S}thaïlandais)?\b", "THB"),
    (r"\bvnd\b|dôngs?\b|dongs?\b", "VND"),
    (r"\bzar\b|rands?\b", "ZAR"),
    (r"₦|\bngn\b|nairas?\b", "NGN"),
    (rf"\bkes\b|shill?ings?(?:{S}kényans?)?\b", "KES"),
    (r"shekels?\b", "ILS"),
    (r"\bhuf\b|forints?\b", "HUF"),
    (r"\bkzt\b|tenges?\b", "KZT"),
    (r"\brub\b|roubles?\b", "RUB"),
    (r"\bghs\b|cedis?\b", "GHS"),
)
CURRENCY = "|".join(pattern for pattern, _ in _CURRENCIES)
_CODES = tuple((pattern(written), code) for written, code in _CURRENCIES)


def currency_code(written: str) -> str:
    """Return the ISO 4217 code of a written currency, "" if it is none."""
    return next((code for pattern, code in _CODES if pattern.fullmatch(written)), "")


SIZES = {
    "crore": 1e7,
    "lakh": 1e5,
    "mm": 1e9,
    "k": 1e3,
    "m": 1e6,
    "g": 1e9,
    "b": 1e9,
    "mille": 1e3,
    "mio": 1e6,
    "mia": 1e9,
    "bn": 1e9,
}


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
_SIZE_WORD = r"mill?iards?\b|mds?\b|mrds?\b|mia\b|mio\b|millions?\b|billions?\b|trillions?\b|crores?\b|lakhs?\b|bn\b"
# One letter is a size only right before a currency: "500 M€", "20 M d'euros".
# The Moroccan press joins its own: "620 MDH", "2 MMDH".
_SIZE_LETTER = rf"mm?(?={S}?dhs?\b)|[mgkb](?={S}?(?:[$€£]|(?:us|ca)\$|{_DE}(?:euro|dollar)|(?:eur|usd|chf|gbp)\b))"
MONEY = pattern(
    rf"(?:{S}?(?P<demi>-?demi[- ]))?{S}?(?:(?P<size>{_SIZE_WORD}|{_SIZE_LETTER})\.?{_HALF})?"
    rf"(?P<unit>{S}?{_DE}?(?P<currency>{CURRENCY}))?",
)
POWER = pattern(
    rf"(?:{S}?(?P<demi>-?demi[- ]))?(?:{S}?(?P<size>milliers?|centaines|dizaines){S}{_DE})?"
    rf"{S}?(?:de{S}[sc]es{S}|(?:premiers|derniers|prochains|autres){S})?"
    rf"-?(?P<unit>mw|gw|m[ée]gawatts?|gigawatts?)(?P<kind>-?(?:it|e|c|p|crête|électriques?))?"
    rf"(?![\w·])(?!-?heures?)(?!{S}?[/.·]?h\b){_HALF}",
)
_MODEL = (
    r"(?:nvidia\s|amd\s)?(?:gb|gh|vr|mi|tpu\sv|[abhlr])[1-9]\d{1,2}[a-z]?\b|blackwell\b|hopper\b|vera\srubin|rubin\b"
    rf"|trainium\s?\d?|inferentia\s?\d?|ironwood\b|instinct\b|grace{S}(?:blackwell|hopper)\b"
    rf"|ai[12]\d0\b|cs-?[2-9]\b|sohu\b|corsair\b|rtx\s(?:pro|a?6000)\b|gaudi\s?\d?|ascend\b|maia\b|mtia\b|titan\b|wse"
)
_NO_CHIPS = rf"{S}(?:bancaires?|sim|mères?|de{S}(?:paiement|crédit|visite|fidélité)|d['’]identité|vitale|grises?)"
_CHIP = (
    rf"(?:g|t|x|l|n)pus?\b|asics?\b|unités{S}de{S}traitement|puces?\b|superpuces?\b|accélérateurs?\b"
    rf"|cartes?\b(?!{_NO_CHIPS})"
    rf"|processeurs?\b|circuits?\b|{_MODEL}"
)
CHIPS = pattern(
    rf"(?:{S}?(?P<size>millions?|milliers?|milliards?){S}{_DE})?"
    rf"{S}?(?:de{S}(?:[sc]es|leurs|nos|vos){S}(?:(?:propres|mêmes){S})?|{_DE})?"
    rf"(?:(?:nouve(?:lles?|aux)|derniers?|dernières|premi(?:ers|ères)|précieu(?:x|ses)|futur(?:e?)s|autres|systèmes|unités"
    rf"|équivalents?|exemplaires{S}(?:du|de{S}la|des)){S}){{0,2}}(?P<noun>{_CHIP})"
)
# Part of a number of them: "2 000 des 10 000 processeurs".
PART = pattern(rf"{S}des{S}(?=(?:\d{{1,3}}(?:[.{SPACE}]?\d{{3}}){{0,2}}{S})?(?:{_CHIP}))")
# Before it, a number is a place in an order: "n° 1 des puces", "le top 10 des cartes".
RANKED = pattern(rf"(?:\b(?:n[°ºo]|numéros?|top|rang|le)|#){S}?$")
# What accelerators are counted in once they have been spoken of.
PIECES = pattern(
    rf"{S}(?:exemplaires|unités|pièces|d['’]entre{S}(?:eux|elles))\b"
    rf"(?!{S}de{S}(?:compte|prod|calcul)|{S}(?:mobil|détach))"
)
# What is printed has copies too, whatever was spoken of before: "Le quotidien tire à 45 000 exemplaires".
PRINTED = pattern(
    rf"\b(?:tir(?:e|ée?s?|ages?)|quotidiens?|journa(?:l|ux)|hebdomadaires?|magazines?|romans?|albums?|(?:un|le|ce|son){S}livre)\b"
)
# What says that accelerators were spoken of where no number stands before it: no road or aeroplane (A10, A320), no map
# and no instinct.
CHIP = pattern(
    rf"(?<![\w-])(?:[gtxln]pus?\b|asics?\b|(?:super)?puces?\b|accélérateurs?\b|processeurs?\b|unités{S}de{S}traitement"
    rf"|cartes(?:{S}(?:de{S}calcul|d['’](?:accélération|inférence)|graphiques)\b|\b(?!{_NO_CHIPS}|{S}d(?:e|u|es){S}|{S}d['’]))"
    rf"|carte{S}(?:graphique|accélératrice|de{S}calcul|d['’](?:accélération|inférence))\b"
    r"|(?:gb|gh|vr|mi)[1-9]\d\d[a-z]?\b|[bhr][1-9]00\b|a[18]00\b|h20\b|l40s?\b|ai[12]\d0\b|cs-[2-9]\b|blackwell\b|hopper\b"
    r"|rubin\b|trainium|inferentia|ironwood\b|gaudi\b|ascend\b|sohu\b)"
)
AHEAD = pattern(
    rf"(?:-|{S})*(?:de{S}|d['’])?(?:demi|m(?:ill|[diw]|rd|[ée]gaw|ois)|bill|tril|bn|g(?:w|igaw)|%|p(?:our|uce|roc|rem)"
    rf"|[gtxln]pu|c(?:arte|irc|our|hf)|a(?:cc|sic|n)|déc|doll|eu?r|[$€£¥₩₹]|livre|franc|y(?:en|uan)|won|roup|usd|gbp"
    rf"|nouv|derni|proch|dirh|riy|unité|équiv|syst|exem|préc|puis|futur|autre|nvidia|amd|ver|black|hopp|train|zlot|k[€$]"
    rf"|billets|[a-z]{{1,2}}\d"
    rf"|exer|mens|pièc|(?:[sc]es|leurs){S}|entre{S}|sohu|cors|rtx|grac|superp|cs-|cror|lakh|dh"
    rf"|pesos|din|ring|bah|dong|dông|nair|rupi|rand|shil|shek|fori|teng|roub|cedi|r[ée]a)"
)
PERCENT = pattern(rf"{S}?(?:%|pour{S}cent\b)")
TERM = pattern(
    rf"{S}?(?:(?:prochaine|première)s?{S})?(?P<unit>ans?\b|années?\b|annuités?\b|exercices?\b|mensualités?\b|mois\b|décennies?\b)"
    rf"(?P<demi>)(?P<half>{S}et{S}demie?\b)?(?!{S}(?:plus{S}tôt|plus{S}tard|après|auparavant))",
)
# Things counted in millions and milliards that are not money.
COUNTED = pattern(
    rf"{S}?{_DE}(?:\w+{S})?(?:paramètres|transistors|utilisat\w+|internautes|tokens|jetons|actions|titres|requêtes|images|personnes"
    r"|kilom\w+|opérations|mètres?|habitants|messages|appareils|tonnes|kwh|mwh|litres|vues|téléch\w+|pages|lignes|abonn\w+"
    r"|clients|bons|m3|m²|visit\w+|joueurs|foyers|ménages|français|américains|salariés|smartphones|exemplaires|unités"
    r"|fois|calculs?\spar|secondes|minutes|heures|données|documents|vidéos|neurones|années|puces|gpu|tpu|watts|octets)\b",
)
# Of these a price may be told without a price for one: "souscrit pour 6 millions d'actions".
BOUGHT = pattern(rf"{S}?{_DE}(?:actions|titres|parts|systèmes|serveurs)\b")
OF = pattern(rf"{S}?{_DE}")
# After "millions" without a currency, only these make it money, or what stands before it (`quantity_context.is_paid`).
PAID = pattern(
    rf"{S}?{_DE}(?:contrats?|dettes?|prêts?|crédits?|investissements?|capita\w+|fonds|loyers?|obligations|revenus?|commandes"
    rf"|plus(?!{S}qu)|mieux"
    rf"|avance|inférence|calcul)\b|{S}?de{S}(?:la{S}(?:somme|part)|ces{S}mêmes{S}(?:dollars|euros))\b",
)
# Years that are as often a result's or a gymnast's.
ONLY_TERM = pattern(r"exercice|mensualité")
YEAR = pattern(r"(?:19|20)\d\d")
# "huit pièces", "deux d'entre eux" may be anything; so many are accelerators where these were spoken of.
MANY_PIECES = pattern(r"\d\D?\d|.*(?:cent|mille)")
# Terms said in one word.
ADJECTIVE = pattern(rf"\b(biennal|triennal|quinquennal|septennal|décennal|(?<=sur{S}un{S})quinquennat)e?s?\b")
ADJECTIVE_YEARS = {
    "biennal": 2.0,
    "triennal": 3.0,
    "quinquennal": 5.0,
    "quinquennat": 5.0,
    "septennal": 7.0,
    "décennal": 10.0,
}
