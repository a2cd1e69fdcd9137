"""What the words around a quantity make of it: how it is limited, and what it is an amount of.

Theory: French puts the limit right before the number ("jusqu'à 40 milliards") or right after ("40 milliards au plus"),
and what a number measures in the same clause, mostly before it. So only the words between the previous quantity and
this one, inside its sentence, are read. Known exception: an enumeration shares its first number's meaning.
"""

from __future__ import annotations

import re

from worker.model import Bound

WINDOW = 90

_FILLER = (
    r"(?:[\s\u00a0\u202f]+(?:de|des|du|le|la|les|un|une|à|au|aux|barre|cap|seuil|environ|quelque|près"
    r"|somme|montant|total|"
    r"total(?:e)?|encore|même|bien|moins|hauteur|avec|les?|leur|ses)|[\s\u00a0\u202f]d['’](?=\w))"
)
_BEFORE = re.compile(
    r"(?:(?P<up>jusqu['’](?:à|aux?|en)|(?:au|un|d['’]un|le)[\s\u00a0]maximum|maxim(?:um|ale?s?)"
    r"|au[\s\u00a0]plus|atteindre|plafonn\w+|plafond"
    r"|limite|concurrence|(?<!\bau\s)(?<!\bpas\s)moins(?=\s+de\s*$)|pas[\s\u00a0]plus|monter)"
    r"|(?P<least>plus(?=[\s\u00a0]+(?:de|d['’]))|au[\s\u00a0]moins|minim(?:um|ale?s?)|au-delà|dépass\w+"
    r"|supérieure?s?|excéd\w+|pas[\s\u00a0]moins"
    r"|plancher|franchi\w*|a[\s\u00a0]minima|au[\s\u00a0]bas[\s\u00a0]mot)"
    r"|(?P<about>environ|près|presque|quelques?|autour|ordre|alentours|à[\s\u00a0]peu[\s\u00a0]près"
    r"|estim\w+|évalué\w*|chiffré\w*|approximativement"
    r"|avoisin\w+|approch\w+|frôl\w+|flirt\w+|proche|pas[\s\u00a0]loin|peu[\s\u00a0]ou[\s\u00a0]prou"
    r"|grosso[\s\u00a0]modo|~|≈|circa|vers))"
    rf"{_FILLER}{{0,4}}[\s\u00a0\u202f]*(?:d['’]|~)?$",
)
_AFTER = re.compile(
    r"[\s\u00a0\u202f,]*(?:de[\s\u00a0]capacité\w*[\s\u00a0])?(?:(?P<up>(?:tout[\s\u00a0])?au[\s\u00a0](?:plus|maximum)|maximum\b|maximal)"
    r"|(?P<least>au[\s\u00a0](?:moins|minimum|bas[\s\u00a0]mot)|minimum\b|(?:ou|et"
    r"|voire)[\s\u00a0](?:plus|davantage)\b|a[\s\u00a0]minima)"
    r"|(?P<about>environ\b|à[\s\u00a0]peu[\s\u00a0]près|estimés?\b))",
)
_NAMES = {"up": Bound.UP_TO, "least": Bound.AT_LEAST, "about": Bound.ABOUT}


def bound(before: str, after: str) -> Bound:
    """Return how a quantity between `before` and `after` is limited; EXACT without a word that limits it."""
    found = _BEFORE.search(before[-60:]) or _AFTER.match(after)
    return _NAMES[found.lastgroup] if found and found.lastgroup else Bound.EXACT


