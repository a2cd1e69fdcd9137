"""Feeds and their state, hosts, heartbeats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, case, delete, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from worker.adapters.store.claims import ClaimQueries
from worker.adapters.store.schema import entry, feed, heartbeat, host
from worker.masking import Mask
from worker.model import CANARY, Cause, Feed, FeedState, PageRules

_SETTINGS = ("site", "country", "house", "paywall", "topics", "priority", "pages")


def settings_of(value: Feed) -> dict[str, Any]:
    """Return what of a feed is kept as its settings."""
    whole = asdict(value)
    return {name: whole[name] for name in _SETTINGS}


def feed_state(row: Row[Any]) -> FeedState:
    """Return a feed with its state."""
    settings = dict(row.settings)
    pages = PageRules(**settings.pop("pages"))
    topics = tuple(settings.pop("topics"))
    return FeedState(
        feed=Feed(id=row.id, name=row.name, url=row.url, paused=row.paused, topics=topics, pages=pages, **settings),
        etag=row.etag,
        last_modified=row.last_modified,
        body_hash=row.body_hash,
        interval_s=row.interval_s,
        next_poll_at=row.next_attempt_at,
        last_poll_at=row.last_poll_at,
        last_success_at=row.last_success_at,
        last_new_at=row.last_new_at,
        failures=row.failures,
        cause=Cause(row.cause),
        message=row.message,
        polls=row.polls,
        entries=row.entries,
        moved_to=row.moved_to,
        moved_seen=row.moved_seen,
        disabled=row.disabled,
        ttl_s=row.ttl_s,
        skip_hours=frozenset(row.skip_hours),
        skip_days=frozenset(row.skip_days),
        whole_at=row.whole_at,
    )


def state_values(state: FeedState, mask: Mask) -> dict[str, Any]:
    """Return the columns of a polled feed, `mask` over what its server said."""
    return {
        "etag": state.etag,
        "last_modified": state.last_modified,
        "body_hash": state.body_hash,
        "interval_s": state.interval_s,
        "next_attempt_at": state.next_poll_at,
        "last_poll_at": state.last_poll_at,
        "last_success_at": state.last_success_at,
        "last_new_at": state.last_new_at,
        "failures": state.failures,
        "cause": state.cause.value,
        "message": mask(state.message)[:2000],
        "polls": state.polls,
        "entries": state.entries,
        "moved_to": state.moved_to,
        "moved_seen": state.moved_seen,
        "disabled": state.disabled,
        "ttl_s": state.ttl_s,
        "skip_hours": sorted(state.skip_hours),
        "skip_days": sorted(state.skip_days),
        "whole_at": state.whole_at,
        "lease_until": None,
        "enqueued_at": None,
        "attempts": 0,
        "crashes": 0,
        "cut_off": 0,
    }


def fresh_feed(now: datetime) -> dict[str, Any]:
    """Return the columns of a feed that was never polled, due at `now`."""
    return {
        "paused": False, "disabled": False, "removed": False, "interval_s": 3600.0, "failures": 0,
        "cause": Cause.OK.value, "message": "", "polls": 0, "entries": 0, "moved_seen": 0, "next_attempt_at": now,
    }  # fmt: skip


def insert_for(table: Any, is_sqlite: bool) -> Any:
    """Return the database's own INSERT, which knows what to do where a row is there already."""
    return (sqlite_insert if is_sqlite else postgresql_insert)(table)


