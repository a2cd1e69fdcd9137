"""The store on both databases: what is saved together, what is claimed once, what comes back as it went in."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from tests.adapters.store_samples import NOW, alert, article, entry, feed, flow, story
from worker.adapters.store import DEAD, HELD, OPEN, Store
from worker.adapters.store.schema import metadata
from worker.errors import StoreError, StoreUnavailable
from worker.model import (
    Bound,
    Cause,
    Change,
    ChangeKind,
    Edge,
    FeedState,
    Kind,
    Loop,
    PageRules,
    Status,
    Verdict,
)


def polled(store: Store, feed_id: str = "gazette") -> FeedState:
    found = store.feed(feed_id)
    assert found is not None
    return replace(found, polls=found.polls + 1, etag='W/"é 1"', next_poll_at=NOW + timedelta(hours=1))


def test_migrations_make_exactly_the_tables_of_the_schema(store: Store) -> None:
    with store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert store.schema_version() == store.migrate()


def test_two_migrations_at_once_are_one(database_url: str) -> None:
    stores = [Store(database_url) for _ in range(4)]
    threads = [threading.Thread(target=one.migrate) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stores[0].counts()["feeds"] == 0
    for one in stores:
        one.close()


def test_a_database_without_tables_says_what_to_run(database_url: str) -> None:
    bare = Store(database_url)
    with pytest.raises(StoreError, match="gigawatch migrate"):
        bare.feeds()
    bare.close()


def test_a_database_that_is_away_says_so_without_its_password() -> None:
    away = Store("postgresql://me:hunter2@127.0.0.1:1/none")
    with pytest.raises(StoreUnavailable) as caught:
        away.ping()
    assert "hunter2" not in str(caught.value)
    assert caught.value.retryable


def test_an_impossible_address_says_what_was_expected() -> None:
    with pytest.raises(StoreError, match="sqlite:///FILE"):
        Store("nonsense")


def test_sqlite_commits_survive_a_power_cut(tmp_path: Path) -> None:
    opened = Store(f"sqlite:///{tmp_path / 'x.db'}")
    with opened.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    opened.close()


def test_feeds_keep_their_state_when_the_configuration_is_read_again(store: Store) -> None:
    rich = replace(feed(), pages=PageRules(text="article .corps"), priority=1, country="FR")
    store.sync_feeds([rich, feed("courrier", "https://courrier.example/atom")], NOW)
    store.save_poll(polled(store), [], now=NOW, backlog=True)
    store.sync_feeds([rich], NOW)
    kept = store.feed("gazette")
    assert kept is not None
    assert kept.feed == rich
    assert (kept.etag, kept.polls) == ('W/"é 1"', 1)
    assert store.feed("courrier") is None
    store.sync_feeds([replace(rich, url="https://gazette.example/neuf"), feed("courrier")], NOW)
    moved = store.feed("gazette")
    assert moved is not None
    assert moved.etag is None
    assert store.feed("courrier") is not None


def test_operators_feeds_outlive_the_configuration(store: Store) -> None:
    assert store.add_feed(feed("mien", "https://mien.example/"), NOW)
    assert not store.add_feed(feed("autre", "https://mien.example/"), NOW)
    store.sync_feeds([feed()], NOW)
    assert {state.feed.id for state in store.feeds()} == {"mien", "gazette"}
    assert store.remove_feed("mien")
    assert not store.remove_feed("mien")
    assert store.add_feed(feed("mien", "https://mien.example/"), NOW)


def test_a_poll_saves_entries_identities_and_validators_together(store: Store) -> None:
    store.sync_feeds([feed()], NOW)
    saved = store.save_poll(polled(store), [(entry("1"), True), (entry("2"), False)], now=NOW, backlog=True)
    assert saved.new == 2
    assert len(saved.to_read) == 1
    state = store.feed("gazette")
    assert state is not None
    assert (state.entries, state.last_new_at, state.etag) == (2, NOW, 'W/"é 1"')
    opened = store.open_entries(saved.to_read)
    assert (opened[0].entry.title, opened[0].entry.content, opened[0].backlog) == (
        "Titre 1",
        "Un texte plus long",
        True,
    )


def test_the_same_entry_under_another_name_is_not_new(store: Store) -> None:
    other = feed("bis", "https://bis.example/")
    store.sync_feeds([feed(), other], NOW)
    store.save_poll(polled(store), [(entry("1", keys=("u|1", "t|1")), True)], now=NOW, backlog=False)
    again = [(entry("1", keys=("u|neuf",)), True), (entry("9", keys=("u|9", "t|1")), True)]
    assert store.save_poll(polled(store), again, now=NOW, backlog=False).new == 0
    # The key under which it came the second time is remembered, across feeds.
    copy = entry("x", feed_id="bis", keys=("u|9",))
    assert store.save_poll(polled(store, "bis"), [(copy, True)], now=NOW, backlog=False).to_read == ()


def test_two_entries_of_one_document_with_the_same_key_are_one(store: Store) -> None:
    store.sync_feeds([feed()], NOW)
    twins = [(entry("1", keys=("k",)), True), (entry("2", keys=("k",)), True)]
    assert store.save_poll(polled(store), twins, now=NOW, backlog=False).new == 1


def test_a_claim_is_taken_once_however_many_ask(store: Store) -> None:
    store.sync_feeds([feed(f"f{i}", f"https://f{i}.example/") for i in range(20)], NOW)
    ids = [f"f{i}" for i in range(20)]
    taken: list[str] = []
    lock = threading.Lock()

    def ask() -> None:
        mine = store.claim("poll", ids, now=NOW, lease_s=60)
        with lock:
            taken.extend(mine)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(ids)
    assert store.claim("poll", ids, now=NOW + timedelta(seconds=59), lease_s=60) == ()
    assert len(store.claim("poll", ids, now=NOW + timedelta(seconds=61), lease_s=60)) == 20
    assert set(store.crashed("poll", ids, times=2)) == set(ids)


def test_ready_rows_are_asked_for_once_a_minute(store: Store) -> None:
    store.sync_feeds([feed()], NOW)
    assert store.ready("poll", now=NOW, limit=10, quiet_s=60) == ("gazette",)
    assert store.ready("poll", now=NOW + timedelta(seconds=30), limit=10, quiet_s=60) == ()
    assert store.ready("poll", now=NOW + timedelta(seconds=61), limit=10, quiet_s=60) == ("gazette",)
    store.set_feed_paused("gazette", True, NOW)
    assert store.ready("poll", now=NOW + timedelta(hours=9), limit=10, quiet_s=60) == ()


def test_postponed_work_waits(store: Store) -> None:
    store.sync_feeds([feed()], NOW)
    store.claim("poll", ["gazette"], now=NOW, lease_s=60)
    later = NOW + timedelta(minutes=5)
    store.postpone("poll", "gazette", until=later)
    assert store.claim("poll", ["gazette"], now=NOW, lease_s=60) == ()
    assert store.claim("poll", ["gazette"], now=later, lease_s=60) == ("gazette",)


def test_leases_of_the_dead_can_be_freed(store: Store) -> None:
    store.sync_feeds([feed()], NOW)
    store.ready("poll", now=NOW, limit=10, quiet_s=60)
    store.claim("poll", ["gazette"], now=NOW, lease_s=60)
    store.take_host("h", now=NOW, lease_s=60)
    assert store.release_leases() == 2
    assert store.ready("poll", now=NOW, limit=10, quiet_s=60) == ("gazette",)
    assert store.take_host("h", now=NOW, lease_s=60) is None


def test_a_host_has_one_place_and_a_pause(store: Store) -> None:
    assert store.take_host("h", now=NOW, lease_s=40) is None
    assert store.take_host("h", now=NOW, lease_s=40) == NOW + timedelta(seconds=1)
    store.free_host("h", free_at=NOW + timedelta(seconds=2))
    assert store.take_host("h", now=NOW + timedelta(seconds=1), lease_s=40) == NOW + timedelta(seconds=2)
    assert store.take_host("h", now=NOW + timedelta(seconds=2), lease_s=40) is None
    # The holder died: its lease runs out.
    assert store.take_host("h", now=NOW + timedelta(seconds=43), lease_s=40) is None


def opened_article(store: Store, name: str = "a1") -> None:
    if store.feed("gazette") is None:
        store.sync_feeds([feed()], NOW)
    saved = store.save_poll(polled(store), [(entry(name), True)], now=NOW, backlog=False)
    assert store.save_article(saved.to_read[0], article(name), now=NOW, backlog=False)


def test_an_article_comes_back_as_it_was_read(store: Store) -> None:
    opened_article(store)
    found = store.open_articles(["a1"])
    assert found[0].article == article()
    assert not store.backlog_open()


def test_the_same_page_from_two_entries_is_one_article(store: Store) -> None:
    store.sync_feeds([feed()], NOW)
    saved = store.save_poll(polled(store), [(entry("1"), True), (entry("2"), True)], now=NOW, backlog=True)
    assert store.save_article(saved.to_read[0], article(), now=NOW, backlog=True)
    assert not store.save_article(saved.to_read[1], article(), now=NOW, backlog=True)
    assert store.counts()["articles"] == 1
    assert store.backlog_open()


def edge(payer: str, payee: str, story_id: str = "s1") -> Edge:
    return Edge(payer, payee, Kind.COMPUTE, 2e9, "USD", Status.ANNOUNCED, Bound.EXACT, story_id, NOW)


def file_story(store: Store, version: int = 1, *, fail: bool = False) -> None:
    value = story(version=version)
    change = Change(ChangeKind.NEW_STORY, "s1", version, flow(), after={"amount": 2e9})
    with store.filing(NOW) as filing:
        filing.save_story(value, article_id="a1", changes=[change], edges=[edge("Nordlys", "Helvia")])
        filing.save_alerts([alert()], state=OPEN)
        filing.close_article("a1", Verdict(True, 0.9, (flow(),)), story_id="s1")
        if fail:
            raise StoreError("torn")


def test_a_filing_is_whole_or_nothing(store: Store) -> None:
    opened_article(store)
    with pytest.raises(StoreError, match="torn"):
        file_story(store, fail=True)
    assert (store.stories(), store.alerts(), store.counts()["to_judge"]) == ((), (), 1)
    file_story(store)
    assert store.story("s") == story()
    assert store.changes("s1")[0][1].after == {"amount": 2e9}
    assert store.counts()["to_judge"] == 0
    assert [row.state for row in store.alerts()] == [OPEN]


def test_a_story_that_another_worker_changed_is_not_overwritten(store: Store) -> None:
    opened_article(store)
    file_story(store)
    with pytest.raises(StoreUnavailable, match="version 1, not 2"):
        file_story(store, version=3)
    file_story(store, version=2)
    assert store.stories()[0].version == 2


def test_candidates_share_a_party_and_are_recent(store: Store) -> None:
    opened_article(store)
    file_story(store)
    with store.filing(NOW) as filing:
        assert filing.candidates(["HELVIA"], since=NOW - timedelta(days=1)) == (story(),)
        assert filing.candidates(["Helvia"], since=NOW + timedelta(days=1)) == ()
        assert filing.candidates(["Autre"], since=NOW - timedelta(days=1)) == ()
    assert store.stories(company="nordlys") == (story(),)
    assert store.stories(company="autre") == ()


def test_a_told_loop_is_known(store: Store) -> None:
    opened_article(store)
    loop = Loop("l1", (edge("A", "B"), edge("B", "A")))
    told = Change(ChangeKind.LOOP_CLOSED, "s1", 1, loop=loop)
    with store.filing(NOW) as filing:
        filing.save_story(story(), article_id="a1", changes=[told], edges=[])
    with store.filing(NOW) as filing:
        assert filing.known_loops(["l1", "l2"]) == {"l1": loop}


def test_rejects_keep_their_reasons(store: Store) -> None:
    opened_article(store)
    with store.filing(NOW) as filing:
        filing.close_article("a1", Verdict(False, 0.1), story_id=None)
    assert store.rejected()[0].article.id == "a1"


def test_an_alert_is_put_into_the_outbox_once(store: Store) -> None:
    assert store.add_alert(alert(), NOW) == ("alert-1",)
    assert store.add_alert(alert(), NOW) == ()


def test_the_fate_of_an_alert(store: Store) -> None:
    store.add_alert(alert(), NOW)
    assert store.claim("deliver", ["alert-1"], now=NOW, lease_s=60) == ("alert-1",)
    store.save_failed("alert-1", attempt=1, now=NOW, error="451 plus tard", next_at=NOW + timedelta(minutes=1))
    assert store.claim("deliver", ["alert-1"], now=NOW, lease_s=60) == ()
    store.claim("deliver", ["alert-1"], now=NOW + timedelta(minutes=1), lease_s=60)
    store.save_failed("alert-1", attempt=2, now=NOW, error="550 non", next_at=None)
    assert [(row.state, row.attempts, row.last_error) for row in store.alerts(state=DEAD)] == [(DEAD, 2, "550 non")]
    assert store.retry_alerts(None, NOW) == 1
    store.claim("deliver", ["alert-1"], now=NOW, lease_s=60)
    store.save_delivered("alert-1", attempt=1, now=NOW, detail="250 ok")
    assert store.counts()["sent"] == 1
    assert [ok for _, ok, _ in store.attempts_of("alert-1")] == [False, False, True]
    assert store.alerts_by_id(["alert-1"])[0].alert == alert()


def test_many_alerts_for_one_recipient_do_not_hide_anothers(store: Store) -> None:
    for number in range(30):
        store.add_alert(replace(alert(f"busy{number:02d}"), recipient_id="busy"), NOW)
    store.add_alert(replace(alert("rare"), recipient_id="rare"), NOW + timedelta(minutes=5))
    later = NOW + timedelta(minutes=10)
    assert set(store.due_alerts(later, limit=5, each=3)) == {"busy00", "busy01", "busy02", "rare"}
    assert set(store.ready_alerts(now=later, limit=2, each=3, quiet_s=30)) == {"busy00", "rare"}
    assert "rare" not in store.ready_alerts(now=later, limit=50, each=3, quiet_s=30)
    store.put_off("busy", now=later, until=later + timedelta(minutes=1))
    assert store.due_alerts(later, limit=50, each=50) == ("rare",)
    assert len(store.due_alerts(later + timedelta(minutes=1), limit=50, each=50)) == 31


def test_what_was_put_off_is_neither_taken_nor_done(store: Store) -> None:
    for name in ("taken", "done", "free"):
        store.add_alert(alert(name), NOW)
    store.claim("deliver", ["taken", "done"], now=NOW, lease_s=60)
    store.save_delivered("done", attempt=1, now=NOW, detail="250 ok")
    store.put_off(alert().recipient_id, now=NOW, until=NOW + timedelta(hours=1))
    found = {row.alert.id: row.next_attempt_at for row in store.alerts()}
    assert found == {"taken": NOW, "done": None, "free": NOW + timedelta(hours=1)}


def test_dead_letters_are_counted_by_recipient_while_they_are_fresh(store: Store) -> None:
    for number, name in enumerate(("a", "b")):
        store.add_alert(alert(name), NOW)
        store.save_failed(name, attempt=1, now=NOW + timedelta(hours=number), error=f"550 {name}", next_at=None)
    (one,) = store.given_up(NOW - timedelta(days=1))
    assert (one.recipient_id, one.count, one.since, one.error) == (alert().recipient_id, 2, NOW, "550 b")
    assert store.given_up(NOW + timedelta(days=1)) == ()
    store.retry_alerts(None, NOW)
    assert store.given_up(NOW - timedelta(days=1)) == ()


def test_dead_letters_are_sent_again_by_recipient_and_time(store: Store) -> None:
    for hour in range(4):
        one = replace(alert(f"a{hour}"), created_at=NOW + timedelta(hours=hour), recipient_id="xy"[hour % 2])
        store.add_alert(one, NOW)
        store.save_failed(f"a{hour}", attempt=1, now=NOW, error="550", next_at=None)
    assert store.retry_alerts(None, NOW, recipient="z") == 0
    assert store.retry_alerts(None, NOW, recipient="x", since=NOW + timedelta(hours=1)) == 1
    assert store.retry_alerts(None, NOW, since=NOW + timedelta(hours=1), until=NOW + timedelta(hours=3)) == 1
    assert {row.alert.id for row in store.alerts(state=DEAD)} == {"a0", "a3"}


def test_held_alerts_leave_in_one_digest_or_alone(store: Store) -> None:
    with store.filing(NOW) as filing:
        filing.save_alerts([alert("a"), alert("b"), alert("c")], state=HELD)
    assert [row.alert.id for row in store.held_alerts()] == ["a", "b", "c"]
    store.release("c", NOW)
    assert store.bundle(alert("digest"), ["a", "b"], NOW) == ("digest",)
    assert store.bundle(alert("digest"), ["a", "b"], NOW) == ()
    counts = store.counts()
    assert (counts["bundled"], counts["to_deliver"], counts["held"]) == (2, 2, 0)


def test_heartbeats(store: Store) -> None:
    store.beat("tick", NOW)
    store.beat("tick", NOW + timedelta(seconds=5))
    assert store.heartbeats() == {"tick": NOW + timedelta(seconds=5)}


def test_recent_times_fall_back_to_when_an_entry_was_seen(store: Store) -> None:
    store.sync_feeds([feed()], NOW)
    undated = replace(entry("2"), published=None)
    store.save_poll(polled(store), [(entry("1"), False), (undated, False)], now=NOW, backlog=False)
    assert store.recent_times("gazette") == (NOW, NOW - timedelta(hours=1))
    state = store.feed("gazette")
    assert state is not None
    store.save_feed_state(replace(state, cause=Cause.HTML, message="x", failures=3))
    assert store.feeds()[0].cause is Cause.HTML
    assert store.never_polled() == 0


def test_an_address_is_known_within_its_house_alone(store: Store) -> None:
    thief = replace(feed("voleur", "https://voleur.example/"), house="Le Voleur")
    sister = feed("soeur", "https://gazette.example/tech")
    store.sync_feeds([feed(), thief, sister], NOW)
    stolen = entry("x", feed_id="voleur", keys=("a:1",))
    store.save_poll(polled(store, "voleur"), [(stolen, True)], now=NOW, backlog=False)
    assert store.save_poll(polled(store), [(entry("1", keys=("a:1",)), True)], now=NOW, backlog=False).to_read
    store.save_poll(polled(store), [(entry("2", keys=("a:2",)), True)], now=NOW, backlog=False)
    twin = entry("y", feed_id="soeur", keys=("a:2",))
    assert store.save_poll(polled(store, "soeur"), [(twin, True)], now=NOW, backlog=False).to_read == ()


def test_who_the_gate_stopped_takes_no_place(store: Store) -> None:
    store.sync_feeds([feed(), feed("bis", "https://gazette.example/bis")], NOW)
    store.save_poll(polled(store), [(entry("1", keys=("t:1",)), False)], now=NOW, backlog=False)
    richer = entry("x", feed_id="bis", keys=("t:1",))
    assert store.save_poll(polled(store, "bis"), [(richer, True)], now=NOW, backlog=False).to_read
    again = entry("3", keys=("t:1",))
    assert store.save_poll(polled(store), [(again, True)], now=NOW, backlog=False).to_read == ()
    # What only its age stopped was let through by the gate, and does not come back as news of today.
    old = entry("4", keys=("t:4",))
    store.save_poll(polled(store), [(old, False)], now=NOW, backlog=False, old={"4"})
    redated = entry("5", keys=("t:4",))
    assert store.save_poll(polled(store), [(redated, True)], now=NOW, backlog=False).to_read == ()


def test_hosts_that_nobody_waits_for_are_forgotten(store: Store) -> None:
    store.free_host("un.example", free_at=NOW)
    store.free_host("deux.example", free_at=NOW + timedelta(days=2))
    store.take_host("trois.example", now=NOW, lease_s=60)
    assert store.forget_hosts(before=NOW + timedelta(days=1)) == 1
    assert store.take_host("deux.example", now=NOW, lease_s=60) == NOW + timedelta(days=2)
