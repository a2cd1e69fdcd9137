"""`[system]` of alerts.toml and `[canary]` of gigawatch.toml."""

from __future__ import annotations

from tests.settings.conftest import FEED, Config

TWO = """
[recipients.console]
channel = "console"
[recipients.desk]
channel = "email"
address = "desk@example.org"
"""
RULES = '[[rules]]\nid = "all"\nrecipients = ["console"]\n'


def alerts(config: Config, system: str) -> Config:
    return config.write("feeds.toml", FEED).write("alerts.toml", f"{TWO}{system}{RULES}")


def test_without_a_word_everybody_who_can_be_reached_is_told(config: Config) -> None:
    alerts(config, "")
    assert config.load().system == ("console",)
    smtp = {"GIGAWATCH_SMTP__HOST": "mail.example.org", "GIGAWATCH_SMTP__SENDER": "gw@example.org"}
    assert config.load(**smtp).system == ("console", "desk")


def test_those_who_are_named_are_told(config: Config) -> None:
    assert alerts(config, '[system]\nrecipients = ["console"]\n').load().system == ("console",)
    fault = alerts(config, '[system]\nrecipients = ["desk"]\n').fault()
    assert (fault.key, "desk" in fault.problem) == ("smtp.host", True)


def test_faults_name_line_and_key(config: Config) -> None:
    fault = alerts(config, '[system]\nrecipients = ["dusk"]\n').fault()
    assert fault.where.endswith("alerts.toml:8")
    assert (fault.key, fault.expected) == ("system.recipients", 'did you mean "desk"?')
    assert alerts(config, '[system]\nrecipient = ["desk"]\n').faults()[0].key.startswith("system")
    assert "at least one" in str(alerts(config, "[system]\nrecipients = []\n").fault())
    assert alerts(config, "system = 3\n").faults()


def test_the_canary_must_be_due_before_the_next_one(config: Config) -> None:
    config.write("feeds.toml", FEED).write("gigawatch.toml", '[canary]\nevery = "5m"\n')
    assert "within not above every" in str(config.fault())
    config.write("gigawatch.toml", '[canary]\nevery = "5m"\nwithin = "20s"\n')
    section = config.load().canary
    assert (section.enabled, section.every_s, section.within_s, section.watch_s) == (True, 300, 20, 5)
