"""An alerts.toml that is not in force: read and checked as at the start, to be compared with the one that is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from worker.errors import ConfigError, Fault
from worker.model import Feed, Recipient, Rule
from worker.settings.companies import Companies
from worker.settings.files import parse, shown
from worker.settings.tables import AlertsReader


def read_rules(
    path: Path, *, language: str, currencies: Iterable[str], companies: Companies, feeds: Iterable[Feed]
) -> tuple[tuple[Rule, ...], dict[str, Recipient], tuple[Fault, ...]]:
    """Return the rules of a file, its recipients by id, and what is odd in it.

    `language` is that of recipients who have none of their own, `currencies` those that amounts may be in, `companies`
    and `feeds` those that conditions may name. Raises ConfigError with every fault found, each with its line.
    """
    if path.suffix != ".toml":
        raise ConfigError((Fault(shown(path), "", "not a .toml file", "a file such as other-alerts.toml"),))
    faults: list[Fault] = []
    reader = AlertsReader(
        parse(path, faults), faults, language=language, currencies=currencies, companies=companies, feeds=tuple(feeds)
    )
    recipients = reader.recipients()
    rules = reader.rules(recipients)
    if faults:
        raise ConfigError(tuple(faults))
    return rules, recipients, tuple(reader.conditions.warnings)
