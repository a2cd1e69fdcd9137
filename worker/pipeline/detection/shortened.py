"""The first words of a listed name, used for the whole of it: "Bloom" where the text names Bloom Energy too.

Theory: after the full name the press says its distinctive part. Known exceptions, which are left alone: parts that are
places, first names or ordinary nouns ("Texas", "Jane", "Banque"), parts that two listed firms share ("Deutsche"), and
words that the same text uses otherwise: for a person, behind an article, or as the head of another name.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from worker.pipeline.detection.candidates import Run
from worker.pipeline.detection.listed import Claim, Layout
from worker.pipeline.detection.registry import Registry, Term
from worker.pipeline.detection.vocabulary import Vocabulary

# How the list gives a name, not a brand, a phrase or a person.
_NAMES = frozenset(("name", "alias"))
# A part of fewer letters is a word or an acronym of its own.
_LEAST = 4
# What stands before places and common nouns, hardly before a firm.
_NO_FIRM = frozenset(("en", "au", "aux", "le", "la", "l", "les", "du", "un", "une", "des", "ce", "cette"))
_ORDINARY = ("places", "place_words", "acronyms", "months", "first_names", "titles", "products", "events", "starters")

Key = tuple[str, ...]


def find(
    layout: Layout, registry: Registry, listed: Sequence[Claim], free: Sequence[Run], persons: Collection[str]
) -> list[Claim]:
    """Return the runs among `free` that mean a listed name of the text. persons: folded names of the text's people."""
    keys = [tuple(layout.words.folds[run.first : run.after]) for run in free]
    if not keys:
        return []
    whole: dict[Key, set[Term]] = {}
    for claim in listed:
        words = claim.term.words
        if claim.term.via in _NAMES and claim.term.company.type != "state":
            for length in range(1, len(words)):
                whole.setdefault(words[:length], set()).add(claim.term)
    terms = {
        key: next(iter(found))
        for key, found in whole.items()
        if len({term.company.name for term in found}) == 1 and _is_distinctive(registry, key)
    }
    heads = {key[: len(part)] for key in keys for part in terms if len(key) > len(part)}
    otherwise = {
        key
        for key, run in zip(keys, free, strict=True)
        if layout.adjoins(run.first - 1) and layout.words.folds[run.first - 1] in _NO_FIRM
    }
    return [
        Claim(run.first, run.after, replace(terms[key], via="alias"))
        for key, run in zip(keys, free, strict=True)
        if key in terms and key not in heads and key not in otherwise and key[-1] not in persons
    ]


def _is_distinctive(registry: Registry, key: Key) -> bool:
    vocabulary: Vocabulary = registry.vocabulary
    if len(key) == 1 and len(key[0]) < _LEAST:
        return False
    if key[0] in vocabulary.heads or key[:1] in vocabulary.bare_institutions or key[-1] in vocabulary.suffixes:
        return False
    ordinary = any(word in vocabulary[name] for word in key for name in _ORDINARY)
    told = any(word in vocabulary.nationalities for word in key) or vocabulary.descriptor_at(key, 0) is not None
    return not (ordinary or told) and registry.begins_one(key)
