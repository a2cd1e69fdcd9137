"""Who is told of what, under which id, and when a delivery is tried again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import DeliveryError
from worker.model import (
    AlertType,
    Bound,
    Change,
    ChangeKind,
    ChannelKind,
    Draft,
    Edge,
    Flow,
    Kind,
    Loop,
    Recipient,
    Rule,
    Status,
    Story,
    StoryFlow,
)
from worker.pipeline import alerts

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
RATES = {"USD": 1.0, "EUR": 1.1}
BUY = Flow("Mistral", "NVIDIA", Kind.CHIPS, amount=2e9, currency="EUR", megawatts=44.0)
STAKE = Flow("NVIDIA", "Mistral", Kind.EQUITY, status=Status.REPORTED)
EDGE = Edge("Mistral", "NVIDIA", Kind.CHIPS, 2e9, "EUR", Status.ANNOUNCED, Bound.EXACT, "s1", NOW)
LOOP = Loop("l1", (EDGE,))
DESK = Recipient("desk", ChannelKind.EMAIL, "desk@example.org")
HOOK = Recipient("hook", ChannelKind.WEBHOOK, "https://hooks.example.org/", language="en")
RECIPIENTS = {"desk": DESK, "hook": HOOK}


def story(*flows: Flow, loops: tuple[Loop, ...] = ()) -> Story:
    held = tuple(StoryFlow(flow, "a1", "Le Journal", NOW) for flow in flows)
    return Story("s1", "Titre", 1, Status.ANNOUNCED, held, flows, (), NOW, NOW, loops=loops)


def change(kind: ChangeKind, flow: Flow | None = None, **after: Any) -> Change:
    return Change(kind, "s1", 1, flow=flow, after=after, loop=LOOP if kind is ChangeKind.LOOP_CLOSED else None)


NEW = change(ChangeKind.NEW_STORY)
CLOSED = change(ChangeKind.LOOP_CLOSED)


def select(changes: Sequence[Change], *rules: Rule, told: Story | None = None) -> tuple[Draft, ...]:
    return alerts.select(changes, told or story(BUY, STAKE), rules=rules, recipients=RECIPIENTS, rates=RATES, now=NOW)


def rule(rule_id: str = "tout", recipients: tuple[str, ...] = ("desk",), **conditions: Any) -> Rule:
    return Rule(rule_id, recipients, **conditions)


@pytest.mark.parametrize(
    ("conditions", "matches"),
    [
        ({}, True),
        ({"companies": ("nvidia",)}, True),
        ({"companies": ("AMD", "Mistral")}, True),
        ({"companies": ("AMD",)}, False),
        ({"payer": ("Mistral",), "kinds": (Kind.CHIPS,)}, True),
        ({"payer": ("Mistral",), "kinds": (Kind.EQUITY,)}, False),
        ({"payee": ("Mistral",)}, True),
        ({"payee": ("AMD",)}, False),
        ({"kinds": (Kind.SITE, Kind.EQUITY)}, True),
        ({"kinds": (Kind.SITE,)}, False),
        ({"statuses": (Status.REPORTED,)}, True),
        ({"statuses": (Status.CANCELLED,)}, False),
        ({"statuses": (Status.REPORTED,), "kinds": (Kind.CHIPS,)}, False),
        ({"min_amount": 2.2e9}, True),
        ({"min_amount": 2.3e9}, False),
        ({"min_amount": 2e9, "currency": "EUR"}, True),
        ({"min_amount": 2.1e9, "currency": "EUR"}, False),
        ({"min_amount": 1.0, "currency": "XXX"}, False),
        ({"min_amount": 0.0, "kinds": (Kind.EQUITY,)}, False),
        ({"min_megawatts": 44.0}, True),
        ({"min_megawatts": 45.0}, False),
        ({"loop": False}, True),
        ({"loop": True}, False),
    ],
)
def test_every_condition_must_hold_of_one_flow(conditions: dict[str, Any], matches: bool) -> None:
    assert bool(select([NEW], rule(**conditions))) is matches


@pytest.mark.parametrize(("wanted", "matches"), [(True, True), (False, False), (None, True)])
def test_a_loop_may_be_asked_for_or_shut_out(wanted: bool | None, matches: bool) -> None:
    assert bool(select([NEW, CLOSED], rule(loop=wanted))) is matches
    assert bool(select([NEW], rule(loop=wanted), told=story(BUY, STAKE, loops=(LOOP,)))) is matches


def test_a_change_of_one_flow_does_not_match_by_another() -> None:
    moved = change(ChangeKind.STATUS, STAKE, status="reported")
    assert select([moved], rule(kinds=(Kind.CHIPS,))) == ()
    assert len(select([moved], rule(kinds=(Kind.EQUITY,)))) == 1


def test_a_partnership_has_either_party_on_either_side() -> None:
    tie = story(Flow("Alpha", "Beta", Kind.PARTNERSHIP))
    for name in ("Alpha", "Beta"):
        assert select([NEW], rule(payer=(name,)), told=tie)
        assert select([NEW], rule(payee=(name,)), told=tie)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ([NEW], AlertType.DETECTED),
        ([NEW, CLOSED], AlertType.DETECTED),
        ([change(ChangeKind.CANCELLED, BUY)], AlertType.CANCELLED),
        ([change(ChangeKind.AMOUNT, BUY), change(ChangeKind.CANCELLED, STAKE)], AlertType.CANCELLED),
        ([CLOSED], AlertType.LOOP),
        ([CLOSED, change(ChangeKind.STATUS, BUY)], AlertType.UPDATED),
        ([change(ChangeKind.NEW_FLOW, BUY)], AlertType.UPDATED),
        ([change(ChangeKind.AMOUNT, BUY)], AlertType.UPDATED),
    ],
)
def test_the_type_follows_from_the_changes(changes: list[Change], kind: AlertType) -> None:
    assert [draft.type for draft in select(changes, rule())] == [kind]


def test_nothing_new_tells_nobody() -> None:
    assert select([], rule()) == ()


def test_a_recipient_is_told_once_and_why_by_each_rule() -> None:
    rules = (
        rule("gros", min_amount=1e12),
        rule("bureau", companies=("Mistral",), min_amount=1e9),
        rule("tout", ("desk", "hook", "desk", "nobody")),
    )
    drafts = select([NEW], *rules)
    assert [(one.recipient.id, one.rule.id) for one in drafts] == [("desk", "bureau"), ("hook", "tout")]
    assert drafts[0].why == (
        "règle « bureau » : société Mistral, montant ≥ 1 Md$",
        "règle « tout » : tous les contrats",
    )
    assert drafts[1].why == ("rule “tout”: every deal",)


@pytest.mark.parametrize(
    ("language", "conditions", "said"),
    [
        ("fr", {"kinds": (Kind.CHIPS, Kind.POWER)}, "règle « r » : nature puces ou électricité"),
        ("en", {"kinds": (Kind.CHIPS, Kind.POWER)}, "rule “r”: kind chips or power"),
        ("fr", {"payer": ("Mistral",), "payee": ("NVIDIA",)}, "règle « r » : payeur Mistral, bénéficiaire NVIDIA"),
        ("fr", {"statuses": (Status.ANNOUNCED,)}, "règle « r » : statut annoncé"),
        ("fr", {"min_amount": 1.5e6, "currency": "CHF"}, "règle « r » : montant ≥ 1,5 M CHF"),
        ("en", {"min_amount": 1.5e9, "currency": "EUR"}, "rule “r”: amount ≥ €1.5bn"),
        ("en", {"min_amount": 250000, "currency": "CHF"}, "rule “r”: amount ≥ CHF 250,000"),
        ("fr", {"min_megawatts": 12.5, "loop": False}, "règle « r » : puissance ≥ 12,5 MW, hors boucle financière"),
        ("en", {"loop": True}, "rule “r”: loop of money"),
    ],
)
def test_the_reason_is_told_in_the_recipients_language(language: str, conditions: dict[str, Any], said: str) -> None:
    reader = Recipient("x", ChannelKind.CONSOLE, "-", language=language)
    told = story(BUY, STAKE, loops=(LOOP,) if conditions.get("loop") else ())
    drafts = alerts.select(
        [NEW], told, rules=[Rule("r", ("x",), **conditions)], recipients={"x": reader},
        rates={"USD": 1.0, "EUR": 1.1, "CHF": 1.1}, now=NOW,
    )  # fmt: skip
    assert [one.why for one in drafts] == [(said,)]


def test_a_rule_id_with_braces_is_text() -> None:
    assert select([NEW], rule("{id} {0}"))[0].why == ("règle « {id} {0} » : tous les contrats",)


def test_the_id_says_what_is_told_and_not_when() -> None:
    changes = [
        change(ChangeKind.NEW_FLOW, BUY, amount=2e9),
        change(ChangeKind.STATUS, STAKE, status="announced"),
        CLOSED,
    ]
    ids = {select(order, rule())[0].id for order in permutations(changes)}
    later = alerts.select(
        changes, story(BUY, STAKE), rules=[rule()], recipients=RECIPIENTS, rates={}, now=NOW + timedelta(days=1)
    )
    assert ids == {later[0].id}
    assert "." not in later[0].id


@pytest.mark.parametrize(
    "other",
    [
        change(ChangeKind.AMOUNT, BUY, amount=3e9),
        change(ChangeKind.AMOUNT, STAKE, amount=2e9),
        change(ChangeKind.NEW_FLOW, BUY, amount=2e9),
    ],
)
def test_another_change_has_another_id(other: Change) -> None:
    first = change(ChangeKind.AMOUNT, BUY, amount=2e9)
    assert select([first], rule())[0].id != select([other], rule())[0].id


def test_rule_and_recipient_are_part_of_the_id() -> None:
    ids = {
        draft.id
        for one in (rule("a"), rule("b"), rule("a", ("hook",)), rule("b", ("hook",)))
        for draft in select([NEW], one)
    }
    assert len(ids) == 4


MINUTE, HOUR = 60.0, 3600.0
WEBHOOK = [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]


def delay(
    channel: ChannelKind, attempts: int, *, jitter: float = 0.0, factor: float = 1.0, **error: Any
) -> float | None:
    at = alerts.next_attempt(
        channel, attempts=attempts, error=DeliveryError("refused", **error), now=NOW, jitter=jitter, factor=factor
    )
    return None if at is None else (at - NOW).total_seconds()


def test_webhooks_get_ten_attempts() -> None:
    assert [delay(ChannelKind.WEBHOOK, n) for n in range(1, 12)] == [*WEBHOOK, None, None]


@pytest.mark.parametrize("channel", [ChannelKind.EMAIL, ChannelKind.CHAT, ChannelKind.CONSOLE])
def test_others_are_tried_for_a_day(channel: ChannelKind) -> None:
    delays: list[float] = []
    while (found := delay(channel, len(delays) + 1)) is not None:
        delays.append(found)
        assert len(delays) < 100
    assert delays[:6] == [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, HOUR, HOUR]
    assert 23 * HOUR <= sum(delays) <= 24 * HOUR


@pytest.mark.parametrize("channel", list(ChannelKind))
@pytest.mark.parametrize("why", ["permanent", "disable"])
def test_a_refusal_for_good_is_not_tried_again(channel: ChannelKind, why: str) -> None:
    assert delay(channel, 1, **{why: True}) is None


@pytest.mark.parametrize(
    ("attempts", "asked", "waits"),
    [
        (1, 1, 60),
        (1, 120, 120),
        (1, 3600, 3600),
        (2, 10, 240),
        (2, 400, 400),
        (3, 120, 1440),
        (1, 1e9, 3600),
        (5, 1e9, 36_000),
    ],
)
def test_a_delay_asked_for_is_kept_unless_more_was_planned(attempts: int, asked: float, waits: float) -> None:
    # The earliest that chance allows: a fifth before what was planned, not a second before what was asked for.
    assert delay(ChannelKind.WEBHOOK, attempts, jitter=-1, retry_after=asked) == pytest.approx(waits)


@given(jitter=st.floats(-1, 1), asked=st.floats(60, 3_600), factor=st.sampled_from([0.001, 1.0]))
def test_nobody_comes_back_before_asked_nor_much_later(jitter: float, asked: float, factor: float) -> None:
    waited = delay(ChannelKind.WEBHOOK, 1, jitter=jitter, factor=factor, retry_after=asked)
    assert waited is not None
    assert asked - 1e-5 <= waited <= 1.2 * asked + 1e-5


@given(
    channel=st.sampled_from(list(ChannelKind)),
    attempts=st.integers(1, 9),
    jitter=st.floats(-1, 1),
    factor=st.sampled_from([1.0, 0.01, 3.0]),
)
def test_jitter_moves_by_a_fifth_at_most_and_factor_scales(
    channel: ChannelKind, attempts: int, jitter: float, factor: float
) -> None:
    planned, moved = delay(channel, attempts), delay(channel, attempts, jitter=jitter, factor=factor)
    assert planned is not None
    assert moved is not None
    assert moved == pytest.approx(planned * factor * (1 + 0.2 * jitter), rel=1e-6, abs=1e-5)
