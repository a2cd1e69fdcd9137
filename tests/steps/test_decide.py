"""The operator's word: stories merged, split and muted, for articles to come as well, and taken back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.steps.conftest import Desk
from tests.steps.court import Court, deal
from worker.adapters.store import MUTED, SENT
from worker.adapters.store.schema import article, edge, story, story_party
from worker.errors import DecisionError
from worker.model import AlertType, Kind, Status
from worker.steps import decide

ONE, OTHER = deal("Nordlys", "Helvia", 2e9), deal("Boréal", "Granit", 3e8, Kind.POWER)
BREST = "Campus de Brest : deuxième tranche signée en Bretagne"


@pytest.fixture
def court(desk: Desk) -> Court:
    return Court(desk)


def two(court: Court) -> tuple[str, str]:
    """File two stories that nothing but an operator would take for one."""
    court.file("a", ONE)
    court.clock.move(hours=1)
    court.file("b", OTHER, title="Boréal signe pour son électricité")
    court.clock.move(hours=1)
    return court.story_of("a").id, court.story_of("b").id


def consistent(court: Court) -> None:
    """Fail where a row of the store points to a story that does not stand, or a story to what is not its own."""
    with court.store.read() as connection:
        filed = {row.id: row.story_id for row in connection.execute(select(article.c.id, article.c.story_id))}
        names = set(connection.scalars(select(story.c.id)))
        edges = set(connection.scalars(select(edge.c.story_id)))
        holders = edges | set(connection.scalars(select(story_party.c.story_id)))
    stories = court.store.stories()
    cited = [(one.article_id, held.id) for held in stories for one in held.sources]
    assert sorted(cited) == sorted((name, into) for name, into in filed.items() if into is not None)
    assert holders <= names
    for held in stories:
        assert {one.story_id for loop in held.loops for one in loop.edges} <= names
        assert all(change.story_id == held.id for _, change in court.store.changes(held.id))
        assert court.store.changes(held.id) != ()


def test_a_merged_story_holds_what_both_held_and_takes_in_what_fits_either(court: Court) -> None:
    first, second = two(court)
    before = len(court.store.alerts())
    done = decide.merge(court.parts, [first, second], note="Léa : même contrat")
    assert done.alerts == ()
    (merged,) = court.store.stories()
    assert merged.id == first
    assert {held.flow.parties for held in merged.flows} == {("Nordlys", "Helvia"), ("Boréal", "Granit")}
    assert [(one.payer, one.payee, one.story_id) for one in court.edges("Nordlys", "Boréal")] == [
        ("Boréal", "Granit", first), ("Nordlys", "Helvia", first),
    ]  # fmt: skip
    assert court.store.story(second) == court.store.story(second[:8]) == court.store.story(first)
    court.clock.move(days=3)
    assert court.file("b2", OTHER, title="Granit fournira Boréal") == []
    assert court.file("a2", ONE, title="Helvia retenu par Nordlys") == []
    assert len(court.store.stories()) == 1
    assert len(court.store.alerts()) == before
    consistent(court)
    (kept,) = court.store.decisions()
    assert (kept.note, kept.story, kept.others) == ("Léa : même contrat", first, (second,))


def test_what_changes_in_a_story_merged_into_another_is_told_of_that_other(court: Court) -> None:
    first, second = two(court)
    decide.merge(court.parts, [first, second])
    court.clock.move(days=1)
    ids = court.file("b2", deal("Boréal", "Granit", 9e8, Kind.POWER), title="Boréal double la mise")
    (row,) = (row for row in court.store.alerts() if row.alert.id in ids)
    assert (row.alert.type, row.alert.story_id) == (AlertType.UPDATED, first)


def test_telling_of_a_merge_sends_one_update(court: Court) -> None:
    first, second = two(court)
    done = decide.merge(court.parts, [first, second], tell=True)
    (row,) = (row for row in court.store.alerts() if row.alert.id in done.alerts)
    assert (row.state, row.alert.type, row.alert.story_id) == ("open", AlertType.UPDATED, first)
    assert [change.kind.value for _, change in court.store.changes(first)][-1] == "new_flow"


def test_a_merge_taken_back_gives_both_stories_what_is_theirs(court: Court) -> None:
    first, second = two(court)
    founding = {name: court.store.story(name).founding for name in (first, second)}  # type: ignore[union-attr]
    done = decide.merge(court.parts, [first, second])
    court.clock.move(days=3)
    court.file("b2", OTHER, title="Granit fournira Boréal")
    version = court.store.stories()[0].version
    decide.undo(court.parts, done.decision.id)
    assert [one.article_id for one in court.story_of("a").sources] == ["a"]
    assert [one.article_id for one in court.story_of("b").sources] == ["b", "b2"]
    assert (court.story_of("a").id, court.story_of("b").id) == (first, second)
    assert {one.id: one.founding for one in court.store.stories()} == founding
    # No change may ever come under a version that was told before.
    assert all(one.version > version for one in court.store.stories())
    consistent(court)
    court.clock.move(days=1)
    court.file("b3", OTHER)
    assert court.story_of("b3").id == second


def test_merges_upon_merges_lead_to_the_last_and_are_undone_from_the_last(court: Court) -> None:
    first, second = two(court)
    court.file("c", deal("Ouessant", "Molène", 5e7, Kind.SITE), title="Un site pour Ouessant")
    third = court.story_of("c").id
    inner = decide.merge(court.parts, [second, first])
    outer = decide.merge(court.parts, [third, second])
    assert {court.store.story(name).id for name in (first, second, third)} == {third}  # type: ignore[union-attr]
    court.clock.move(days=1)
    court.file("a2", ONE)
    assert court.story_of("a2").id == third
    with pytest.raises(DecisionError, match=f"rests_on {inner.decision.id} {outer.decision.id}"):
        decide.undo(court.parts, inner.decision.id)
    decide.undo(court.parts, outer.decision.id)
    assert court.story_of("a2").id == second
    assert court.store.story(first).id == second  # type: ignore[union-attr]
    decide.undo(court.parts, inner.decision.id)
    assert len(court.store.stories()) == 3
    consistent(court)


def split_off(court: Court) -> tuple[str, str, int]:
    """File one story of three articles and take two of them out; returns both ids and the decision's number."""
    court.file("a", ONE)
    court.clock.move(hours=1)
    court.file("b", ONE, title=BREST)
    court.file("b2", ONE, title=BREST)
    whole = court.story_of("a")
    assert len(whole.sources) == 3
    done = decide.split(court.parts, whole.id, ["b", "b2"], note="deux contrats")
    return whole.id, done.stories[1].id, done.decision.id


