"""The words of companies.toml that tell organisations from other capitalised words, and say what they do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worker.pipeline.detection.mentions import OrgType, Words
from worker.text import fold

_FORMS = ("", "e", "s", "es", "ne", "nes")


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A common noun for organisations. `types` empty: it fits any; `guess` types the name that it introduces."""

    types: tuple[OrgType, ...]
    guess: OrgType
    prefer: OrgType
    gender: str
    relation: bool


class _Phrases:
    """Phrases by their first folded word, the longest first."""

    def __init__(self) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], object]]] = {}

    def add(self, phrase: str, value: object) -> None:
        words = tuple(Words(phrase).folds)
        if words:
            group = self._by_first.setdefault(words[0], [])
            group.append((words, value))
            group.sort(key=lambda pair: -len(pair[0]))

    @property
    def beginnings(self) -> frozenset[str]:
        """Return the first words of all phrases."""
        return frozenset(self._by_first)

    def at(self, folds: Sequence[str], index: int) -> tuple[object, int] | None:
        for words, value in self._by_first.get(folds[index], ()):
            after = index + len(words)
            if tuple(folds[index:after]) == words:
                return value, after
        return None


class Vocabulary:
    """Sets and phrases by what they are; every word folded."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        """Read the tables words, towns, suffixes, heads, descriptor, topics, nationalities; any may be missing."""
        lists: Mapping[str, Iterable[str]] = table.get("words", {})
        self._lists = {key: frozenset(fold(word) for word in values) for key, values in lists.items()}
        # Folded in the file: to fold so many would cost a tenth of the start.
        self.towns = frozenset(name.strip() for name in table.get("towns", {}).get("names", "").split(","))
        self.suffixes = _typed(table.get("suffixes", {}))
        self.heads = _typed(table.get("heads", {}))
        institutions = table.get("institutions", {})
        self.institutions = _institutions(institutions)
        self.bare_institutions, self.titled_institutions, self.whole_institutions = (
            _nouns(institutions, key) for key in _HOW_NAMED
        )
        self._descriptors, self._nouns, self._topics = _Phrases(), _Phrases(), _Phrases()
        for row in table.get("descriptor", ()):
            for word in row["words"]:
                self._nouns.add(word, _descriptor(row))
                if row.get("introduces", True):
                    self._descriptors.add(word, _descriptor(row))
        self.noun_beginnings = self._nouns.beginnings
        self._topic_words: set[str] = set()
        for kind, phrases in table.get("topics", {}).items():
            for phrase in phrases:
                self._topics.add(phrase, OrgType(kind))
                self._topic_words.update(Words(phrase).folds)
        self.nationalities: dict[str, str] = {
            form: country
            for country, adjectives in table.get("nationalities", {}).items()
            for adjective in adjectives
            for form in (Words(adjective).folds[-1] + ending for ending in _FORMS)
        }

    def __getitem__(self, key: str) -> frozenset[str]:
        """Return one list of [words], empty if it is missing."""
        return self._lists.get(key, frozenset())

    def descriptor_at(self, folds: Sequence[str], index: int) -> tuple[Descriptor, int] | None:
        """Return the descriptor that begins at a word and the index after it."""
        found = self._descriptors.at(folds, index)
        return (found[0], found[1]) if found and isinstance(found[0], Descriptor) else None

    def noun_at(self, folds: Sequence[str], index: int) -> tuple[Descriptor, int] | None:
        """Return the descriptor that begins at a word, be it one that introduces no name, and the index after it."""
        found = self._nouns.at(folds, index)
        return (found[0], found[1]) if found and isinstance(found[0], Descriptor) else None

    def topic(self, folds: Sequence[str], first: int, after: int) -> OrgType:
        """Return the line of business that words `first` to `after` speak of, UNKNOWN for none."""
        for index in range(first, min(after, len(folds))):
            found = self._topics.at(folds, index)
            if found and isinstance(found[0], OrgType):
                return found[0]
        return OrgType.UNKNOWN

    def fits_between(self, word: str) -> bool:
        """True for a folded word that may stand between a descriptor and the name that it introduces."""
        return (
            word in _LINKS
            or word in self._topic_words
            or word in self.nationalities
            or word in self["acronyms"]
            or bool(_ADJECTIVE.search(word))
        )


_LINKS = frozenset(
    ("de", "d", "du", "des", "la", "l", "le", "les", "en", "pour", "a", "au", "aux", "tres", "ex", "up",
     # "l'hébergeur saint-gallois X", "le fonds franco-belge X"
     "saint", "franco", "anglo", "germano", "belgo", "helvetico", "italo", "sino", "americano", "nord", "sud", "est",
     "ouest"),
)  # fmt: skip
_ADJECTIVE = re.compile(
    r"(?:iste|ique|iques|ien|ienne|ais|aise|ois|oise|ain|aine|al|ale|eux|euse|if|ive|iel|ielle|aire|ible|able|ee"
    r"|public|publique|prive|local|jeune|petit|petite|grand|grande|nouveau|nouvelle|propre|coree|cote)$"
)


def _typed(table: Mapping[str, Iterable[str]]) -> dict[str, OrgType]:
    types: dict[str, OrgType] = {}
    for kind, words in table.items():
        for word in words:
            types.setdefault(fold(word), OrgType.UNKNOWN if kind == "name" else OrgType(kind))
    return types


# Nouns that take a bare name, those that are part of a name in capitals alone, and those whose complement then is too.
_HOW_NAMED = ("direct", "titled", "whole")
_Nouns = dict[str, list[tuple[tuple[str, ...], OrgType]]]


def _institutions(table: Mapping[str, Iterable[str]]) -> _Nouns:
    """Return the nouns of institutions by their first word, the longest first."""
    nouns: _Nouns = {}
    for kind, listed in table.items():
        for noun in listed if kind not in _HOW_NAMED else ():
            folds = tuple(Words(noun).folds)
            nouns.setdefault(folds[0], []).append((folds, OrgType(kind)))
    for group in nouns.values():
        group.sort(key=lambda pair: -len(pair[0]))
    return nouns


def _nouns(table: Mapping[str, Iterable[str]], key: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(Words(noun).folds) for noun in table.get(key, ()))


def _descriptor(row: Mapping[str, Any]) -> Descriptor:
    guess = OrgType(row.get("guess", "unknown"))
    return Descriptor(
        types=tuple(OrgType(kind) for kind in row.get("types", ())),
        guess=guess,
        prefer=OrgType(row["prefer"]) if "prefer" in row else guess,
        gender=row.get("gender", ""),
        relation=bool(row.get("relation", False)),
    )
