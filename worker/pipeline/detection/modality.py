"""How firm a sentence is, and whether it tells the article's news or recalls older ones."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from worker.pipeline.detection.document import Document, Sentence
from worker.pipeline.detection.lexicon import Lexicon

_YEAR = re.compile(
    r"\b(?:en|depuis|de|fin|début|dès|mi-|d['’]|été|automne|hiver|printemps)\s*((?:19|20)\d\d)\b", re.IGNORECASE
)
_MONTHS = [
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
]
_PLUPERFECT = frozenset(("avait", "avaient", "etait", "etaient"))
_PAST = frozenset(("a", "ont", "avait", "avaient", "est", "sont", "etait", "fut", "s"))
_AHEAD = frozenset(
    (
        "sera",
        "seront",
        "doit",
        "devra",
        "devrait",
        "va",
        "vont",
        "prevu",
        "prevue",
        "attendu",
        "attendus",
        "livre",
        "livres",
    )
)
_CONDITIONAL = ("rait", "raient")
# Conditionals that are politeness, law or plan rather than rumour.
_PLAIN = frozenset(("devrait", "devraient", "pourrait", "pourraient", "faudrait", "voudrait"))


@dataclass(frozen=True, slots=True)
class Mode:
    """The tone of one sentence. `recalled` from 0 (own news) to 1 (background); `rights`: words that say a right,
    `ends`: words by which something is called off."""

    conditional: bool
    sourced: bool
    talks: bool
    official: bool
    option: bool
    denied: bool
    comment: bool
    recalled: float
    rights: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    @property
    def cancelled(self) -> bool:
        """Return whether words say that something is called off, be it this deal or another."""
        return bool(self.ends)


def modes(document: Document, lexicon: Lexicon) -> dict[int, Mode]:
    """Return the tone of every sentence by its number."""
    folds = document.words.folds
    starts = [sentence.first for sentence in document.sentences]
    cues: dict[int, dict[str, list[int]]] = {}
    for name, listed in lexicon.phrases["cues"].items():
        for first, last in listed.find(folds):
            number = bisect_right(starts, first) - 1
            if number >= 0 and last < document.sentences[number].after:
                cues.setdefault(number, {}).setdefault(name, []).append(first)
    return {one.number: _mode(document, one, cues.get(one.number, {})) for one in document.sentences}


def _mode(document: Document, sentence: Sentence, cues: Mapping[str, list[int]]) -> Mode:
    present = document.words.folds[sentence.first : sentence.after]
    return Mode(
        conditional=any(word.endswith(_CONDITIONAL) and word not in _PLAIN for word in present),
        sourced="reported" in cues,
        talks="talks" in cues,
        official="official" in cues,
        option="option" in cues,
        denied="denied" in cues,
        comment="comment" in cues,
        recalled=_recalled(document, sentence, present, "recalled" in cues),
        rights=tuple(cues.get("option", ())),
        ends=tuple(cues.get("cancelled", ())),
    )


def _recalled(document: Document, sentence: Sentence, present: list[str], cue: bool) -> float:
    if sentence.part == "title":
        return 0.0
    score = 0.0
    if any(word in _PLUPERFECT for word in present):
        score += 0.6
    if cue:
        score += 0.5
    if document.published is not None:
        text = document.text[sentence.start : sentence.end]
        years = [int(match.group(1)) for match in _YEAR.finditer(text)]
        if any(year < document.published.year for year in years):
            score += 0.7
        if _old_month(present, document.published.month) and not any(y > document.published.year for y in years):
            score += 0.5
    if sentence.is_lead:
        score *= 0.6
    return min(score, 1.0)


def _old_month(present: list[str], month: int) -> bool:
    """Whether a month other than this one and the next is named without a day, beside a past tense."""
    for index, word in enumerate(present):
        if word not in _MONTHS or (index and present[index - 1].isdigit()) or (index and present[index - 1] == "1er"):
            continue
        distance = (month - 1 - _MONTHS.index(word)) % 12
        if 1 <= distance <= 9 and any(w in _PAST for w in present) and not any(w in _AHEAD for w in present):
            return True
    return False
