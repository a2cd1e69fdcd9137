"""Megawatts that say how large a place is, not what a deal moves: "sur son campus de 750 mégawatts".

Theory: French puts the place of a delivery behind "sur", "dans" or "à", and its size behind the place. What is let or
built stands behind no such word: "loue un campus de 200 mégawatts". Known exception: who puts money into a place
builds it, "investit 3 milliards dans un site de 300 MW".
"""

from __future__ import annotations

import re

_PLACES = (
    r"campus|sites?|centres?(?: de (?:données|calcul|traitement))?|data ?cent(?:er|re)s?|parcs?|complexes?"
    r"|installations?|fermes?(?: de serveurs)?|usines?|bâtiments?|infrastructures?"
)
_OF_PLACE = re.compile(
    rf"(?:^|[\s,]+)(?:sur|dans|au sein d(?:e|['’])|au|à|à côté d(?:e|['’])|près d(?:e|['’]))\s?"
    rf"(?:(?:son|sa|ses|leurs?|une?|l[ea]s?|l['’]|ce(?:t|tte|s)?|des?|d['’])\s?)?(?:[\w-]+\s){{0,2}}(?:{_PLACES})"
    r"(?:,?\s[\w'’-]+){0,6}?,?\sd(?:e|['’])(?:\s?(?:une? )?(?:capacité|puissance)(?: totale)? d(?:e|['’]))?"
    r"\s?(?:près d(?:e|['’])\s?|plus d(?:e|['’])\s?|environ |quelque )?$"
)
_REACH = 50
_BUILDS = re.compile(r"\b(?:inves|engag|injec|mis|dépens|mett|met\b|consacr)")


def of_place(before: str) -> bool:
    """Whether what stands before a power makes it the size of the place where something happens."""
    near = before[-120:]
    found = _OF_PLACE.search(near)
    return found is not None and not _BUILDS.search(near, max(0, found.start() - _REACH), found.start())
