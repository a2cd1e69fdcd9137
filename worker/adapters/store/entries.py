"""Entries as they come in, and the articles read from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from worker.adapters.store.claims import DONE, OPEN, close, crashes
from worker.adapters.store.feeds import FeedQueries, state_values
from worker.adapters.store.records import from_record, to_record
from worker.adapters.store.schema import article, entry, entry_key, feed
from worker.model import Article, Entry, FeedState
from worker.ports import OpenArticle, OpenEntry, Saved

# The entry was let through by the gate (open, then done), stopped by it, or seen before under another name.
STOPPED = "stopped"
SEEN = "seen"


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        feed_id=row.feed_id, guid=row.guid, url=row.url, title=row.title, summary=row.summary, content=row.content,
        author=row.author, published=row.published, id=row.id,
    )  # fmt: skip


class EntryQueries(FeedQueries):
    """Every query about entries and articles."""

    def save_poll(
        self, state: FeedState, entries: Sequence[tuple[Entry, bool]], *, now: datetime, backlog: bool
    ) -> Saved:
        """Save a poll whole: its new entries, their identities, the feed's state and validators, or nothing of it.

        `entries` come with the gate's word. An entry known by guid or by any of its keys is not new; the keys under
        which it came this time are remembered all the same.
        """
        with self.write() as connection:
            fresh = self._fresh_entries(connection, state.feed.id, [pair[0] for pair in entries], now)
            opened: list[int] = []
            last_new = state.last_new_at
            for value, passed in entries:
                if value.guid not in fresh:
                    continue
                key = self._insert_entry(connection, value, fresh[value.guid], passed=passed, now=now, backlog=backlog)
                if key is not None and passed and fresh[value.guid]:
                    opened.append(key)
            new = sum(fresh.values())
            if new:
                last_new = now
            saved = replace(state, entries=state.entries + new, last_new_at=last_new)
            connection.execute(update(feed).where(feed.c.id == state.feed.id).values(**state_values(saved)))
        return Saved(new, tuple(opened))

    def save_feed_state(self, state: FeedState) -> None:
        """Save the outcome of a poll that brought no document."""
        with self.write() as connection:
            connection.execute(update(feed).where(feed.c.id == state.feed.id).values(**state_values(state)))

    def _fresh_entries(
        self, connection: Connection, feed_id: str, entries: Sequence[Entry], now: datetime
    ) -> dict[str, bool]:
        """Return guid -> True (new) or False (known under a key) for the guids that this feed has not shown before."""
        guids = {value.guid for value in entries}
        known = set(connection.scalars(select(entry.c.guid).where(entry.c.feed_id == feed_id, entry.c.guid.in_(guids))))
        wanted = {key for value in entries for key in value.keys}
        taken = set(connection.scalars(select(entry_key.c.key).where(entry_key.c.key.in_(wanted))))
        fresh: dict[str, bool] = {}
        claimed: set[str] = set()
        for value in entries:
            if value.guid not in known and value.guid not in fresh:
                fresh[value.guid] = not (taken | claimed).intersection(value.keys)
            claimed.update(value.keys)
        rows = [{"key": key, "feed_id": feed_id, "seen_at": now} for key in sorted(claimed - taken)]
        if rows:
            connection.execute(self._insert(entry_key).on_conflict_do_nothing(), rows)
        return fresh

    def _insert_entry(
        self, connection: Connection, value: Entry, new: bool, *, passed: bool, now: datetime, backlog: bool
    ) -> int | None:
        state = OPEN if new and passed else STOPPED if new else SEEN
        row = self._insert(entry).values(
            feed_id=value.feed_id, guid=value.guid, url=value.url, title=value.title, summary=value.summary,
            content=value.content if state == OPEN else "", author=value.author, published=value.published, seen_at=now,
            backlog=backlog, state=state, next_attempt_at=now if state == OPEN else None,
        )  # fmt: skip
        inserted = connection.execute(row.on_conflict_do_nothing().returning(entry.c.id)).scalar()
        return int(inserted) if inserted is not None else None

    def open_entries(self, ids: Sequence[int]) -> tuple[OpenEntry, ...]:
        """Return the claimed entries of these ids."""
        with self.read() as connection:
            chosen = select(entry, crashes(entry).label("cut_off"))
            rows = connection.execute(chosen.where(entry.c.id.in_(list(ids)), entry.c.state == OPEN))
            return tuple(OpenEntry(_entry(row), row.backlog, row.attempts, row.cut_off) for row in rows)

    def save_article(self, entry_id: int, value: Article, *, now: datetime, backlog: bool) -> bool:
        """Turn a read entry into an article to be judged; False if the store has that article already."""
        with self.write() as connection:
            feed_id = connection.scalars(select(entry.c.feed_id).where(entry.c.id == entry_id)).one()
            row = self._insert(article).values(
                id=value.id, entry_id=entry_id, feed_id=feed_id, record=to_record(value),
                published=value.published, seen_at=now, backlog=backlog, state=OPEN, next_attempt_at=now,
            )  # fmt: skip
            inserted = connection.execute(row.on_conflict_do_nothing().returning(article.c.id)).scalar()
            close(connection, entry, entry_id, state=DONE, article_id=value.id, content="")
            return inserted is not None

    def open_articles(self, ids: Sequence[str]) -> tuple[OpenArticle, ...]:
        """Return the claimed articles of these ids, oldest news first, so that a story is told in its order."""
        with self.read() as connection:
            rows = connection.execute(
                select(article, entry.c.published.label("fed"))
                .join(entry, entry.c.id == article.c.entry_id)
                .where(article.c.id.in_(list(ids)), article.c.state == OPEN)
                .order_by(func.coalesce(article.c.published, article.c.seen_at), article.c.id)
            )
            return tuple(
                OpenArticle(from_record(Article, row.record), row.fed, row.feed_id, row.backlog, row.attempts)
                for row in rows
            )

    def backlog_open(self) -> bool:
        """Return whether entries or articles of a first poll are still to be read or judged."""
        with self.read() as connection:
            for table in (entry, article):
                waiting = select(table.c.id).where(table.c.state == OPEN, table.c.backlog).limit(1)
                if connection.execute(waiting).first() is not None:
                    return True
            return False
