"""Runs of capitalised words that may be names.

Theory: French does not capitalise common nouns, so a capital inside a sentence is a name. Known exceptions: titles in
capitals throughout, which are skipped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from worker.pipeline.detection import cues, numerals
from worker.pipeline.detection.listed import Layout, capital
from worker.pipeline.detection.vocabulary import Vocabulary

_JOINTS = frozenset((" ", "\u00a0", "\u202f", "-", "&", " & ", "'", "’"))
_DOMAINS = frozenset(("ai", "io", "com", "cloud", "energy", "tech", "net", "fr", "eu", "xyz"))
_ARTICLES = frozenset(("le", "la", "l", "les", "du", "au", "des", "aux", "un", "une"))
_AMOUNT = re.compile(r"\d+(?:M|Md|Mds|MW|GW|G|k|K|Go|To|nm|GHz|W|kW|h|e|er|ère|ème|x|th|ko|V|mm|[A-Z])\d*$")
# "3S": a digit and a letter, no size.
_LETTERED = 2
PRODUCT = re.compile(r"(?:[A-Z]{1,4}|[A-Z][a-z]{0,2})\d{1,4}[A-Za-z]{0,2}$|v\d")


@dataclass(frozen=True, slots=True)
class Run:
    """Words `first` to `after` (exclusive), all written as a name; `country` of an adjective stripped off its front."""

    first: int
    after: int
    country: str = ""


def runs(layout: Layout, vocabulary: Vocabulary, taken: list[bool]) -> list[Run]:
    """Return the capitalised runs outside the words already `taken`."""
    found: list[Run] = []
    shouted, free = _shouted(layout), 0
    for index in layout.words.capitals:
        if index < free or taken[index] or layout.sentence[index] in shouted:
            continue
        if not _begins(layout, vocabulary, index):
            continue
        free = _extend(layout, vocabulary, taken, index)
        run = _trim(layout, vocabulary, Run(index, free))
        if run is not None:
            found.append(run)
    return found


def _shouted(layout: Layout) -> set[int]:
    """Return the sentences that are mostly capitals, where capitals tell nothing."""
    raws = layout.words.raw
    if sum(len(raws[index]) > 3 and raws[index].isupper() for index in layout.words.capitals) < 4:
        return set()
    totals: dict[int, list[int]] = {}
    for raw, sentence in zip(raws, layout.sentence, strict=True):
        if len(raw) > 3:
            counts = totals.setdefault(sentence, [0, 0])
            counts[0] += raw.isupper()
            counts[1] += 1
    return {number for number, (upper, total) in totals.items() if total >= 4 and upper > total * 0.6}


def _begins(layout: Layout, vocabulary: Vocabulary, index: int) -> bool:
    raw, folded = layout.words.raw[index], layout.words.folds[index]
    if not capital(raw) or _is_ticker(layout, index):
        return False
    if (len(raw) == 1 or _AMOUNT.match(raw)) and not _is_initial(layout, vocabulary, index):
        return False
    if folded in vocabulary["acronyms"] and not _named_acronym(layout, vocabulary, index):
        return False
    if folded in vocabulary["months"] or folded in cues.CONNECTORS or folded in ("le", "les", "l", "un", "une"):
        return False
    if not layout.opens[index]:
        small = len(folded) <= 4 and folded in vocabulary["starters"] and folded not in vocabulary.suffixes
        return not small or raw.isupper()
    if folded in vocabulary["starters"]:
        # "Data Horizon lève" begins with an ordinary word that is part of the name.
        named = folded in vocabulary.suffixes and layout.adjoins(index) and _continues(layout, vocabulary, index + 1)
        return named and layout.words.gap(index) == " "
    return not folded.endswith("ment") and not _is_participle(layout, index)


def _is_initial(layout: Layout, vocabulary: Vocabulary, index: int) -> bool:
    """True for "G Squared" and "3S Cloud", where a letter opens a name: not "À" at the head of a sentence."""
    words, raw = layout.words, layout.words.raw[index]
    if not layout.adjoins(index) or words.gap(index) != " " or layout.opens[index + 1]:
        return False
    following = words.raw[index + 1]
    if raw[0].isdigit():
        return (
            len(raw) == _LETTERED
            and raw[1].isupper()
            and words.folds[index + 1] in vocabulary.suffixes
            and capital(following)
        )
    alone = not layout.opens[index] and (not layout.adjoins(index - 1) or not capital(words.raw[index - 1]))
    return alone and raw.isupper() and following[0].isupper() and following[1:].islower()


def _is_participle(layout: Layout, index: int) -> bool:
    """True for "Adossée à" and "Estimé par" at the head of a sentence."""
    raw, words = layout.words.raw[index].lower(), layout.words
    if not raw.endswith(("é", "ée", "és", "ées")) or not layout.adjoins(index) or words.gap(index) != " ":
        return False
    return words.folds[index + 1] in cues.OBJECT_AFTER or words.folds[index + 1] in cues.PREPOSITIONS


def _named_acronym(layout: Layout, vocabulary: Vocabulary, index: int) -> bool:
    """True for "GPU Cloud" or "AI Labs", where common letters open a name."""
    words = layout.words
    if not layout.adjoins(index) or words.gap(index) != " ":
        return False
    return capital(words.raw[index + 1]) and words.folds[index + 1] in vocabulary.suffixes


def _extend(layout: Layout, vocabulary: Vocabulary, taken: list[bool], first: int) -> int:
    words = layout.words
    after = first + 1
    while after < len(words) and not taken[after] and layout.sentence[after] == layout.sentence[first]:
        gap = words.gap(after - 1)
        if words.raw[after - 1] == "No" and not gap.strip(".\u0020\u00a0\u202f") and words.raw[after].isdigit():
            # "Engine No. 1"
            return after + 1
        if gap == "." and words.folds[after] in _DOMAINS:
            after += 1
            continue
        if gap in "'’" and words.raw[after] == "s":
            # "Moody's", "Queen's"
            after += 1
            continue
        again = words.folds[after] == words.folds[first]
        step = _step(layout, vocabulary, first, after) if gap in _JOINTS and not again else 0
        if not step or taken[after + step - 1]:
            break
        after += step
    return after


def _step(layout: Layout, vocabulary: Vocabulary, first: int, after: int) -> int:
    """Return how many words from `after` on belong to the name that began at `first`."""
    words = layout.words
    if _continues(layout, vocabulary, after):
        return 0 if words.gap(after - 1) in "'’" and words.folds[after - 1] not in ("o", "l", "d") else 1
    if words.folds[first] not in vocabulary.heads:
        return 0
    for step in (1, 2):
        if after + step >= len(words) or words.folds[after + step - 1] not in cues.CONNECTORS:
            return 0
        if _continues(layout, vocabulary, after + step):
            return step + 1
    return 0


def _continues(layout: Layout, vocabulary: Vocabulary, index: int) -> bool:
    raw, folded = layout.words.raw[index], layout.words.folds[index]
    if not capital(raw) or _AMOUNT.match(raw) or PRODUCT.match(raw):
        return False
    if folded in vocabulary["months"] or _is_ticker(layout, index):
        return False
    return folded in vocabulary.suffixes or folded not in vocabulary["acronyms"]


def _is_ticker(layout: Layout, index: int) -> bool:
    """True for a share's code with its exchange: "OWL.N"."""
    words = layout.words
    if index + 1 >= len(words) or words.gap(index) != ".":
        return False
    return words.raw[index].isupper() and words.raw[index + 1].isupper() and len(words.raw[index + 1]) <= 2


def _trim(layout: Layout, vocabulary: Vocabulary, run: Run) -> Run | None:
    """Strip what introduces a name at the head of a sentence or a title: "L'Américain X", "Opérateur X"."""
    folds, first, country = layout.words.folds, run.first, ""
    while first < run.after - 1:
        described = vocabulary.descriptor_at(folds, first) if layout.opens[first] else None
        led = layout.opens[first] or (layout.adjoins(first - 1) and folds[first - 1] in _ARTICLES)
        if folds[first] in vocabulary.nationalities and led:
            country = vocabulary.nationalities[folds[first]]
            first += 1
        elif described and described[1] < run.after and folds[first] not in vocabulary.heads:
            first = described[1]
        else:
            break
    if run.after - first >= 2 and folds[run.after - 1] in vocabulary["acronyms"] and folds[first] in numerals.NAMES:
        return None
    single = run.after - first == 1
    if single and (folds[first] in vocabulary.nationalities or folds[first] in vocabulary["acronyms"]):
        return None
    return Run(first, run.after, country)