def test_what_was_split_off_is_a_story_of_its_own_and_draws_what_fits_it_better(court: Court) -> None:
    old, new, _ = split_off(court)
    told = len(court.store.alerts())
    assert (court.story_of("a").id, court.story_of("b").id, court.story_of("b2").id) == (old, new, new)
    assert [one.story_id for one in court.edges("Nordlys")].count(new) == 1
    court.clock.move(days=1)
    court.file("b3", ONE, title=BREST)
    court.file("a2", ONE)
    assert (court.story_of("b3").id, court.story_of("a2").id) == (new, old)
    assert len(court.store.alerts()) == told
    consistent(court)


def test_a_split_holds_when_one_side_was_long_silent(court: Court) -> None:
    old, new, _ = split_off(court)
    for number in range(4):
        court.clock.move(days=40)
        court.file(f"a{number}", ONE)
        assert court.story_of(f"a{number}").id == old
    court.file("late", ONE, title=BREST)
    assert court.story_of("late").id == new


def test_telling_of_a_split_tells_of_the_new_story(court: Court) -> None:
    court.file("a", ONE)
    court.file("b", ONE, title=BREST)
    done = decide.split(court.parts, court.story_of("a").id, ["a"], tell=True)
    (row,) = (row for row in court.store.alerts() if row.alert.id in done.alerts)
    assert (row.alert.type, row.alert.story_id) == (AlertType.DETECTED, done.stories[1].id)


def test_a_split_taken_back_is_one_story_again_and_its_id_still_leads_there(court: Court) -> None:
    old, new, number = split_off(court)
    decide.undo(court.parts, number)
    (whole,) = court.store.stories()
    assert whole.id == old
    assert [one.article_id for one in whole.sources] == ["a", "b", "b2"]
    assert court.store.story(new) == whole
    with pytest.raises(DecisionError, match="undone_already"):
        decide.undo(court.parts, number)
    again = decide.split(court.parts, old, ["b", "b2"])
    assert again.stories[1].id not in (old, new)
    consistent(court)


def test_the_face_of_a_merged_story_follows_the_article_that_founded_it(court: Court) -> None:
    first, second = two(court)
    decide.merge(court.parts, [first, second])
    done = decide.split(court.parts, first, ["b"])
    court.clock.move(days=1)
    court.file("b2", OTHER)
    assert court.story_of("b2").id == done.stories[1].id
    assert court.store.story(second).id == done.stories[1].id  # type: ignore[union-attr]
    consistent(court)


