"""What the words around a quantity make of it: how it is limited, and what it is an amount of.

Theory: French puts the limit right before the number ("jusqu'à 40 milliards") or right after ("40 milliards au plus"),
and what a number measures in the same clause, mostly before it. So only the words between the previous quantity and
this one, inside its sentence, are read. Known exceptions: an enumeration shares its first number's meaning, and a
number without a unit ("il en prendra 60 de plus", "Santander : 310.") counts what was counted before.
"""

from __future__ import annotations

from worker.model import Bound
from worker.pipeline.detection.numerals import SPACE
from worker.pipeline.detection.patterns import pattern

WINDOW = 90
_S = f"[{SPACE}]"

_FILLER = (
    r"(?:[\s\u00a0\u202f]+(?:de|des|du|le|la|les|un|une|à|au|aux|barre|cap|seuil|environ|quelque|près"
    r"|somme|montant|total|"
    r"total(?:e)?|encore|même|bien|moins|hauteur|avec|les?|leur|ses)|[\s\u00a0\u202f]d['’](?=\w))"
)
_BEFORE = pattern(
    r"(?:(?P<up>jusqu['’](?:à|aux?|en)|(?:au|un|d['’]un|le)[\s\u00a0]maximum|maxim(?:um|ale?s?)"
    r"|au[\s\u00a0]plus|atteindre|plafonn\w+|plafond"
    r"|(?:grimper|aller)(?=[\s\u00a0]+(?:à|aux?)\b)"
    r"|limite|concurrence|(?<!\bau\s)(?<!\bpas\s)(?<!\bpeu\s)moins(?=\s+de\s*$)|pas[\s\u00a0]plus|monter)"
    r"|(?P<least>plus(?=[\s\u00a0]+(?:de|d['’]))|au[\s\u00a0]moins|minim(?:um|ale?s?)|au-delà|dépass\w+"
    r"|supérieure?s?|excéd\w+|pas[\s\u00a0]moins"
    r"|plancher|franchi\w*|a[\s\u00a0]minima|au[\s\u00a0]bas[\s\u00a0]mot)"
    r"|(?P<about>environ|près|presque|quelques?|autour|l['’]ordre|alentours|à[\s\u00a0]peu[\s\u00a0]près"
    r"|estim\w+|évalué\w*|dans(?=[\s\u00a0]les\b)|approximativement"
    r"|avoisin\w+|approch\w+|frôl\w+|fris(?:e|ent|ait|er|erait)\b|(?<!un\s)voisine?s?(?=[\s\u00a0]de\b)"
    r"|flirt\w+|proche|pas[\s\u00a0]loin|disons"
    r"|un[\s\u00a0]peu[\s\u00a0]moins(?=[\s\u00a0]de\b)|peu[\s\u00a0]ou[\s\u00a0]prou"
    r"|grosso[\s\u00a0]modo|~|≈|circa|vers))"
    rf"{_FILLER}{{0,4}}[\s\u00a0\u202f]*(?:d['’]|~)?$",
)
_AFTER = pattern(
    r"[\s\u00a0\u202f,]*(?:de[\s\u00a0](?:capacité\w*|plus)[\s\u00a0])?"
    r"(?:(?P<up>(?:tout[\s\u00a0])?au[\s\u00a0](?:plus|maximum)|maximum\b|maximal)"
    r"|(?P<least>au[\s\u00a0](?:moins|minimum|bas[\s\u00a0]mot)|minimum\b|(?:ou|et"
    r"|voire)[\s\u00a0](?:plus|davantage)\b|a[\s\u00a0]minima)"
    r"|(?P<about>environ\b|à[\s\u00a0]peu[\s\u00a0]près(?![\s\u00a0]l)|à[\s\u00a0]la[\s\u00a0]louche|estimés?\b))",
)
# "Montant maximal : 180 millions", "plafond du marché, 20 millions".
_HEADED = pattern(
    r"\b(?:(?P<up>plafond|maxim(?:um|ale?))|(?P<least>plancher|minim(?:um|ale?))|(?P<about>estimée?))"
    r"(?:[\s\u00a0](?:du|de[\s\u00a0]la|d['’]un)[\s\u00a0]\w{3,12})?[\s\u00a0]?[:,][\s\u00a0]$"
)
_NAMES = {"up": Bound.UP_TO, "least": Bound.AT_LEAST, "about": Bound.ABOUT}


