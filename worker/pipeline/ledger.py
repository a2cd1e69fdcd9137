"""The ledger: who promised what to whom, and how firmly. Sums of different firmness stand side by side, never added."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from worker import text
from worker.model import Bound, Flow, Kind, Source, Status, Story
from worker.pipeline.dating import first_told


class Firmness(StrEnum):
    """How far an amount may be counted on."""

    FIRM = "firm"
    UP_TO = "up_to"
    OPTION = "option"
    REPORTED = "reported"
    CANCELLED = "cancelled"


def firmness(flow: Flow) -> Firmness:
    """Return the firmness of a flow: firm is what a party announces without "up to"."""
    by_status = {
        Status.CANCELLED: Firmness.CANCELLED,
        Status.OPTION: Firmness.OPTION,
        Status.REPORTED: Firmness.REPORTED,
    }
    return by_status.get(flow.status) or (Firmness.UP_TO if flow.bound is Bound.UP_TO else Firmness.FIRM)


class Names:
    """One name per organisation: that of companies.toml for its other names and brands; the first spelling met for one
    that is not listed. With `groups`, the name of the group that it belongs to."""

    def __init__(self, companies: Mapping[str, Any], *, groups: bool = False) -> None:
        rows = [row for row in companies.get("company", ()) if row.get("name")]
        self._listed = {text.fold(row["name"]): str(row["name"]) for row in rows}
        self._parents = {str(row["name"]): str(row["group"]) for row in rows if row.get("group")}
        self._said: dict[str, list[str]] = {row["name"]: [row["name"]] for row in rows}
        for row in rows:
            for spelling in (*row.get("aliases", ()), *row.get("brands", ())):
                self._listed.setdefault(text.fold(spelling), str(row["name"]))
                self._said[row["name"]].append(spelling)
        self._groups = groups
        self._met: dict[str, str] = {}

    def of(self, name: str) -> str:
        """Return the one name under which `name` is kept."""
        return self._found(name) or self._met.setdefault(text.fold(name), text.one_line(name))

    def _found(self, name: str) -> str:
        folded = text.fold(name)
        listed = self._listed.get(folded)
        if listed is None:
            return self._met.get(folded, "")
        return self.group_of(listed) or listed if self._groups else listed

    def group_of(self, name: str) -> str:
        """Return the group of a listed organisation, "" for one that has none."""
        return self._parents.get(self._listed.get(text.fold(name), ""), "")

    def spellings(self, name: str) -> tuple[str, ...]:
        """Return every way to write what is kept under the same name as `name`, that one included."""
        kept = self._found(name) or text.one_line(name)
        members = [kept]
        if self._groups:
            members += [child for child, parent in self._parents.items() if parent == kept]
        return tuple(dict.fromkeys([name, kept, *(said for one in members for said in self._said.get(one, ()))]))

    @property
    def known(self) -> tuple[str, ...]:
        """Every listed name, for proposals after a slip of the pen."""
        return tuple(sorted(set(self._listed.values())))


@dataclass(frozen=True, slots=True)
class Entry:
    """One flow of one story in the ledger.

    `payer` and `payee` are names as they are kept, None where unnamed; `date` is when the flow was first told; `source`
    is the article that gave its terms, None where none is known; `proof` is the sentence, "" for none.
    """

    story_id: str
    title: str
    payer: str | None
    payee: str | None
    flow: Flow
    firmness: Firmness
    date: datetime
    first_seen: datetime
    source: Source | None
    proof: str

    @property
    def moves_money(self) -> bool:
        """False for a partnership, and for what an organisation pays itself."""
        return self.flow.kind is not Kind.PARTNERSHIP and (self.payer is None or self.payer != self.payee)

    @property
    def url(self) -> str:
        return self.source.url if self.source else ""


def entries(story: Story, names: Names) -> tuple[Entry, ...]:
    """Return every flow of a story, partnerships and what was called off too."""
    articles = {one.article_id: one for one in story.sources}
    found = []
    for held in story.flows:
        flow = held.flow
        date, first = first_told(story, held)
        # The words that prove a flow are those of the article that last gave its terms: that one is the proof's source.
        source = articles.get(held.article_id) or first
        found.append(
            Entry(
                story_id=story.id,
                title=story.title,
                payer=names.of(flow.payer) if flow.payer else None,
                payee=names.of(flow.payee) if flow.payee else None,
                flow=flow,
                firmness=firmness(flow),
                date=date,
                first_seen=held.first_seen,
                source=source,
                proof=_proof(flow),
            )
        )
    return tuple(found)


def _proof(flow: Flow) -> str:
    """Return the sentence that says the amount, else the first that says anything."""
    said = {one.field: one.sentence for one in reversed(flow.evidence)}
    order = ("amount", "megawatts", "chips", "kind", "payer", "payee")
    found = next((said[name] for name in order if name in said), next(iter(said.values()), ""))
    return text.one_line(found)


@dataclass(frozen=True, slots=True)
class Sum:
    """Amounts by currency, converted where asked, and the number of flows; `unsized` of them name no amount.

    `converted` is None without any amount; `unconverted` are currencies without a rate, which it leaves out.
    """

    amounts: Mapping[str, float] = field(default_factory=dict)
    converted: float | None = None
    flows: int = 0
    unsized: int = 0
    unconverted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Currency:
    """The currency of comparison, and the USD that one unit of each currency is worth."""

    code: str
    rates: Mapping[str, float]

    def convert(self, amount: float, currency: str) -> float | None:
        """Return `amount` in this currency; None where either has no rate."""
        if currency == self.code:
            return amount
        own, wanted = self.rates.get(currency), self.rates.get(self.code)
        return amount * own / wanted if own is not None and wanted else None


Row = Mapping[Firmness, Sum]


def totals(lines: Iterable[Entry], currency: Currency) -> Row:
    """Return the sums of `lines`, one of each firmness."""
    sorted_out: dict[Firmness, list[Flow]] = {one: [] for one in Firmness}
    for line in lines:
        sorted_out[line.firmness].append(line.flow)
    return {one: _sum(flows, currency) for one, flows in sorted_out.items()}


def _sum(flows: Sequence[Flow], currency: Currency) -> Sum:
    amounts: dict[str, float] = {}
    for flow in flows:
        if flow.amount is not None:
            code = flow.currency or ""
            amounts[code] = amounts.get(code, 0.0) + flow.amount
    values = {code: currency.convert(amount, code) for code, amount in amounts.items()}
    known = [value for value in values.values() if value is not None]
    return Sum(
        amounts=dict(sorted(amounts.items(), key=lambda one: (-(values[one[0]] or 0.0), one[0]))),
        converted=sum(known) if known else None,
        flows=len(flows),
        unsized=sum(flow.amount is None for flow in flows),
        unconverted=tuple(sorted(code for code, value in values.items() if value is None)),
    )


@dataclass(frozen=True, slots=True)
class Side:
    """What one organisation pays, or is paid: in all, by kind, by year of the news, and by who stands opposite."""

    total: Row
    kinds: Mapping[str, Row]
    years: Mapping[str, Row]
    others: Mapping[str, Row]
    lines: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """The ledger of one organisation."""

    name: str
    promised: Side
    received: Side


def account(name: str, lines: Sequence[Entry], currency: Currency) -> Account:
    """Return the ledger of the organisation kept under `name`; partnerships and flows within it are left out."""
    moving = [line for line in lines if line.moves_money]
    return Account(
        name,
        _side([line for line in moving if line.payer == name], lambda line: line.payee, currency),
        _side([line for line in moving if line.payee == name], lambda line: line.payer, currency),
    )


def _side(lines: Sequence[Entry], other: Callable[[Entry], str | None], currency: Currency) -> Side:
    def by(key: Callable[[Entry], str]) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for line in lines:
            found.setdefault(key(line), []).append(line)
        return found

    def rows(groups: Iterable[tuple[str, list[Entry]]]) -> dict[str, Row]:
        return {key: totals(held, currency) for key, held in groups}

    kinds = by(lambda line: line.flow.kind.value)
    others = rows(by(lambda line: other(line) or "").items())
    return Side(
        total=totals(lines, currency),
        kinds=rows((kind.value, kinds[kind.value]) for kind in Kind if kind.value in kinds),
        years=rows(sorted(by(lambda line: str(line.date.year)).items())),
        others=dict(sorted(others.items(), key=lambda one: (*weight(one[1]), one[0]))),
        lines=tuple(sorted(lines, key=lambda line: (-line.date.timestamp(), line.story_id, line.flow.key))),
    )


def weight(row: Row) -> tuple[float, ...]:
    """Return what rows are ordered by, the biggest first: firm money, then what is weaker, then the number of flows."""
    return (*(-(row[one].converted or 0.0) for one in Firmness), -float(sum(one.flows for one in row.values())))


@dataclass(frozen=True, slots=True)
class Standing:
    """One organisation among all: what it pays and what it is paid."""

    name: str
    promised: Row
    received: Row


def biggest(lines: Iterable[Entry], currency: Currency) -> tuple[Standing, ...]:
    """Return every organisation with what it pays and is paid, by name."""
    pays: dict[str, list[Entry]] = {}
    paid: dict[str, list[Entry]] = {}
    for line in lines:
        if line.moves_money:
            for name, side in ((line.payer, pays), (line.payee, paid)):
                if name is not None:
                    side.setdefault(name, []).append(line)
    return tuple(
        Standing(name, totals(pays.get(name, ()), currency), totals(paid.get(name, ()), currency))
        for name in sorted({*pays, *paid})
    )
