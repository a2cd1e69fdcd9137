"""Searches of a filing: the best among thousands, by index, a bounded number; what older databases bring along."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from alembic import command
from sqlalchemy import text

from tests.adapters.store_samples import NOW, alert, article, entry, feed, flow, story
from tests.bench import plans
from worker.adapters.store import OPEN, Store
from worker.adapters.store.migrate import _config
from worker.adapters.store.nearby import CANDIDATES
from worker.model import Bound, Change, ChangeKind, Edge, Kind, Status, Story, Verdict
from worker.text import bands, fingerprint

SINCE = NOW - timedelta(days=365)
LONG = " ".join(f"mot{number}" for number in range(80))


def told(name: str, payer: str, payee: str, *, days: float = 0) -> Story:
    return story(name, held=flow(payer, payee), at=NOW - timedelta(days=days))


def edge(payer: str, payee: str, *, days: float = 0, name: str = "s") -> Edge:
    at = NOW - timedelta(days=days)
    return Edge(payer, payee, Kind.COMPUTE, 2e9, "USD", Status.ANNOUNCED, Bound.EXACT, name, at)


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
    save(store, told("long", name, "B"), edges=(edge(name, "B"),))
    with store.filing(NOW) as filing:
        assert [one.id for one in filing.candidates([name], since=SINCE)] == ["long"]
        assert len(filing.edges_near([name], since=SINCE, hops=1, to=["B"])) == 1


def ways(store: Store, start: str, end: str, hops: int = 4) -> list[tuple[str, str]]:
    with store.filing(NOW) as filing:
        return [(one.payer, one.payee) for one in filing.edges_near([start], since=SINCE, hops=hops, to=[end])]


def test_ways_of_money_of_every_length_and_nothing_beside_them(store: Store) -> None:
    chain = ("A", "B", "C", "D", "E", "F")
    edges = tuple(edge(*two) for two in pairwise(chain))
    save(store, told("s", "A", "B"), edges=(*edges, edge("B", "Ailleurs"), edge("Venu", "C"), edge("E", "D")))
    for length in range(1, 5):
        assert ways(store, "A", chain[length]) == list(pairwise(chain[: length + 1]))
        assert ways(store, "A", chain[length], hops=length - 1) == []
    assert ways(store, "A", "F") == []
    assert ways(store, "F", "A") == []


def test_the_edge_back_is_found_behind_thousands_of_later_ones(store: Store) -> None:
    crowd = [edge("Géant", f"Firme {place}", days=place / 100) for place in range(1500)]
    crowd += [edge(f"Payeur {place}", "Labo", days=place / 100) for place in range(300)]
    old = (edge("Géant", "Labo", days=300), edge("Géant", "Fonds", days=310), edge("Fonds", "Labo", days=305))
    save(store, told("s", "Géant", "Labo"), edges=(*crowd, *old))
    assert ways(store, "Géant", "Labo", hops=1) == [("Géant", "Labo")]
    recent = tuple(edge("Fonds", "Labo", days=day) for day in range(5))
    save(store, told("t", "Fonds", "Labo"), edges=recent)
    assert ("Géant", "Fonds") in ways(store, "Géant", "Labo")


def test_many_edges_between_two_parties_are_read_in_part(store: Store) -> None:
    save(store, told("s", "A", "B"), edges=tuple(edge("A", "B", days=day) for day in range(200)))
    with store.filing(NOW) as filing:
        found = filing.edges_near(["A"], since=SINCE, hops=4, to=["B"])
    assert [one.date for one in found] == [NOW - timedelta(days=day) for day in range(3)]


def file_everything(store: Store) -> None:
    """Do all that a filing asks of the store, once."""
    state = store.feed("gazette")
    assert state is not None
    saved = store.save_poll(state, [(entry("a1"), True)], now=NOW, backlog=False)
    store.save_article(saved.to_read[0], replace(article("a1"), fingerprint=fingerprint(LONG)), now=NOW, backlog=False)
    store.ready("judge", now=NOW, limit=10, quiet_s=30)
    store.open_articles(["a1"])
    store.claim("judge", ["a1"], now=NOW, lease_s=60)
    store.alike(bands(fingerprint(LONG)), since=SINCE)
    with store.filing(NOW) as filing:
        filing.alike(bands(fingerprint(LONG)), since=SINCE)
        filing.candidates(["Nordlys", "Helvia"], since=SINCE, pairs=[("Nordlys", "Helvia")])
        filing.edges_near(["Helvia"], since=SINCE, hops=4, to=["Nordlys"])
        filing.known_loops(["l"])
        filing.story("s1")
        change = Change(ChangeKind.NEW_STORY, "s1", 1, flow())
        filing.save_story(story(), article_id="a1", changes=[change], edges=[edge("Nordlys", "Helvia", name="s1")])
        filing.save_story(story(version=2), article_id="a1", changes=[replace(change, version=2)], edges=[])
        filing.save_alerts([alert()], state=OPEN)
        filing.remember("a1", bands(fingerprint(LONG)), since=SINCE)
        filing.close_article("a1", Verdict(True, 0.9, (flow(),)), story_id="s1")


def test_no_statement_of_a_filing_reads_a_growing_table_from_end_to_end(store: Store) -> None:
    store.sync_feeds([feed()], NOW)
    with plans.recorded(store) as statements:
        file_everything(store)
    assert len(statements) > 15
    assert plans.scans(store, statements, forced=True) == []


def test_a_scan_is_seen_as_one(store: Store) -> None:
    with plans.recorded(store) as statements, store.read() as connection:
        connection.execute(text("SELECT id FROM story WHERE title = 'x'"))
    assert [one.partition(":")[0] for one in plans.scans(store, statements, forced=True)] == ["story"]


def test_an_older_database_keeps_what_it_knows_and_is_found_by_it(store: Store) -> None:
    store.sync_feeds([feed()], NOW)
    file_everything(store)
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
    assert store.counts()["articles"] == 1
    assert store.stories()[0].version == 2
