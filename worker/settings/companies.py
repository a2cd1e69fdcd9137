"""What rules need of companies.toml: the name that stories carry for any spelling, and countries by name.

Rows that are no companies are passed over here: the detector, which reads the same table, says what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from worker.settings.files import did_you_mean
from worker.text import fold


class Companies:
    """The organisations of the list, by whatever spelling. `table` is companies.toml as parsed."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        rows = table.get("company", ())
        self._rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    @cached_property
    def _names(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for row in self._rows:
            if name := _text(row, "name"):
                found[fold(name)] = _text(row, "group") or name
        for row in self._rows:
            for spelling in (
                *_texts(row, "aliases"),
                *_texts(row, "brands"),
                *_texts(row, "metonyms"),
                _text(row, "group"),
            ):
                if spelling:
                    found.setdefault(fold(spelling), _text(row, "group") or _text(row, "name"))
        for person, firms in self._people.items():
            if len(firms) == 1:
                found.setdefault(person, firms[0])
        return found

    @cached_property
    def _people(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for row in self._rows:
            firm = _text(row, "group") or _text(row, "name")
            for person in map(fold, _texts(row, "people")):
                found[person] = tuple(dict.fromkeys((*found.get(person, ()), firm)))
        return found

    def firms_of(self, person: str) -> tuple[str, ...]:
        """Return the organisations that a person speaks for, () for nobody who is listed."""
        return self._people.get(fold(person), ())

    @cached_property
    def countries(self) -> dict[str, str]:
        """ISO 3166 codes by folded name, of companies and of the groups that sign for them."""
        found = {fold(_text(row, "name")): _text(row, "country") for row in self._rows if _text(row, "country")}
        for row in self._rows:
            if _text(row, "country") and _text(row, "group"):
                found.setdefault(fold(_text(row, "group")), _text(row, "country"))
        return found

    def resolve(self, name: str) -> str | None:
        """Return the name under which stories carry an organisation of the list, None for one that is not there."""
        return self._names.get(fold(name))

    def nearest(self, name: str) -> str:
        """Return `did you mean "x"?` for the nearest name or spelling of the list, or ""."""
        spellings = [_text(row, "name") for row in self._rows]
        spellings += [one for row in self._rows for one in _texts(row, "aliases")]
        return did_you_mean(name, spellings, cutoff=0.7)


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key, "")
    return value if isinstance(value, str) else ""


def _texts(row: Mapping[str, Any], key: str) -> Iterator[str]:
    value = row.get(key, ())
    yield from (one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
