"""Organisations of a sentence as the grammar sees them: coordinated ones together, with the preposition before them.

Theory: in French news the role of an organisation beside a verb shows in its preposition and its side. Known
exceptions: inverted subjects ("annonce Meta") and long appositions, which the parties' trades settle later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from worker.pipeline.detection import tickers
from worker.pipeline.detection.document import Document, Sentence
from worker.pipeline.detection.entities import Mention, Registry

_PREPOSITIONS = {
    "a": "a", "au": "a", "aux": "a", "de": "de", "d": "de", "du": "de", "des": "de", "avec": "avec", "par": "par",
    "pour": "pour", "chez": "chez", "dans": "dans", "aupres": "aupres", "entre": "entre", "sur": "sur", "vers": "vers",
    "contre": "contre", "sans": "sans", "via": "via", "selon": "selon", "apres": "apres", "depuis": "depuis",
    "face": "face", "outre": "outre", "malgre": "malgre", "avant": "avant", "devant": "devant", "comme": "comme",
    "que": "que", "dont": "dont",
}  # fmt: skip
_ARTICLES = frozenset(
    [
        "le",
        "la",
        "l",
        "les",
        "un",
        "une",
        "son",
        "sa",
        "ses",
        "leur",
        "leurs",
        "ce",
        "cette",
        "cet",
        "notre",
        "deux",
        "trois",
        "quatre",
        "meme",
        "nouveau",
        "nouvelle",
    ]
)
_JOINT = re.compile(
    # Behind a name its code, or what it is: "Nscale (opérateur de serveurs) et Aker".
    rf"^(?:\s{tickers.CODE}|\s?\([^()]{{1,60}}\))?"
    r"(?:\s*,\s*(?:et\s+|puis\s+|ainsi\s+que\s+)?|\s+et\s+|\s+ou\s+|\s+ainsi\s+que\s+|\s*&\s*|\s*/\s*|\s*\+\s*)"
    r"(?:(?:d['’]|de\s|du\s|des\s|au\s|aux\s|à\s|avec\s|chez\s|par\s|le\s|la\s|les\s|l['’]|un\s|une\s|son\s|sa\s)\s*)*"
    r"(?:[^\W\dA-Z_][\w'’-]*\s+){0,4}$"
)
# "X versera 5 millions à Y, et Z, 10 millions": Z has a sum of its own and is no part of the group.
_OWN_SUM = re.compile(r"\s*,\s*(?:jusqu|environ|près|plus|quelque|pour|\d)")
_REACH = 9
# Verbs that are prepositions as well, and those of no frame by which the press goes on: "et X entre à son capital".
_ENTERS = frozenset(("entre", "entrent", "entrera", "entrerait", "devient", "deviendra", "reste", "garde", "gardera"))


@dataclass(frozen=True, slots=True)
class Group:
    """Coordinated mentions. `first` and `last` are words of the document; `preposition` is "" for none."""

    mentions: tuple[Mention, ...]
    first: int
    last: int
    preposition: str


def groups(document: Document, sentence: Sentence, registry: Registry) -> list[Group]:
    """Return the groups of a sentence in order. Apposed mentions of one organisation count once."""
    found: list[Group] = []
    previous: Mention | None = None
    for mention in sentence.mentions:
        first = document.word_at(mention.start)
        last = document.word_at(mention.end - 1)
        if previous is not None and found:
            between = document.text[previous.end : mention.start]
            same = previous.name == mention.name and mention.name != "" and len(between) < 60 and "." not in between
            apart = _OWN_SUM.match(document.text, mention.end) or _new_clause(document, sentence, previous, last)
            if (_JOINT.match(between) and not apart) or (same and between.strip(" ,«»()\u00a0").count(" ") <= 6):
                held = found[-1]
                mentions = held.mentions if same else (*held.mentions, mention)
                found[-1] = Group(mentions, held.first, last, held.preposition)
                previous = mention
                continue
        found.append(Group((mention,), first, last, _preposition(document, sentence, first, registry)))
        previous = mention
    return found


def _new_clause(document: Document, sentence: Sentence, previous: Mention, last: int) -> bool:
    """Whether a mention that ends at word `last` is the subject of a verb of its own: "X loue chez Y, et Z
    investit", "X loue chez Y, et Z entre à son capital"."""
    verbs = [hit.first for hit in sentence.hits if not hit.noun]
    if not any(verb < document.word_at(previous.start) for verb in verbs):
        return False
    after = document.words.fold_at(last + 1) if last + 1 < sentence.after else ""
    enters = after in _ENTERS and document.words.gap(last) == " "
    return enters or any(last < verb <= last + 3 for verb in verbs)


def _preposition(document: Document, sentence: Sentence, first: int, registry: Registry) -> str:
    """Return the preposition that governs word `first`, looking over articles, adjectives and describing nouns."""
    folds = document.words.folds
    index = first - 1
    steps = 0
    while index >= sentence.first and steps < _REACH:
        gap = document.words.gap(index)
        if any(mark in gap for mark in ",;:()—–\n«"):
            return ""
        word = folds[index]
        if word in _PREPOSITIONS:
            described = _describes(folds, sentence.first, index, registry) if word in ("de", "d", "du", "des") else -1
            if described < 0:
                return "aupres" if folds[index - 1 : index] == ["aupres"] else _PREPOSITIONS[word]
            index = described - 1
        elif word in _ARTICLES or steps == 0 or _lower(document, index):
            if registry.vocabulary.descriptor_at(folds, index) is None and word not in _ARTICLES and steps > 3:
                return ""
            index -= 1
        else:
            return ""
        steps += 1
    return ""


def _lower(document: Document, index: int) -> bool:
    return document.words.raw[index][:1].islower()


def _describes(folds: Sequence[str], floor: int, index: int, registry: Registry) -> int:
    """Return the word where a describing noun begins whose complement opens at `index` ("le fabricant de puces X")."""
    for back in range(index - 1, max(floor - 1, index - 4), -1):
        if registry.vocabulary.descriptor_at(folds, back) is not None:
            return back
    return -1
