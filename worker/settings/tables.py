"""feeds.toml and alerts.toml: from tables to the values of the one vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from worker import text
from worker.errors import Fault
from worker.model import ChannelKind, Feed, PageRules, Recipient, Rule
from worker.settings import values
from worker.settings.companies import Companies
from worker.settings.conditions import ConditionReader, ConditionRow
from worker.settings.files import Table, did_you_mean, read_secret
from worker.settings.rows import Names, Reader, Row, keys_of
from worker.settings.schedules import ScheduleRow, schedule


def _optional_web_address(value: str) -> str:
    return values.check_web(value) if value else value


Identifier = Annotated[str, AfterValidator(values.check_id)]
Selector = Annotated[str, AfterValidator(values.check_selector)]


class _PagesRow(Row):
    title: Selector = ""
    text: Selector = ""
    date: Selector = ""
    author: Selector = ""
    remove: Selector = ""
    paywall: Selector = ""


class _FeedRow(Row):
    id: Identifier
    name: Annotated[values.Line, Field(min_length=1)]
    url: Annotated[str, AfterValidator(values.check_web)]
    site: Annotated[str, AfterValidator(_optional_web_address)] = ""
    country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = ""
    house: values.Line = ""
    paywall: Literal["none", "free", "partial", "full"] = "none"
    topics: Names = ()
    priority: Annotated[values.Whole, Field(ge=1, le=3)] = 2
    paused: values.Truth = False
    pages: _PagesRow = _PagesRow()


class _RecipientRow(ScheduleRow):
    channel: ChannelKind
    address: str = ""
    address_file: str = ""
    language: Literal["", "fr", "en"] = ""
    secret: str = ""
    secret_file: str = ""
    secrets: Names = ()


class _RuleRow(ConditionRow):
    id: Identifier
    recipients: Annotated[Names, Field(min_length=1)]


class _SystemRow(Row):
    recipients: Annotated[Names, Field(min_length=1)]


FEED_KEYS = keys_of(_FeedRow)
PAGE_KEYS = keys_of(_PagesRow)
RECIPIENT_KEYS = keys_of(_RecipientRow)
RULE_KEYS = keys_of(_RuleRow)
SYSTEM_KEYS = keys_of(_SystemRow)


def read_feeds(table: Table, faults: list[Fault]) -> tuple[Feed, ...]:
    """Return the feeds of feeds.toml; two of the same id or address are a fault."""
    reader = Reader(table, faults, top=("feed", "schema"))
    ids: dict[str, tuple[str | int, ...]] = {}
    addresses: dict[str, tuple[str | int, ...]] = {}
    feeds = []
    for position, value in reader.rows("feed"):
        reader.unique(ids, value.get("id"), ("feed", position, "id"))
        address = text.canonical_address(str(value.get("url")))
        reader.unique(addresses, address, ("feed", position, "url"))
        row = reader.row(_FeedRow, value, ("feed", position))
        if row is None:
            continue
        fields = row.model_dump(exclude={"pages"})
        feeds.append(Feed(**fields, pages=PageRules(**row.pages.model_dump())))
    return tuple(feeds)


def _chat_address(value: str) -> str:
    if "://" not in value:
        raise ValueError("a chat address as Apprise writes them, such as ntfy://topic")
    return value


_ADDRESS: dict[ChannelKind, Callable[[str], str]] = {
    ChannelKind.EMAIL: values.check_mail,
    ChannelKind.WEBHOOK: values.check_web,
    ChannelKind.CHAT: _chat_address,
}


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


class AlertsReader:
    """alerts.toml: recipients, and rules that name them.

    `companies` and `feeds` are those of the other files; what a rule names beyond them is a warning of `conditions`.
    """

    def __init__(
        self,
        table: Table,
        faults: list[Fault],
        *,
        language: str,
        currencies: Iterable[str],
        companies: Companies,
        feeds: tuple[Feed, ...],
    ) -> None:
        self.reader = Reader(table, faults, top=("recipients", "rules", "system", "schema"))
        self.faults = faults
        self.language = language
        self.conditions = ConditionReader(self.reader, currencies=currencies, companies=companies, feeds=feeds)

    def recipients(self) -> dict[str, Recipient]:
        """Return the recipients by id."""
        tables = self.reader.table.values.get("recipients", {})
        if not isinstance(tables, dict):
            self.reader.note(("recipients",), "not a table", "[recipients.NAME] before each")
            return {}
        found = {}
        for name, value in tables.items():
            path = ("recipients", name)
            row = self.reader.row(_RecipientRow, value, path, secret=("secret", "secrets"))
            try:
                values.check_id(name)
            except ValueError as error:
                self.reader.note(path, f'"{name}" is not a valid name', str(error))
            if row is not None:
                found[name] = self._recipient(name, row)
        return found

    def _recipient(self, name: str, row: _RecipientRow) -> Recipient:
        address = row.address
        if row.address_file:
            address = self._from_file(name, "address_file", row.address_file)
        if row.channel is ChannelKind.CONSOLE:
            address = "-"
        elif not (row.address_file and not address):
            try:
                address = _ADDRESS[row.channel](address)
            except ValueError as error:
                key = "address" if row.address or not row.address_file else "address_file"
                self.reader.note(("recipients", name, key), "missing" if not address else "not valid", str(error))
        return Recipient(
            id=name,
            channel=row.channel,
            address=address,
            language=row.language or self.language,
            secrets=self._secrets(name, row),
            schedule=schedule(row, ("recipients", name), self.reader),
        )

    def _from_file(self, name: str, key: str, value: str) -> str:
        path = Path(value) if Path(value).is_absolute() else self.reader.table.path.parent / value
        where = self.reader.table.where("recipients", name, key)
        return read_secret(path, where=where, key=f"recipients.{name}.{key}", faults=self.faults)

    def _secrets(self, name: str, row: _RecipientRow) -> tuple[str, ...]:
        given = [("secret", row.secret)] if row.secret else []
        given += [("secrets", secret) for secret in row.secrets]
        if row.secret_file:
            lines = self._from_file(name, "secret_file", row.secret_file).split()
            given += [("secret_file", secret) for secret in lines]
        if row.channel is not ChannelKind.WEBHOOK:
            for key in ("secret", "secrets", "secret_file"):
                if getattr(row, key):
                    self.reader.note(("recipients", name, key), "only webhooks are signed", "no such key here")
            return ()
        if not given and not row.secret_file:
            self.reader.note(
                ("recipients", name),
                "missing secret",
                "secret or secret_file: whsec_ and the base64 of 24 random bytes",
            )
        for key, secret in given:
            try:
                values.check_signing_secret(secret)
            except ValueError as error:
                self.reader.note(("recipients", name, key), "the secret is not valid", str(error))
        return tuple(secret for _, secret in given)

    def rules(self, recipients: Mapping[str, Recipient]) -> tuple[Rule, ...]:
        """Return the rules in order; a recipient that does not exist is a fault."""
        declared = self.reader.table.values.get("recipients", {})
        names = tuple({*recipients, *(declared if isinstance(declared, dict) else {})})
        ids: dict[str, tuple[str | int, ...]] = {}
        rules = []
        written = self.reader.rows("rules")
        if not written:
            self.conditions.warn(("rules",), "no rule: nobody is told of any deal", "[[rules]] with id and recipients")
        for position, value in written:
            path = ("rules", position)
            row = self.reader.row(_RuleRow, value, path)
            self.reader.unique(ids, value.get("id"), (*path, "id"))
            for name in _texts(value.get("recipients")):
                if name not in names:
                    near = did_you_mean(name, names) or "one of " + ", ".join(sorted(names))
                    self.reader.note((*path, "recipients"), f'unknown recipient "{name}"', near)
            if row is None:
                self.conditions.look_inside(value, path)
                continue
            rules.append(Rule(row.id, row.recipients, **self.conditions.read(row, path)))
        return tuple(rules)

    def system(self, recipients: Mapping[str, Recipient]) -> tuple[str, ...] | None:
        """Return who is told of gigawatch's own faults, None where `[system]` does not say; a recipient that does not
        exist is a fault."""
        value = self.reader.table.values.get("system")
        if value is None:
            return None
        if not isinstance(value, dict):
            self.reader.note(("system",), "not a table", "[system]")
            return None
        row = self.reader.row(_SystemRow, value, ("system",))
        declared = self.reader.table.values.get("recipients", {})
        names = tuple({*recipients, *(declared if isinstance(declared, dict) else {})})
        for name in _texts(value.get("recipients")):
            if name not in names:
                near = did_you_mean(name, names) or "one of " + ", ".join(sorted(names))
                self.reader.note(("system", "recipients"), f'unknown recipient "{name}"', near)
        return row.recipients if row is not None else None
