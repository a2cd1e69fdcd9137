"""What holds of stories whatever the articles say and in whatever order they come."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pipeline.telling import FIRST, RUMOUR, STAKE, flow, tell
from worker.model import Bound, ChangeKind, Flow, Kind, Status, Story

PARTIES = st.sampled_from([None, "Altéa", "Borée", "Céleste"])
FLOWS = st.lists(
    st.builds(
        flow,
        PARTIES,
        PARTIES,
        st.sampled_from([Kind.COMPUTE, Kind.CHIPS, Kind.EQUITY, Kind.PARTNERSHIP]),
        st.sampled_from([None, 1e9, 1.02e9, 3e9]),
        megawatts=st.sampled_from([None, 100.0]),
        bound=st.sampled_from(list(Bound)),
        status=st.sampled_from(list(Status)),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda one: one.key,
)


@settings(max_examples=150, deadline=None)
@given(accounts=st.lists(FLOWS, min_size=1, max_size=6))
def test_a_version_grows_if_and_only_if_something_changed(accounts: list[list[Flow]]) -> None:
    known: dict[str, Story] = {}
    for hour, told in enumerate(accounts):
        filing = tell(told, *known.values(), name=f"a{hour}", hours=hour)
        before = known.get(filing.story.id)
        assert filing.joined is (before is not None)
        grown = filing.story.version - (before.version if before else 0)
        assert grown == (1 if filing.changes else 0)
        assert all(change.version == filing.story.version for change in filing.changes)
        assert (ChangeKind.NEW_STORY in {change.kind for change in filing.changes}) is (before is None)
        assert sum(one.article_id == f"a{hour}" for one in filing.story.sources) == 1
        if before:
            assert filing.story.founding == before.founding
            assert filing.story.title == before.title
        known[filing.story.id] = filing.story


@settings(max_examples=150, deadline=None)
@given(told=FLOWS)
def test_an_account_told_twice_is_news_once(told: list[Flow]) -> None:
    known = tell(told, name="a").story
    again = tell(told, known, name="b", hours=1)
    if again.joined:
        assert again.changes == ()
    assert again == tell(told, known, name="b", hours=1)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_grouping_does_not_depend_on_the_order_of_arrival(order: tuple[int, ...]) -> None:
    accounts: list[tuple[str, list[Flow]]] = [
        ("first", [RUMOUR]),
        ("second", [FIRST, STAKE]),
        ("other", [flow("Dune", "Borée", amount=3e9)]),
        ("more", [flow("Dune", "Borée", amount=3e9), flow("Dune", "Borée", amount=9e9, status=Status.OPTION)]),
    ]
    known: dict[str, Story] = {}
    for place in order:
        name, told = accounts[place]
        filing = tell(told, *known.values(), name=name, hours=place)
        known[filing.story.id] = filing.story
    groups = {frozenset(one.article_id for one in story.sources) for story in known.values()}
    assert groups == {frozenset({"first", "second"}), frozenset({"other", "more"})}
    terms = {
        frozenset((held.flow.key, held.flow.amount, held.flow.status) for held in story.flows)
        for story in known.values()
    }
    assert terms == {
        frozenset((one.key, one.amount, one.status) for one in accounts[1][1]),
        frozenset((one.key, one.amount, one.status) for one in accounts[3][1]),
    }
