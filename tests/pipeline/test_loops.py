"""Loops of money: which flows carry it, which cycles are found, and that a cycle is one whatever the order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.model import Bound, Edge, Flow, Kind, Loop, Source, Status, Story, StoryFlow
from worker.pipeline import loops

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SEEN = NOW + timedelta(hours=1)


def edge(payer: str, payee: str, *, days: int = 0, amount: float | None = 1e9, story: str = "s") -> Edge:
    """Return an edge dated `days` before NOW."""
    return Edge(
        payer, payee, Kind.COMPUTE, amount, "USD", Status.ANNOUNCED, Bound.EXACT, story, NOW - timedelta(days=days)
    )


def story(*flows: Flow, published: datetime | None = NOW) -> Story:
    """Return a story whose one article told `flows`."""
    return Story(
        id="s1",
        title="Titre",
        version=1,
        status=Status.ANNOUNCED,
        flows=tuple(StoryFlow(flow, "a1", "Le Journal", SEEN) for flow in flows),
        founding=flows,
        sources=(Source("a1", "Titre", "https://presse.example/1", "Le Journal", "", published, SEEN),),
        opened_at=SEEN,
        updated_at=SEEN,
    )


def path(loop: Loop) -> list[str]:
    """Return the parties of a loop in order."""
    return [one.payer for one in loop.edges]


def test_an_edge_has_the_terms_of_its_flow_and_the_date_of_the_article() -> None:
    flow = Flow("Alpha", "Beta", Kind.CHIPS, amount=5e9, currency="EUR", bound=Bound.UP_TO, status=Status.OPTION)
    assert loops.edges(story(flow)) == (
        Edge("Alpha", "Beta", Kind.CHIPS, 5e9, "EUR", Status.OPTION, Bound.UP_TO, "s1", NOW, "Le Journal"),
    )


def test_an_edge_keeps_its_date_when_other_articles_join() -> None:
    told = story(Flow("Alpha", "Beta", Kind.DEBT))
    early = Source("a2", "", "", "", "", NOW - timedelta(days=9), SEEN + timedelta(days=1))
    assert loops.edges(replace(told, sources=(*told.sources, early)))[0].date == NOW


def test_an_edge_is_of_whoever_told_it_on_its_date() -> None:
    """Not of the outlet that last changed its terms: date and source are shown side by side."""
    first = story(Flow("Alpha", "Beta", Kind.DEBT, 1e9))
    (held,) = first.flows
    later = Source("a2", "", "", "Le Second", "", NOW + timedelta(days=9), SEEN + timedelta(days=9))
    changed = replace(held, article_id="a2", source="Le Second")
    (edge,) = loops.edges(replace(first, flows=(changed,), sources=(*first.sources, later)))
    assert (edge.date, edge.source) == (NOW, "Le Journal")


def test_an_edge_without_a_dated_article_is_dated_when_it_was_first_seen() -> None:
    assert loops.edges(story(Flow("Alpha", "Beta", Kind.DEBT), published=None))[0].date == SEEN


@pytest.mark.parametrize(
    "flow",
    [
        Flow("Alpha", "Beta", Kind.PARTNERSHIP),
        Flow("Alpha", "Beta", Kind.CHIPS, status=Status.CANCELLED),
        Flow(None, "Beta", Kind.CHIPS),
        Flow("Alpha", None, Kind.SITE),
        Flow("Alpha", "ALPHA", Kind.SITE),
    ],
)
def test_what_moves_no_money_between_two_named_parties_is_no_edge(flow: Flow) -> None:
    assert loops.edges(story(flow)) == ()


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_a_cycle_is_found_and_begins_with_the_first_party(size: int) -> None:
    names = ["Delta", "Alpha", "Echo", "Bravo", "Charlie"][:size]
    ring = [edge(payer, payee) for payer, payee in zip(names, names[1:] + names[:1], strict=True)]
    (loop,) = loops.closed(ring[:-1], ring[-1:])
    assert path(loop) == names[1:] + names[:1]
    assert all(one.payee == after.payer for one, after in zip(loop.edges, loop.edges[1:] + loop.edges[:1], strict=True))


def test_six_parties_are_beyond_the_longest_loop() -> None:
    names = list("ABCDEF")
    ring = [edge(payer, payee) for payer, payee in zip(names, names[1:] + names[:1], strict=True)]
    assert loops.closed(ring[:-1], ring[-1:]) == ()
    assert len(loops.closed(ring[:-1], ring[-1:], longest=6)) == 1


def test_a_loop_of_known_edges_alone_is_not_told_again() -> None:
    known = [edge("Alpha", "Beta"), edge("Beta", "Alpha")]
    assert loops.closed(known, [edge("Beta", "Gamma")]) == ()
    assert loops.closed(known, []) == ()


def test_one_story_may_close_a_loop_alone() -> None:
    (loop,) = loops.closed([], [edge("Alpha", "Beta"), edge("Beta", "Alpha")])
    assert path(loop) == ["Alpha", "Beta"]


def test_names_are_compared_without_case_and_accents() -> None:
    (loop,) = loops.closed([edge("Énergie Sud", "NVIDIA")], [edge("Nvidia", "Energie Sud")])
    assert loop.id == loops.closed([edge("energie sud", "nvidia")], [edge("nvidia", "energie sud")])[0].id


@pytest.mark.parametrize(("days", "found"), [(730, 1), (731, 0)])
def test_the_window_is_two_years(days: int, found: int) -> None:
    assert len(loops.closed([edge("Beta", "Alpha", days=days)], [edge("Alpha", "Beta")])) == found


def test_the_window_holds_between_any_two_edges() -> None:
    known = [edge("Beta", "Gamma", days=-600), edge("Gamma", "Alpha", days=600)]
    assert loops.closed(known, [edge("Alpha", "Beta")]) == ()


def test_the_most_recent_edge_stands_for_a_pair_and_a_new_one_before_any() -> None:
    old, late = edge("Beta", "Alpha", days=90, amount=1.0), edge("Beta", "Alpha", days=3, amount=2.0)
    new, later = edge("Alpha", "Beta", days=5), edge("Alpha", "Beta", amount=7.0)
    (loop,) = loops.closed([late, old, later], [new])
    assert loop.edges == (new, late)


def test_the_shortest_loops_survive_a_crowded_ledger() -> None:
    crowd = [f"P{number}" for number in range(9)]
    known = [edge(a, b) for a in crowd for b in crowd if a != b] + [edge("Zeta", name) for name in crowd]
    found = loops.closed(known, [edge("P0", "Zeta")])
    assert ["P0", "Zeta"] in [path(loop) for loop in found]
    assert len(found) <= 200


NAMES = st.sampled_from(["Alpha", "Bravo", "Charlie", "Delta", "Echo"])
EDGES = st.lists(st.builds(edge, NAMES, NAMES, days=st.integers(0, 400)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(known=EDGES, new=EDGES, turn=st.integers(0, 12))
def test_loops_do_not_depend_on_the_order_of_edges(known: list[Edge], new: list[Edge], turn: int) -> None:
    found = loops.closed(known, new)
    assert found == loops.closed(known[turn:] + known[:turn], new[::-1])
    fresh = {(one.payer, one.payee) for one in new}
    for loop in found:
        names = path(loop)
        assert len(set(names)) == len(names) >= 2
        assert names[0] == min(names)
        assert fresh & {(one.payer, one.payee) for one in loop.edges}


@settings(max_examples=40, deadline=None)
@given(edges=EDGES, shift=st.integers(1, 300))
def test_a_loop_keeps_its_id_when_dates_and_amounts_change(edges: list[Edge], shift: int) -> None:
    moved = [replace(one, date=one.date - timedelta(days=shift), amount=2.0, story_id="t") for one in edges]
    assert {loop.id for loop in loops.closed([], edges)} == {loop.id for loop in loops.closed([], moved)}