def bound(before: str, after: str) -> Bound:
    """Return how a quantity between `before` and `after` is limited; EXACT without a word that limits it."""
    found = _BEFORE.search(before[-60:]) or _HEADED.search(before[-60:]) or _AFTER.match(after)
    return _NAMES[found.lastgroup] if found and found.lastgroup else Bound.EXACT


_ROLES_BEFORE = pattern(
    r"(?P<valuation>valoris\w+|capitalisation|valeur (?:de marché|boursière|d['’]entreprise)|(?:pre"
    r"|post)-money|pès\w+ (?:en bourse|désormais)"
    r"|évalu(?:e|ait|ant|erait) (?:l['’]|la |le )\w+)"
    r"|(?P<result>(?<!au )\bbénéfices?|\bpertes?\b|résultats? (?:net|opérationnel)|déficit|\bmarge)"
    r"|(?P<revenue>chiffre d['’]affaires|revenus?|recettes|\barr\b|ventes (?:de|annuelles|trimestrielles)"
    r"|facturation|carnet de commandes)"
    r"|(?P<capex>dépenses d['’](?:investissement|équipement)s?|\bcapex\b|dépenses en capital"
    r"|immobilisations|investissements (?:annuels|prévus)|budgets? d['’]investissement)"
    r"|(?P<share_price>prix (?:par action|de l['’]action|du titre)|(?:l['’]action|le titre"
    r"|cours)(?: \w+){0,3} (?:à|de)(?=\s*$)"
    r"|prix d['’](?:exercice|émission))"
    r"|(?P<per_unit>(?:un|chaque|le|du|d['’]un) (?:seul )?(?:gigawatt|gw|mégawatt|mw)\b|\bannuels? d"
    r"|\bannuelles? d|par an\b|mensuel)"
    r"|(?P<total>au total|total (?:de|des|du|promis)|en tout|cumul\w*|totalis\w+"
    r"|port(?:e|er|ant|é|ent|ait|era)\b[^.;:,]{0,45}\bà\b[^.;:,]{0,25}$"
    r"|engagements (?:totaux|cumulés))"
    r"|(?P<denied>(?<!\bne )(?<!\bni )(?<!n['’]a )\b(?:dément\w*|nie|nient|nié|réfute|conteste) "
    r"(?:avoir (?:promis|proposé|signé|versé|payé|offert)|s['’]être engagée? sur|préparer|vouloir|viser|négocier"
    r"|(?:le chiffre|le montant|tout accord|tout contrat|un contrat|un accord) de?)\b[^,;:]{0,40}$)"
    r"|(?P<programme>\b(?:programme|initiative|plan|stargate)\b[^,;:()]{0,40}(?:,[^,;:()]{0,12}\bd(?:e|['’])\s*)?$)",
)
_UNIT = (
    r"(?:gigawatts?|gw|mégawatt-?heures?|mégawatts?|mw|an(?! proch)|année|mois|jour|heure|trimestre|semaine|puce|gpu"
    r"|carte|utilisateur|abonné|siège|personne|baie|rack|unité"
    r"|serveur|licence(?! d)|poste|kwh|mwh|million de (?:tokens|jetons)|habitant|foyer|salarié)\b"
)
_ROLES_AFTER = pattern(
    rf"[\s\u00a0\u202f]*(?:(?P<share_price>(?:par|l['’]|le|pour chaque)[\s\u00a0]?(?:action|titre)\b"
    rf"|(?:l['’]une?|chacune?)\b)"
    rf"|(?P<per_unit>(?:de [\w'’]+ )?"
    rf"(?:(?:par|pour (?:chaque|un(?! (?:an|mois)\b))|de l['’]|l['’]|le|la)[\s\u00a0]?{_UNIT}"
    rf"|/[\s\u00a0]?{_UNIT}|pièce\b|annuels?\b|annuelles?\b|en (?:rythme|base) annuel))"
    r"|(?P<valuation>(?:de|en) (?:valorisation|capitalisation|bourse\b))"
    r"|(?P<result>(?:de )(?:bénéfices?|pertes?|résultat))"
    r"|(?P<revenue>(?:de |d['’])(?:chiffre d['’]affaires|revenus?|recettes|ventes|arr\b))"
    r"|(?P<capex>(?:de |d['’])(?:dépenses d['’](?:investissement|équipement)s?|capex))"
    r"|(?P<total>au total\b|en tout\b|au cumul))",
)
_SHARED = pattern(
    r"[\s\u00a0\u202f,(]*(?:contre|puis|après|et|ou|à|soit|au lieu de)[\s\u00a0\u202f](?:(?:les?|des?"
    r"|une?|à|environ|quelque|près|plus|moins|jusqu['’]à)[\s\u00a0\u202f])*$"
)
_SUM = pattern(r"\bsoit[\s\u00a0](?:\w+[\s\u00a0]){0,3}$")
_SPENDS = pattern(r"dépens(?:er|era|ent|é)\b")
_THIS_YEAR = pattern(r"[^.,;]{0,25}\b(?:cette année|l['’]an prochain|en 20\d\d|sur l['’]exercice)")


