"""Which loops are told again, what has become of a told loop, and that a search always ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from worker.model import Bound, Edge, Kind, Loop, Status
from worker.pipeline import loops

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def edge(payer: str, payee: str, *, days: int = 0, amount: float | None = 1e9, story: str = "s") -> Edge:
    return Edge(
        payer, payee, Kind.COMPUTE, amount, "USD", Status.ANNOUNCED, Bound.EXACT, story, NOW - timedelta(days=days), "A"
    )


THERE, BACK = edge("Alpha", "Beta", days=9, story="one"), edge("Beta", "Alpha", story="two")
TOLD = loops.closed([THERE], [BACK])[0]


def news(there: Edge, *others: Edge) -> tuple[Loop, ...]:
    """Return what is news once the first edge reads `there`."""
    present = [there, BACK, *others]
    return loops.news(loops.closed([BACK, *others], [there]), {TOLD.id: TOLD}, present)


def test_a_loop_that_was_never_told_is_news() -> None:
    assert loops.news([TOLD], {}, []) == (TOLD,)


Edit = Callable[[Edge], Edge]
CHANGES: list[tuple[Edit, bool]] = [
    (lambda one: one, False),
    (lambda one: replace(one, source="B", date=NOW), False),
    (lambda one: replace(one, amount=1.01e9), False),
    (lambda one: replace(one, amount=1.05e9), False),
    (lambda one: replace(one, amount=1.06e9), True),
    (lambda one: replace(one, amount=0.94e9), True),
    (lambda one: replace(one, status=Status.REPORTED), True),
    (lambda one: replace(one, bound=Bound.ABOUT), False),
    (lambda one: replace(one, bound=Bound.UP_TO, amount=3e9), True),
]


@pytest.mark.parametrize(("edit", "told"), CHANGES)
def test_a_loop_is_told_again_only_when_an_edge_changed_materially(edit: Edit, told: bool) -> None:
    assert bool(news(edit(THERE))) is told


@pytest.mark.parametrize(
    ("before", "after", "material"),
    [
        ((None, Bound.EXACT), (2e9, Bound.EXACT), True),
        ((None, Bound.EXACT), (2e9, Bound.UP_TO), False),
        ((2e9, Bound.UP_TO), (3e9, Bound.UP_TO), False),
        ((2e9, Bound.UP_TO), (2e9, Bound.EXACT), False),
        ((2e9, Bound.ABOUT), (3e9, Bound.EXACT), True),
    ],
)
def test_only_firm_amounts_weigh(
    before: tuple[float | None, Bound], after: tuple[float | None, Bound], material: bool
) -> None:
    was, now = (replace(THERE, amount=amount, bound=bound) for amount, bound in (before, after))
    assert loops.is_material(was, now) is material


def test_small_steps_add_up() -> None:
    """Each step is compared with what was told, not with the step before."""
    assert news(replace(THERE, amount=1.03e9)) == ()
    assert news(replace(THERE, amount=1.06e9)) != ()


def test_a_further_deal_between_the_same_two_tells_nothing_again() -> None:
    further = replace(THERE, story_id="three", amount=7e9, date=NOW)
    found = loops.closed([THERE, BACK], [further])
    assert found[0].edges == (further, BACK)
    assert loops.news(found, {TOLD.id: TOLD}, [THERE, BACK, further]) == ()


def test_a_deal_in_place_of_one_that_is_gone_closes_the_loop_anew() -> None:
    further = replace(THERE, story_id="three", amount=7e9, date=NOW)
    (loop,) = loops.news(loops.closed([BACK], [further]), {TOLD.id: TOLD}, [BACK, further])
    assert loop.edges == (further, BACK)


def test_money_that_flows_again_closes_the_loop_anew() -> None:
    found = loops.closed([BACK], [THERE])
    assert loops.news(found, {TOLD.id: TOLD}, [THERE, BACK], revived=frozenset({("alpha", "beta")})) == (TOLD,)
    assert loops.news(found, {TOLD.id: TOLD}, [THERE, BACK], revived=frozenset({("gamma", "beta")})) == ()


def test_the_legs_of_a_told_loop_say_what_stands() -> None:
    dearer = replace(BACK, amount=2e9)
    assert [(leg.edge, leg.gone, leg.changed) for leg in loops.legs(TOLD, [dearer])] == [
        (THERE, True, False),
        (dearer, False, True),
    ]
    other = replace(THERE, story_id="three")
    assert not any(leg.gone or leg.changed for leg in loops.legs(TOLD, [other, BACK]))


def test_the_shortest_loop_leads_and_then_the_most_recent() -> None:
    known = [edge("B", "A", days=90), edge("B", "C", days=50), edge("C", "A"), edge("B", "D", days=3), edge("D", "A")]
    paths = [[one.payer for one in loop.edges] for loop in loops.closed(known, [edge("A", "B")])]
    assert paths[0] == ["A", "B"]
    assert {tuple(path) for path in paths[1:]} == {("A", "B", "C"), ("A", "B", "D")}


def test_a_search_among_many_that_finds_nothing_ends_soon() -> None:
    """Every way back is older than the window allows together with its first step: nothing may be yielded."""
    crowd = [f"P{number}" for number in range(40)]
    known = [edge(a, b, days=100) for a in crowd for b in crowd if a != b]
    known += [edge(name, "Zeta", days=-700) for name in crowd[1:]]
    began = time.process_time()
    assert loops.closed(known, [edge("Zeta", "P0")]) == ()
    assert time.process_time() - began < 2