_ROLES_BEFORE = re.compile(
    r"(?P<valuation>valoris\w+|capitalisation|valeur (?:de marché|boursière|d['’]entreprise)|(?:pre"
    r"|post)-money|pès\w+ (?:en bourse|désormais)"
    r"|évalu(?:e|ait|ant|erait) (?:l['’]|la |le )\w+)"
    r"|(?P<result>bénéfices?|pertes?|résultats? (?:net|opérationnel)|déficit|marge)"
    r"|(?P<revenue>chiffre d['’]affaires|revenus?|recettes|\barr\b|ventes (?:de|annuelles|trimestrielles)"
    r"|facturation)"
    r"|(?P<capex>dépenses d['’](?:investissement|équipement)s?|\bcapex\b|dépenses en capital"
    r"|immobilisations|investissements (?:annuels|prévus))"
    r"|(?P<share_price>prix (?:par action|de l['’]action|du titre)|(?:l['’]action|le titre"
    r"|cours)(?: \w+){0,3} (?:à|de)(?=\s*$)"
    r"|prix d['’](?:exercice|émission))"
    r"|(?P<per_unit>(?:un|chaque|le|du|d['’]un) (?:seul )?(?:gigawatt|gw|mégawatt|mw)\b|annuels? d"
    r"|annuelles? d|par an\b|mensuel)"
    r"|(?P<total>carnet de commandes|au total|total (?:de|des|du|promis)|en tout|cumul\w*|totalis\w+"
    r"|port(?:e|er|ant|é|ent|ait|era)\b[^.;:,]{0,45}\bà\b[^.;:,]{0,25}$"
    r"|engagements (?:totaux|cumulés))"
    r"|(?P<programme>(?:programme|initiative|plan|stargate)\b[^,;:()]{0,40}(?:,[^,;:()]{0,12}\bd(?:e|['’])\s*)?$)",
)
_UNIT = (
    r"(?:gigawatts?|gw|mégawatt-?heures?|mégawatts?|mw|an|année|mois|jour|heure|trimestre|semaine|puce|gpu|carte"
    r"|utilisateur|abonné|siège|personne|baie|rack|unité"
    r"|serveur|licence|poste|kwh|mwh|million de (?:tokens|jetons)|habitant|foyer|salarié)\b"
)
_ROLES_AFTER = re.compile(
    rf"[\s\u00a0\u202f]*(?:(?P<share_price>(?:par|l['’]|le|pour chaque)[\s\u00a0]?(?:action|titre)\b"
    rf"|(?:l['’]une?|chacune?)\b)"
    rf"|(?P<per_unit>(?:de [\w'’]+ )?(?:(?:par|pour chaque|pour un|de l['’]|l['’]|le|la)[\s\u00a0]?{_UNIT}"
    rf"|/[\s\u00a0]?{_UNIT}|pièce\b|annuels?\b|annuelles?\b))"
    r"|(?P<valuation>(?:de|en) (?:valorisation|capitalisation))"
    r"|(?P<result>(?:de )(?:bénéfices?|pertes?|résultat))"
    r"|(?P<revenue>(?:de |d['’])(?:chiffre d['’]affaires|revenus?|recettes|ventes|arr\b))"
    r"|(?P<capex>(?:de |d['’])(?:dépenses d['’](?:investissement|équipement)s?|capex))"
    r"|(?P<total>au total\b|en tout\b|au cumul))",
)
_SHARED = re.compile(
    r"[\s\u00a0\u202f,(]*(?:contre|puis|après|et|ou|à|soit|au lieu de)[\s\u00a0\u202f](?:(?:les?|des?"
    r"|une?|à|environ|quelque|près|plus|moins|jusqu['’]à)[\s\u00a0\u202f])*$"
)
_SPENDS = re.compile(r"dépens(?:er|era|ent|é)\b")
_THIS_YEAR = re.compile(r"[^.,;]{0,25}\b(?:cette année|l['’]an prochain|en 20\d\d|sur l['’]exercice)")


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
_TERM_BEFORE = re.compile(
    r"(?:\bau[\s\u00a0]cours[\s\u00a0]des|\b(?:sur|pour|pendant|durant)(?:[\s\u00a0](?:une|la))?(?:[\s\u00a0](?:durée"
    r"|période)(?:[\s\u00a0]\w+)?[\s\u00a0](?:de|d['’]))?"
    r"|\b(?:durée|période|terme|maturité|échéance|horizon)[\s\u00a0]+" + _SWEEP + r"(?:de|d['’]|à|est|sera)"
    rf"|\b{_HELD}[\s\u00a0]+{_SWEEP}(?:de|d['’]|à|sur|pour)|\bs['’](?:étal\w+|étend\w*"
    rf"|engag\w+)[\s\u00a0](?:sur|pour))"
    r"(?:[\s\u00a0](?:les?|une?|au|moins|plus|de|environ|quelque|près|initiale?|minimum|jusqu['’]à|ses"
    r"|période|durée))*[\s\u00a0\u202f]*$",
)
_TERM_AFTER = re.compile(
    rf"[\s\u00a0\u202f]+(?:(?:de|d['’])[\s\u00a0]?(?:{_HELD}|loyers?|électricité|durée|capacité|calcul"
    rf"|fourniture)\b|fermes?\b|renouvelables?\b|prolongeables?\b)",
)


def is_term(before: str, after: str) -> bool:
    """True where a number of years is how long a commitment lasts, not an age, a past or a date."""
    return bool(_TERM_BEFORE.search(before[-WINDOW:]) or _TERM_AFTER.match(after))


_PAST_BEFORE = re.compile(
    r"(?:\bil[\s\u00a0]y[\s\u00a0]a|\bdepuis|\bâgée?s?[\s\u00a0]de|\bvieux[\s\u00a0]de|\bvieille[\s\u00a0]de|\baprès|\bavant"
    r"|\bdans|\bà|\btous[\s\u00a0]les|\bces|\bderniers?|\bdernières?|\bplus[\s\u00a0]de[\s\u00a0]ces|\bvoilà"
    r"|\bcela[\s\u00a0]fait)(?:[\s\u00a0](?:les?|environ|quelque|près|plus|moins|de|d['’]))*[\s\u00a0\u202f]*$"
)
_PAST_AFTER = re.compile(
    r"[\s\u00a0\u202f]+(?:derni|passé|écoulé|plus tôt|plus tard|après|auparavant"
    r"|d['’](?:âge|expérience|existence|ancienneté)|de (?:retard|carrière|vie))"
)


def is_past(before: str, after: str) -> bool:
    """True where a number of years is plainly an age, a distance in time or a rhythm."""
    return bool(_PAST_BEFORE.search(before[-WINDOW:]) or _PAST_AFTER.match(after))
