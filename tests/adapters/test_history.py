"""Looking back, on both databases: pages that join without gap or repeat, and only what was asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.adapters.store_samples import NOW, alert, article, entry, feed, flow, story
from worker.adapters.store import Store, history
from worker.model import Change, ChangeKind, Reason, Verdict

DEAL = Verdict(True, 0.9, (flow(),))
NO = Verdict(False, 0.3, (), (Reason("together", -1.0),))


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several pages over a handful of rows."""
    for name in ("_PAGE", "_SMALL_PAGE", "_CHANGES"):
        monkeypatch.setattr(history, name, 2)


def bring(store: Store, name: str, verdict: Verdict | None, *, days: float = 0.0, backlog: bool = False) -> None:
    """Put an article in that was seen `days` ago, judged unless `verdict` is None, and filed where it tells a story."""
    state = store.feed("gazette")
    assert state is not None
    seen = NOW - timedelta(days=days)
    saved = store.save_poll(replace(state, polls=1), [(entry(name), True)], now=seen, backlog=backlog)
    store.save_article(saved.to_read[0], article(name), now=seen, backlog=backlog)
    if verdict is None:
        return
    with store.filing(seen) as filing:
        told = verdict.deal and bool(verdict.flows)
        if told:
            made = Change(ChangeKind.NEW_STORY, f"s-{name}", 1)
            filing.save_story(story(f"s-{name}"), article_id=name, changes=[made], edges=[])
        filing.close_article(name, verdict, story_id=f"s-{name}" if told else None)


@pytest.fixture
def full(store: Store) -> Store:
    store.sync_feeds([feed()], NOW)
    for number in range(5):
        bring(store, f"n{number}", NO, days=number // 2)
        bring(store, f"d{number}", DEAL, days=number)
    bring(store, "old", DEAL, days=40)
    bring(store, "bare", Verdict(True, 0.8), days=1)
    bring(store, "waits", None)
    bring(store, "odd", None)
    store.quarantine("judge", "odd", error="took the worker down")
    return store


def test_an_empty_store_says_so(store: Store) -> None:
    assert not store.has_articles()
    assert list(store.judged(NOW)) == []
    assert list(store.stopped_entries(NOW)) == []
    assert store.changed_versions(NOW) == ()


def test_every_judged_article_comes_once(full: Store) -> None:
    assert full.has_articles()
    since = NOW - timedelta(days=30)
    names = [one.article.id for one in full.judged(since)]
    assert sorted(names) == sorted([*(f"n{i}" for i in range(5)), *(f"d{i}" for i in range(5)), "bare"])
    assert full.judged_count(since) == len(names)
    assert {one.article.id for one in full.judged(NOW - timedelta(days=1))} == {
        "n0",
        "n1",
        "n2",
        "n3",
        "d0",
        "d1",
        "bare",
    }
    first = next(one for one in full.judged(since) if one.article.id == "d2")
    assert (first.verdict, first.story_id, first.feed_id) == (DEAL, "s-d2", "gazette")
    assert first.fed == NOW - timedelta(hours=1)


def test_articles_by_id_and_by_the_start_of_it(full: Store) -> None:
    assert [one.article.id for one in full.judged_by_id(["d1", "n0", "nobody"])] == ["d1", "n0"]
    found = full.article("bar")
    assert found is not None
    assert found.article.id == "bare"
    assert full.article("d") is None
    assert full.article("%") is None


def test_lines_are_the_latest_first_and_carry_no_text(full: Store) -> None:
    lines = full.article_lines(since=NOW - timedelta(days=30), limit=6)
    assert [line.seen_at for line in lines] == sorted((line.seen_at for line in lines), reverse=True)
    assert len(lines) == 6
    every = full.article_lines(since=NOW - timedelta(days=50), limit=100)
    assert {line.id: line.state for line in every if line.deal is None} == {"waits": "open", "odd": "quarantined"}
    assert (every[0].title, every[0].source) == ("Nordlys loue un centre", "Gazette")
    deals = full.article_lines(since=NOW - timedelta(days=30), limit=100, deal=True)
    assert {line.id for line in deals} == {"d0", "d1", "d2", "d3", "d4", "bare"}
    assert full.article_lines(since=NOW - timedelta(days=30), limit=9, feed_id="other") == ()


def test_what_no_story_came_of(full: Store) -> None:
    lines = {line.id: line for line in full.turned_down(NOW - timedelta(days=30))}
    assert set(lines) == {"n0", "n1", "n2", "n3", "n4", "bare", "odd"}
    assert lines["n0"].verdict == NO
    assert (lines["odd"].verdict, lines["odd"].error) == (None, "took the worker down")


def test_entries_that_the_gate_stopped(store: Store) -> None:
    store.sync_feeds([feed()], NOW)
    state = store.feed("gazette")
    assert state is not None
    for day in (3, 2, 1):
        pairs = [(entry(f"{day}-{number}"), number == 2) for number in range(3)]
        store.save_poll(replace(state, polls=1), pairs, now=NOW - timedelta(days=day), backlog=False)
    found = list(store.stopped_entries(NOW - timedelta(days=2)))
    assert [one.entry.guid for one in found] == ["1-1", "1-0", "2-1", "2-0"]
    assert store.stopped_count(NOW - timedelta(days=2)) == 4
    assert found[0].entry.id is not None
    assert store.stopped_entry(found[0].entry.id) == found[0]
    assert store.stopped_entry(10**12) is None


def test_changes_with_their_stories_and_dates(full: Store) -> None:
    versions = full.changed_versions(NOW - timedelta(days=30))
    assert set(versions) == {(f"s-d{number}", 1) for number in range(5)}
    assert len(versions) == 5
    told, made = full.histories(["s-d1", "s-nobody"])["s-d1"]
    assert told.id == "s-d1"
    assert [(at, change.kind) for at, change in made] == [(NOW - timedelta(days=1), ChangeKind.NEW_STORY)]
    dates = full.dates_of([("s-d1", 1)])["s-d1", 1]
    assert (dates.published, dates.fed, dates.backlog) == (NOW - timedelta(hours=1), NOW - timedelta(hours=1), False)


def test_alerts_made_for_articles_since(full: Store) -> None:
    made = replace(alert("one"), story_id="s-d0")
    full.add_alert(made, NOW)
    full.add_alert(replace(made, id="two", story_id="s-d1"), NOW)
    assert full.alerts_made(["d0", "n0"], NOW) == 1
    assert full.alerts_made(["d0"], NOW + timedelta(seconds=1)) == 0