def test_decisions_that_make_no_sense_are_refused_and_leave_nothing(court: Court) -> None:
    first, second = two(court)
    before = court.store.stories()
    refused: tuple[tuple[str, Callable[[], object]], ...] = (
        ("one_story", lambda: decide.merge(court.parts, [first, first])),
        ("no_story", lambda: decide.merge(court.parts, [first, "nowhere"])),
        ("no_article", lambda: decide.split(court.parts, first, ["b"])),
        ("nothing_stays", lambda: decide.split(court.parts, first, ["a"])),
        ("not_muted", lambda: decide.unmute(court.parts, second)),
        ("no_decision", lambda: decide.undo(court.parts, 77)),
    )
    for reason, take in refused:
        with pytest.raises(DecisionError, match=reason):
            take()
    assert (court.store.stories(), court.store.decisions()) == (before, ())


def test_loops_follow_the_stories_that_they_run_through(court: Court) -> None:
    court.file("a", ONE)
    court.clock.move(days=2)
    court.file("back", deal("Helvia", "Nordlys", 1e9, Kind.EQUITY), title="Helvia entre chez Nordlys")
    closer = court.story_of("back")
    assert len(closer.loops) == 1
    court.file("c", OTHER)
    done = decide.merge(court.parts, [court.story_of("c").id, court.story_of("a").id])
    (loop,) = court.story_of("back").loops
    assert {one.story_id for one in loop.edges} == {closer.id, done.stories[0].id}
    assert court.story_of("back").version == closer.version
    consistent(court)
    merged = decide.merge(court.parts, [court.story_of("c").id, closer.id])
    assert [one.id for one in court.story_of("a").loops] == [loop.id]
    told = len(court.store.alerts())
    court.clock.move(days=1)
    court.file("a2", ONE)
    assert len(court.store.alerts()) == told
    decide.undo(court.parts, merged.decision.id)
    assert [one.id for held in court.store.stories() for one in held.loops] == [loop.id]
    consistent(court)


def test_a_loop_that_a_merge_closes_is_kept_and_told_only_on_demand(court: Court) -> None:
    court.file("back", deal("Helvia", "Nordlys", 1e9, Kind.EQUITY))
    court.file("half", deal("Nordlys", None, 2e9), title="Nordlys commande")
    court.file("rest", deal(None, "Helvia", None), title="Un client pour Helvia")
    ids = [court.story_of(name).id for name in ("half", "rest")]
    told = len(court.store.alerts())
    done = decide.merge(court.parts, ids)
    assert [loop.edges[1].payee for loop in done.stories[0].loops] == ["Helvia"]
    assert court.story_of("half") == done.stories[0]
    consistent(court)
    assert len(court.store.alerts()) == told
    decide.undo(court.parts, done.decision.id)
    assert [held.loops for held in court.store.stories()] == [(), (), ()]
    again = decide.merge(court.parts, ids, tell=True)
    rows = [row for row in court.store.alerts() if row.alert.id in again.alerts]
    assert {row.alert.type for row in rows} == {AlertType.UPDATED, AlertType.LOOP}
    assert len(rows) == len(again.alerts) == 2
    assert all(row.alert.data["loops"] for row in rows)
    court.clock.move(hours=1)
    assert court.file("again", ONE) == []


def test_a_muted_story_alerts_nobody_and_goes_on_being_filed(court: Court) -> None:
    court.file("a", ONE)
    name = court.story_of("a").id
    done = decide.mute(court.parts, name, note="trop de bruit")
    assert court.store.muted_stories([name]) == {name: frozenset({""})}
    with pytest.raises(DecisionError, match="muted_already"):
        decide.mute(court.parts, name)
    court.clock.move(days=1)
    assert court.file("b", deal("Nordlys", "Helvia", 4e9)) == []
    assert court.story_of("b").version == 2
    decide.undo(court.parts, done.decision.id)
    court.clock.move(days=1)
    assert len(court.file("c", deal("Nordlys", "Helvia", 8e9))) == 1


def test_a_mute_is_for_whom_it_names_and_stops_what_was_to_leave(court: Court) -> None:
    waiting = court.file("a", ONE)
    name = court.story_of("a").id
    decide.mute(court.parts, name, recipient="quelqu-un")
    court.clock.move(days=1)
    assert len(court.file("b", deal("Nordlys", "Helvia", 4e9))) == 1
    decide.mute(court.parts, name, recipient="journal")
    assert {row.state for row in court.store.alerts()} == {MUTED}
    court.deliver(*waiting)
    assert court.post.sent == []
    decide.unmute(court.parts, name, recipient="journal")
    court.clock.move(days=1)
    assert len(court.file("c", deal("Nordlys", "Helvia", 8e9))) == 1
    assert court.store.muted_stories([name]) == {name: frozenset({"quelqu-un"})}


def test_a_mute_stops_a_dead_letter_from_being_opened_again(court: Court) -> None:
    (alert_id,) = court.file("a", ONE)
    court.store.save_failed(alert_id, attempt=1, now=court.clock.now(), error="550 non", next_at=None)
    decide.mute(court.parts, court.story_of("a").id)
    assert court.store.retry_alerts(None, court.clock.now()) == 0
    assert {row.state for row in court.store.alerts()} == {MUTED}


