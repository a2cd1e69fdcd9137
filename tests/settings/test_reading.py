"""What is read, and that the shipped files and the code say the same."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.settings.conftest import FEED, Config
from worker import settings
from worker.errors import ConfigError
from worker.model import Kind, Status
from worker.settings import Settings, reference


def test_a_rule_is_read_whole(config: Config) -> None:
    config.write(
        "alerts.toml",
        '[recipients.c]\nchannel = "console"\nlanguage = "en"\n'
        '[[rules]]\nid = "r"\nrecipients = ["c"]\ncompanies = ["OpenAI"]\npayer = ["Meta"]\n'
        'kinds = ["compute", "debt"]\n'
        'statuses = ["reported"]\nmin_amount = 1e9\ncurrency = "EUR"\nmin_megawatts = 100\nloop = true\n',
    )
    found = config.load()
    (rule,) = found.rules
    assert (rule.companies, rule.payer, rule.payee) == (("OpenAI",), ("Meta",), ())
    assert (rule.kinds, rule.statuses) == ((Kind.COMPUTE, Kind.DEBT), (Status.REPORTED,))
    assert (rule.min_amount, rule.currency, rule.min_megawatts, rule.loop) == (1e9, "EUR", 100.0, True)
    assert found.recipients["c"].language == "en"


def test_a_feed_is_read_whole(config: Config) -> None:
    config.write(
        "feeds.toml",
        FEED + 'site = "https://a.example/"\ncountry = "BE"\nhouse = "Groupe A"\npaywall = "partial"\n'
        'topics = ["ia"]\npriority = 1\npaused = true\n[feed.pages]\ntext = "article > p"\n',
    )
    (feed,) = config.load().feeds
    assert (feed.country, feed.house, feed.paywall, feed.topics) == ("BE", "Groupe A", "partial", ("ia",))
    assert (feed.priority, feed.paused, feed.pages.text, feed.pages.title) == (1, True, "article > p", "")


def test_settings_cannot_be_changed(settings: Settings) -> None:
    with pytest.raises(AttributeError):
        settings.rules = ()  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        settings.polling.batch = 3  # type: ignore[misc]


def test_the_caller_may_not_invent_sections_either() -> None:
    with pytest.raises(ConfigError, match=r"command line: genral\.data"):
        settings.load(config=settings.packaged(), environ={}, overrides={"genral": {"data": "x"}})


def test_the_shipped_file_names_every_key_with_its_default(config: Config) -> None:
    """Every key of gigawatch.toml, put in force by taking "# " away, must give what no file at all gives."""
    text = (settings.packaged() / "gigawatch.toml").read_text(encoding="utf-8")
    lines = [line.removeprefix("# ") if " = " in line else line for line in text.splitlines()]
    active = tomllib.loads("\n".join(lines))
    told = {f"{section}.{key}" for section, keys in active.items() for key in keys}
    assert told == {setting.name for setting in reference()} | {"smtp.password_file"}
    del active["detection"]["threshold"]  # unset by default, so the file shows an example
    config.write("gigawatch.toml", "\n".join(line for line in lines if not line.startswith("threshold")))
    blank = Config(config.folder.parent / "blank").write("gigawatch.toml", "")
    given, absent = config.load(HOME="/h"), blank.load(HOME="/h")
    assert given.masked() | {"config_files": 0} == absent.masked() | {"config_files": 0}


def test_every_setting_has_a_meaning_and_a_variable_that_works(config: Config) -> None:
    seen = {setting.variable for setting in reference()}
    assert len(seen) == len(reference())
    assert all(setting.meaning.endswith(".") for setting in reference())
    assert {"GIGAWATCH_DATA", "GIGAWATCH_DATABASE_URL", "GIGAWATCH_BROKER_URL", "GIGAWATCH_SMTP__HOST"} <= seen
    examples = {bool: "false", int: "3", float: "3"}
    numbers = {s.variable: examples[type(s.default)] for s in reference() if type(s.default) in examples}
    numbers |= {"GIGAWATCH_POLLING__JITTER": "0.3", "GIGAWATCH_FETCH__FEED_BYTES": "2 MiB"}
    numbers |= {"GIGAWATCH_FETCH__PAGE_BYTES": "3 MiB", "GIGAWATCH_FETCH__RAW_BYTES": "4 MiB"}
    numbers |= {name: "3d" for name in seen if name.startswith("GIGAWATCH_KEEP__")}
    found = config.load(**numbers)
    assert (found.polling.jitter, found.fetch.obey_robots, found.fetch.raw_bytes) == (0.3, False, 4 * 2**20)


def test_reading_the_settings_touches_nothing(
    settings: Settings, load_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    before = dict(os.environ)
    load_settings()
    assert not (tmp_path / "data").exists()
    assert dict(os.environ) == before
