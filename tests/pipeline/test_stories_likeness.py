"""When two flows are one, how their figures compare, and by which words an article is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.pipeline.telling import FIRST, NOW, OTHER, RIGHT, RUMOUR, STAKE, after, article, flow, kinds, tell
from worker.model import Bound, Evidence, Flow, Kind, Span, Status
from worker.pipeline.stories.likeness import Figures, compare, content_words, figures, pair, shared

ABOUT, UP_TO, AT_LEAST = Bound.ABOUT, Bound.UP_TO, Bound.AT_LEAST


def sized(amount: float | None = None, bound: Bound = Bound.EXACT, **more: Any) -> Flow:
    return flow(amount=amount, bound=bound, **more)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (sized(100.0), sized(100.0), Figures.AGREE),
        (sized(100.0), sized(95.5), Figures.AGREE),
        (sized(100.0), sized(94.5), Figures.CLASH),
        (sized(100.0), sized(76.0, ABOUT), Figures.NEAR),
        (sized(100.0), sized(70.0, ABOUT), Figures.CLASH),
        (sized(100.0, UP_TO), sized(30.0), Figures.UNKNOWN),
        (sized(30.0), sized(100.0, UP_TO), Figures.UNKNOWN),
        (sized(100.0, UP_TO), sized(300.0), Figures.CLASH),
        (sized(10.0, AT_LEAST), sized(30.0), Figures.UNKNOWN),
        (sized(30.0, AT_LEAST), sized(10.0), Figures.CLASH),
        (sized(100.0), replace(sized(100.0), currency="EUR"), Figures.UNKNOWN),
        (sized(100.0), sized(), Figures.UNKNOWN),
        (sized(megawatts=100.0), sized(megawatts=100.0), Figures.AGREE),
        (sized(megawatts=100.0), sized(megawatts=90.0), Figures.CLASH),
        (sized(9.0, megawatts=100.0), sized(megawatts=90.0), Figures.NEAR),
        (sized(9.0, megawatts=100.0), sized(megawatts=900.0), Figures.CLASH),
        (sized(chips=100.0), sized(chips=90.0), Figures.NEAR),
        (sized(chips=100.0), sized(chips=10.0), Figures.CLASH),
        (sized(chips=100.0), sized(megawatts=100.0), Figures.UNKNOWN),
        (sized(0.0), sized(0.0), Figures.AGREE),
    ],
)
def test_figures(left: Flow, right: Flow, expected: Figures) -> None:
    assert figures(left, right) is expected
    assert figures(right, left) is expected


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (FIRST, RIGHT, False),
        (FIRST, replace(RIGHT, amount=5e9), True),
        (FIRST, flow(status=Status.OPTION), True),
        (flow(), RIGHT, True),
        (FIRST, flow(megawatts=700.0, status=Status.OPTION), False),
        (flow(chips=9.0), flow(megawatts=700.0, status=Status.OPTION), False),
        (FIRST, flow(amount=50e9), True),
        (FIRST, flow(payee=None, amount=50e9), False),
        (FIRST, flow(None, None), True),
        (flow(None, None, amount=1e9), flow(None, None, amount=2e9), False),
        (FIRST, flow("Borée", "Altéa", amount=5e9), True),
        (FIRST, flow("Borée", "Altéa"), False),
        (FIRST, flow("Borée", "Altéa", Kind.EQUITY, 5e9), False),
        (FIRST, flow(kind=Kind.SITE, amount=5e9), True),
        (FIRST, flow(kind=Kind.SITE), False),
        (FIRST, flow(kind=Kind.PARTNERSHIP, amount=5e9), False),
        (flow(megawatts=9.0), flow(kind=Kind.EQUITY, megawatts=9.0), False),
    ],
)
def test_two_flows_may_be_one(left: Flow, right: Flow, same: bool) -> None:
    assert compare(left, right).same is same
    assert compare(right, left).same is same


def test_flows_are_paired_one_to_one_the_most_alike_first() -> None:
    held = [flow(None, "Borée"), FIRST, replace(FIRST, status=Status.OPTION)]
    told = [replace(FIRST, status=Status.OPTION), FIRST, FIRST]
    assert pair(told, held) == {0: 2, 1: 1, 2: 0}


def test_an_article_is_known_by_the_rare_words_of_its_head() -> None:
    told = article("a", title="Le géant Borée s'offre, pour 3 milliards, un parc", summary="Éoliennes avec Altéa Nord")
    assert content_words(told, ["Borée", "Altéa Nord"]) == {"geant", "offre", "parc", "eoliennes"}
    bare = article("a", title="Un parc", body="Turbines neuves " + "x" * 400 + " jamais")
    assert {"parc", "turbines", "neuves"} <= content_words(bare, [])
    assert "jamais" not in content_words(bare, [])


def test_words_in_common_are_a_part_of_the_shorter_text() -> None:
    assert shared(frozenset("abcd"), frozenset("ab")) == 1.0
    assert shared(frozenset("abcd"), frozenset("ax")) == 0.5
    assert shared(frozenset(), frozenset("a")) == 0.0


def test_an_unknown_flow_called_off_is_told_as_called_off() -> None:
    assert kinds(after([FIRST], [FIRST, replace(STAKE, status=Status.CANCELLED)])) == ["cancelled"]


def test_a_cancellation_tells_no_new_amount() -> None:
    filing = after([FIRST], [flow(amount=9e9, status=Status.CANCELLED)])
    assert kinds(filing) == ["cancelled"]
    assert filing.story.flows[0].flow.amount == 5e9


def test_an_older_account_neither_exercises_a_right_nor_revives() -> None:
    for held in (RIGHT, replace(RIGHT, status=Status.CANCELLED)):
        known = tell([held], by=article("late", hours=48)).story
        assert kinds(tell([replace(RIGHT, status=Status.ANNOUNCED)], known, name="old")) == []


def test_an_older_account_that_confirms_is_news_still() -> None:
    known = tell([replace(FIRST, status=Status.REPORTED)], by=article("late", hours=48)).story
    assert kinds(tell([FIRST], known, name="old")) == ["status"]


def test_a_change_without_proof_of_its_own_keeps_the_one_there_was() -> None:
    proof = (Evidence("payer", Span("title", 0, 5), "Altéa", "Altéa signe", Span("title", 0, 11)),)
    (held,) = after([flow(evidence=proof)], [FIRST]).story.flows
    assert held.flow.evidence == proof


def test_the_founding_flows_are_kept_without_their_proof() -> None:
    proof = (Evidence("payer", Span("title", 0, 5), "Altéa", "Altéa signe", Span("title", 0, 11)),)
    assert tell([flow(evidence=proof)]).story.founding == (flow(),)


def test_a_story_that_is_told_again_stays_young() -> None:
    known = after([FIRST], [FIRST]).story
    assert (known.opened_at, known.updated_at) == (NOW, NOW + timedelta(hours=1))


def test_of_two_stories_that_fit_alike_the_nearer_in_time_is_joined() -> None:
    old, young = tell([FIRST], name="old").story, tell([FIRST], name="young", hours=200).story
    for order in ((old, young), (young, old)):
        assert tell([FIRST], *order, name="b", hours=400).story.id == young.id


def test_an_amount_that_the_story_had_is_no_further_contract() -> None:
    known = after([FIRST], [flow(amount=9e9)]).story
    by = article("b", hours=3, title="Deuxième contrat : des accélérateurs supplémentaires loués en Norvège")
    for amount, joined in ((5e9, True), (9e9, True), (20e9, False)):
        assert tell([flow(amount=amount)], known, by=by).joined is joined


def test_an_article_that_shares_its_words_is_no_further_contract() -> None:
    by = article("b", hours=3, title="Altéa réserve la ferme de serveurs de Borée : le nouveau contrat")
    assert tell([flow(amount=20e9)], tell([FIRST]).story, by=by).joined


def test_a_rumour_confirmed_with_another_amount_is_no_further_contract() -> None:
    by = article("b", hours=400, title=OTHER)
    assert kinds(tell([flow(amount=20e9)], tell([RUMOUR]).story, by=by)) == ["status", "amount"]
