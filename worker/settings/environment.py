"""Settings from environment variables.

`GIGAWATCH_SECTION__KEY` overrides one key of gigawatch.toml, and `..._FILE` behind any name reads the value from a
file, as container secrets want it. Some names are short because they are needed most. Where two variables set one key,
a value counts before a file and a short name before a long one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from worker.errors import Fault
from worker.settings.files import did_you_mean, read_secret

PREFIX = "GIGAWATCH_"
SHORT = {
    "GIGAWATCH_DATA": ("general", "data"),
    "GIGAWATCH_DATABASE_URL": ("store", "url"),
    "GIGAWATCH_BROKER_URL": ("broker", "url"),
}
# Read by load() itself and by the command line; EXTRA is the tests' own.
ELSEWHERE = ("GIGAWATCH_CONFIG", "GIGAWATCH_LANG", "GIGAWATCH_EXTRA")


@dataclass
class Overrides:
    """Values by (section, key) with the variable that each came from."""

    values: dict[tuple[str, str], str] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def _target(name: str, keys: Mapping[str, list[str]], faults: list[Fault]) -> tuple[str, str] | None:
    """Return (section, key) of a variable without `_FILE`, or None after noting why there is none."""
    if name in SHORT:
        return SHORT[name]
    section, two, key = name.removeprefix(PREFIX).lower().partition("__")
    if not two:
        # A container platform may set such names on its own (a service called "gigawatch" gives GIGAWATCH_PORT), so
        # only what looks like a slip of ours is a fault.
        near = did_you_mean(name, [*SHORT, *ELSEWHERE], cutoff=0.85)
        if near and name not in ELSEWHERE:
            faults.append(Fault(name, "", "unknown variable", near))
        return None
    if section not in keys:
        near = did_you_mean(section, list(keys)) or "a section of gigawatch.toml: " + ", ".join(keys)
        faults.append(Fault(name, "", f'unknown section "{section}"', near))
        return None
    if section == "rates" and key not in keys[section]:
        return section, key.upper()
    if key not in keys[section]:
        near = did_you_mean(key, keys[section]) or "one of " + ", ".join(keys[section])
        faults.append(Fault(name, "", f'unknown key "{key}" in section "{section}"', near))
        return None
    return section, key


def read(environ: Mapping[str, str], keys: Mapping[str, list[str]]) -> Overrides:
    """Return the overrides of `environ`; `keys` are the keys of each section. An empty variable counts as unset."""
    found = Overrides()
    # The later over the earlier: `up` gives its children plain and short names, whatever it was given itself.
    order = sorted(environ, key=lambda name: (not name.endswith("_FILE"), name in SHORT, name))
    for name in order:
        value = environ[name]
        if not name.startswith(PREFIX) or not value:
            continue
        bare = name.removesuffix("_FILE")
        target = _target(bare, keys, found.faults)
        if target is None:
            continue
        if bare != name:
            value = read_secret(Path(value), where=name, key="", faults=found.faults)
        found.values[target], found.names[target] = value, name
    return found
