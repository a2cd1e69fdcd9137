"""Reading pages, against a real site: the page where it can be had, else the feed's own text and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.adapters.store_samples import feed
from tests.inline import FailingParser
from tests.steps.conftest import Desk
from tests.steps.site import Answer, page
from worker.adapters.robots import EveryPage, Robots
from worker.adapters.store import LIFE
from worker.adapters.store.schema import entry
from worker.errors import ParserBusy, ParserDied
from worker.model import Cause, Entry, FeedState
from worker.ports import OpenArticle
from worker.steps import Ring, read
from worker.steps.parts import POISON
from worker.steps.read import RETRY_S

SUMMARY = "Le résumé du fil, qui dit déjà l'essentiel de la nouvelle en une phrase."
PARAGRAPHS = [
    "Le groupe a signé mardi un contrat de capacité de calcul qui doit durer cinq ans, selon un communiqué commun.",
    "Les serveurs seront installés près de Dunkerque, dans un bâtiment déjà raccordé au réseau électrique national.",
    "Les deux entreprises n'ont pas souhaité commenter le calendrier des paiements, échelonnés jusqu'à la livraison.",
]


def opened(desk: Desk, path: str = "/accord") -> int:
    """Put one entry that the gate let through into the store; returns its id."""
    store = desk.runtime.store
    store.sync_feeds([feed()], desk.clock.now())
    state = store.feed("gazette")
    assert isinstance(state, FeedState)
    url = path if "://" in path else desk.site.url + path
    entry = Entry("gazette", path, url, "Un accord de calcul", SUMMARY, published=desk.clock.now(), keys=(path,))
    saved = store.save_poll(state, [(entry, True)], now=desk.clock.now(), backlog=False)
    return saved.to_read[0]


def why(desk: Desk, entry_id: int) -> str:
    with desk.runtime.store.read() as connection:
        return str(connection.scalar(select(entry.c.last_error).where(entry.c.id == entry_id)))


def article_of(desk: Desk, rings: tuple[Ring, ...]) -> OpenArticle:
    assert [ring.step for ring in rings] == ["judge"]
    return desk.runtime.store.open_articles(rings[0].ids)[0]


def test_a_page_is_read_and_asked_for_once(desk: Desk) -> None:
    desk.site.answers["/accord"] = Answer(page("Un accord", PARAGRAPHS), headers={"Content-Type": "text/html"})
    entry_id = opened(desk)
    found = article_of(desk, read(desk.parts, [entry_id]))
    assert found.article.origin == "page"
    assert PARAGRAPHS[1] in found.article.text
    assert read(desk.parts, [entry_id]) == ()
    assert desk.site.paths() == ["/robots.txt", "/accord"]


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (Answer(b"no", 403), Cause.FORBIDDEN),
        (Answer(b"no", 402), Cause.PAYWALL),
        (Answer(b"no", 404), Cause.NOT_FOUND),
        (Answer(b"%PDF-1.4", headers={"Content-Type": "application/pdf"}), Cause.NOT_HTML),
        (Answer(b"<html><body></body></html>", headers={"Content-Type": "text/html"}), Cause.NO_TEXT),
    ],
)
def test_without_a_page_the_feeds_text_is_judged_and_the_reason_kept(desk: Desk, answer: Answer, cause: Cause) -> None:
    desk.site.answers["/accord"] = answer
    found = article_of(desk, read(desk.parts, [opened(desk)]))
    assert (found.article.origin, found.article.limits) == ("feed", cause)
    assert SUMMARY in found.article.summary + found.article.text


def test_what_a_renamed_feed_had_brought_is_still_read(desk: Desk) -> None:
    desk.site.answers["/accord"] = Answer(page("Un accord", PARAGRAPHS), headers={"Content-Type": "text/html"})
    entry_id = opened(desk)
    desk.runtime.store.sync_feeds([], desk.clock.now())
    assert PARAGRAPHS[0] in article_of(desk, read(desk.parts, [entry_id])).article.text


def test_robots_are_obeyed_for_pages(desk: Desk) -> None:
    desk.site.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /accord")
    desk.site.answers["/accord"] = Answer(page("Un accord", PARAGRAPHS))
    found = article_of(desk, read(desk.parts, [opened(desk)]))
    assert found.article.limits is Cause.ROBOTS
    assert "/accord" not in desk.site.paths()


def test_robots_of_the_site_behind_a_redirect_are_obeyed(desk: Desk) -> None:
    port = desk.site.address.partition(":")[2]
    desk.site.answers["/accord"] = Answer(b"", 302, {"Location": f"http://localhost:{port}/page"})
    desk.site.answers["/page"] = Answer(page("Un accord", PARAGRAPHS), headers={"Content-Type": "text/html"})
    assert article_of(desk, read(desk.parts, [opened(desk)])).article.origin == "page"
    desk.site.hosts["localhost"] = b"User-agent: *\nDisallow: /"
    desk.clock.move(days=2)
    store = desk.runtime.store
    state = store.feed("gazette")
    assert state is not None
    again = Entry("gazette", "2", f"{desk.site.url}/accord?2", "Un accord", SUMMARY, published=desk.clock.now())
    desk.site.answers["/accord?2"] = desk.site.answers["/accord"]
    saved = store.save_poll(state, [(again, True)], now=desk.clock.now(), backlog=False)
    fresh = replace(desk.parts, robots=Robots("gigawatch").over)
    found = article_of(desk, read(fresh, saved.to_read))
    assert (found.article.origin, found.article.limits) == ("feed", Cause.ROBOTS)


def test_an_address_inside_is_not_followed(desk: Desk) -> None:
    entry_id = opened(desk, "http://127.0.0.1:9/interne")
    found = article_of(desk, read(desk.parts, [entry_id]))
    assert (found.article.origin, found.article.limits) == ("feed", Cause.BLOCKED)
    assert "127.0.0.1 is loopback" in why(desk, entry_id)


def test_the_host_behind_a_redirect_is_left_alone_for_the_gap(desk: Desk) -> None:
    port = desk.site.address.partition(":")[2]
    desk.site.answers["/accord"] = Answer(b"", 302, {"Location": f"http://localhost:{port}/page"})
    desk.site.answers["/page"] = Answer(page("Un accord", PARAGRAPHS), headers={"Content-Type": "text/html"})
    polite = replace(desk.parts, policy=replace(desk.parts.policy, host_gap_s=2.0), robots=lambda _fetcher: EveryPage())
    assert article_of(desk, read(polite, [opened(desk)])).article.origin == "page"
    for host in ("127.0.0.1", "localhost"):
        until = desk.runtime.store.take_host(host, now=desk.clock.now(), lease_s=60)
        assert until == desk.clock.now() + timedelta(seconds=2)


def test_a_site_that_stumbles_is_tried_again_and_then_the_feed_speaks(desk: Desk) -> None:
    desk.site.answers["/accord"] = Answer(b"", 503)
    entry_id = opened(desk)
    assert read(desk.parts, [entry_id]) == ()
    assert read(desk.parts, [entry_id]) == ()
    desk.clock.move(seconds=46)
    assert read(desk.parts, [entry_id]) == ()
    desk.clock.move(seconds=241)
    found = article_of(desk, read(desk.parts, [entry_id]))
    assert found.article.limits is Cause.SERVER_ERROR
    assert desk.site.paths().count("/accord") == 3


def cut_off(desk: Desk, entry_id: int, times: int) -> None:
    """Claim an entry without an outcome, as one whose worker dies."""
    for _ in range(times):
        assert desk.parts.claim("read", entry_id)
        desk.clock.move(minutes=2)


def test_an_entry_whose_worker_goes_down_whole_is_hardly_to_blame(desk: Desk) -> None:
    desk.site.answers["/accord"] = Answer(page("Un accord", PARAGRAPHS), headers={"Content-Type": "text/html"})
    entry_id, store = opened(desk), desk.runtime.store
    for number in range(3):
        store.life = f"life {number}"
        cut_off(desk, entry_id, 1)
    store.life = "the next"
    assert store.open_entries([entry_id])[0].crashes == 0
    for number in range(3, 11):
        store.life = f"life {number}"
        cut_off(desk, entry_id, 1)
    store.life = "the next"
    assert store.open_entries([entry_id])[0].crashes == 2
    cut_off(desk, entry_id, 1)
    assert store.open_entries([entry_id])[0].crashes == POISON
    read(desk.parts, [entry_id])
    assert store.quarantined()[0].key == entry_id


def test_another_worker_that_lived_on_tells_that_the_entry_is_to_blame(desk: Desk) -> None:
    entry_id, store = opened(desk), desk.runtime.store
    for number in range(POISON):
        # One of two workers loses a process by it each time, and the other one takes it up.
        store.life = f"life {number % 2}"
        cut_off(desk, entry_id, 1)
        for life in ("life 0", "life 1"):
            store.beat(f"{LIFE}{life}", desk.clock.now() + timedelta(seconds=20))
    assert store.open_entries([entry_id])[0].crashes == POISON


def test_what_hangs_its_worker_is_blamed_before_that_one_is_ended(desk: Desk) -> None:
    entry_id, store = opened(desk), desk.runtime.store
    for number in range(POISON):
        store.life = f"machine.{number}.x"
        assert desk.parts.claim("read", entry_id)
        store.charge(f"machine.{number}.")
        desk.clock.move(minutes=2)
    store.life = "the next"
    assert store.open_entries([entry_id])[0].crashes == POISON


def test_what_takes_everything_down_at_each_start_is_set_aside_in_the_end(desk: Desk) -> None:
    entry_id, store = opened(desk), desk.runtime.store
    for number in range(4 * POISON):
        assert store.open_entries([entry_id])[0].crashes < POISON
        store.life = f"life {number}"
        assert desk.parts.claim("read", entry_id)
        store.release_leases()
    read(desk.parts, [entry_id])
    assert store.quarantined()[0].key == entry_id


def test_an_entry_that_kills_its_reader_is_set_aside_and_taken_up_again(desk: Desk) -> None:
    entry_id = opened(desk)
    cut_off(desk, entry_id, 3)
    assert read(desk.parts, [entry_id]) == ()
    store = desk.runtime.store
    (found,) = store.quarantined()
    assert (found.step, found.key, found.title, found.feed_id) == ("read", entry_id, "Un accord de calcul", "gazette")
    assert (store.counts()["entries_quarantined"], store.quarantined_count()) == (1, 1)
    assert read(desk.parts, [entry_id]) == ()
    assert store.retry_quarantined("read", [entry_id], desk.clock.now()) == 1
    assert store.retry_quarantined("read", [entry_id], desk.clock.now()) == 0
    assert article_of(desk, read(desk.parts, [entry_id])).article.limits is Cause.NOT_FOUND


def test_a_page_that_killed_its_reader_twice_is_let_alone_and_the_feed_speaks(desk: Desk) -> None:
    desk.site.answers["/accord"] = Answer(page("Un accord", PARAGRAPHS), headers={"Content-Type": "text/html"})
    entry_id = opened(desk)
    cut_off(desk, entry_id, 2)
    found = article_of(desk, read(desk.parts, [entry_id]))
    assert (found.article.origin, found.article.limits) == ("feed", Cause.CRASHED)
    assert desk.site.paths() == []


def test_a_site_that_stumbles_does_not_count_against_the_page(desk: Desk) -> None:
    desk.site.answers["/accord"] = Answer(b"", 503)
    entry_id = opened(desk)
    assert read(desk.parts, [entry_id]) == ()
    desk.clock.move(seconds=46)
    assert read(desk.parts, [entry_id]) == ()
    desk.clock.move(seconds=241)
    cut_off(desk, entry_id, 1)
    desk.site.answers["/accord"] = Answer(page("Un accord", PARAGRAPHS), headers={"Content-Type": "text/html"})
    assert article_of(desk, read(desk.parts, [entry_id])).article.origin == "page"


def test_what_was_cut_off_is_read_by_itself_so_that_its_neighbours_do_not_pay(desk: Desk) -> None:
    desk.site.answers["/accord"] = Answer(page("Un accord", PARAGRAPHS), headers={"Content-Type": "text/html"})
    desk.site.answers["/autre"] = Answer(page("Un autre", PARAGRAPHS), headers={"Content-Type": "text/html"})
    first, second = opened(desk), opened(desk, "/autre")
    cut_off(desk, first, 1)
    made = read(desk.parts, [first, second])
    assert [(ring.step, len(ring.ids)) for ring in made] == [("judge", 1), ("read", 1)]
    assert made[1].ids == (first,)


def test_a_fault_that_nobody_foresaw_counts_as_a_crash(desk: Desk) -> None:
    entry_id = opened(desk)
    desk.parts.claim("read", entry_id)
    store = desk.runtime.store
    store.postpone("read", entry_id, until=desk.clock.now(), error="RuntimeError('odd')", crashed=True)
    (one,) = store.open_entries([entry_id])
    assert (one.attempts, one.crashes) == (1, 1)
    cut_off(desk, entry_id, 2)
    read(desk.parts, [entry_id])
    assert "RuntimeError('odd')" in store.quarantined()[0].error


def test_a_page_that_asks_for_rest_gets_it_and_the_feeds_text_is_judged(desk: Desk) -> None:
    parts = replace(desk.parts, policy=replace(desk.parts.policy, host_gap_s=0.01))
    desk.site.answers["/accord"] = Answer(b"", 429, {"Retry-After": "7200"})
    first, second = opened(desk), opened(desk, "/autre")
    robots = Robots("gigawatch")
    quick = replace(parts, robots=lambda fetcher: robots.over(fetcher), policy=replace(parts.policy, host_gap_s=0.0))
    found = article_of(desk, read(quick, [first]))
    assert (found.article.origin, found.article.limits) == ("feed", Cause.RATE_LIMITED)
    found = article_of(desk, read(replace(parts, robots=quick.robots), [second]))
    assert (found.article.origin, found.article.limits) == ("feed", Cause.RATE_LIMITED)
    assert "/autre" not in desk.site.paths()


def test_a_page_s_date_is_not_in_the_future(desk: Desk) -> None:
    body = page("Un accord", PARAGRAPHS).replace(
        b"</head>", b'<meta property="article:published_time" content="9999-12-31T23:59:59Z"></head>'
    )
    desk.site.answers["/accord"] = Answer(body, headers={"Content-Type": "text/html"})
    store = desk.runtime.store
    store.sync_feeds([feed()], desk.clock.now())
    state = store.feed("gazette")
    assert state is not None
    undated = Entry("gazette", "1", f"{desk.site.url}/accord", "Un accord", SUMMARY)
    saved = store.save_poll(state, [(undated, True)], now=desk.clock.now(), backlog=False)
    found = article_of(desk, read(desk.parts, saved.to_read))
    assert found.article.published == desk.clock.now()


def test_of_a_page_that_its_parser_does_not_survive_the_feeds_text_is_judged(desk: Desk) -> None:
    desk.site.answers["/accord"] = Answer(page("Un accord", PARAGRAPHS), headers={"Content-Type": "text/html"})
    died = ParserDied(Cause.CRASHED, "/accord: reading it took more than 10 s of processor time")
    found = article_of(desk, read(replace(desk.parts, parser=FailingParser(died)), [opened(desk)]))
    assert (found.article.origin, found.article.limits) == ("feed", Cause.CRASHED)


def test_a_page_whose_turn_did_not_come_is_read_later_and_not_to_blame(desk: Desk) -> None:
    desk.site.answers["/accord"] = Answer(page("Un accord", PARAGRAPHS), headers={"Content-Type": "text/html"})
    entry_id = opened(desk)
    busy = replace(desk.parts, parser=FailingParser(ParserBusy("busy")))
    for _ in range(POISON + len(RETRY_S) + 1):
        assert read(busy, [entry_id]) == ()
        desk.clock.move(minutes=2)
    assert article_of(desk, read(desk.parts, [entry_id])).article.origin == "page"