def role(before: str, after: str, *, previous: str) -> str:
    """Return what a quantity measures if it is not a flow's amount, else "".

    before: the words of its sentence since the previous quantity, at most WINDOW characters; after: those that follow;
    previous: the role of the previous quantity of the same dimension in the same sentence.
    """
    found = _ROLES_AFTER.match(after)
    if found and found.lastgroup:
        return found.lastgroup
    last = ""
    for match in _ROLES_BEFORE.finditer(before):
        last = match.lastgroup or last
    if "per_unit" in (last, previous) and _SUM.search(before):
        # "14 millions par an, soit 210 sur la durée".
        return ""
    if last:
        return last
    if _SPENDS.search(before) and _THIS_YEAR.match(after):
        return "capex"
    if previous and previous not in ("converted", "total") and _SHARED.match(before):
        return previous
    return ""


_SWEEP = r"(?:[\w'’/()-]+[\s\u00a0\u202f]+){0,4}?"
_HELD = (
    r"(?:contrats?|accords?|bail|baux|engagements?|ppa|prêts?|partenariats?|ententes?|locations?"
    r"|conventions?|crédits?|commandes?|alliance|pacte"
    r"|réservation|concession)"
)
_TERM_BEFORE = pattern(
    r"(?:\bau[\s\u00a0]cours[\s\u00a0]des|\b(?:sur|pour|pendant|durant)(?:[\s\u00a0](?:une|la))?(?:[\s\u00a0](?:durée"
    r"|période)(?:[\s\u00a0]\w+)?[\s\u00a0](?:de|d['’]))?"
    r"|\b(?:durée|période|terme|maturité|échéance|horizon)[\s\u00a0]+" + _SWEEP + r"(?:de|d['’]|à|est|sera)"
    rf"|\b{_HELD}[\s\u00a0]+{_SWEEP}(?:de|d['’]|à|sur|pour)|\bs['’](?:étal\w+|étend\w*"
    rf"|engag\w+)[\s\u00a0](?:sur|pour))"
    r"(?:[\s\u00a0](?:les?|une?|au|moins|plus|de|environ|quelque|près|initiale?|minimum|jusqu['’]à|ses"
    r"|période|durée))*[\s\u00a0\u202f]*$",
)
_TERM_AFTER = pattern(
    rf"[\s\u00a0\u202f]+(?:(?:de|d['’])[\s\u00a0]?(?:{_HELD}|loyers?|électricité|durée|capacité|calcul"
    rf"|fourniture)\b|fermes?\b|renouvelables?\b|prolongeables?\b)",
)