@pytest.mark.parametrize("again", [timedelta(minutes=1), None])
@pytest.mark.parametrize(("who", "state"), [("", MUTED), ("journal", MUTED), ("quelqu-un", "")])
def test_a_mute_during_a_delivery_that_fails_stops_the_next(
    court: Court, who: str, state: str, again: timedelta | None
) -> None:
    first, second = two(court)
    (row,) = (row for row in court.store.alerts() if row.alert.story_id == second)
    decide.merge(court.parts, [first, second])
    now = court.clock.now()
    assert court.store.claim("deliver", [row.alert.id], now=now, lease_s=60) == (row.alert.id,)
    decide.mute(court.parts, first, recipient=who)
    assert court.store.alerts_by_id([row.alert.id])[0].state == (state or "open")
    next_at = now + again if again else None
    court.store.save_failed(row.alert.id, attempt=1, now=now, error="451 plus tard", next_at=next_at)
    assert court.store.alerts_by_id([row.alert.id])[0].state == (state or ("open" if again else "dead"))
    assert [ok for _, ok, _ in court.store.attempts_of(row.alert.id)] == [False]


def test_a_mute_during_a_delivery_whose_worker_dies_stops_the_next(court: Court) -> None:
    (alert_id,) = court.file("a", ONE)
    assert court.store.claim("deliver", [alert_id], now=court.clock.now(), lease_s=60) == (alert_id,)
    decide.mute(court.parts, court.story_of("a").id)
    court.clock.move(minutes=2)
    assert court.store.ready("deliver", now=court.clock.now(), limit=10, quiet_s=0) == ()
    court.deliver(alert_id)
    assert court.post.sent == []
    # The worker was only slow: what it sent is sent.
    court.store.save_delivered(alert_id, attempt=1, now=court.clock.now(), detail="200")
    assert [row.state for row in court.store.alerts()] == [SENT]


def test_an_alert_muted_and_unmuted_during_a_delivery_that_fails_is_tried_again(court: Court) -> None:
    (alert_id,) = court.file("a", ONE)
    now, name = court.clock.now(), court.story_of("a").id
    assert court.store.claim("deliver", [alert_id], now=now, lease_s=60) == (alert_id,)
    decide.mute(court.parts, name)
    decide.unmute(court.parts, name)
    court.store.save_failed(alert_id, attempt=1, now=now, error="451", next_at=now + timedelta(minutes=1))
    assert [row.state for row in court.store.alerts()] == ["open"]


def test_a_story_that_takes_in_a_muted_one_is_muted_and_what_is_split_off_is_not(court: Court) -> None:
    first, second = two(court)
    decide.mute(court.parts, second)
    decide.merge(court.parts, [first, second])
    court.clock.move(days=1)
    assert court.file("a2", deal("Nordlys", "Helvia", 4e9)) == []
    done = decide.split(court.parts, first, ["a", "a2"])
    court.clock.move(days=1)
    assert len(court.file("a3", deal("Nordlys", "Helvia", 8e9))) == 1
    assert court.story_of("a3").id == done.stories[1].id


def test_articles_filed_at_the_same_time_end_in_stories_that_stand(court: Court) -> None:
    first, second = two(court)
    cancelled = deal("Nordlys", "Helvia", 2e9, status=Status.CANCELLED)
    names = []
    for number in range(12):
        names.append(f"n{number}")
        court.clock.move(minutes=1)
        court.bring(names[-1], (ONE, OTHER, cancelled)[number % 3], title=f"Article {number} de la journée")
    faults: list[BaseException] = []

    def filing(own: list[str]) -> None:
        try:
            for name in own:
                court.judge(name)
        except BaseException as error:
            faults.append(error)

    def deciding() -> None:
        try:
            for _ in range(4):
                done = decide.merge(court.parts, [first, second])
                apart = decide.split(court.parts, first, [court.story_of("a").sources[0].article_id])
                decide.undo(court.parts, apart.decision.id)
                decide.undo(court.parts, done.decision.id)
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=filing, args=(names[start::2],)) for start in range(2)]
    threads.append(threading.Thread(target=deciding))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert faults == []
    assert court.store.counts()["to_judge"] == 0
    assert {held.id for held in court.store.stories()} == {first, second}
    assert {one.article_id for one in court.story_of("a").sources} >= {"n0", "n2", "n3"}
    assert {one.article_id for one in court.story_of("b").sources} == {"b", "n1", "n4", "n7", "n10"}
    consistent(court)
    assert court.clock.now() - court.store.stories()[0].updated_at < timedelta(hours=1)
