"""Polling, against a real site."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.inline import FailingParser
from tests.steps.conftest import Desk
from tests.steps.site import Answer, page, rss
from worker.errors import ParserBusy, ParserDied
from worker.model import Cause, FeedState
from worker.steps import Ring, poll, tick
from worker.steps.parts import POISON

DEAL = (
    "accord",
    "Nordlys réserve 2 milliards d'euros de calcul chez Helvia Cloud",
    "Contrat de capacité GPU sur cinq ans.",
)
OTHER = ("recette", "La tarte aux pommes de grand-mère", "Une recette simple.")


def state(desk: Desk, feed_id: str = "fil") -> FeedState:
    found = desk.runtime.store.feed(feed_id)
    assert found is not None
    return found


def publish(desk: Desk, *items: tuple[str, str, str], etag: str = '"1"') -> None:
    headers = {"Content-Type": "application/rss+xml", "ETag": etag}
    desk.site.answers["/fil"] = Answer(rss(desk.site.url, list(items)), headers=headers)


def test_the_gate_decides_what_is_read_and_validators_are_sent_back_as_they_came(desk: Desk) -> None:
    publish(desk, DEAL, OTHER, etag='W/"é-1"'.encode().decode("latin-1"))
    desk.follow("/fil")
    desk.round()
    assert state(desk).entries == 2
    assert "/accord" in desk.site.paths()
    assert "/recette" not in desk.site.paths()
    desk.clock.move(hours=7)
    desk.round()
    asked = [headers for path, headers in desk.site.asked if path == "/fil"]
    assert "if-none-match" not in asked[0]
    assert asked[1]["if-none-match"] == 'W/"é-1"'.encode().decode("latin-1")
    assert asked[0]["user-agent"].startswith("gigawatch/")
    assert state(desk).polls == 2


def test_a_feed_is_polled_once_however_often_it_is_asked_for(desk: Desk) -> None:
    publish(desk, OTHER)
    desk.follow("/fil")
    for _ in range(3):
        desk.run(Ring("poll", ("fil",)))
    assert desk.site.paths().count("/fil") == 1


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (
            Answer(b"<!doctype html><html><body>Bonjour</body></html>", headers={"Content-Type": "text/html"}),
            Cause.HTML,
        ),
        (Answer(b""), Cause.EMPTY),
        (Answer(b"no", 503), Cause.SERVER_ERROR),
        (Answer(b"no", 403), Cause.FORBIDDEN),
        (Answer(b"no", 404), Cause.NOT_FOUND),
        (Answer(b"{}", headers={"Content-Encoding": "br"}), Cause.ENCODING),
    ],
)
def test_a_failing_feed_says_why_backs_off_and_recovers(desk: Desk, answer: Answer, cause: Cause) -> None:
    desk.follow("/fil")
    waits: list[timedelta] = []
    for _ in range(8):
        desk.site.answers["/fil"] = answer
        desk.round()
        failed = state(desk)
        assert failed.cause is cause
        assert failed.message
        assert failed.next_poll_at is not None
        waits.append(failed.next_poll_at - desk.clock.now())
        desk.clock.time = failed.next_poll_at
    assert waits == sorted(waits)
    assert waits[0] >= timedelta(minutes=15)
    assert waits[-1] <= timedelta(hours=6)
    publish(desk, OTHER)
    desk.round()
    healed = state(desk)
    assert (healed.cause, healed.failures, healed.entries) == (Cause.OK, 0, 1)


def test_a_broken_answer_keeps_the_validators_of_the_last_good_one(desk: Desk) -> None:
    publish(desk, OTHER, etag='"good"')
    desk.follow("/fil")
    desk.round()
    desk.site.answers["/fil"] = Answer(b"<html></html>", headers={"ETag": '"bad"', "Content-Type": "text/html"})
    desk.clock.move(hours=7)
    desk.round()
    assert state(desk).etag == '"good"'


def test_a_feed_that_is_gone_is_asked_no_more_until_resumed(desk: Desk) -> None:
    desk.site.answers["/fil"] = Answer(b"", 410)
    desk.follow("/fil")
    desk.round()
    desk.clock.move(days=3)
    desk.round()
    assert desk.site.paths().count("/fil") == 1
    assert state(desk).disabled
    publish(desk, OTHER)
    desk.runtime.store.set_feed_paused("fil", False, desk.clock.now())
    desk.round()
    assert state(desk).entries == 1


def test_retry_after_is_obeyed(desk: Desk) -> None:
    desk.site.answers["/fil"] = Answer(b"", 429, {"Retry-After": "7200"})
    desk.follow("/fil")
    desk.round()
    planned = state(desk).next_poll_at
    assert planned is not None
    assert planned - desk.clock.now() >= timedelta(seconds=7200)


def test_a_host_that_asks_for_rest_gets_it_from_every_feed(desk: Desk) -> None:
    parts = replace(desk.parts, policy=replace(desk.parts.policy, host_gap_s=2.0))
    desk.site.answers["/fil"] = Answer(b"", 429, {"Retry-After": "7200"})
    desk.follow("/fil", "/autre")
    poll(parts, ["fil"])
    desk.clock.move(seconds=30)
    poll(parts, ["autre"])
    assert desk.site.paths() == ["/fil"]
    assert state(desk, "autre").next_poll_at == desk.clock.now() + timedelta(seconds=7170)


def test_a_first_poll_that_failed_leaves_the_backlog_a_backlog(desk: Desk) -> None:
    desk.site.answers["/fil"] = Answer(b"", 503)
    desk.follow("/fil")
    desk.round()
    publish(desk, DEAL)
    planned = state(desk).next_poll_at
    assert planned is not None
    desk.clock.time = planned
    rings = [ring for ring in tick(desk.parts) for ring in poll(desk.parts, ring.ids)]
    opened = desk.runtime.store.open_entries(rings[0].ids)
    assert [one.backlog for one in opened] == [True]


def test_a_plan_made_by_a_wrong_clock_is_not_kept(desk: Desk) -> None:
    publish(desk, OTHER)
    desk.follow("/fil")
    desk.clock.move(days=400)
    desk.round()
    desk.clock.move(days=-400)
    desk.round()
    assert desk.site.paths().count("/fil") == 2


def test_a_stop_is_not_held_against_a_feed(desk: Desk) -> None:
    publish(desk, OTHER)
    desk.follow("/fil")
    for _ in range(5):
        assert desk.parts.claim("poll", "fil")
        desk.runtime.store.release_leases()
    desk.round()
    assert state(desk).cause is Cause.OK


def test_a_permanent_move_is_believed_after_three_polls(desk: Desk) -> None:
    publish(desk, OTHER)
    desk.site.answers["/neuf"] = desk.site.answers["/fil"]
    desk.site.answers["/fil"] = Answer(b"", 301, {"Location": "/neuf"})
    desk.follow("/fil")
    for _ in range(4):
        desk.round()
        desk.clock.move(hours=7)
    assert desk.site.paths().count("/fil") == 3
    assert desk.site.paths().count("/neuf") == 4
    assert state(desk).feed.url.endswith("/fil")


def test_a_document_that_kills_its_reader_is_set_aside_for_hours(desk: Desk) -> None:
    publish(desk, OTHER)
    desk.follow("/fil")
    for _ in range(3):
        desk.parts.claim("poll", "fil")
        desk.clock.move(minutes=2)
    desk.round()
    assert state(desk).cause is Cause.CRASHED
    assert "/fil" not in desk.site.paths()
    desk.clock.move(hours=7)
    desk.round()
    assert state(desk).cause is Cause.OK


def test_a_document_that_killed_its_reader_before_does_so_once_more_and_rests_again(desk: Desk) -> None:
    publish(desk, OTHER)
    desk.follow("/fil")
    for _ in range(3):
        desk.parts.claim("poll", "fil")
        desk.clock.move(minutes=2)
    desk.round()
    desk.clock.move(hours=7)
    desk.parts.claim("poll", "fil")
    desk.clock.move(minutes=2)
    desk.round()
    assert (state(desk).cause, desk.site.paths()) == (Cause.CRASHED, [])
    desk.runtime.store.set_feed_paused("fil", False, desk.clock.now())
    desk.round()
    assert state(desk).cause is Cause.OK


def test_a_feed_that_was_cut_off_is_polled_by_itself_so_that_its_neighbours_do_not_pay(desk: Desk) -> None:
    publish(desk, OTHER)
    desk.site.answers["/autre"] = desk.site.answers["/fil"]
    desk.follow("/fil", "/autre")
    desk.parts.claim("poll", "fil")
    desk.clock.move(minutes=2)
    made = poll(desk.parts, ["fil", "autre"])
    assert [(ring.step, ring.ids) for ring in made] == [("poll", ("fil",))]
    assert (state(desk).polls, state(desk, "autre").polls) == (0, 1)


def test_a_document_that_its_parser_does_not_survive_is_left_for_hours_with_the_reason(desk: Desk) -> None:
    publish(desk, DEAL)
    desk.follow("/fil")
    died = ParserDied(Cause.CRASHED, "fil: reading it took more than 512 MiB of memory")
    assert poll(replace(desk.parts, parser=FailingParser(died)), ["fil"]) == ()
    assert (state(desk).cause, state(desk).message) == (Cause.CRASHED, str(died))
    due = state(desk).next_poll_at
    assert due is not None
    assert due - desk.clock.now() >= timedelta(hours=6)
    desk.clock.move(hours=7)
    desk.round()
    assert (state(desk).cause, state(desk).entries) == (Cause.OK, 1)


def test_a_document_whose_turn_did_not_come_is_polled_again_and_not_to_blame(desk: Desk) -> None:
    publish(desk, DEAL)
    desk.follow("/fil")
    busy = replace(desk.parts, parser=FailingParser(ParserBusy("busy")))
    for _ in range(POISON + 1):
        assert poll(busy, ["fil"]) == ()
        desk.clock.move(minutes=2)
    assert (state(desk).polls, state(desk).failures) == (0, 0)
    desk.round()
    assert state(desk).entries == 1


def test_feeds_that_did_not_answer_in_time_go_by_themselves_and_last(desk: Desk) -> None:
    desk.follow("/lent", "/fil", "/neuf")
    slow = replace(state(desk, "lent"), cause=Cause.TIMEOUT, failures=1, next_poll_at=desk.clock.now())
    desk.runtime.store.save_feed_state(slow)
    assert [set(ring.ids) for ring in tick(desk.parts)] == [{"fil", "neuf"}, {"lent"}]


def test_the_same_items_under_new_names_bring_nothing(desk: Desk) -> None:
    publish(desk, DEAL)
    desk.site.answers["/accord"] = Answer(page("x", ["y"]), headers={"Content-Type": "text/html"})
    desk.follow("/fil")
    desk.round()
    slug, title, summary = DEAL
    renamed = rss(desk.site.url, [(f"{slug}?utm_source=x", f"{title} (actualisé)", summary)])
    desk.site.answers["/fil"] = Answer(renamed, headers={"ETag": '"2"'})
    desk.clock.move(hours=7)
    desk.round()
    assert state(desk).entries == 1
    assert desk.site.paths().count("/accord") == 1


def test_a_feed_without_entries_stays_a_failure_when_its_server_says_unchanged(desk: Desk) -> None:
    publish(desk, etag='"none"')
    desk.follow("/fil")
    for _ in range(3):
        desk.round()
        assert state(desk).cause is Cause.EMPTY
        desk.clock.move(hours=7)
    assert all("if-none-match" not in headers for path, headers in desk.site.asked if path == "/fil")


def test_unchanged_is_no_answer_to_an_unconditional_request(desk: Desk) -> None:
    desk.site.answers["/fil"] = Answer(b"", 304)
    desk.follow("/fil")
    desk.round()
    assert (state(desk).cause, state(desk).last_success_at) == (Cause.HTTP_ERROR, None)


def test_what_a_feed_asks_for_is_kept_while_nothing_changes(desk: Desk) -> None:
    publish(desk, OTHER)
    answer = desk.site.answers["/fil"]
    channel = b"<channel><ttl>120</ttl><skipHours><hour>11</hour></skipHours>"
    desk.site.answers["/fil"] = replace(answer, body=answer.body.replace(b"<channel>", channel))
    desk.follow("/fil")
    desk.round()
    for _ in range(2):
        found = state(desk)
        assert found.next_poll_at is not None
        assert found.next_poll_at - desk.clock.now() >= timedelta(hours=2)
        assert found.next_poll_at.hour != 11
        desk.clock.time = found.next_poll_at
        desk.round()
    assert found.ttl_s == 7200
    assert found.skip_hours == {11}


def test_nobody_takes_an_article_away_by_naming_it_first(desk: Desk) -> None:
    """A feed that names another's article, with words that the gate stops, does not make it known."""
    publish(desk, DEAL)
    dull = ("x", "Une recette de grand-mère", "Rien.")
    body = rss(desk.site.url, [dull]).replace(b"/x<", b"/accord<")
    desk.site.answers["/voleur"] = Answer(body, headers={"Content-Type": "application/rss+xml"})
    desk.site.answers["/accord"] = Answer(page("Un accord", ["Un texte."]), headers={"Content-Type": "text/html"})
    desk.follow("/voleur", "/fil")
    poll(desk.parts, ["voleur"])
    desk.round()
    assert "/accord" in desk.site.paths()


def test_too_many_new_items_at_once_are_held_and_asked_for_less_often(desk: Desk) -> None:
    publish(desk, OTHER)
    desk.follow("/fil")
    desk.round()
    desk.clock.move(hours=7)
    items = [(f"s{n}", f"{n} {DEAL[1]} numéro {n}", f"{DEAL[2]} Lot {n}.") for n in range(60)]
    publish(desk, *items, etag='"2"')
    rings = [ring for ring in tick(desk.parts) for ring in poll(desk.parts, ring.ids)]
    opened = desk.runtime.store.open_entries([key for ring in rings for key in ring.ids])
    assert len(opened) == 60
    assert all(one.backlog for one in opened)
    found = state(desk)
    assert (found.cause, found.failures, found.last_success_at) == (Cause.FLOOD, 1, desk.clock.now())
    # The same ones under other guids are no news at all.
    desk.clock.move(hours=7)
    publish(desk, *[(f"t{n}", title, summary) for n, (_, title, summary) in enumerate(items)], etag='"3"')
    desk.round()
    assert (state(desk).cause, state(desk).entries) == (Cause.OK, 61)
