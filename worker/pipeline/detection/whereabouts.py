"""Names that say where or who tells it, not who acts: datelines, places explained by larger ones, media as sources."""

from __future__ import annotations

from worker.pipeline.detection import cues
from worker.pipeline.detection.candidates import Run
from worker.pipeline.detection.listed import Layout
from worker.pipeline.detection.vocabulary import Vocabulary

_AT = frozenset(("a", "de", "d", "pres"))
_TO_PLACE = frozenset(("en", "au", "aux", "dans", "le", "la", "l", "les"))
_PRESS = frozenset(
    ("quotidien", "journal", "magazine", "hebdomadaire", "mensuel", "revue", "media", "newsletter"),
)


def is_dateline(layout: Layout, vocabulary: Vocabulary, run: Run) -> bool:
    """True for "Casablanca - L'opérateur", "OSLO, le 2 avril -" and "(Cercle Bourse) -" at the head of a text."""
    words = layout.words
    if not layout.opens[run.first] or run.after >= len(words):
        return False
    gap = words.gap(run.after - 1).strip(" \u00a0")
    if gap in ("-", "–", "—") or (gap.startswith(")") and gap[1:].strip(" \u00a0") in ("-", "–", "—")):
        return " " in words.gap(run.after - 1)
    dated = gap == "," and any(folded in vocabulary["months"] for folded in words.folds[run.after : run.after + 3])
    return dated and words.folds[run.after][:1] not in ("q", "d")


def is_source(layout: Layout, run: Run) -> bool:
    """True for "selon L'Écho", "d'après La Lettre", "le quotidien Expansión": who tells news is seldom in it."""
    words, before = layout.words, run.first - 1
    if not layout.adjoins(before):
        return False
    if words.folds[before] in _PRESS:
        return True
    if words.folds[before] not in cues.DETERMINERS:
        # "Selon X" may be a party, "le quotidien taïwanais X" is none.
        return layout.adjoins(before - 1) and (
            words.folds[before - 1] in _PRESS and words.folds[before] not in ("de", "d", "du")
        )
    before -= 1
    if not layout.adjoins(before):
        return False
    return words.folds[before] == "selon" or words.folds[max(0, before - 1) : before + 1] == ["d", "apres"]


def is_located(layout: Layout, vocabulary: Vocabulary, run: Run) -> bool:
    """True for "à Sweetwater (Texas)", "à Sakai, au Japon" and, at the head of a sentence, "À Sakai, ": places."""
    words = layout.words
    if not layout.adjoins(run.first - 1) or words.folds[run.first - 1] not in _AT:
        return False
    if run.after >= len(words) or words.gap(run.after - 1).strip(" \u00a0") not in ("(", ","):
        return False
    if layout.opens[run.first - 1] and words.folds[run.first - 1] == "a":
        return True
    following = list(range(run.after, min(run.after + 3, len(words))))
    placed = [index for index in following if words.folds[index] in vocabulary["places"]]
    return bool(placed) and all(words.folds[index] in _TO_PLACE for index in following[: placed[0] - run.after])
