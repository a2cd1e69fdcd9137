"""What the watch asks of both stores, in feeds of many entries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from tests.adapters.store_samples import NOW, article, entry, feed
from worker.adapters.store import Store
from worker.adapters.store.schema import entry as table


def unread(store: Store, count: int, start: int) -> None:
    """Put entries of which no page was read into the store, each a second after the one before."""
    rows: list[dict[str, Any]] = [
        {
            "feed_id": "gazette", "guid": f"u{number}", "url": "", "title": "", "summary": "", "content": "",
            "author": "", "seen_at": NOW + timedelta(seconds=number), "backlog": False, "state": "done",
        }
        for number in range(start, start + count)
    ]  # fmt: skip
    with store.write() as connection:
        connection.execute(insert(table), rows)


def test_pages_are_looked_for_among_the_latest_entries_alone(store: Store) -> None:
    store.sync_feeds([feed()], NOW)
    state = store.feed("gazette")
    assert state is not None
    saved = store.save_poll(state, [(entry("a1"), True)], now=NOW, backlog=False)
    store.save_article(saved.to_read[0], article("a1"), now=NOW, backlog=False)
    unread(store, 1_999, 1)
    (page,) = store.pages_read("gazette", 10)
    assert (page.origin, page.seen_at) == (article("a1").origin, NOW)
    unread(store, 1, 2_000)
    assert store.pages_read("gazette", 10) == ()