# "un crédit de 2 milliards à sept ans": how bankers say a maturity; a State's bonds are a rate of the market.
_MATURES = pattern(
    r"(?:\b(?:prêts?|crédits?|emprunts?|obligations?|dettes?|billets|concours|mezzanine|créances?|financements?"
    r"|débentures?|placement)\b(?![^.;]{0,50}(?:d['’]état|trésor|souverain|américaine))[^.;]{0,60}[\s\u00a0]à"
    r"|\b(?:maturité|échéance|rembours\w+|faudra rendre)\b(?![^.;:]{0,20}(?:commence|débute))[^.;:]{0,25}[\s\u00a0]dans"
    r"|\b(?:durée|maturité|bail|baux|contrat)\b[^.;,]{0,30},"
    r"|\b(?:durée|échéance|maturité)\b[^.;]{0,30}[\s\u00a0](?:fix|port|ramen|étend|prolong)\w+[\s\u00a0]à)[\s\u00a0]$"
)
_MARKET = pattern(r"\b(?:taux|rendements?|coupons?)[\s\u00a0](?:d['’]|des?\b)|\bprime[\s\u00a0]de[\s\u00a0]risque")
# Right after money it is the money's: "150 millions, à huit ans".
_MATURES_MONEY = pattern(r"(?:[^.;:]{0,45},)?[\s\u00a0]à[\s\u00a0]$")
# From so many years on "à 35 ans" is as often somebody's age, unless it follows the debt itself, or its money, at once.
GROWN = 20.0
_LENT = pattern(
    r"\b(?:prêt(?:s|e|er|era)?|crédits?|emprunts?|emprunte\w*|obligations?|dettes?|billets|concours|créances?"
    r"|financements?)\b[^.;,]*$"
)
_AT_ONCE = pattern(r",?[\s\u00a0]à[\s\u00a0]$")


def matures(before: str, *, years: float, lent: str | None) -> bool:
    """True where a number of years is the term of a debt.

    lent: what stands in its sentence before the amount of money that it follows; None if it follows none.
    """
    if _MARKET.search(before):
        return False
    if before.endswith(("à ", "à\u00a0")) and years >= GROWN:
        owed = before[:-2] if lent is None or not _AT_ONCE.fullmatch(before) else lent
        return bool(_LENT.search(owed))
    return bool(_MATURES.search(before) or (lent is not None and _MATURES_MONEY.fullmatch(before)))


def is_term(before: str, after: str) -> bool:
    """True where a number of years is how long a commitment lasts, not an age, a past or a date."""
    return bool(_TERM_BEFORE.search(before[-WINDOW:]) or _TERM_AFTER.match(after))


_PAST_BEFORE = pattern(
    r"(?:\bil[\s\u00a0]y[\s\u00a0]a|\bdepuis|\bâgée?s?[\s\u00a0]de|\bvieux[\s\u00a0]de|\bvieille[\s\u00a0]de|\baprès|\bavant"
    r"|\bdans|\bà|\btous[\s\u00a0]les|\bces|\bderniers?|\bdernières?|\bplus[\s\u00a0]de[\s\u00a0]ces|\bvoilà"
    r"|\bcela[\s\u00a0]fait)(?:[\s\u00a0](?:les?|environ|quelque|près|plus|moins|de|d['’]))*[\s\u00a0\u202f]*$"
)
_PAST_AFTER = pattern(
    r"[\s\u00a0\u202f]+(?:derni|passé|écoulé|plus tôt|plus tard|après|auparavant"
    r"|d['’](?:âge|expérience|existence|ancienneté)|de (?:retard|carrière|vie))"
)


def is_past(before: str, after: str) -> bool:
    """True where a number of years is plainly an age, a distance in time or a rhythm."""
    return bool(_PAST_BEFORE.search(before[-WINDOW:]) or _PAST_AFTER.match(after))


