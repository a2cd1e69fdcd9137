"""The conditions of a rule, nested ones included: from the tables of alerts.toml to Condition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from worker.errors import Fault
from worker.model import Condition, Feed, Firmness, Kind, Status
from worker.settings import values
from worker.settings.companies import Companies
from worker.settings.faults import dotted
from worker.settings.files import did_you_mean
from worker.settings.rows import Names, Reader, Row
from worker.text import fold, words

Path = tuple[str | int, ...]

# Deeper than anybody reads, and far from where recursion ends.
_DEEPEST = 6
_PLAIN = (
    "payer", "payee", "kinds", "statuses", "firmness", "min_amount", "min_megawatts", "loop", "country", "feeds",
    "houses", "words",
)  # fmt: skip


def _expression(value: str) -> str:
    if not words(value) or "*" in value.rstrip()[:-1]:
        raise ValueError('a word or an expression, with a "*" at its end for any ending')
    return value


Tables = Annotated[tuple[dict[str, Any], ...], Field(min_length=1)]
Expression = Annotated[str, AfterValidator(_expression)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class ConditionRow(Row):
    """One condition as written. `any`, `all` and `not` hold conditions again, read one by one."""

    companies: Names = ()
    payer: Names = ()
    payee: Names = ()
    kinds: Annotated[tuple[Kind, ...], BeforeValidator(values.read_list)] = ()
    statuses: Annotated[tuple[Status, ...], BeforeValidator(values.read_list)] = ()
    firmness: Annotated[tuple[Firmness, ...], BeforeValidator(values.read_list)] = ()
    min_amount: Annotated[values.Number, Field(ge=0)] | None = None
    currency: str = ""
    min_megawatts: Annotated[values.Number, Field(ge=0)] | None = None
    loop: values.Truth | None = None
    country: Annotated[tuple[Country, ...], BeforeValidator(values.read_list)] = ()
    feeds: Names = ()
    houses: Names = ()
    words: Annotated[tuple[Expression, ...], BeforeValidator(values.read_list)] = ()
    any: Tables = ()
    all: Tables = ()
    unless: dict[str, Any] | None = Field(None, alias="not")


def _asks_for_amount(row: ConditionRow) -> bool:
    inner = [*row.any, *row.all, *([row.unless] if row.unless else [])]
    return row.min_amount is not None or any("min_amount" in _keys_within(one) for one in inner)


def _keys_within(value: Any) -> set[str]:
    """Return the keys of a table and of all that it holds."""
    if isinstance(value, list):
        return {key for one in value for key in _keys_within(one)}
    return {*value, *(key for one in value.values() for key in _keys_within(one))} if isinstance(value, dict) else set()


class ConditionReader:
    """Reads conditions, and gathers what is wrong with them and what is only odd.

    A company, feed or country that nothing is known of is odd, not wrong: an article may name a company tomorrow, and a
    feed may have been added by command.
    """

    def __init__(
        self, reader: Reader, *, currencies: Iterable[str], companies: Companies, feeds: Sequence[Feed]
    ) -> None:
        self.reader = reader
        self.warnings: list[Fault] = []
        self.currencies = tuple(currencies)
        self.companies = companies
        self.feeds = tuple(feed.id for feed in feeds)
        # Where nothing else is said, the publisher is the site's host, which is not known before articles come.
        self.houses = tuple({feed.house for feed in feeds}) if all(feed.house for feed in feeds) else ()

    def read(self, row: ConditionRow, path: Path, *, currency: str = "USD", depth: int = 0) -> dict[str, Any]:
        """Return the fields of a Condition. `currency` is that of the condition around it."""
        if row.currency and row.currency not in self.currencies:
            near = did_you_mean(row.currency, self.currencies) or "one of " + ", ".join(self.currencies)
            self.reader.note((*path, "currency"), f'unknown currency "{row.currency}"', near)
        if row.currency and not _asks_for_amount(row):
            self.warn((*path, "currency"), "says nothing without min_amount", "min_amount beside it")
        currency = row.currency or currency
        self._look(row, path)
        fields: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
        fields["currency"] = currency
        for name in ("companies", "payer", "payee"):
            fields[name] = tuple(dict.fromkeys(self.companies.resolve(one) or one for one in getattr(row, name)))
        for key, name in (("any", "any_of"), ("all", "all_of")):
            inner = [
                self._inner(value, (*path, key, place), currency=currency, depth=depth)
                for place, value in enumerate(getattr(row, key))
            ]
            fields[name] = tuple(one for one in inner if one is not None)
        if row.unless is not None:
            fields["unless"] = self._inner(row.unless, (*path, "not"), currency=currency, depth=depth)
        return fields

    def _inner(self, value: Mapping[str, Any], path: Path, *, currency: str, depth: int) -> Condition | None:
        if depth >= _DEEPEST:
            self.reader.note(path, "nested too deeply", f"at most {_DEEPEST} conditions one inside the other")
            return None
        if not set(value) - {"currency"}:
            self.reader.note(path, "an empty condition", 'at least one, such as { companies = ["Mistral AI"] }')
            return None
        row = self.reader.row(ConditionRow, value, path)
        if row is None:
            self.look_inside(value, path, depth=depth + 1)
            return None
        return Condition(**self.read(row, path, currency=currency, depth=depth + 1))

    def look_inside(self, value: Mapping[str, Any], path: Path, *, depth: int = 0) -> None:
        """Note the faults of the conditions inside one that has faults of its own, so that all are told at once."""
        for key in ("any", "all"):
            held = value.get(key)
            for place, inner in enumerate(held if isinstance(held, list) else ()):
                if isinstance(inner, dict):
                    self._inner(inner, (*path, key, place), currency="USD", depth=depth)
        if isinstance(value.get("not"), dict):
            self._inner(value["not"], (*path, "not"), currency="USD", depth=depth)

    def _look(self, row: ConditionRow, path: Path) -> None:
        for key in ("companies", "payer", "payee"):
            for name in getattr(row, key):
                if self.companies.resolve(name) is None:
                    firms = self.companies.firms_of(name)
                    several = f"speaks for {', '.join(firms)}: name the one that is meant" if firms else ""
                    near = several or self.companies.nearest(name) or "matches where an article spells it so"
                    self.warn((*path, key), f'"{name}" is not in companies.toml', near)
        for name in row.feeds:
            if name not in self.feeds:
                near = did_you_mean(name, self.feeds) or "right if it was added by gigawatch feeds add"
                self.warn((*path, "feeds"), f'"{name}" is not in feeds.toml', near)
        for name in row.houses:
            if self.houses and fold(name) not in {fold(house) for house in self.houses}:
                near = did_you_mean(name, self.houses) or "the house of a feed"
                self.warn((*path, "houses"), f'no feed of feeds.toml has the house "{name}"', near)
        for code in row.country:
            if code not in self.companies.countries.values():
                self.warn((*path, "country"), f"companies.toml has nobody from {code}", "two capital letters, ISO 3166")

    def warn(self, path: Path, problem: str, hint: str) -> None:
        """Note what is odd at `path`."""
        self.warnings.append(Fault(self.reader.table.where(*path), dotted(path), problem, hint))
