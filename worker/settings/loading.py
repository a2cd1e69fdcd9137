"""Files, environment and overrides put together: one frozen Settings, or one ConfigError with all faults."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from worker.errors import ConfigError, Fault
from worker.model import ChannelKind, Rate, Recipient, Rule
from worker.settings import environment
from worker.settings.companies import Companies
from worker.settings.faults import from_validation
from worker.settings.files import TABLES, Folder, Table, did_you_mean, read_secret
from worker.settings.rates import read_rates, set_rates
from worker.settings.sections import (
    SECTIONS,
    Exchange,
    General,
    Section,
    Smtp,
    key_of,
)
from worker.settings.tables import AlertsReader, read_feeds
from worker.settings.whole import Settings, mask_address

__all__ = ["Settings", "load", "mask_address"]

_SECRET_KEYS = ("password", "url", "page_key")


def _data_folder(environ: Mapping[str, str]) -> Path:
    """Where this system keeps a user's data (XDG Base Directory; Application Support on macOS)."""
    home = Path(environ.get("HOME") or Path.home())
    if environ.get("XDG_DATA_HOME"):
        return Path(environ["XDG_DATA_HOME"]) / "gigawatch"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "gigawatch"
    return home / ".local" / "share" / "gigawatch"


class _Loader:
    def __init__(self, config: Path | None, environ: Mapping[str, str], overrides: Mapping[str, Any] | None) -> None:
        self.environ = environ
        self.folder = Folder(config, environ)
        self.tables: dict[str, Table] = {name: self.folder.read(name) for name in TABLES}
        self.faults = self.folder.faults
        keys = {name: [key_of(field) for field in model.model_fields] for name, model in SECTIONS.items()}
        self.main = self.tables["gigawatch.toml"]
        self.env = environment.read(environ, keys)
        self.faults += self.env.faults
        self.overrides = _two_levels(overrides or {})

    def _where(self, path: tuple[str | int, ...]) -> str:
        target = (str(path[0]), str(path[1])) if len(path) > 1 else None
        if target in self.overrides:
            return "command line"
        if target in self.env.names:
            return self.env.names[target]
        return self.main.where(*path)

    def _values(self, name: str) -> dict[str, Any]:
        """Return what file, environment and overrides say of one section."""
        given = self.main.values.get(name, {})
        if not isinstance(given, dict):
            self.faults.append(Fault(self.main.where(name), name, "not a table", f"[{name}]"))
            given = {}
        values = dict(given)
        for source in (self.env.values, self.overrides):
            values.update({key: value for (section, key), value in source.items() if section == name})
        if name == "general":
            data = values.get("data") or _data_folder(self.environ)
            values["data"] = Path(data).expanduser() if isinstance(data, str | Path) else data
        if name == "smtp" and (path := values.pop("password_file", "")):
            file = self.main.path.parent / Path(str(path))
            where = self._where(("smtp", "password_file"))
            password = read_secret(file, where=where, key="smtp.password_file", faults=self.faults)
            values.setdefault("password", password)
        return values

    def section(self, name: str) -> Section | None:
        """Return one section, or None after noting its faults."""
        model = SECTIONS[name]
        values = self._values(name)
        if model is Exchange:  # its other keys are currencies
            values = {key: value for key, value in values.items() if key in model.model_fields}
        try:
            return model.model_validate(values)
        except ValidationError as error:
            known = tuple(key_of(field) for field in model.model_fields)
            known += ("password_file",) if name == "smtp" else ()
            self.faults += from_validation(error, at=(name,), where=self._where, known=known, secret=_SECRET_KEYS)
            return None

    def quotes(self) -> dict[str, Rate]:
        """Return the packaged rates with the operator's own over them."""
        own = {code: value for code, value in self._values("rates").items() if code not in Exchange.model_fields}
        where = {code: self._where(("rates", code)) for code in own}
        return {**read_rates(self.tables["rates.toml"], self.faults), **set_rates(own, where, self.faults)}

    def unknown_sections(self) -> None:
        names = tuple(SECTIONS)
        for name in self.main.values:
            if name not in names:
                near = did_you_mean(name, names) or "one of " + ", ".join(names)
                self.faults.append(Fault(self.main.where(name), name, "unknown section", near))
        for section, key in self.overrides:
            if section not in names:
                self.faults.append(
                    Fault("command line", f"{section}.{key}", "unknown section", did_you_mean(section, names))
                )

    def load(self) -> Settings:
        self.unknown_sections()
        sections = {name: self.section(name) for name in SECTIONS}
        quotes = self.quotes()
        companies = Companies(self.tables["companies.toml"].values)
        feeds = read_feeds(self.tables["feeds.toml"], self.faults)
        general, smtp = sections["general"], sections["smtp"]
        language = general.language if isinstance(general, General) else "fr"
        reader = AlertsReader(
            self.tables["alerts.toml"], self.faults, language=language, currencies=quotes, companies=companies,
            feeds=feeds,
        )  # fmt: skip
        recipients = reader.recipients()
        rules = reader.rules(recipients)
        named = reader.system(recipients)
        if isinstance(smtp, Smtp) and not smtp.host:
            self._need_mail_relay(recipients, rules, named or ())
        templates = self.folder.templates()
        if self.faults:
            raise ConfigError(tuple(self.faults))
        exchange = sections.pop("rates")
        return Settings(
            **sections,  # type: ignore[arg-type]  # None only where a fault was noted, and then we are not here
            feeds=feeds,
            recipients=recipients,
            rules=rules,
            system=_told_of_faults(recipients, named, relay=isinstance(smtp, Smtp) and bool(smtp.host)),
            rates={code: rate.usd for code, rate in quotes.items()},
            companies=self.tables["companies.toml"].values,
            lexicon=self.tables["lexicon.toml"].values,
            weights=self.tables["detector.json"].values,
            templates=templates,
            packaged_templates=self.folder.packaged_templates(),
            template_folder=self.folder.template_folder(),
            config_files={name: table.path for name, table in self.tables.items()},
            exchange=exchange,  # type: ignore[arg-type]
            quotes=quotes,
            warnings=tuple(reader.conditions.warnings),
        )

    def _need_mail_relay(
        self, recipients: Mapping[str, Recipient], rules: tuple[Rule, ...], system: tuple[str, ...]
    ) -> None:
        told = {name for rule in rules for name in rule.recipients} | set(system)
        mails = [name for name in recipients if name in told and recipients[name].channel is ChannelKind.EMAIL]
        if mails:
            problem = f"missing, yet alerts.toml sends e-mail to {', '.join(mails)}"
            self.faults.append(Fault(self.main.where("smtp"), "smtp.host", problem, "the name of your mail relay"))