_APPROX = (
    r"(?:(?:jusqu['’]à|environ|quelque|près[\s\u00a0]de|au[\s\u00a0]moins|encore|aussitôt|déjà|ferme|les)"
    r"[\s\u00a0]){0,2}"
)
# "la faculté d'en prendre 60 de plus", "il en commande 9 000": whatever was counted last, unless only money, or only
# things, are what one does that with.
_OF_THEM = pattern(
    r"\b(?:en[\s\u00a0](?:(?:a|ont|aura|avait|aurait|faire|fera)[\s\u00a0])?(?:re)?"
    r"(?:(?P<money>apport|prêt|avanc|mis|met|port|assum|financ|vers|débours|conserv|inject|couvr|règl|régl|pai|pay|souscri)"
    r"|(?P<thing>prend|pren|pris|demand|réclam|obt[ei]|achet|achèt|command|lou|réserv|t[ei]e?n|occup|aura|avoir|install"
    r"|déploi|déploy|livr|mobilis|rempli|attend|appel|acqu|produi|équip)|(?:ajout|fourni|reç|recev|plac|cèd|céd))\w*"
    r"|(?P<named>sur|acquérir|réclamer|prendre|demander|commander|obtenir|remplir))[\s\u00a0]" + _APPROX + "$"
)
_FURTHER = pattern(
    r"[\s\u00a0\u202f](?:de[\s\u00a0](?:plus|mieux)\b(?![\s\u00a0](?:en|que)\b)"
    r"|(?:autres|supplémentaires?)\b(?=[\s\u00a0]?[.,;:)]|[\s\u00a0](?:avant|en|d['’]|dès|à|pour|aux?|dans|si|quand)\b)"
    r"|suivante?s\b)"
)
_THERE_ENDS = pattern(
    r"\s*(?:[.;:)»](?!\d)|,(?!\d)|$)"
    r"|[\s\u00a0](?:pour|d['’]ici|avant|dans|chez|dès|au|aux|l['’]an|pendant|durant|fermes?)\b|[\s\u00a0]à[\s\u00a0](?!\d)"
)
# "- Brindal : 50 000 également, pour ses salles ;" below "- Kelvan : 50 000 puces", not "- Emplois : 120".
_LINE = pattern(
    r"\n[-–—•*]\s[^\n:]{2,40}:\s\d[^\n]*\n[-–—•*]\s(?!(?:les\s)?(?:emplois?|salarié|effectif|client|foyer|logement"
    r"|surface|abonné|budget|site|ouverture|livraison|durée|prix|loyer|investissement))[^\n:]{2,40}:\s$"
)
_LINE_ENDS = pattern(r"\s*(?:[.;,)](?!\d)|$|\n)|[\s\u00a0](?:également|encore|aussi)\b")
_IS_YEAR = pattern(r"(?:19|20)\d\d$")


_RIGHT = pattern(r"\b(?:tranche|extension|faculté|droit|option|rallonge)\b[^.;]{0,30}$")


def understood(before: str, number: str, after: str) -> str:
    """Return what a number without a unit counts: "money", "thing" or "any" of what the text counted last, else ""."""
    if _LINE.search(before) and _LINE_ENDS.match(after) and not _IS_YEAR.match(number):
        return "thing"
    further = _FURTHER.match(after)
    if not (further or _THERE_ENDS.match(after)) or _IS_YEAR.match(number):
        return ""
    told = _OF_THEM.search(before[-60:])
    if told is None:
        return "thing" if further and _RIGHT.search(before) else ""
    if told["named"] and not further:
        return ""
    return "money" if told["money"] else "thing" if told["thing"] or told["named"] else "any"


_LENDS = (
    r"crédits?|prêts?|ligne|facilité|enveloppe|chèque|facture|investissement|mise|ticket|emprunt|devis|budget|loyer"
)
_SUM_OF = r"(?:[\s\u00a0]\w+)?[\s\u00a0](?:de|d['’]|à)[\s\u00a0]?(?:(?:près|plus)[\s\u00a0]de[\s\u00a0])?$"
_PAID_BEFORE = pattern(rf"\b(?:{_LENDS}){_SUM_OF}")
# These are of money only where nothing that is counted follows: "une commande de 3 millions de doses".
_ORDERED = pattern(rf"\b(?:contrat|apport|bail|commande){_SUM_OF}")


