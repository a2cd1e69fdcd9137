"""Judged articles, stories, the ledger of flows, loops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, func, insert, select, update

from worker.adapters.store import copies, ledger, nearby
from worker.adapters.store.claims import BUNDLED, DONE, HELD, OPEN, close
from worker.adapters.store.engine import FILING_LOCK
from worker.adapters.store.entries import EntryQueries
from worker.adapters.store.feeds import insert_for
from worker.adapters.store.lists import among
from worker.adapters.store.records import from_record, from_text, to_record, written
from worker.adapters.store.regrouping import dissolve, settle
from worker.adapters.store.schema import alert, article, change, edge, loop, story, story_pair, story_party
from worker.errors import StoreUnavailable
from worker.model import Alert, Article, Change, Edge, Hold, Loop, Story, Verdict
from worker.ports import Judged


@dataclass(frozen=True, slots=True)
class Rejected:
    """An article that was judged not to be a deal, with its reasons."""

    article: Article
    score: float
    reasons: tuple[dict[str, Any], ...]


_STORY = select(written(story.c.record)).where(story.c.id == bindparam("story"))
_LOOPS = select(loop.c.id, written(loop.c.record)).where(among(loop.c.id, "ids"))
_SAVE_STORY = update(story).where(story.c.id == bindparam("story"), story.c.version == bindparam("before"))
_CLEAR_LEDGER = delete(edge).where(edge.c.story_id == bindparam("story"))
_SAVE_EDGES = insert(edge)
_SAVE_CHANGES = insert(change)


# Statements are kept: to put one together costs as much as to run it.
@lru_cache(maxsize=64)
def _insert_new(table: Table, is_sqlite: bool) -> Any:
    """Return the statement that inserts a row unless there is one of its id, and returns the id where it did."""
    return insert_for(table, is_sqlite).on_conflict_do_nothing().returning(table.c.id)


@lru_cache(maxsize=64)
def _upsert(table: Table, is_sqlite: bool, names: tuple[str, ...]) -> Any:
    """Return the statement that inserts rows, or sets the columns `names` of those whose key is there."""
    row = insert_for(table, is_sqlite)
    known = [column.name for column in table.primary_key]
    return row.on_conflict_do_update(index_elements=known, set_={name: row.excluded[name] for name in names})


class Filing:
    """One transaction that files one article; other filings wait. Everything is saved together, or nothing."""

    def __init__(self, connection: Connection, queries: StoryQueries, now: datetime) -> None:
        self._connection = connection
        self._queries = queries
        self._now = now

    def alike(self, bands: Sequence[int], *, since: datetime) -> tuple[Judged, ...]:
        """Return the articles judged after `since` that share most bands of a fingerprint; see StoryQueries.alike."""
        return copies.alike(self._connection, bands, since=since)

    def candidates(
        self, parties: Sequence[str], *, since: datetime, pairs: Iterable[Sequence[str]] = ()
    ) -> tuple[Story, ...]:
        """Return stories that share a party and changed after `since`, a bounded number: those that share the most
        parties first, then the latest. `pairs` are the parties of each flow."""
        return nearby.candidates(self._connection, parties, pairs, since=since)

    def ways_back(self, edges: Sequence[Edge], *, since: datetime) -> tuple[Edge, ...]:
        """Return known edges on the ways by which the money of `edges` may come back, a bounded number."""
        return ledger.ways_back(self._connection, edges, since=since)

    def edges_of(self, stories: Sequence[str]) -> tuple[Edge, ...]:
        """Return the edges that these stories hold now."""
        return ledger.edges_of(self._connection, stories)

    def story(self, story_id: str) -> Story | None:
        """Return the story of this id."""
        record = self._connection.scalar(_STORY, {"story": story_id})
        return None if record is None else from_text(Story, record)

    def known_loops(self, ids: Sequence[str]) -> dict[str, Loop]:
        """Return those of these loops that were told before."""
        rows = self._connection.execute(_LOOPS, {"ids": ids}).all() if ids else ()
        return {row.id: from_text(Loop, row.record) for row in rows}

    def save_story(self, value: Story, *, article_id: str, changes: Sequence[Change], edges: Sequence[Edge]) -> None:
        """Save a story with its ledger and what changed. Raises StoreUnavailable where another writer was faster."""
        row = {
            "version": value.version,
            "status": value.status.value,
            "title": value.title,
            "record": to_record(value),
            "updated_at": value.updated_at,
        }
        before = value.version - 1 if changes else value.version
        # A story of no version before is a new one: it has nothing that would have to go first.
        fresh = before == 0 and self._open(value, row)
        if not fresh:
            saved = self._connection.execute(_SAVE_STORY, {"story": value.id, "before": before, **row})
            if saved.rowcount != 1:
                self._must_be_new(value, before)
                self._open(value, row)
        self._save_parties(value)
        if not fresh:
            self._connection.execute(_CLEAR_LEDGER, {"story": value.id})
        rows = [
            {
                "story_id": value.id,
                "payer": nearby.key(item.payer),
                "payee": nearby.key(item.payee),
                "date": item.date,
                "record": to_record(item),
            }
            for item in edges
        ]
        if rows:
            self._connection.execute(_SAVE_EDGES, rows)
        self._save_changes(changes, article_id)

    def _open(self, value: Story, row: dict[str, Any]) -> bool:
        """Save a story as a new one; False if one of its id is there."""
        values = {"id": value.id, "opened_at": value.opened_at, **row}
        return self._connection.scalar(_insert_new(story, self._queries.is_sqlite), values) is not None

    def _must_be_new(self, value: Story, before: int) -> None:
        known = self._connection.scalar(select(story.c.version).where(story.c.id == value.id))
        if known is not None:
            raise StoreUnavailable(f"story {value.id} is at version {known}, not {before}: filed by another worker")

    def settle(self, stories: Sequence[Story], gone: Sequence[tuple[str, str]]) -> None:
        """Note which story each article of `stories` is in, and dissolve those of `gone`, each into another."""
        for value in stories:
            settle(self._connection, value)
        for story_id, into in gone:
            dissolve(self._connection, story_id, into=into, at=self._now)

    def _save_parties(self, value: Story) -> None:
        same = {"story_id": value.id, "updated_at": value.updated_at}
        names = sorted({nearby.key(name) for name in value.parties})
        twos = sorted({nearby.pair(*held.flow.parties) for held in value.flows if len(held.flow.parties) == 2})
        for table, rows in (
            (story_party, [{"party": name, **same} for name in names]),
            (story_pair, [{"first": first, "second": second, **same} for first, second in twos]),
        ):
            if rows:
                self._connection.execute(_upsert(table, self._queries.is_sqlite, ("updated_at",)), rows)

    def _save_changes(self, changes: Sequence[Change], article_id: str) -> None:
        if not changes:
            return
        same = {"article_id": article_id, "at": self._now}
        rows = [
            {
                "story_id": one.story_id, "version": one.version, "kind": one.kind.value, "record": to_record(one),
                **same,
            }
            for one in changes
        ]  # fmt: skip
        self._connection.execute(_SAVE_CHANGES, rows)
        loops = [
            {"id": one.loop.id, "record": to_record(one.loop), "story_id": one.story_id, "closed_at": self._now}
            for one in changes
            if one.loop is not None
        ]
        if loops:
            upsert = _upsert(loop, self._queries.is_sqlite, ("record", "story_id", "closed_at"))
            self._connection.execute(upsert, loops)

    def save_alerts(
        self, alerts: Sequence[Alert], *, state: str, leave_at: datetime | None = None, hold: str = ""
    ) -> tuple[str, ...]:
        """Put alerts into the outbox; one that is there already stays as it is. Returns the ids of the new ones.

        Open ones leave now unless `leave_at` says otherwise; held ones without a time wait for the digest of a first
        poll.
        """
        leave_at = self._now if state == OPEN and leave_at is None else leave_at
        save = _insert_new(alert, self._queries.is_sqlite)
        fresh: list[str] = []
        for value in alerts:
            row = {
                "id": value.id,
                "type": value.type.value,
                "rule_id": value.rule_id,
                "recipient_id": value.recipient_id,
                "channel": value.channel.value,
                "story_id": value.story_id,
                "subject": value.subject,
                "body": value.body,
                "data": value.data,
                "created_at": value.created_at,
                "state": state,
                "leave_at": leave_at,
                "hold": hold,
                "next_attempt_at": self._now,
            }
            saved = self._connection.scalar(save, row)
            if saved is not None:
                fresh.append(saved)
        return tuple(fresh)

    def departures(self, recipient_id: str, *, since: datetime) -> tuple[tuple[datetime, ...], datetime | None]:
        """Return when a recipient's alerts left after `since`, oldest first, and when those leave that its ceiling
        holds, None where it holds none that was due after `since`."""
        # Bounded in time on both sides: 200,000 alerts of one recipient cost 200 ms otherwise. A bundle that is overdue
        # by an hour waits for nothing but the next sweep.
        mine = and_(alert.c.recipient_id == recipient_id, alert.c.leave_at > since)
        left = self._connection.scalars(
            select(alert.c.leave_at).where(mine, alert.c.state.not_in((HELD, BUNDLED))).order_by(alert.c.leave_at)
        )
        held = select(func.min(alert.c.leave_at)).where(mine, alert.c.state == HELD, alert.c.hold == Hold.CEILING.value)
        return tuple(left), self._connection.scalar(held)

    def close_article(
        self, article_id: str, verdict: Verdict, *, story_id: str | None, copy_of: str | None = None
    ) -> None:
        """Mark an article as judged, with its verdict; `copy_of` names the one from which that was taken over."""
        close(
            self._connection,
            article,
            article_id,
            state=DONE,
            deal=verdict.deal,
            score=verdict.score,
            verdict=to_record(verdict),
            story_id=story_id,
            copy_of=copy_of,
        )

    def remember(self, article_id: str, bands: Sequence[int], *, since: datetime) -> None:
        """Let copies find an article by the bands of its fingerprint; some from before `since` are forgotten."""
        copies.remember(self._connection, article_id, bands, now=self._now, since=since)


class StoryQueries(EntryQueries):
    """Every query about judged articles and stories."""

    @contextmanager
    def filing(self, now: datetime) -> Iterator[Filing]:
        """Open the transaction that files one article."""
        with self.write() as connection:
            self.lock(connection, FILING_LOCK)
            yield Filing(connection, self, now)

    def alike(self, bands: Sequence[int], *, since: datetime) -> tuple[Judged, ...]:
        """Return the articles judged after `since` that share most bands of a fingerprint, the likest first, at most
        five; none of them is a copy itself."""
        with self.read() as connection:
            return copies.alike(connection, bands, since=since)

    def stories(self, limit: int = 50, since: datetime | None = None, company: str | None = None) -> tuple[Story, ...]:
        """Return stories, the last changed first; of one company only, by its folded name, where asked."""
        chosen = select(story.c.record).order_by(story.c.updated_at.desc(), story.c.id).limit(limit)
        if since is not None:
            chosen = chosen.where(story.c.updated_at >= since)
        if company:
            holders = select(story_party.c.story_id).where(story_party.c.party == nearby.key(company))
            chosen = chosen.where(story.c.id.in_(holders))
        with self.read() as connection:
            return tuple(from_record(Story, record) for record in connection.scalars(chosen))

    def story(self, prefix: str) -> Story | None:
        """Return the one story whose id begins with `prefix`; None for none or several."""
        with self.read() as connection:
            found = connection.scalars(
                select(story.c.record).where(story.c.id.startswith(prefix, autoescape=True)).limit(2)
            ).all()
            return from_record(Story, found[0]) if len(found) == 1 else None

    def changes(self, story_id: str) -> tuple[tuple[datetime, Change], ...]:
        """Return what changed in a story and when, oldest first."""
        with self.read() as connection:
            rows = connection.execute(select(change).where(change.c.story_id == story_id).order_by(change.c.id))
            return tuple((row.at, from_record(Change, row.record)) for row in rows)

    def rejected(self, limit: int = 50) -> tuple[Rejected, ...]:
        """Return the latest articles that were judged no deal, with the reasons."""
        with self.read() as connection:
            rows = connection.execute(
                select(article.c.record, article.c.score, article.c.verdict)
                .where(article.c.deal.is_(False))
                .order_by(article.c.seen_at.desc())
                .limit(limit)
            )
            return tuple(
                Rejected(from_record(Article, row.record), row.score, tuple(row.verdict["reasons"])) for row in rows
            )
