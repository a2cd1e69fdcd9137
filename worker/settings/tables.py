"""feeds.toml and alerts.toml: from tables to the values of the one vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from worker import text
from worker.errors import Fault
from worker.model import ChannelKind, Feed, Kind, PageRules, Recipient, Rule, Status
from worker.settings import values
from worker.settings.faults import dotted, from_validation
from worker.settings.files import Table, did_you_mean, read_secret

Model = TypeVar("Model", bound=BaseModel)


def _web_address(value: str) -> str:
    if not text.is_web_address(value):
        raise ValueError("a web address such as https://example.org/feed, without a user name")
    return value


def _optional_web_address(value: str) -> str:
    return _web_address(value) if value else value


Identifier = Annotated[str, AfterValidator(values.check_id)]
Selector = Annotated[str, AfterValidator(values.check_selector)]
Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(values.read_list)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _PagesRow(_Row):
    title: Selector = ""
    text: Selector = ""
    date: Selector = ""
    author: Selector = ""
    remove: Selector = ""
    paywall: Selector = ""


class _FeedRow(_Row):
    id: Identifier
    name: Annotated[values.Line, Field(min_length=1)]
    url: Annotated[str, AfterValidator(_web_address)]
    site: Annotated[str, AfterValidator(_optional_web_address)] = ""
    country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = ""
    house: values.Line = ""
    paywall: Literal["none", "free", "partial", "full"] = "none"
    topics: Names = ()
    priority: Annotated[values.Whole, Field(ge=1, le=3)] = 2
    paused: bool = False
    pages: _PagesRow = _PagesRow()


class _RecipientRow(_Row):
    channel: ChannelKind
    address: str = ""
    address_file: str = ""
    language: Literal["", "fr", "en"] = ""
    secret: str = ""
    secret_file: str = ""
    secrets: Names = ()


class _RuleRow(_Row):
    id: Identifier
    recipients: Annotated[Names, Field(min_length=1)]
    companies: Names = ()
    payer: Names = ()
    payee: Names = ()
    kinds: Annotated[tuple[Kind, ...], BeforeValidator(values.read_list)] = ()
    statuses: Annotated[tuple[Status, ...], BeforeValidator(values.read_list)] = ()
    min_amount: Annotated[values.Number, Field(ge=0)] | None = None
    currency: str = "USD"
    min_megawatts: Annotated[values.Number, Field(ge=0)] | None = None
    loop: bool | None = None


class _SystemRow(_Row):
    recipients: Annotated[Names, Field(min_length=1)]


FEED_KEYS = tuple(_FeedRow.model_fields)
PAGE_KEYS = tuple(_PagesRow.model_fields)
RECIPIENT_KEYS = tuple(_RecipientRow.model_fields)
RULE_KEYS = tuple(_RuleRow.model_fields)
SYSTEM_KEYS = tuple(_SystemRow.model_fields)


class Reader:
    """Reads the rows of one table and gathers what is wrong with them."""

    def __init__(self, table: Table, faults: list[Fault], *, top: tuple[str, ...]) -> None:
        self.table = table
        self.faults = faults
        for key in table.values:
            if key not in top:
                self.note((key,), "unknown key", did_you_mean(key, top) or "one of " + ", ".join(top))

    def note(self, path: tuple[str | int, ...], problem: str, expected: str = "") -> None:
        """Note one fault at `path`."""
        self.faults.append(Fault(self.table.where(*path), dotted(path), problem, expected))

    def rows(self, key: str) -> list[tuple[int, Mapping[str, Any]]]:
        """Return the elements of `[[key]]` with their positions."""
        found = self.table.values.get(key, [])
        if isinstance(found, list) and all(isinstance(row, dict) for row in found):
            return list(enumerate(found))
        self.note((key,), "not a list of tables", f"[[{key}]] before each")
        return []

    def row(
        self, model: type[Model], value: Any, path: tuple[str | int, ...], secret: tuple[str, ...] = ()
    ) -> Model | None:
        """Return one row as `model`, or None after noting its faults."""
        try:
            return model.model_validate(value)
        except ValidationError as error:
            known = tuple(model.model_fields)
            if path[0] == "feed":
                known = (*known, *PAGE_KEYS)
            self.faults += from_validation(
                error, at=path, where=lambda at: self.table.where(*at), known=known, secret=secret
            )
            return None

    def unique(self, seen: dict[str, tuple[str | int, ...]], value: Any, path: tuple[str | int, ...]) -> None:
        """Note a value that another row has already; what is no text, or empty, is the type's matter."""
        if not isinstance(value, str) or not value:
            return
        if value in seen:
            self.note(path, f'"{value}" again', f"a value of its own; first at {self.table.where(*seen[value])}")
        seen.setdefault(value, path)


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
    ChannelKind.WEBHOOK: _web_address,
    ChannelKind.CHAT: _chat_address,
}


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


class AlertsReader:
    """alerts.toml: recipients, and rules that name them."""

    def __init__(self, table: Table, faults: list[Fault], *, language: str, currencies: Iterable[str]) -> None:
        self.reader = Reader(table, faults, top=("recipients", "rules", "system", "schema"))
        self.faults = faults
        self.language = language
        self.currencies = tuple(currencies)

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
        for position, value in self.reader.rows("rules"):
            path = ("rules", position)
            row = self.reader.row(_RuleRow, value, path)
            self.reader.unique(ids, value.get("id"), (*path, "id"))
            for name in _texts(value.get("recipients")):
                if name not in names:
                    near = did_you_mean(name, names) or "one of " + ", ".join(sorted(names))
                    self.reader.note((*path, "recipients"), f'unknown recipient "{name}"', near)
            if row is None:
                continue
            if row.currency not in self.currencies:
                near = did_you_mean(row.currency, self.currencies) or "one of " + ", ".join(self.currencies)
                self.reader.note((*path, "currency"), f'unknown currency "{row.currency}"', near)
            rules.append(Rule(**row.model_dump()))
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
