"""The bank's rates over real HTTP: fetched once a day, kept with their day, told in the alert."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.pipeline.test_rates import document
from tests.steps.conftest import JOURNAL, Desk
from tests.steps.court import Court, deal
from tests.steps.site import Answer
from worker.model import Rule
from worker.steps import Parts, refresh_rates
from worker.steps.rates import in_force

PATH = "/eurofxref-daily.xml"


@pytest.fixture
def parts(desk: Desk) -> Parts:
    whole = desk.parts
    desk.clock.time = datetime(2026, 11, 25, 18, tzinfo=UTC)
    desk.site.answers[PATH] = Answer(document(USD="1.25", GBP="0.8"))
    return replace(whole, policy=replace(whole.policy, rates_source=desk.site.url + PATH))


def asked(desk: Desk) -> int:
    return desk.site.paths().count(PATH)


def test_rates_are_fetched_once_a_day(desk: Desk, parts: Parts) -> None:
    assert in_force(parts).quotes["EUR"].source == ""
    refresh_rates(parts)
    refresh_rates(parts)
    assert asked(desk) == 1
    found = in_force(parts)
    assert (found.usd["EUR"], found.usd["GBP"]) == (1.25, 1.5625)
    assert (found.quotes["EUR"].day, found.quotes["EUR"].source) == (date(2026, 11, 25), "ECB")
    assert found.quotes["TWD"] == parts.quotes["TWD"]
    desk.clock.move(hours=21)
    refresh_rates(parts)
    assert asked(desk) == 1
    desk.clock.move(hours=1)
    desk.site.answers[PATH] = Answer(document("2026-11-26", USD="1.3"))
    refresh_rates(parts)
    assert asked(desk) == 2
    assert in_force(parts).usd["EUR"] == 1.3


@pytest.mark.parametrize("answer", [Answer(b"", 503), Answer(b"<html>"), Answer(b"x" * 300_000)])
def test_a_bad_answer_leaves_the_rates_of_before(desk: Desk, parts: Parts, answer: Answer) -> None:
    refresh_rates(parts)
    desk.clock.move(days=1)
    desk.site.answers[PATH] = answer
    refresh_rates(parts)
    assert in_force(parts).usd["EUR"] == 1.25
    desk.clock.move(minutes=50)
    refresh_rates(parts)
    assert asked(desk) == 2
    desk.clock.move(minutes=11)
    desk.site.answers[PATH] = Answer(document("2026-11-26", USD="1.3"))
    refresh_rates(parts)
    assert in_force(parts).usd["EUR"] == 1.3


def test_without_network_the_packaged_rates_hold_with_their_day(parts: Parts) -> None:
    parts = replace(parts, policy=replace(parts.policy, rates_source="http://127.0.0.1:1" + PATH))
    refresh_rates(parts)
    assert in_force(parts).quotes == parts.quotes
    assert parts.quotes["EUR"].day == date(2025, 11, 28)


def test_a_private_address_is_refused_as_everywhere(desk: Desk, parts: Parts) -> None:
    parts = replace(parts, policy=replace(parts.policy, rates_source="http://10.0.0.1" + PATH))
    refresh_rates(parts)
    assert in_force(parts).quotes == parts.quotes


def test_switched_off_nobody_is_asked_and_nothing_kept_is_used(desk: Desk, parts: Parts) -> None:
    refresh_rates(parts)
    off = replace(parts, policy=replace(parts.policy, rates_source=""))
    desk.clock.move(days=2)
    refresh_rates(off)
    assert asked(desk) == 1
    assert in_force(off).quotes == parts.quotes


def test_the_alert_tells_the_day_of_the_rate_that_it_was_chosen_by(desk: Desk, parts: Parts) -> None:
    court = Court(desk)
    rule = Rule("gros", ("journal",), min_amount=2.4e9)
    court.parts = replace(
        parts, detector=court.parts.detector, channels=court.parts.channels, rules=[rule],
        recipients={"journal": JOURNAL},
    )  # fmt: skip
    court.bring("a", deal("Nordlys", "Helvia", 2e9))
    assert court.judge("a") == []  # 2 Md€ at the packaged 1.16
    refresh_rates(parts)
    court.bring("b", deal("Boréal", "Granit", 2e9))
    (told,) = court.judge("b")
    (row,) = court.store.alerts_by_id([told])
    assert row.alert.data["why"] == ["règle « gros » : montant ≥ 2,4 Md$ (taux BCE du 25/11/2026)"]
