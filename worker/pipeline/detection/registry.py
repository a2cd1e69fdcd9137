"""The organisations listed in companies.toml, and finding them in a text word by word.

A dictionary from the first word to the terms that begin with it costs one look-up a word, without any dependency; the
accents, case and apostrophes of the text do not matter because words are compared folded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from worker.pipeline.detection.mentions import Mention, OrgType, Words, parted
from worker.pipeline.detection.vocabulary import Vocabulary
from worker.text import fold

# What may stand between two words of one name.
JOINTS = frozenset(
    (
        " ",
        "\u00a0",
        "\u202f",
        "\u2009",
        "-",
        "–",
        "'",
        "’",
        "&",
        " & ",
        "\u00a0&\u00a0",
        " &\u00a0",
        "\u00a0& ",
        ".",
        "/",
        "+",
    )
)
_ARTICLES = frozenset(("le", "la", "l", "les", "un", "une", "the"))
_SOURCES = ("name", "alias", "brand", "metonym", "person")


@dataclass(frozen=True, slots=True)
class Company:
    """One entry of companies.toml."""

    name: str
    type: OrgType
    country: str
    group: str
    ambiguous: bool
    not_after: frozenset[str]
    not_before: frozenset[str]
    regional: bool


@dataclass(frozen=True, slots=True)
class Term:
    """One way to say a company. `words` are folded; `raw` is the spelling of the list."""

    words: tuple[str, ...]
    raw: tuple[str, ...]
    company: Company
    via: str


class Registry:
    """Look-ups over the list; immutable after construction."""

    def __init__(self, companies: Sequence[Company], terms: Iterable[Term], vocabulary: Vocabulary) -> None:
        self.companies = tuple(companies)
        self.vocabulary = vocabulary
        self._by_name = {fold(company.name): company for company in companies}
        self._terms: dict[str, tuple[Term, ...]] = {}
        self._by_term: dict[tuple[str, ...], Term] = {}
        grouped: dict[str, list[Term]] = {}
        for term in terms:
            self._by_term.setdefault(term.words, term)
            grouped.setdefault(term.words[0], []).append(term)
        for first, group in grouped.items():
            self._terms[first] = tuple(sorted(group, key=lambda term: -len(term.words)))

    @classmethod
    def from_table(cls, companies: Mapping[str, Any]) -> Registry:
        """Build the registry from the parsed companies.toml. Raises ValueError for an unknown type, or no name."""
        rows: list[Company] = []
        terms: list[Term] = []
        for row in companies.get("company", ()):
            company = _company(row)
            rows.append(company)
            terms.extend(_terms(row, company))
        return cls(rows, terms, Vocabulary(companies))

    def company(self, name: str) -> Company | None:
        """Return the entry of a name as mentions carry it, else of any way to say it."""
        found = self._by_name.get(fold(name))
        if found is None:
            term = self._by_term.get(parted(name)[1])
            return term.company if term else None
        return found

    def resolve(self, name: str) -> str:
        """Return the name of the group that signs for any listed name, alias or brand; other names unchanged."""
        company = self.company(name)
        return (company.group or company.name) if company else name

    def type_of(self, name: str) -> OrgType:
        """Return the type of a listed organisation, UNKNOWN for any other."""
        company = self.company(name)
        return company.type if company else OrgType.UNKNOWN

    def country_of(self, name: str) -> str:
        """Return the ISO 3166 code of a listed organisation's country, "" for any other."""
        company = self.company(name)
        return company.country if company else ""

    def term(self, folded: tuple[str, ...]) -> Term | None:
        """Return the listed term of exactly these folded words."""
        return self._by_term.get(folded)

    def beginnings(self, words: Words) -> list[int]:
        """Return the words at which a listed term may begin."""
        known = self._terms
        return [index for index, folded in enumerate(words.folds) if folded in known]

    def match_at(self, words: Words, index: int) -> tuple[Term, int] | None:
        """Return the longest term that begins at word `index` and the index after it; context is not judged."""
        for term in self._terms.get(words.folds[index], ()):
            after = index + len(term.words)
            if tuple(words.folds[index:after]) == term.words and _joined(words, index, after):
                return term, after
        return None

    @cached_property
    def _beginnings(self) -> frozenset[tuple[str, ...]]:
        owners: dict[tuple[str, ...], set[str]] = {}
        for term in self._by_term.values():
            for length in range(1, len(term.words) + 1):
                owners.setdefault(term.words[:length], set()).add(term.company.group or term.company.name)
        return frozenset(key for key, names in owners.items() if len(names) == 1)

    def begins_one(self, words: tuple[str, ...]) -> bool:
        """Return whether folded words begin the names of one organisation of the list alone."""
        return words in self._beginnings

    def mention(self, words: Words, first: int, after: int, term: Term) -> Mention:
        """Return the mention that `term` makes of words `first` to `after` (exclusive)."""
        start, end = words.starts[first], words.ends[after - 1]
        name = term.company.group or term.company.name
        kind = self.type_of(name) if term.company.group else term.company.type
        return Mention(start, end, words.text[start:end], name, kind, True, term.via)


def _joined(words: Words, first: int, after: int) -> bool:
    return all(
        words.gap(index) in JOINTS or (words.gap(index) == ". " and len(words.raw[index]) == 1)
        for index in range(first, after - 1)
    )


def _company(row: Mapping[str, Any]) -> Company:
    if not row.get("name"):
        raise ValueError(f"a company without a name: {dict(row)!r}")
    return Company(
        name=row["name"],
        type=OrgType(row.get("type", "other")),
        country=row.get("country", ""),
        group=row.get("group", ""),
        ambiguous=bool(row.get("ambiguous", False)),
        not_after=frozenset(map(fold, row.get("not_after", ()))),
        not_before=frozenset(map(fold, row.get("not_before", ()))),
        regional=bool(row.get("regional", False)),
    )


def _terms(row: Mapping[str, Any], company: Company) -> Iterator[Term]:
    said = (
        [row["name"]], row.get("aliases", ()), row.get("brands", ()), row.get("metonyms", ()), row.get("people", ())
    )  # fmt: skip
    for via, spellings in zip(_SOURCES, said, strict=True):
        for spelling in spellings:
            raw, folded = parted(spelling)
            skip = 1 if via == "metonym" and len(raw) > 1 and folded[0] in _ARTICLES else 0
            if folded[skip:]:
                yield Term(folded[skip:], raw[skip:], company, via)
