"""Searches of a filing: the best among thousands, by index, a bounded number; what older databases bring along."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from alembic import command
from sqlalchemy import text

from tests.adapters.store_samples import NOW, article, entry, feed, flow, story
from tests.bench import plans
from worker.adapters.store import Store
from worker.adapters.store.migrate import _config
from worker.adapters.store.nearby import CANDIDATES
from worker.model import Bound, Edge, Kind, Status, Story

SINCE = NOW - timedelta(days=365)


def told(name: str, payer: str, payee: str, *, days: float = 0) -> Story:
    return story(name, held=flow(payer, payee), at=NOW - timedelta(days=days))


def save(store: Store, *stories: Story, edges: tuple[Edge, ...] = ()) -> None:
    with store.filing(NOW) as filing:
        for one in stories:
            filing.save_story(one, article_id="a", changes=[], edges=edges)


def test_the_best_of_a_giant_s_stories_are_found_however_old(store: Store) -> None:
    save(store, *(told(f"n{place:03}", "Géant", f"Firme {place}", days=place / 10) for place in range(150)))
    save(store, told("pair", "Géant", "Second", days=300), told("small", "Petite", "Autre", days=200))
    save(store, *(told(f"m{place:03}", "Second", f"Maison {place}", days=place / 10) for place in range(150)))
    with store.filing(NOW) as filing:
        found = filing.candidates(["Géant", "Second", "Petite"], since=SINCE, pairs=[("Second", "Géant"), ("Petite",)])
    assert len(found) == CANDIDATES
    assert found[0].id == "pair"
    # The latest of the two giants fill what is left; nothing is there twice.
    assert {one.id for one in found[1:3]} == {"m000", "n000"}
    assert len({one.id for one in found}) == CANDIDATES
    with store.filing(NOW) as filing:
        rare = filing.candidates(["Petite", "Inconnue"], since=SINCE)
    assert [one.id for one in rare] == ["small"]


def test_a_story_told_again_is_a_recent_one(store: Store) -> None:
    save(store, told("old", "A", "B", days=100))
    since = NOW - timedelta(days=10)
    with store.filing(NOW) as filing:
        assert filing.candidates(["A"], since=since, pairs=[("A", "B")]) == ()
    again = replace(told("old", "A", "B"), version=1)
    save(store, again)
    with store.filing(NOW) as filing:
        assert filing.candidates(["B"], since=since) == (again,)
        assert filing.candidates([], since=since, pairs=[("B", "A")]) == (again,)


def test_names_longer_than_their_column_are_found(store: Store) -> None:
    name = "x" * 300
    edge = Edge(name, "B", Kind.COMPUTE, 2e9, "USD", Status.ANNOUNCED, Bound.EXACT, "long", NOW)
    save(store, told("long", name, "B"), edges=(edge,))
    with store.filing(NOW) as filing:
        assert [one.id for one in filing.candidates([name], since=SINCE)] == ["long"]


def test_a_scan_is_seen_as_one(store: Store) -> None:
    with plans.recorded(store) as statements, store.read() as connection:
        connection.execute(text("SELECT id FROM story WHERE title = 'x'"))
    assert [one.partition(":")[0] for one in plans.scans(store, statements, forced=True)] == ["story"]


def test_an_older_database_keeps_what_it_knows_and_is_found_by_it(store: Store) -> None:
    store.sync_feeds([feed()], NOW)
    state = store.feed("gazette")
    assert state is not None
    saved = store.save_poll(state, [(entry("a1"), True)], now=NOW, backlog=False)
    store.save_article(saved.to_read[0], article("a1"), now=NOW, backlog=False)
    save(store, told("s1", "Nordlys", "Helvia"))
    config = _config()
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    with store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM story_party")).scalar() == 2
    store.migrate()
    with store.filing(NOW) as filing:
        assert [one.id for one in filing.candidates(["Helvia"], since=SINCE)] == ["s1"]
        assert [one.id for one in filing.candidates([], since=SINCE, pairs=[("Nordlys", "Helvia")])] == ["s1"]
    assert store.open_articles(["a1"])[0].article == article("a1")
    assert store.stories()[0].id == "s1"
