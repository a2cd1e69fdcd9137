"""Persons: never organisations, but some speak for one ("Jeanne Dupont, PDG de X")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worker.pipeline.detection import cues
from worker.pipeline.detection.candidates import Run
from worker.pipeline.detection.listed import Layout
from worker.pipeline.detection.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Person:
    """A run that is a person's name; `surname` folded."""

    run: Run
    surname: str


def split(layout: Layout, vocabulary: Vocabulary, runs: Sequence[Run]) -> tuple[list[Person], list[Run]]:
    """Return the persons among `runs` and the rest."""
    people: list[Person] = []
    rest: list[Run] = []
    for run in runs:
        if _is_person(layout, vocabulary, run):
            people.append(Person(run, layout.words.folds[run.after - 1]))
        else:
            rest.append(run)
    return people, rest


def _is_person(layout: Layout, vocabulary: Vocabulary, run: Run) -> bool:
    words = layout.words
    folds = words.folds[run.first : run.after]
    if folds[-1] in vocabulary.suffixes or folds[0] in vocabulary.heads or len(folds) > 5:
        return False
    if len(folds) > 1 and folds[0] in vocabulary["first_names"] and not _is_described(layout, vocabulary, run.first):
        return not words.raw[run.after - 1].isupper() or len(words.raw[run.after - 1]) > 3
    before = words.fold_at(run.first - 1) if layout.adjoins(run.first - 1) else ""
    if words.gap(run.first - 1) in (". ", ".\u00a0") and words.fold_at(run.first - 1) in ("m", "mm", "mr", "dr"):
        before = "m"
    if before in vocabulary["titles"] or folds[0] in vocabulary["titles"]:
        return True
    if (
        before.endswith(("al", "ale", "eur", "ique", "el", "elle"))
        and words.fold_at(run.first - 2) in vocabulary["titles"]
    ):
        return layout.adjoins(run.first - 2)
    return len(folds) > 1 and _titled_after(layout, vocabulary, run.after) is not None


def _is_described(layout: Layout, vocabulary: Vocabulary, first: int) -> bool:
    """True for "la jeune pousse Ondine Bio", not for "l'investisseur Jean Dupont"."""
    folds = layout.words.folds
    for index in range(first - 1, max(-1, first - 4), -1):
        if not layout.adjoins(index):
            return False
        found = vocabulary.descriptor_at(folds, index)
        if found and found[1] <= first:
            return not found[0].relation and folds[index] not in ("investisseur", "investisseuse")
        if not vocabulary.fits_between(folds[index]) or folds[index] in ("de", "d", "du", "des"):
            return False
    return False


def _titled_after(layout: Layout, vocabulary: Vocabulary, after: int) -> int | None:
    """Return the word of a title in ", le PDG de" after a name, None without one."""
    words = layout.words
    if after >= len(words) or words.gap(after - 1).strip() not in (",", "("):
        return None
    for index in range(after, min(after + 4, len(words))):
        if index > after and not layout.adjoins(index - 1):
            return None
        if words.folds[index] in vocabulary["titles"]:
            return index
        if words.folds[index] not in cues.BETWEEN:
            return None
    return None


def firms(layout: Layout, vocabulary: Vocabulary, people: Sequence[Person], names: Mapping[int, str]) -> dict[str, str]:
    """Return the firm that each surname speaks for. names: the organisation named at a word index."""
    found: dict[str, str] = {}
    for person in people:
        firm = _firm_after(layout, vocabulary, person.run, names) or _firm_before(layout, person.run, names)
        if firm:
            found.setdefault(person.surname, firm)
    return found


def _firm_after(layout: Layout, vocabulary: Vocabulary, run: Run, names: Mapping[int, str]) -> str:
    title = _titled_after(layout, vocabulary, run.after)
    if title is None or layout.words.folds[title] not in cues.SPEAKERS:
        return ""
    for index in range(title + 1, min(title + 7, len(layout.words))):
        if not layout.adjoins(index - 1):
            return ""
        if index in names:
            return names[index]
    return ""


def _firm_before(layout: Layout, run: Run, names: Mapping[int, str]) -> str:
    """Read "le patron de X, Jeanne Dupont" and "le PDG de X Jeanne Dupont"."""
    words = layout.words
    last = run.first - 1
    if last < 0 or words.gap(last).strip() not in ("", ",") or layout.sentence[last] != layout.sentence[run.first]:
        return ""
    name = names.get(last, "")
    first = last
    while first > 0 and name and names.get(first - 1) == name:
        first -= 1
    before = words.folds[max(0, first - 4) : first]
    of_firm = bool(before) and before[-1] in ("de", "d", "du")
    return name if of_firm and any(word in cues.SPEAKERS for word in before) else ""
