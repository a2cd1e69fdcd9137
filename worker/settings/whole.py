"""The settings as one frozen value, and as it may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from worker.errors import Fault
from worker.masking import HIDDEN
from worker.model import ChannelKind, Condition, Feed, Rate, Recipient, Rule
from worker.settings.schedules import written
from worker.settings.sections import (
    SECTIONS,
    BrokerSection,
    Canary,
    Delivery,
    Detection,
    Exchange,
    Fetch,
    General,
    Keep,
    Polling,
    Section,
    Smtp,
    StoreSection,
    Stories,
    Worker,
    key_of,
)

# Sections that stand under another name, because theirs is taken.
_FIELDS = {"rates": "exchange"}
# Parts of a condition by their keys in alerts.toml.
_KEYS = {"any_of": "any", "all_of": "all", "unless": "not"}


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a person can set.

    `system` are the recipients of system alerts.
    `rates` are USD per unit of a currency; `companies`, `lexicon` and `weights` are tables as parsed (the detector
    checks them); `quotes` are the rates with the day and source of each; `warnings` are oddities that stop nothing;
    `templates` are texts by name, `packaged_templates` those that they replace, `template_folder` the
    folder of those of one's own as people know it; `config_files` says where each table came from.
    """

    general: General
    store: StoreSection
    broker: BrokerSection
    polling: Polling
    fetch: Fetch
    detection: Detection
    stories: Stories
    smtp: Smtp
    delivery: Delivery
    keep: Keep
    canary: Canary
    worker: Worker
    exchange: Exchange
    feeds: tuple[Feed, ...]
    recipients: Mapping[str, Recipient]
    rules: tuple[Rule, ...]
    system: tuple[str, ...]
    rates: Mapping[str, float]
    companies: Mapping[str, Any]
    lexicon: Mapping[str, Any]
    weights: Mapping[str, Any]
    templates: Mapping[str, str]
    packaged_templates: Mapping[str, str]
    template_folder: str
    config_files: Mapping[str, Path]
    quotes: Mapping[str, Rate] = field(default_factory=dict)
    warnings: tuple[Fault, ...] = ()

    @property
    def database_url(self) -> str:
        """The store's address: the configured one, or a SQLite file in the data folder."""
        return self.store.url or f"sqlite:///{self.general.data.resolve() / 'gigawatch.db'}"

    def __repr__(self) -> str:
        return f"Settings(data={str(self.general.data)!r}, feeds={len(self.feeds)}, rules={len(self.rules)})"

    def masked(self) -> dict[str, Any]:
        """Return all but the large tables, JSON-ready, with every secret hidden."""
        shown: dict[str, Any] = {}
        for name in SECTIONS:
            section: Section = getattr(self, _FIELDS.get(name, name))
            shown[name] = {
                key_of(field): _masked_value(getattr(section, field)) for field in type(section).model_fields
            }
        shown["rates"] |= self.rates
        shown["feeds"] = len(self.feeds)
        shown["recipients"] = {name: _masked_recipient(recipient) for name, recipient in self.recipients.items()}
        shown["rules"] = [_plain(rule) for rule in self.rules]
        shown["system"] = list(self.system)
        shown["config_files"] = {name: str(path) for name, path in self.config_files.items()}
        return shown


def _masked_value(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return HIDDEN if value.get_secret_value() else ""
    if isinstance(value, str) and "://" in value:
        return mask_address(value)
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Path) else value


def mask_address(address: str) -> str:
    """Return an address without its password and without its query, either of which may be a secret."""
    parts = urlsplit(address)
    netloc = parts.netloc
    if "@" not in netloc and not parts.query:
        # Put together again, the address of a file would lose two of its slashes.
        return address
    if "@" in netloc:
        user, _, host = netloc.rpartition("@")
        netloc = f"{user.partition(':')[0]}:{HIDDEN}@{host}" if ":" in user else f"{user}@{host}"
    query = f"?{HIDDEN}" if parts.query else ""
    # By hand: the library drops the slashes of an address without a host, such as that of a file.
    return f"{parts.scheme}://{netloc}{parts.path}{query}" if parts.scheme else address


def mask_webhook(address: str) -> str:
    """Return a webhook's address as scheme and host: its path is often its secret."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}/{HIDDEN}" if parts.path.strip("/") or parts.query else f"{parts.scheme}://{host}"


def _masked_recipient(recipient: Recipient) -> dict[str, Any]:
    address = recipient.address
    if recipient.channel is ChannelKind.CHAT:
        address = f"{address.partition('://')[0]}://{HIDDEN}"
    elif recipient.channel is ChannelKind.WEBHOOK:
        address = mask_webhook(address)
    secrets = [HIDDEN] * len(recipient.secrets)
    return {
        "channel": recipient.channel.value,
        "address": address,
        "language": recipient.language,
        "secrets": secrets,
        **written(recipient.schedule),
    }


def _plain(rule: Rule) -> dict[str, Any]:
    return {"id": rule.id, "recipients": list(rule.recipients), **_condition(rule)}


def _condition(condition: Condition) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for one in fields(Condition):
        value = getattr(condition, one.name)
        if isinstance(value, Condition):
            value = _condition(value)
        elif isinstance(value, tuple):
            value = [_condition(inner) if isinstance(inner, Condition) else inner for inner in value]
        if value not in ([], None):
            shown[_KEYS.get(one.name, one.name)] = value
    if condition.min_amount is None:
        del shown["currency"]
    return shown
