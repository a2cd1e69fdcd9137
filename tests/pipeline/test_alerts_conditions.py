"""Rules with conditions inside conditions, and what the reader is told of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from worker.model import (
    Article,
    Bound,
    Change,
    ChangeKind,
    ChannelKind,
    Condition,
    Draft,
    Evidence,
    Firmness,
    Flow,
    Kind,
    Rate,
    Recipient,
    Rule,
    Source,
    Span,
    Status,
    Story,
    StoryFlow,
)
from worker.pipeline import alerts

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SENTENCE = "Nordlys achètera jusqu’à 18 000 supercalculateurs à Helvia."
PROOF = Evidence("kind", Span("text", 0, 7), "achètera", SENTENCE, Span("text", 0, 40))
BUY = Flow("Nordlys", "Helvia", Kind.CHIPS, 2e9, "EUR", bound=Bound.UP_TO, evidence=(PROOF,))
POWER = Flow("Nordlys", "Granit", Kind.POWER, megawatts=500.0)
TALKS = Flow("Boréal", "Nordlys", Kind.EQUITY, 9e9, "USD", bound=Bound.UP_TO, status=Status.REPORTED)
RIGHT = Flow("Boréal", "Nordlys", Kind.SITE, 1e8, "USD", status=Status.OPTION)
OVER = Flow("Boréal", "Granit", Kind.DEBT, 1e8, "USD", status=Status.CANCELLED)
FLOWS = (BUY, POWER, TALKS, RIGHT, OVER)
SOURCE = Source("a1", "L’État soutient Nordlys", "", "La Gazette", "Groupe Gazette", NOW, NOW, feed="gazette")
STORY = Story(
    "s1", "Nordlys s’équipe en GPU", 1, Status.ANNOUNCED,
    tuple(StoryFlow(flow, "a1", "La Gazette", NOW) for flow in FLOWS), FLOWS, (SOURCE,), NOW, NOW,
)  # fmt: skip
ARTICLE = Article("a1", "Nordlys s’équipe", "Un pas vers la souveraineté numérique", "texte")
COUNTRIES = {"nordlys": "NO", "helvia": "CH", "granit": "FR"}
QUOTES = {
    "USD": Rate(1.0, date(2026, 2, 27), "ECB"),
    "EUR": Rate(1.1, date(2026, 2, 27), "ECB"),
    "GBP": Rate(1.3, date(2026, 2, 26), "ECB"),
    "TWD": Rate(0.03, date(2025, 11, 28)),
    "CHF": Rate(1.2, None),
}
RATES = {code: rate.usd for code, rate in QUOTES.items()}


def told(rule: Rule, *, language: str = "fr", story: Story = STORY, article: Article | None = ARTICLE) -> list[Draft]:
    reader = Recipient("x", ChannelKind.CONSOLE, "-", language=language)
    new = Change(ChangeKind.NEW_STORY, "s1", 1)
    return list(
        alerts.select(
            [new], story, rules=[rule], recipients={"x": reader}, rates=RATES, now=NOW, quotes=QUOTES,
            countries=COUNTRIES, article=article,
        )
    )  # fmt: skip


def rule(**parts: Any) -> Rule:
    return Rule("r", ("x",), **parts)


@pytest.mark.parametrize(
    ("wanted", "kinds"),
    [
        (Firmness.FIRM, {Kind.POWER}),
        (Firmness.UP_TO, {Kind.CHIPS}),
        (Firmness.REPORTED, {Kind.EQUITY}),
        (Firmness.OPTION, {Kind.SITE}),
    ],
)
def test_every_flow_is_firm_in_one_way_and_a_cancelled_one_in_none(wanted: Firmness, kinds: set[Kind]) -> None:
    assert {kind for kind in Kind if told(rule(firmness=(wanted,), kinds=(kind,)))} == kinds


@pytest.mark.parametrize(
    ("parts", "matches"),
    [
        ({"country": ("CH",)}, True),
        ({"country": ("FR", "DE")}, True),
        ({"country": ("DE",)}, False),
        ({"feeds": ("gazette",)}, True),
        ({"feeds": ("courrier",)}, False),
        ({"houses": ("groupe gazette",)}, True),
        ({"houses": ("Courrier",)}, False),
        ({"words": ("gpu",)}, True),  # the story's title
        ({"words": ("l'etat",)}, True),  # a source's title
        ({"words": ("SOUVERAINETÉ NUMÉRIQUE",)}, True),  # the summary
        ({"words": ("souverain",)}, False),  # whole words
        ({"words": ("souverain*",)}, True),
        ({"words": ("supercalculateurs",)}, True),  # the evidence
        ({"words": ("supercalculateurs",), "kinds": (Kind.POWER,)}, False),  # of another flow
        ({"words": ("gpu l'etat",)}, False),  # across two texts
        ({"words": ("rumeur", "GPU")}, True),
        ({"any_of": (Condition(kinds=(Kind.DEBT,)), Condition(country=("DE",)))}, True),
        ({"any_of": (Condition(companies=("AMD",)), Condition(country=("DE",)))}, False),
        ({"kinds": (Kind.CHIPS,), "any_of": (Condition(min_megawatts=400.0),)}, False),  # two flows, not one
        ({"all_of": (Condition(kinds=(Kind.CHIPS,)), Condition(min_amount=2.1e9))}, True),
        ({"all_of": (Condition(kinds=(Kind.CHIPS,)), Condition(min_megawatts=400.0))}, False),
        ({"unless": Condition(companies=("Helvia",))}, False),
        ({"unless": Condition(companies=("AMD",))}, True),
        ({"kinds": (Kind.CHIPS,), "unless": Condition(firmness=(Firmness.UP_TO,))}, False),
        ({"kinds": (Kind.POWER,), "unless": Condition(firmness=(Firmness.UP_TO,))}, True),
        ({"unless": Condition(any_of=(Condition(country=("FR",)), Condition(country=("DE",))))}, False),
        ({"unless": Condition(unless=Condition(country=("FR",)))}, True),
    ],
)
def test_conditions_combine(parts: dict[str, Any], matches: bool) -> None:
    assert bool(told(rule(**parts))) is matches


def test_without_the_article_its_summary_is_not_known() -> None:
    assert not told(rule(words=("souveraineté",)), article=None)
    assert told(rule(words=("GPU",)), article=None)


@pytest.mark.parametrize(
    ("language", "flow", "least", "currency", "said"),
    [
        ("fr", BUY, 1e9, "USD", "règle « r » : montant ≥ 1 Md$ (taux BCE du 27/02/2026)"),
        ("en", BUY, 1e9, "USD", "rule “r”: amount ≥ $1bn (ECB rate of 2026-02-27)"),
        ("fr", BUY, 1e9, "EUR", "règle « r » : montant ≥ 1 Md€"),
        ("fr", BUY, 1e9, "GBP", "règle « r » : montant ≥ 1 Md£ (taux BCE du 26/02/2026)"),
        ("fr", BUY, 1e9, "TWD", "règle « r » : montant ≥ 1 Md TWD (taux du 28/11/2025)"),
        ("fr", BUY, 1e9, "CHF", "règle « r » : montant ≥ 1 Md CHF (taux réglé)"),
        ("fr", replace(BUY, currency="USD"), 1e9, "EUR", "règle « r » : montant ≥ 1 Md€ (taux BCE du 27/02/2026)"),
    ],
)
def test_the_day_of_the_rate_is_told_where_an_amount_was_converted(
    language: str, flow: Flow, least: float, currency: str, said: str
) -> None:
    story = replace(STORY, flows=(StoryFlow(flow, "a1", "La Gazette", NOW),))
    (draft,) = told(rule(min_amount=least, currency=currency), language=language, story=story)
    assert draft.why == (said,)


def test_nested_conditions_are_told_in_words() -> None:
    nested = Condition(
        firmness=(Firmness.FIRM, Firmness.UP_TO),
        any_of=(Condition(country=("FR",)), Condition(min_amount=1e9, kinds=(Kind.CHIPS,))),
        unless=Condition(words=("rumeur*",)),
    )
    assert alerts.conditions_in_words(nested, "fr") == (
        "engagement ferme ou « jusqu’à », (pays FR) ou (nature puces, montant ≥ 1 Md$), sauf (mot « rumeur* »)"
    )
    assert alerts.conditions_in_words(nested, "en") == (
        "commitment firm or up to, (country FR) or (kind chips, amount ≥ $1bn), except (word “rumeur*”)"
    )
    assert alerts.conditions_in_words(Condition(), "en") == "every deal"