def _told_of_faults(
    recipients: Mapping[str, Recipient], named: tuple[str, ...] | None, *, relay: bool
) -> tuple[str, ...]:
    """Return who gets system alerts: those named, else everybody who can be reached."""
    if named is not None:
        return named
    return tuple(name for name, one in recipients.items() if relay or one.channel is not ChannelKind.EMAIL)


def _two_levels(overrides: Mapping[str, Any]) -> dict[tuple[str, str], Any]:
    """Return {("general", "data"): x} from {"general": {"data": x}} or {"general.data": x}; field names are fine."""
    found = {}
    for name, value in overrides.items():
        section, dot, key = name.partition(".")
        pairs = {key: value} if dot else value.model_dump() if isinstance(value, BaseModel) else dict(value)
        found.update({(section, _as_key(section, key)): value for key, value in pairs.items()})
    return found


def _as_key(section: str, name: str) -> str:
    model = SECTIONS.get(section)
    return key_of(name) if model is not None and name in model.model_fields else name


def load(
    *, config: Path | None = None, environ: Mapping[str, str], overrides: Mapping[str, Any] | None = None
) -> Settings:
    """Return the settings.

    `config` is the folder asked for; without it GIGAWATCH_CONFIG, then ./config; a file that the folder lacks comes
    from the packaged defaults. `environ` are the environment variables. `overrides` are values of the caller,
    `{"general": {"data": path}}` or `{"general.data": path}`. Raises ConfigError with every fault found.
    """
    return _Loader(config, environ, overrides).load()
