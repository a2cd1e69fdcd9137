"""The ledger in both stores: ways back by bounded queries, told loops, stories in batches, upgrades without loss."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.bench import loops as bench
from tests.cli import books
from worker.adapters.store import Store
from worker.adapters.store.schema import edge as table
from worker.model import Bound, Edge, Kind, Status
from worker.pipeline import loops

NOW = books.NOW
YEARS = timedelta(days=730)


def edge(payer: str, payee: str, *, days: int = 1, story: str = "s0") -> Edge:
    return Edge(payer, payee, Kind.CHIPS, 1e9, "USD", Status.ANNOUNCED, Bound.EXACT, story, NOW - timedelta(days=days))


def found(store: Store, *new: Edge) -> set[tuple[str, str]]:
    with store.filing(NOW) as filing:
        return {(one.payer, one.payee) for one in filing.ways_back(new, since=NOW - YEARS)}


@pytest.mark.parametrize("size", [2, 3, 4, 5, 6])
def test_the_ways_back_are_found_up_to_five_parties_and_nothing_else(store: Store, size: int) -> None:
    names = ["Énergie", "B", "C", "D", "E", "F"][:size]
    ring = [edge(payer, payee) for payer, payee in zip(names, names[1:] + names[:1], strict=True)]
    bench.fill(store, [*ring[1:], edge("X", "B"), edge("B", "Y"), edge("B", "B2", days=800)])
    wanted = {(one.payer, one.payee) for one in ring[1:]} if size < 6 else set()
    assert found(store, ring[0]) == wanted


def test_a_party_with_many_deals_hides_no_direct_way_back(store: Store) -> None:
    crowd = [edge("Géant", f"Firme {number}") for number in range(900)]
    crowd += [edge(f"Client {number}", "Petit") for number in range(900)]
    bench.fill(store, [edge("Géant", "Petit", days=700), *crowd])
    assert found(store, edge("Petit", "Géant")) == {("Géant", "Petit")}


def test_the_latest_deals_between_two_giants_stand_for_them_however_many_join_the_fronts(store: Store) -> None:
    # Every party around the two deals with every other: far more rows join the fronts than a search may read.
    payers, payees = [f"Client {number}" for number in range(24)], [f"Firme {number}" for number in range(24)]
    crowd = 9 * [*(edge("Géant", name) for name in payees), *(edge(name, "Petit") for name in payers)]
    crowd += [edge(one, other, days=2) for one in payees for other in payers for _ in range(3)]
    old = [edge("Géant", "Petit", days=700 - place) for place in range(5)]
    bench.fill(store, [*crowd, *old])
    with store.filing(NOW) as filing:
        known = filing.ways_back([edge("Petit", "Géant")], since=NOW - YEARS)
    direct = [one for one in known if (one.payer, one.payee) == ("Géant", "Petit")]
    assert sorted((NOW - one.date).days for one in direct) == [696, 697, 698]


def test_a_search_reads_a_bounded_number_of_edges(store: Store) -> None:
    bench.fill(store, list(bench.made(6_000)))
    for new in bench.trials(30):
        with store.filing(NOW) as filing:
            known = filing.ways_back([new], since=NOW - YEARS)
        assert len(known) <= 3_000
        loops.closed(known, [new])


def test_told_loops_come_back_the_last_first(store: Store) -> None:
    loop = books.fill(store)
    (told,) = store.loops()
    assert (told.loop, told.story_id) == (loop, "chips")
    assert store.loops(since=told.closed_at + timedelta(seconds=1)) == ()
    present = store.edges_between([one.payer for one in loop.edges])
    assert {(one.payer, one.payee) for one in present} == {
        ("NVIDIA", "OpenAI"),
        ("OpenAI", "Oracle"),
        ("Oracle", "NVIDIA"),
    }


def test_what_is_called_off_leaves_the_ledger_and_its_time_is_known(store: Store) -> None:
    loop = books.fill(store)
    books.cancel(store)
    legs = loops.legs(loop, store.edges_between([one.payer for one in loop.edges]))
    assert [leg.gone for leg in legs] == [False, True, False]
    assert store.cancelled_at(["rent", "chips"]) == {"rent": NOW}


def test_stories_come_in_batches_each_once_the_first_opened_first(store: Store) -> None:
    books.fill(store)
    told = list(store.told_stories(batch=2))
    assert [one.id for one in told] == [one.id for one in books.STORIES]
    assert [one.id for one in store.told_stories(companies=["oracle"])] == ["rent", "chips"]
    assert [one.id for one in store.told_stories(since=books.day(2026, 2, 20))] == ["bare", "nameless"]


def test_an_edge_keeps_its_record_beside_the_columns_that_find_it(store: Store) -> None:
    value = replace(edge("Énergie Sud", "B"), bound=Bound.UP_TO)
    bench.fill(store, [value])
    with store.read() as connection:
        assert connection.execute(select(table.c.payer, table.c.payee)).all() == [("energie sud", "b")]
    with store.filing(NOW) as filing:
        assert filing.edges_of(["s0"]) == (value,)
