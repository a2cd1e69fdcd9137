"""Entries as they come in, and the articles read from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from worker.adapters.store.claims import DONE, OPEN, close, crashes
from worker.adapters.store.feeds import FeedQueries, feed_state, state_values
from worker.adapters.store.lists import among
from worker.adapters.store.records import from_text, to_record, written
from worker.adapters.store.schema import article, entry, entry_key, feed
from worker.model import Article, Entry, Feed, FeedState
from worker.pipeline.feeds.identity import ADDRESS_KEY, house_of
from worker.ports import OpenArticle, OpenEntry, Saved

# The entry was let through by the gate (open, then done), stopped by it, or seen before under another name.
STOPPED = "stopped"
SEEN = "seen"

_OPEN_ARTICLES = (
    select(
        written(article.c.record),
        article.c.feed_id,
        article.c.backlog,
        crashes(article, bindparam("life")).label("crashes"),
        entry.c.published.label("fed"),
    )
    .join(entry, entry.c.id == article.c.entry_id)
    .where(among(article.c.id, "ids"), article.c.state == OPEN)
    .order_by(func.coalesce(article.c.published, article.c.seen_at), article.c.id)
)


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        feed_id=row.feed_id, guid=row.guid, url=row.url, title=row.title, summary=row.summary, content=row.content,
        author=row.author, published=row.published, id=row.id,
    )  # fmt: skip


def _told_new(
    entries: Sequence[Entry], known: Collection[str], keys: Mapping[str, bool], *, passed: Collection[str]
) -> dict[str, bool]:
    """Return guid -> whether it is new, for the guids that are not `known`.

    Who passes the gate is not known by the key of one who did not: a teaser of three words on another page of the house
    must not cost the article.
    """
    fresh: dict[str, bool] = {}
    claimed = dict(keys)
    for one in entries:
        passes = one.guid in passed
        if one.guid not in known and one.guid not in fresh:
            fresh[one.guid] = not any(claimed[key] or not passes for key in one.keys if key in claimed)
        for key in one.keys:
            claimed[key] = claimed.get(key, False) or passes
    return fresh


class EntryQueries(FeedQueries):
    """Every query about entries and articles."""

    def save_poll(
        self,
        state: FeedState,
        entries: Sequence[tuple[Entry, bool]],
        *,
        now: datetime,
        backlog: bool,
        old: Collection[str] = (),
        again: Collection[str] = (),
    ) -> Saved:
        """Save a poll whole: its new entries, their identities, the feed's state and validators, or nothing of it.

        `entries` come with the word whether each is to be read; `old` are the guids of those that the gate let through
        but their age does not, `again` of those that say what the feed said before. An entry known by guid or by any of
        its keys is not new; the keys under which it came this time are remembered all the same.
        """
        gated = {value.guid for value, read in entries if read}.union(old)
        with self.write() as connection:
            values = [pair[0] for pair in entries]
            fresh = self._fresh_entries(connection, state.feed, values, now, passed=gated, again=again)
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
            connection.execute(update(feed).where(feed.c.id == state.feed.id).values(**state_values(saved, self.mask)))
        return Saved(new, tuple(opened))

    def save_feed_state(self, state: FeedState) -> None:
        """Save the outcome of a poll that brought no document."""
        with self.write() as connection:
            connection.execute(update(feed).where(feed.c.id == state.feed.id).values(**state_values(state, self.mask)))

    def unknown(self, value: Feed, entries: Sequence[Entry], *, passed: Collection[str]) -> dict[str, bool]:
        """Return the guids of `entries` that the feed has not shown, with whether each is new or known otherwise;
        `passed` are those that the gate lets through."""
        with self.read() as connection:
            known, keys = self._identities(connection, value, entries)
        return _told_new(entries, known, keys, passed=passed)

    def latest_entries(self, feed_id: str, *, limit: int) -> tuple[Entry, ...]:
        """Return what a feed brought lately, the newest first."""
        latest = select(entry).where(entry.c.feed_id == feed_id).order_by(entry.c.seen_at.desc()).limit(limit)
        with self.read() as connection:
            return tuple(_entry(row) for row in connection.execute(latest))

    def brought(self, feed_id: str, *, since: datetime, before: datetime) -> Mapping[str, int]:
        """Return how many new entries a feed brought in a time: `new`, those of them that the gate let through as
        `opened`, and `held` beside them in floods and in a first poll."""
        opened = entry.c.state.not_in((STOPPED, SEEN))
        held = entry.c.backlog
        counts = select(
            func.count().filter(~held, entry.c.state != SEEN).label("new"),
            func.count().filter(~held, opened).label("opened"),
            func.count().filter(held).label("held"),
        ).where(entry.c.feed_id == feed_id, entry.c.seen_at >= since, entry.c.seen_at < before)
        with self.read() as connection:
            return dict(connection.execute(counts).one()._mapping)

    def _fresh_entries(
        self,
        connection: Connection,
        value: Feed,
        entries: Sequence[Entry],
        now: datetime,
        *,
        passed: Collection[str],
        again: Collection[str],
    ) -> dict[str, bool]:
        """Return guid -> True (new) or False (known otherwise) for the guids that this feed has not shown before."""
        known, keys = self._identities(connection, value, entries)
        fresh = _told_new(entries, known, keys, passed=passed)
        for guid in fresh.keys() & again:
            fresh[guid] = False
        claimed: dict[str, bool] = {}
        for one in entries:
            for key in one.keys:
                claimed[key] = claimed.get(key, False) or one.guid in passed
        rows = [
            {"key": key, "feed_id": value.id, "seen_at": now, "opened": claimed[key]}
            for key in sorted(claimed.keys() - keys.keys())
        ]
        if rows:
            connection.execute(self._insert(entry_key).on_conflict_do_nothing(), rows)
        raised = [key for key, opened in claimed.items() if opened and keys.get(key) is False]
        if raised:
            connection.execute(update(entry_key).where(entry_key.c.key.in_(raised)).values(opened=True))
        return fresh

    def _identities(
        self, connection: Connection, value: Feed, entries: Sequence[Entry]
    ) -> tuple[frozenset[str], dict[str, bool]]:
        """Return which guids of `entries` the feed has shown, and which of their keys are known, with whether the gate
        let through who had them.

        An address that a feed of another house named is not known: naming another's article would take it away.
        """
        guids = {one.guid for one in entries}
        shown = select(entry.c.guid).where(entry.c.feed_id == value.id, entry.c.guid.in_(guids))
        wanted = {key for one in entries for key in one.keys}
        held = connection.execute(select(entry_key).where(entry_key.c.key.in_(wanted))).all()
        kin = self._kin(connection, value, {row.feed_id for row in held})
        keys = {row.key: row.opened for row in held if row.feed_id in kin or not row.key.startswith(ADDRESS_KEY)}
        return frozenset(connection.scalars(shown)), keys

    @staticmethod
    def _kin(connection: Connection, value: Feed, ids: set[str]) -> set[str]:
        """Return those of the feeds `ids` that are of the same house as `value`, itself included."""
        others = ids - {value.id}
        if not others:
            return {value.id}
        rows = connection.execute(select(feed).where(feed.c.id.in_(others)))
        same = house_of(value)
        return {value.id, *(row.id for row in rows if house_of(feed_state(row).feed) == same)}

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
            chosen = select(entry, crashes(entry, self.life).label("to_blame"))
            rows = connection.execute(chosen.where(entry.c.id.in_(list(ids)), entry.c.state == OPEN))
            return tuple(OpenEntry(_entry(row), row.backlog, row.attempts, row.to_blame) for row in rows)

    def save_article(self, entry_id: int, value: Article, *, now: datetime, backlog: bool, why: str = "") -> bool:
        """Turn a read entry into an article to be judged; False if the store has that article already.

        `why` says why the page was not read, where it was not.
        """
        with self.write() as connection:
            feed_id = connection.scalars(select(entry.c.feed_id).where(entry.c.id == entry_id)).one()
            row = self._insert(article).values(
                id=value.id, entry_id=entry_id, feed_id=feed_id, record=to_record(value),
                published=value.published, seen_at=now, backlog=backlog, state=OPEN, next_attempt_at=now,
            )  # fmt: skip
            inserted = connection.execute(row.on_conflict_do_nothing().returning(article.c.id)).scalar()
            close(connection, entry, entry_id, state=DONE, error=why, article_id=value.id, content="")
            return inserted is not None

    def open_articles(self, ids: Sequence[str]) -> tuple[OpenArticle, ...]:
        """Return the claimed articles of these ids, oldest news first, so that a story is told in its order."""
        with self.read() as connection:
            rows = connection.execute(_OPEN_ARTICLES, {"ids": list(ids), "life": self.life}).all()
        return tuple(
            OpenArticle(from_text(Article, row.record), row.fed, row.feed_id, row.backlog, row.crashes) for row in rows
        )

    def backlog_open(self) -> bool:
        """Return whether entries or articles of a first poll are still to be read or judged."""
        with self.read() as connection:
            for table in (entry, article):
                waiting = select(table.c.id).where(table.c.state == OPEN, table.c.backlog).limit(1)
                if connection.execute(waiting).first() is not None:
                    return True
            return False