class FeedQueries(ClaimQueries):
    """Every query about feeds, hosts and heartbeats."""

    def _insert(self, table: Any) -> Any:
        return insert_for(table, self.is_sqlite)

    def sync_feeds(self, feeds: Sequence[Feed], now: datetime) -> None:
        """Make the configured feeds the store's.

        New ones are due at once, known ones keep their state, those that left the configuration rest (with their
        memory) until they return. A changed address starts without validators.
        """
        with self.write() as connection:
            known = {
                row.id: row for row in connection.execute(select(feed.c.id, feed.c.url, feed.c.origin, feed.c.removed))
            }
            for value in feeds:
                base: dict[str, Any] = {
                    "name": value.name,
                    "url": value.url,
                    "settings": settings_of(value),
                    "origin": "config",
                }
                if value.id not in known:
                    connection.execute(
                        insert(feed).values(id=value.id, **{**fresh_feed(now), "paused": value.paused}, **base)
                    )
                    continue
                if known[value.id].url != value.url:
                    base |= {"etag": None, "last_modified": None, "body_hash": None, "disabled": False}
                    base |= {"moved_to": None, "moved_seen": 0, "next_attempt_at": now}
                    base |= {"ttl_s": None, "skip_hours": [], "skip_days": [], "whole_at": None}
                if known[value.id].removed:
                    base |= {"removed": False, "next_attempt_at": now}
                connection.execute(update(feed).where(feed.c.id == value.id).values(**base))
            wanted = {value.id for value in feeds}
            gone = [key for key, row in known.items() if row.origin == "config" and key not in wanted]
            if gone:
                connection.execute(update(feed).where(feed.c.id.in_(gone)).values(removed=True))

    def add_feed(self, value: Feed, now: datetime) -> bool:
        """Keep an operator's own feed; False if the store has a feed of that id or address already."""
        with self.write() as connection:
            same = select(feed.c.id, feed.c.removed).where(or_(feed.c.id == value.id, feed.c.url == value.url))
            found = connection.execute(same).first()
            if found is not None and not found.removed:
                return False
            values = {
                **fresh_feed(now),
                "name": value.name,
                "url": value.url,
                "settings": settings_of(value),
                "origin": "operator",
            }
            if found is not None:
                connection.execute(update(feed).where(feed.c.id == found.id).values(**values))
            else:
                connection.execute(insert(feed).values(id=value.id, **values))
            return True

    def remove_feed(self, feed_id: str) -> bool:
        """Stop following a feed; its entries and their identities stay."""
        return self._set_feed(feed_id, removed=True)

    def set_feed_paused(self, feed_id: str, paused: bool, now: datetime) -> bool:
        """Pause or resume a feed. Resuming also lifts what a 410 had switched off, and makes the feed due."""
        if paused:
            return self._set_feed(feed_id, paused=True)
        fresh = {"next_attempt_at": now, "lease_until": None, "attempts": 0, "crashes": 0, "cut_off": 0}
        return self._set_feed(feed_id, paused=False, disabled=False, **fresh)

    def _set_feed(self, feed_id: str, **values: Any) -> bool:
        with self.write() as connection:
            result = connection.execute(update(feed).where(feed.c.id == feed_id, ~feed.c.removed).values(**values))
            return bool(result.rowcount)

    def feeds(self) -> tuple[FeedState, ...]:
        """Return every followed feed with its state, by name."""
        with self.read() as connection:
            followed = select(feed).where(~feed.c.removed, feed.c.id != CANARY)
            rows = connection.execute(followed.order_by(feed.c.name))
            return tuple(feed_state(row) for row in rows)

    def feed(self, feed_id: str) -> FeedState | None:
        """Return one followed feed, None if there is none of that id."""
        found = self.feeds_by_id((feed_id,))
        return found[0] if found else None

    def feeds_by_id(self, ids: Sequence[str], *, removed: bool = False) -> tuple[FeedState, ...]:
        """Return the followed feeds of these ids; with `removed` also those that are followed no longer."""
        chosen = select(feed).where(feed.c.id.in_(list(ids)))
        with self.read() as connection:
            rows = connection.execute(chosen if removed else chosen.where(~feed.c.removed))
            return tuple(feed_state(row) for row in rows)

    def never_polled(self) -> int:
        """Return how many followed feeds have not had their first poll."""
        with self.read() as connection:
            waiting = select(feed.c.id).where(feed.c.polls == 0, ~feed.c.removed, ~feed.c.paused, ~feed.c.disabled)
            return len(connection.scalars(waiting.where(feed.c.id != CANARY)).all())

    def recent_times(self, feed_id: str, limit: int = 50) -> tuple[datetime, ...]:
        """Return when the feed's latest entries were published (first seen where unknown), newest first."""
        with self.read() as connection:
            rows = connection.execute(
                select(entry.c.published, entry.c.seen_at)
                .where(entry.c.feed_id == feed_id)
                .order_by(entry.c.seen_at.desc())
                .limit(limit)
            )
            return tuple(sorted(((row.published or row.seen_at) for row in rows), reverse=True))

    def take_host(self, name: str, *, now: datetime, lease_s: float) -> datetime | None:
        """Take the one place at a host; returns None when taken, else the time from which to ask again."""
        with self.write() as connection:
            connection.execute(self._insert(host).values(name=name).on_conflict_do_nothing())
            row = connection.execute(select(host).where(host.c.name == name).with_for_update()).one()
            if row.free_at is not None and row.free_at > now:
                free_at: datetime = row.free_at
                return free_at
            if row.lease_until is not None and row.lease_until > now:
                # The holder gives it back when done; its lease only ends a wait behind a crash.
                leased: datetime = row.lease_until
                return min(leased, now + timedelta(seconds=1))
            lease = now + timedelta(seconds=lease_s)
            connection.execute(update(host).where(host.c.name == name).values(lease_until=lease, free_at=None))
            return None

    def free_host(self, name: str, *, free_at: datetime) -> None:
        """Give the place at a host back; nobody may take it before `free_at`, or before a later time set already."""
        later = case((host.c.free_at > free_at, host.c.free_at), else_=free_at)
        with self.write() as connection:
            connection.execute(self._insert(host).values(name=name).on_conflict_do_nothing())
            connection.execute(update(host).where(host.c.name == name).values(lease_until=None, free_at=later))

    def rest_host(self, name: str, *, free_at: datetime) -> None:
        """Let nobody take the place at a host before `free_at`; who holds it now keeps it."""
        later = case((host.c.free_at > free_at, host.c.free_at), else_=free_at)
        with self.write() as connection:
            connection.execute(self._insert(host).values(name=name).on_conflict_do_nothing())
            connection.execute(update(host).where(host.c.name == name).values(free_at=later))

    def beat(self, part: str, now: datetime) -> None:
        """Record that a part did real work at `now`."""
        with self.write() as connection:
            row = self._insert(heartbeat).values(part=part, at=now)
            connection.execute(row.on_conflict_do_update(index_elements=["part"], set_={"at": now}))

    def heartbeats(self) -> dict[str, datetime]:
        """Return when each part last did real work."""
        with self.read() as connection:
            return {row.part: row.at for row in connection.execute(select(heartbeat))}

    def forget_heartbeats(self, before: datetime) -> None:
        """Forget the workers and schedulers that have given no sign since `before`; what steps record stays."""
        with self.write() as connection:
            connection.execute(delete(heartbeat).where(heartbeat.c.at < before, heartbeat.c.part.contains("@")))
