"""Megawatts that say how large a place is, not what a deal moves: "sur son campus de 750 mégawatts".

Theory: French puts the place of a delivery behind "sur" or "dans", and its size behind the place. Known exceptions:
what is let, sold, built or paid for in a place ("investit 3 milliards dans un site de 300 MW"), and what a contract is
about ("le bail porte sur un campus de 200 MW"); where such words stand before, nothing is said to be a place.
"""

from __future__ import annotations

from worker.pipeline.detection.patterns import pattern
from worker.pipeline.detection.quantity_context import same_sentence_before

_PLACES = (
    r"campus|sites?|centres?(?: de (?:données|calcul|traitement))?|data ?cent(?:er|re)s?|parcs?|complexes?"
    r"|installations?|fermes?(?: de serveurs)?|usines?|bâtiments?|infrastructures?"
)
_OF_PLACE = pattern(
    r"(?:^|[\s,])(?:sur|dans|au sein d(?:e|['’])|à côté d(?:e|['’])|près d(?:e|['’]))\s?"
    r"(?:(?:son|sa|ses|leurs?|une?|l[ea]s?|l['’]|ce(?:t|tte|s)?|des?|d['’])\s?)?"
    rf"(?:(?:futurs?|nouve(?:au|l|lle|aux)|grands?|premiers?|propres?|vastes?)\s)?(?:{_PLACES})"
    r"(?:,?\s[\w'’-]+){0,6}?,?\sd(?:e|['’])(?:\s?(?:une? )?(?:capacité|puissance)(?: totale)? d(?:e|['’]))?"
    r"\s?(?:près d(?:e|['’])\s?|plus d(?:e|['’])\s?|environ |quelque )?$"
)
_DEALS = pattern(
    r"\b(?:lou|constru|bâti|vend|achet|achèt|acqu|céd|cèd|investi|engag|inject|dépens|consacr|réserv|occup"
    r"|met(?:s|t|tra|tre|trait|tent|tront)?\b|mise(?:nt|ra)?\b|port(?:e|ent|era|ant)\b|bail|baux|accord|contrat|options?\b"
    r"|main\b|droits?\b|offres?\b|location)"
)


def of_place(text: str, start: int) -> bool:
    """Return whether the words before a power make it the size of a place where something happens.

    text: in lower case; start: where the power stands in it.
    """
    before = same_sentence_before(text, start, 0)
    found = _OF_PLACE.search(before)
    return found is not None and not _DEALS.search(before, 0, found.start())
