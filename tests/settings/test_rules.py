"""Rules with nested conditions, schedules of recipients, rates of exchange: what is read, refused and warned of."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from tests.settings.conftest import FEED, Config
from worker import settings
from worker.errors import ConfigError
from worker.model import Condition, Firmness, Kind, Pace, Rate, Rule, Schedule
from worker.settings import Settings

CONSOLE = '[recipients.desk]\nchannel = "console"\n'
RULE = CONSOLE + '[[rules]]\nid = "r"\nrecipients = ["desk"]\n'
COMPANIES = """
[[company]]
name = "Amazon"
type = "cloud"
country = "US"
aliases = ["AWS", "Amazon Web Services"]

[[company]]
name = "DeepMind"
type = "lab"
country = "GB"
group = "Google"
brands = ["AlphaFold"]

[[company]]
name = "Mistral AI"
type = "lab"
country = "FR"
people = ["Arthur Mensch", "Jeanne Deux"]

[[company]]
name = "Helvia"
type = "cloud"
people = ["Jeanne Deux"]
"""


@pytest.fixture
def config(config: Config) -> Config:
    return config.write("companies.toml", COMPANIES).write("feeds.toml", FEED + 'house = "Groupe A"\n')


def rule_of(found: Settings) -> Rule:
    (rule,) = found.rules
    return rule


def test_a_rule_with_every_condition(config: Config) -> None:
    config.write(
        "alerts.toml",
        RULE + 'firmness = ["firm", "up_to"]\ncountry = ["FR", "US"]\nfeeds = ["a"]\nhouses = ["groupe a"]\n'
        'words = ["souverain*", "centre de données"]\ncurrency = "EUR"\n'
        'any = [ { kinds = ["chips"], min_amount = 1e9 },\n  { min_megawatts = 100 } ]\n'
        '[rules.not]\ncompanies = ["mistral ai"]\nany = [ { loop = true } ]\n'
        '[[rules.all]]\nmin_amount = 5e8\ncurrency = "USD"\n[[rules.all]]\npayer = ["aws"]\n',
    )
    found = config.load()
    rule = rule_of(found)
    assert rule.firmness == (Firmness.FIRM, Firmness.UP_TO)
    assert (rule.country, rule.feeds, rule.houses) == (("FR", "US"), ("a",), ("groupe a",))
    assert rule.words == ("souverain*", "centre de données")
    assert rule.any_of == (
        Condition(kinds=(Kind.CHIPS,), min_amount=1e9, currency="EUR"),
        Condition(min_megawatts=100.0, currency="EUR"),
    )
    assert rule.all_of == (
        Condition(min_amount=5e8, currency="USD"),
        Condition(payer=("Amazon",), currency="EUR"),
    )
    assert rule.unless == Condition(
        companies=("Mistral AI",), currency="EUR", any_of=(Condition(loop=True, currency="EUR"),)
    )
    assert found.warnings == ()
    shown = found.masked()["rules"][0]
    assert shown["not"]["any"] == [{"loop": True}]
    assert shown["any"][0] == {"kinds": ["chips"], "min_amount": 1e9, "currency": "EUR"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("AWS", "Amazon"),
        ("amazon web services", "Amazon"),
        ("MISTRAL AI", "Mistral AI"),
        ("DeepMind", "Google"),
        ("AlphaFold", "Google"),
        ("Google", "Google"),
        ("Nivalis", "Nivalis"),
        ("Arthur Mensch", "Mistral AI"),
        ("Jeanne Deux", "Jeanne Deux"),
    ],
)
def test_companies_go_by_the_name_that_stories_carry(config: Config, written: str, meant: str) -> None:
    assert rule_of(config.write("alerts.toml", RULE + f'companies = ["{written}"]').load()).companies == (meant,)


@pytest.mark.parametrize(
    ("condition", "key", "problem", "hint"),
    [
        ('companies = ["Mistrall AI"]', "rules[1].companies", "Mistrall AI", 'did you mean "Mistral AI"?'),
        ('payee = ["Nivalis"]', "rules[1].payee", "Nivalis", "matches where an article spells it so"),
        ('not = { payer = ["Amazn"] }', "rules[1].not.payer", "Amazn", 'did you mean "Amazon"?'),
        ('feeds = ["b"]', "rules[1].feeds", '"b"', "gigawatch feeds add"),
        ('houses = ["Groupe B"]', "rules[1].houses", "Groupe B", 'did you mean "Groupe A"?'),
        ('country = ["ZZ"]', "rules[1].country", "ZZ", "ISO 3166"),
        ('payer = ["Jeanne Deux"]', "rules[1].payer", "Jeanne Deux", "speaks for Mistral AI, Helvia"),
        ('currency = "EUR"', "rules[1].currency", "says nothing without min_amount", "min_amount"),
        ('any = [{ currency = "EUR", loop = true }]', "rules[1].any[1].currency", "says nothing", "min_amount"),
    ],
)
def test_a_name_that_no_file_knows_is_a_warning(
    config: Config, condition: str, key: str, problem: str, hint: str
) -> None:
    (warning,) = config.write("alerts.toml", RULE + condition).load().warnings
    assert warning.where == f"{config.folder / 'alerts.toml'}:6"
    assert warning.key == key
    assert problem in warning.problem
    assert hint in warning.expected


def test_a_file_without_rules_is_a_warning(config: Config) -> None:
    (warning,) = config.write("alerts.toml", CONSOLE).load().warnings
    assert (warning.key, warning.problem) == ("rules", "no rule: nobody is told of any deal")


def test_a_currency_that_an_inner_amount_is_in_says_something(config: Config) -> None:
    assert config.write("alerts.toml", RULE + 'currency = "EUR"\nall = [{ min_amount = 1 }]').load().warnings == ()


def test_a_fault_of_a_rule_hides_none_inside_it(config: Config) -> None:
    config.write(
        "alerts.toml",
        RULE + 'kinds = ["chip"]\nany = [{ loop = "yes", not = { statuses = ["sure"] } }, { min_amount = "x" }]\n',
    )
    with pytest.raises(ConfigError) as raised:
        config.load()
    assert [fault.key for fault in raised.value.faults] == [
        "rules[1].kinds[1]",
        "rules[1].any[1].loop",
        "rules[1].any[1].not.statuses[1]",
        "rules[1].any[2].min_amount",
    ]


@pytest.mark.parametrize(
    ("condition", "line", "key", "expected"),
    [
        ('loop = "yes"', 6, "rules[1].loop", "true or false"),
        ('firmness = ["sure"]', 6, "rules[1].firmness[1]", "one of firm, up_to, option, reported"),
        ('country = ["France"]', 6, "rules[1].country[1]", "two capital letters"),
        ('words = ["*"]', 6, "rules[1].words[1]", "a word or an expression"),
        ('words = ["a*b"]', 6, "rules[1].words[1]", "a word or an expression"),
        ("any = []", 6, "rules[1].any", "at least one"),
        ("any = { loop = true }", 6, "rules[1].any", "a list in brackets"),
        ("any = [ {} ]", 6, "rules[1].any[1]", "at least one"),
        ('all = [ { currency = "EUR" } ]', 6, "rules[1].all[1]", "at least one"),
        ("not = [ { loop = true } ]", 6, "rules[1].not", "a table"),
        ('any = [ { loop = true }, { kind = ["chips"] } ]', 6, "rules[1].any[2].kind", 'did you mean "kinds"?'),
        ('any = [ { id = "x" } ]', 6, "rules[1].any[1].id", "one of companies, payer"),
        ('[[rules.any]]\nloop = true\n[[rules.any]]\nmin_amount = "x"\n', 9, "rules[1].any[2].min_amount", "a number"),
        ("[rules.not]\nmin_megawatts = -1", 7, "rules[1].not.min_megawatts", "at least 0"),
        ('[rules.not]\nnot = { currency = "EURO", loop = true }', 7, "rules[1].not.not.currency", 'mean "EUR"?'),
        ("not = " + "{ not = " * 7 + "{ loop = true }" + " }" * 7, 6, "rules[1]" + ".not" * 7, "at most 6"),
    ],
)
def test_a_fault_inside_a_condition(config: Config, condition: str, line: int, key: str, expected: str) -> None:
    fault = config.write("alerts.toml", RULE + condition).fault()
    assert fault.where == f"{config.folder / 'alerts.toml'}:{line}"
    assert fault.key == key
    assert expected in fault.expected


@pytest.mark.parametrize(
    ("keys", "schedule"),
    [
        ("", Schedule()),
        ('when = "daily"', Schedule(Pace.DAILY)),
        ('when = "daily"\nat = "18:30"\ntimezone = "UTC"', Schedule(Pace.DAILY, time(18, 30), timezone="UTC")),
        ('when = "daily"\nat = 07:15:00', Schedule(Pace.DAILY, time(7, 15))),
        ('when = "weekly"\nday = "Friday"', Schedule(Pace.WEEKLY, day=4)),
        ('quiet = "22:00-7:00"\nceiling = 10', Schedule(quiet=(time(22), time(7)), ceiling=10)),
    ],
)
def test_a_schedule_is_read(config: Config, keys: str, schedule: Schedule) -> None:
    found = config.write("alerts.toml", CONSOLE + keys).load()
    assert found.recipients["desk"].schedule == schedule
    shown = found.masked()["recipients"]["desk"]
    assert shown["when"] == schedule.pace.value
    assert shown.get("ceiling") == schedule.ceiling


@pytest.mark.parametrize(
    ("keys", "line", "key", "expected"),
    [
        ('when = "hourly"', 3, "when", "one of immediate, daily, weekly"),
        ('when = "daily"\nat = "8h"', 4, "at", 'a time of day such as "08:00"'),
        ('when = "daily"\nat = "24:00"', 4, "at", 'a time of day such as "08:00"'),
        ('when = "weekly"\nday = "lundi"', 4, "day", "one of monday, tuesday"),
        ('timezone = "Europe/Pari"', 3, "timezone", 'did you mean "Europe/Paris"?'),
        ('timezone = "../../etc/passwd"', 3, "timezone", "IANA"),
        ('quiet = "22:00"', 3, "quiet", '"22:00-07:00"'),
        ('quiet = "07:00-07:00"', 3, "quiet", "leave quiet out"),
        ("ceiling = 0", 3, "ceiling", "at least 1"),
        ("ceiling = true", 3, "ceiling", "a number"),
        ('at = "08:00"', 3, "at", 'when = "daily"'),
        ('when = "daily"\nday = "monday"', 4, "day", 'when = "weekly"'),
        ('when = "daily"\nceiling = 5', 4, "ceiling", 'when = "immediate"'),
    ],
)
def test_a_fault_of_a_schedule(config: Config, keys: str, line: int, key: str, expected: str) -> None:
    fault = config.write("alerts.toml", CONSOLE + keys).fault()
    assert fault.where == f"{config.folder / 'alerts.toml'}:{line}"
    assert fault.key == f"recipients.desk.{key}"
    assert expected in fault.expected


def test_rates_come_from_their_file_and_the_operators_own_win(config: Config) -> None:
    config.write("rates.toml", "day = 2026-01-30\n[usd]\nEUR = 1.2\nGBP = 1.4\n")
    config.write("gigawatch.toml", '[rates]\nrefresh = false\nGBP = 1.5\nsource = "https://mirror.example/x.xml"\n')
    found = config.load(GIGAWATCH_RATES__CHF="1.3")
    day = date(2026, 1, 30)
    assert found.quotes == {
        "USD": Rate(1.0, day), "EUR": Rate(1.2, day), "GBP": Rate(1.5, None), "CHF": Rate(1.3, None),
    }  # fmt: skip
    assert found.rates == {"USD": 1.0, "EUR": 1.2, "GBP": 1.5, "CHF": 1.3}
    assert (found.exchange.refresh, found.exchange.source) == (False, "https://mirror.example/x.xml")
    assert found.masked()["rates"] == {"refresh": False, "source": "https://mirror.example/x.xml", **found.rates}
    assert config.load(GIGAWATCH_RATES__REFRESH="true").exchange.refresh


@pytest.mark.parametrize(
    ("name", "text", "line", "key", "expected"),
    [
        ("rates.toml", "[usd]\nEUR = 1.2", None, "day", "the day of the rates"),
        ("rates.toml", 'day = "friday"\n[usd]\nEUR = 1.2', 1, "day", "the day of the rates"),
        ("rates.toml", "day = 2026-01-30\n[usd]\nEUR = 0", 3, "usd.EUR", "an ISO 4217 code"),
        ("rates.toml", "day = 2026-01-30\nEUR = 1.2", 2, "EUR", "[usd] before the rates"),
        ("gigawatch.toml", "[rates]\nrefesh = true", 2, "rates.refesh", 'did you mean "refresh"?'),
        ("gigawatch.toml", '[rates]\nrefresh = "perhaps"', 2, "rates.refresh", "true or false"),
        ("gigawatch.toml", '[rates]\nsource = "file:///etc/passwd"', 2, "rates.source", "a web address"),
    ],
)
def test_a_fault_of_the_rates(config: Config, name: str, text: str, line: int | None, key: str, expected: str) -> None:
    fault = config.write(name, text).fault()
    place = str(config.folder / name)
    assert fault.where == (f"{place}:{line}" if line else place)
    assert fault.key == key
    assert expected in fault.expected


def test_the_example_of_the_shipped_file_works(tmp_path: Path) -> None:
    text = (settings.packaged() / "alerts.toml").read_text(encoding="utf-8")
    lines = text.splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("[recipients.console]"))
    active = [line.removeprefix("# ") for line in lines[begin:] if "secret_file" not in line]
    hook = "[recipients.crm]"
    active.insert(active.index(hook) + 1, 'secret = "whsec_' + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3" + '"')
    own = Config(tmp_path / "shipped").write("alerts.toml", "\n".join(active))
    found = own.load(GIGAWATCH_SMTP__HOST="relay.example", GIGAWATCH_SMTP__SENDER="gw@example.org")
    assert found.warnings == ()
    assert found.recipients["desk"].schedule.pace is Pace.DAILY
    assert found.rules[-1].unless == Condition(words=("rumeur*",))
