"""The operator's word where articles arrive behind later ones: what he decided stands, and every id leads on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.steps.conftest import Desk
from tests.steps.court import Court, deal
from tests.steps.test_decide import BREST, ONE, OTHER, consistent, split_off
from worker.errors import DecisionError
from worker.model import DecisionKind, Kind, Verdict
from worker.steps import decide

STAKE = deal("Helvia", "Nordlys", 5e8, Kind.EQUITY)


@pytest.fixture
def court(desk: Desk) -> Court:
    return Court(desk)


def test_a_late_article_does_not_undo_a_split(court: Court) -> None:
    old, new, _ = split_off(court)
    court.clock.move(hours=1)
    court.file("late", ONE, title=BREST, age=timedelta(hours=6))
    held = {story.id: {one.article_id for one in story.sources} for story in court.store.stories()}
    assert held.keys() == {old, new}
    assert held[old] - {"late"} == {"a"}
    assert held[new] - {"late"} == {"b", "b2"}
    consistent(court)


def two(court: Court) -> tuple[str, str]:
    """File two stories that close a loop; returns their ids."""
    court.file("order", ONE)
    court.file("stake", STAKE)
    return court.story_of("order").id, court.story_of("stake").id


def join(court: Court) -> None:
    """File an older article that tells both."""
    court.clock.move(hours=1)
    court.file("both", Verdict(True, 0.9, (*ONE.flows, *STAKE.flows)), age=timedelta(hours=3))


def dissolved(court: Court) -> tuple[str, str]:
    """Let an older article make one story of two; returns the id that goes on, and the one that went."""
    names = two(court)
    join(court)
    (whole,) = court.store.stories()
    (gone,) = set(names) - {whole.id}
    return whole.id, gone


def test_the_id_of_a_dissolved_story_leads_to_the_one_that_took_it_in(court: Court) -> None:
    whole, gone = dissolved(court)
    assert court.store.story(gone) == court.store.story(gone[:8]) == court.store.story(whole)
    assert decide.mute(court.parts, gone).decision.story == whole
    consistent(court)


@pytest.mark.parametrize("place", [0, 1])
def test_a_late_article_mutes_no_story_that_nobody_muted(court: Court, place: int) -> None:
    names = two(court)
    decide.mute(court.parts, names[place], recipient="desk")
    join(court)
    assert {one.id for one in court.store.stories()} == set(names)
    assert court.store.muted_stories(names) == {names[place]: frozenset({"desk"})}
    assert (court.story_of("order").id, court.story_of("stake").id) == names
    consistent(court)
    decide.unmute(court.parts, names[place], recipient="desk")
    court.file("older", Verdict(True, 0.9, (*ONE.flows, *STAKE.flows)), age=timedelta(hours=4))
    assert len(court.store.stories()) == 1


def test_a_loop_runs_on_through_the_story_that_took_another_in(court: Court) -> None:
    whole, _ = dissolved(court)
    (loop,) = court.story_of("both").loops
    assert {edge.story_id for edge in loop.edges} == {whole}
    with court.store.filing(court.clock.now()) as filing:
        assert filing.known_loops([loop.id]) == {loop.id: loop}


def test_what_the_machine_regrouped_is_no_decision_of_an_operator(court: Court) -> None:
    whole, _ = dissolved(court)
    decide.mute(court.parts, whole)
    assert {one.kind for one in court.store.decisions()} == {DecisionKind.MUTE}
    with court.store.deciding(court.clock.now()) as deciding:
        assert deciding.faces(whole) == ()
    number = max(one.id for one in court.store.decisions()) + 1
    with pytest.raises(DecisionError, match="no_decision"):
        decide.undo(court.parts, number)


def test_a_dissolved_story_leads_on_through_a_merge_and_back(court: Court) -> None:
    whole, gone = dissolved(court)
    court.file("c", OTHER, title="Boréal signe pour son électricité")
    other = court.story_of("c").id
    done = decide.merge(court.parts, [other, whole])
    assert court.store.story(gone).id == other  # type: ignore[union-attr]
    decide.undo(court.parts, done.decision.id)
    assert court.store.story(gone).id == whole  # type: ignore[union-attr]
    consistent(court)
