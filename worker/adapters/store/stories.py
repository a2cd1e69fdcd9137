"""Judged articles, stories, the ledger of flows, loops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from worker.adapters.store import copies, ledger, nearby
from worker.adapters.store.claims import BUNDLED, DONE, HELD, OPEN, close
from worker.adapters.store.engine import FILING_LOCK
from worker.adapters.store.entries import EntryQueries
from worker.adapters.store.records import from_record, to_record
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
        record = self._connection.scalar(select(story.c.record).where(story.c.id == story_id))
        return None if record is None else from_record(Story, record)

    def known_loops(self, ids: Sequence[str]) -> dict[str, Loop]:
        """Return those of these loops that were told before."""
        rows = self._connection.execute(select(loop.c.id, loop.c.record).where(loop.c.id.in_(list(ids))))
        return {row.id: from_record(Loop, row.record) for row in rows}

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
        known = self._connection.scalar(select(story.c.version).where(story.c.id == value.id))
        if known is None:
            self._connection.execute(insert(story).values(id=value.id, opened_at=value.opened_at, **row))
        else:
            saved = self._connection.execute(
                update(story).where(story.c.id == value.id, story.c.version == before).values(**row)
            )
            if saved.rowcount != 1:
                raise StoreUnavailable(f"story {value.id} is at version {known}, not {before}: filed by another worker")
        self._save_parties(value)
        self._connection.execute(delete(edge).where(edge.c.story_id == value.id))
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
            self._connection.execute(insert(edge), rows)
        for step in changes:
            self._save_change(step, article_id)

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
                row = self._queries._insert(table)
                known = [column.name for column in table.primary_key]
                latest = {"updated_at": value.updated_at}
                self._connection.execute(row.on_conflict_do_update(index_elements=known, set_=latest), rows)

    def _save_change(self, item: Change, article_id: str) -> None:
        self._connection.execute(
            insert(change).values(
                story_id=item.story_id,
                version=item.version,
                article_id=article_id,
                kind=item.kind.value,
                record=to_record(item),
                at=self._now,
            )
        )
        if item.loop is not None:
            values = {"record": to_record(item.loop), "story_id": item.story_id, "closed_at": self._now}
            row = self._queries._insert(loop).values(id=item.loop.id, **values)
            self._connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))

    def save_alerts(
        self, alerts: Sequence[Alert], *, state: str, leave_at: datetime | None = None, hold: str = ""
    ) -> tuple[str, ...]:
        """Put alerts into the outbox; one that is there already stays as it is. Returns the ids of the new ones.

        Open ones leave now unless `leave_at` says otherwise; held ones without a time wait for the digest of a first
        poll.
        """
        leave_at = self._now if state == OPEN and leave_at is None else leave_at
        fresh: list[str] = []
        for value in alerts:
            row = self._queries._insert(alert).values(
                id=value.id,
                type=value.type.value,
                rule_id=value.rule_id,
                recipient_id=value.recipient_id,
                channel=value.channel.value,
                story_id=value.story_id,
                subject=value.subject,
                body=value.body,
                data=value.data,
                created_at=value.created_at,
                state=state,
                leave_at=leave_at,
                hold=hold,
                next_attempt_at=self._now,
            )
            saved = self._connection.execute(row.on_conflict_do_nothing().returning(alert.c.id)).scalar()
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
