"""Labelled articles with every listed organisation renamed, so that no reading can lean on the list of organisations.

A name becomes an invented one that begins as the old one does (vowel or consonant, for "d'X" and "de X"); a metonym
becomes the plain description of the trade; a person becomes another person. Gold flows are renamed with the text.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from worker.pipeline.detection.document import Document
from worker.pipeline.detection.mentions import Mention, OrgType
from worker.pipeline.detection.registry import Registry
from worker.text import fold

_VOWELS = ("Al", "El", "Or", "Is", "Um", "Ar", "Em", "Ol", "Un", "Ak", "Ed", "Iv")
_CONSONANTS = (
    "Bel", "Tor", "Val", "Kor", "Mir", "Nor", "Sel", "Dra", "Fen", "Gal", "Jor", "Lan", "Mar", "Per", "Ral", "Tam",
)  # fmt: skip
_MIDDLES = ("da", "vi", "ko", "ne", "ra", "lo", "mi", "te", "")
_ENDINGS = (
    "dyne", "tis", "vik", "lor", "nea", "dor", "xis", "bex", "phor", "trix", "vane", "zian", "kell", "gon", "lex",
)  # fmt: skip
_FIRST = ("Adèle", "Bruno", "Carla", "Denis", "Elsa", "Fabien", "Gaëlle", "Hugo", "Irène", "Jonas", "Karim", "Léa")
_PLAIN: Mapping[OrgType, str] = {
    OrgType.LAB: "start-up", OrgType.CHIPS: "fabricant de puces", OrgType.CLOUD: "géant du cloud",
    OrgType.NEOCLOUD: "loueur de GPU", OrgType.DATACENTER: "opérateur de centres de données", OrgType.BANK: "banque",
    OrgType.FUND: "fonds", OrgType.ENERGY: "énergéticien", OrgType.TELECOM: "opérateur",
}  # fmt: skip
_NAMED = frozenset(("name", "alias", "brand"))
_KEPT = frozenset((OrgType.MEDIA, OrgType.STATE))


def renamed(row: Mapping[str, Any], document: Document, registry: Registry, *, seed: int) -> dict[str, Any]:
    """Return `row` with invented names. document: the same article as read with the full list; seed: one per copy."""
    chance = random.Random(f"{seed}:{row['id']}")
    found = (one for sentence in document.sentences for one in sentence.mentions)
    mentions = [one for one in found if one.known and one.type not in _KEPT]
    names: dict[str, str] = {}
    for one in mentions:
        if one.via in _NAMED and one.name not in names:
            names[one.name] = _invented(chance, one.name, names.values())
    persons: dict[str, str] = {}
    changes: dict[str, list[tuple[int, int, str]]] = {"title": [], "summary": [], "text": []}
    for one in mentions:
        new = _said(one, names, persons, chance)
        if new:
            span = document.span(one.start, one.end)
            changes[span.part].append((span.start, span.end, new))
    made = {**row, "flows": [_flow(flow, names, registry) for flow in row["flows"]]}
    for part, listed in changes.items():
        made[part] = _changed(row.get(part) or "", listed)
    return made


def _invented(chance: random.Random, old: str, used: Any) -> str:
    openings = _VOWELS if fold(old)[:1] in "aeiouyh" else _CONSONANTS
    while True:
        new = chance.choice(openings) + chance.choice(_MIDDLES) + chance.choice(_ENDINGS)
        if new not in used:
            return new


def _said(one: Mention, names: Mapping[str, str], persons: dict[str, str], chance: random.Random) -> str:
    if one.via in _NAMED:
        return names[one.name]
    if one.via == "person" and " " in one.surface:
        surname = one.surface.rsplit(" ", 1)[1]
        return persons.setdefault(surname, f"{chance.choice(_FIRST)} {_invented(chance, 'Bo', persons.values())}")
    if one.via == "person":
        return persons.get(one.surface, "").rsplit(" ", 1)[-1]
    if one.via == "metonym" and one.surface[:1].islower():
        return _PLAIN.get(one.type, "groupe")
    return names.get(one.name, "") if one.via == "metonym" else ""


def _flow(flow: Mapping[str, Any], names: Mapping[str, str], registry: Registry) -> dict[str, Any]:
    parties = {side: flow[side] and names.get(registry.resolve(flow[side]), flow[side]) for side in ("payer", "payee")}
    return {**flow, **parties}


def _changed(text: str, changes: Sequence[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text