def is_paid(before: str) -> bool:
    """True where millions of something can only be money: "un crédit de 300 millions de la Caisse"."""
    return bool(_PAID_BEFORE.search(before[-60:]))


_PRICED = pattern(
    r"\b(?:emprunt\w*|prêt(?:e|er|ent|era)|pay(?:er|é|era)|paie(?:ra)?|vers(?:e|er|era)|coût\w+|facture|prix|devis"
    r"|montant|loyer|investi\w*|apport\w*|débours\w*|lève|levé|avance|pour|moyennant)[\s\u00a0,:«]{1,4}"
    r"(?:(?:(?:un[\s\u00a0]peu[\s\u00a0])?(?:plus|moins|près)[\s\u00a0]de|quelque|environ)[\s\u00a0])?$"
)


def is_priced(before: str) -> bool:
    """True where millions of nothing can only be money although none was spoken of: "il paiera 8 millions."."""
    return bool(_PRICED.search(before) or _PAID_BEFORE.search(before) or _ORDERED.search(before))


_BOUGHT = pattern(
    r"\b(?:souscri\w+[^.;]{0,40}|(?:pren\w+|achet\w+|achète|command\w+))[\s\u00a0]pour[\s\u00a0](?:environ[\s\u00a0])?$"
)


def is_bought(before: str) -> bool:
    """True where a number of shares is what they cost: "souscrit pour 6 millions d'actions"."""
    return bool(_BOUGHT.search(before))


_NUMBERED = pattern(r"\b(?:lots?|tranche|phase|étape|article|page|numéro|n°|acte|niveau|top|volet|version)[\s\u00a0]$")
_MORE = pattern(r"jusqu['’]à\s+$|\bles\s+$")
# "X en fournit 600 millions, Y 400.", "90 millions : 60 à X, 30 à Y", "X en prête 130 ; Y, le solde".
_OWN_SHARE = pattern(r"(?:^[^.!?]{0,60}[,;:]\s(?:[\w&'’.-]+\s){0,5}|\ben\s\w{3,12}\s)$")
# "Intesa en apporte 180 millions et UniCredit 120,", "Santander : 310.", "et La Banque Postale avec 30 ;"
_NEXT = pattern(
    r"(?:^[\s\u00a0]et[\s\u00a0](?!(?:plus|moins|environ|quelque|près|jusqu|aux?|en|pour|à|dont|sur|dans|avec|soit|que?)\b)"
    r"(?:(?!\d)[\w&'’.-]+[\s\u00a0]){1,6}|(?P<list>^[^.!?]{0,60},\s(?:(?!\d)[\w&'’-]+[\s\u00a0]){1,3})"
    r"|(?P<row>^\.\s(?:[\w&'’-]+[\s\u00a0]){1,4}:[\s\u00a0])"
    r"|\b(?:complète|suit|suivent|la[\s\u00a0]marche|contente(?:ra|nt)?)[\s\u00a0](?:avec|de|à[\s\u00a0]hauteur[\s\u00a0]de)[\s\u00a0])$"
)
_NEXT_ENDS = pattern(
    r"\s*(?:[.;,)](?!\d)|$)|[\s\u00a0](?:et[\s\u00a0](?:la|le|l['’]|les)?\b|pour[\s\u00a0]|chacune?\b|autres,)"
)
_SHARE_ENDS = pattern(r"\s*(?:[.;,)](?!\d)|à\s(?:la\s|l['’])?\w)")
_ENDS = pattern(r"\s*(?:[,;.)](?!\d)|$)|[\s\u00a0\u202f](?:restants?|autres|suivants?|supplémentaires?)\b")


def is_share(between: str, after: str) -> bool:
    """True where a number after money is another's part of it. between: what stands between the two."""
    return bool(_SHARE_ENDS.match(after) and _OWN_SHARE.search(between) and not _NUMBERED.search(between))


