"""The demo's configuration: the shipped one, with the newsroom's feeds, the sinks' addresses and short intervals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worker.model import Feed

MAIL_TO = "redaction@demo.example"
MAIL_FROM = "gigawatch@demo.example"
RECIPIENTS = ("console", "redaction", "automate")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the daemon finds its world. Addresses are `host:port`, `hook_url` the webhook receiver's.

    `database_url` and `broker_url` are "" for the embedded ones.
    """

    feeds: tuple[Feed, ...]
    allow: tuple[str, ...]
    smtp_host: str
    smtp_port: int
    hook_url: str
    hook_secret: str
    language: str = "fr"
    database_url: str = ""
    broker_url: str = ""


def demo_settings(around: Surroundings, *, data: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Write the demo's configuration folder into `data` and return the environment that makes a daemon use it.

    `environ` is the caller's own; whatever it says to gigawatch is left out, so that the demo is the same everywhere.
    Files that the folder lacks (companies, lexicon, templates) are the shipped ones.
    """
    folder = data / "config"
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "gigawatch.toml": toml(_main_table(around)),
        "alerts.toml": toml(_alerts_table(around)),
        "feeds.toml": toml({"feed": [_feed_row(feed) for feed in around.feeds]}),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    kept = {name: value for name, value in environ.items() if not name.startswith("GIGAWATCH_")}
    own = {"GIGAWATCH_CONFIG": str(folder), "GIGAWATCH_DATA": str(data)}
    if around.database_url:
        own["GIGAWATCH_DATABASE_URL"] = around.database_url
    if around.broker_url:
        own["GIGAWATCH_BROKER_URL"] = around.broker_url
    return {**kept, **own}


def _main_table(around: Surroundings) -> dict[str, Any]:
    return {
        "general": {"language": around.language, "contact": "https://demo.example/gigawatch"},
        "polling": {
            "min_interval": "1s", "max_interval": "1s", "host_gap": 0, "tick": "500ms", "sweep": "1s", "jitter": 0,
        },
        "fetch": {"allow": list(around.allow)},
        "smtp": {
            "host": around.smtp_host, "port": around.smtp_port, "security": "none", "sender": MAIL_FROM,
        },
        "delivery": {"digest_wait": "4s", "factor": 0.05},
        "worker": {"concurrency": 1},
        "rates": {"refresh": False},
    }  # fmt: skip


def _alerts_table(around: Surroundings) -> dict[str, Any]:
    console, desk, robot = RECIPIENTS
    return {
        "recipients": {
            console: {"channel": "console", "address": "-", "language": around.language},
            desk: {"channel": "email", "address": MAIL_TO, "language": around.language},
            robot: {
                "channel": "webhook", "address": around.hook_url, "secret": around.hook_secret,
                "language": around.language,
            },
        },
        "rules": [{"id": "tout", "recipients": list(RECIPIENTS)}],
    }  # fmt: skip


def _feed_row(feed: Feed) -> dict[str, Any]:
    return {
        "id": feed.id, "name": feed.name, "url": feed.url, "site": feed.site, "country": feed.country,
        "house": feed.house, "topics": list(feed.topics), "priority": feed.priority,
    }  # fmt: skip


def toml(table: Mapping[str, Any]) -> str:
    """Return tables, arrays of tables and plain values as TOML; enough for files that a program makes."""
    lines: list[str] = []
    _write(lines, table, ())
    return "\n".join(lines) + "\n"


def _write(lines: list[str], table: Mapping[str, Any], path: tuple[str, ...]) -> None:
    nested = {key: value for key, value in table.items() if _is_nested(value)}
    lines.extend(f"{key} = {_value(value)}" for key, value in table.items() if key not in nested)
    for key, value in nested.items():
        name = ".".join((*path, key))
        for row in value if isinstance(value, list) else (value,):
            lines.append(f"\n[[{name}]]" if isinstance(value, list) else f"\n[{name}]")
            _write(lines, row, (*path, key))


def _is_nested(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and bool(value) and isinstance(value[0], Mapping))


def _value(value: str | int | float | bool | Sequence[str]) -> str:
    # A JSON string, number, boolean or array of strings is also a TOML one.
    return json.dumps(value, ensure_ascii=False)