_NO_NAME = pattern(
    r"\b(?:à|de|des|du|en|par|que|qui|dont|puis|contre|là|pour|sur|plus|moins|environ|vers|avant|fin|le|la|les|un|une)\s$"
)


# What a party did with the first number and the next one with its own: without it "et Paul Durand 52" is an age.
_SHARES_OUT = pattern(
    r"\b(?:(?:re)?(?:pren|prit|pris|ten|tien)|apport|assum|port|fourni|met|mis|prêt|avanc|lou[eéa]|achet|achèt|command|réserv"
    r"|obt[ei]|souscri|vers|pai|pay|engag|allou|promi|promet|plac|ajout|injecte|reç|recev|occup|dont|crédit|tête"
    r"|investi|déploi|install|suit|complèt)\w*\b[^.!?]*$"
)
_ROW = pattern(r":[\s\u00a0]$")
_SAYS = pattern(r",[\s\u00a0](?:dit|explique|assure|confie|précise|sourit)\b|[\s\u00a0]ans?\b")


def is_next(before: str, between: str, number: str, after: str) -> bool:
    """True where a number is what the next party in a list has of what was counted before.

    before: the end of what stands before the last quantity; between: what stands between the two.
    """
    if not _NEXT_ENDS.match(after) or _IS_YEAR.match(number) or _SAYS.match(after):
        return False
    told = _NEXT.search(between)
    if told is None or _NUMBERED.search(between):
        return False
    if told["row"]:
        # "BBVA : 420 millions. Santander : 310.", but not "Le site compte 800 GPU. L'équipe : 25."
        return bool(_ROW.search(before))
    if between.startswith((" et", "\u00a0et")) or told["list"]:
        told_of = between.startswith(", dont ") or _SHARES_OUT.search(before)
        return bool(told_of) and not (told["list"] and _NO_NAME.search(between))
    return True


_IN_ALL = pattern(r"[\s\u00a0](?:au[\s\u00a0]total|en[\s\u00a0]tout)\b")


_NUMBER_OF = pattern(rf"\bau{_S}nombre{_S}de{_S}$")


def is_number(before: str, after: str) -> bool:
    """True for "au nombre de 8 000" and ", 512 au total"."""
    return bool(_NUMBER_OF.search(before) or (before.rstrip().endswith(",") and _IN_ALL.match(after)))


def ends_sentence(text: str) -> bool:
    """True where a sentence ends in `text`."""
    return bool(_STOP.search(text))


def is_more(before: str, after: str) -> bool:
    """True for "jusqu'à 20," after a number with its unit."""
    told, ended = _MORE.search(before[-12:]), _ENDS.match(after)
    return bool(told and ended and ("les" not in told[0] or ended[0].strip(" ,;.)")))


_STOP = pattern(r"[.!?…][\s\u00a0]|\n")


def same_sentence_before(text: str, start: int, floor: int) -> str:
    """Return what stands before `start` in its sentence, after `floor` and at most WINDOW characters."""
    window = text[max(floor, start - WINDOW, 0) : start]
    cut = 0
    for stop in _STOP.finditer(window):
        cut = stop.end()
    return window[cut:]


def same_sentence_after(text: str, end: int) -> str:
    """Return what stands after `end` in its sentence, at most 60 characters."""
    window = text[end : end + 60]
    stop = _STOP.search(window)
    return window[: stop.start()] if stop else window


RISE = pattern(
    r"(?:pass\w+|port\w+|relev\w+|augment\w+|grimp\w+|bond\w+|mont\w+|réduit\w*|ramen\w+|rédui\w+)\b[^.;]{0,40}?\bde\s*$",
)
ENTRE = pattern(r"\bentre\s+$")
LINK_BETWEEN = pattern(r"[\s]?(?:à|et|-|–)[\s]?$")
BRACKET = pattern(
    r"[\s\u00a0\u202f]*(?:\([^()\d]{0,25}|,?[\s\u00a0]*soit[\s\u00a0](?:[^\d,.;()]{0,25}[\s\u00a0])?|/[\s\u00a0]*|ou[\s\u00a0])$"
)
