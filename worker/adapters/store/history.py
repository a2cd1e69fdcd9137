"""Looking back: judged articles, what was stopped and why, changes with the stories that they made.

Every walk goes forward by key in bounded pages, each in a transaction of its own, so that neither memory nor a lock
grows with the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select

from worker.adapters.store.alerts import AlertQueries
from worker.adapters.store.claims import QUARANTINED
from worker.adapters.store.entries import STOPPED
from worker.adapters.store.records import from_record
from worker.adapters.store.schema import alert, article, change, entry, story
from worker.model import CANARY, Article, Change, Entry, Story, Verdict
from worker.ports import Dates, JudgedArticle, StoppedEntry

# Articles carry their whole text, so a page of them is some 300 kB; lines and entries are small.
_PAGE, _SMALL_PAGE = 50, 500
# Changes looked at per page, newest first.
_CHANGES = 1_000


@dataclass(frozen=True, slots=True)
class ArticleLine:
    """An article without its text. `deal` and `score` are None where it was not judged; `error` says why it could not
    be; `verdict` is there only where it was asked for."""

    id: str
    title: str
    url: str
    source: str
    feed_id: str
    published: datetime | None
    seen_at: datetime
    state: str
    deal: bool | None
    score: float | None
    story_id: str | None
    error: str = ""
    verdict: Verdict | None = None


def _judged(row: Row[Any]) -> JudgedArticle:
    return JudgedArticle(
        article=from_record(Article, row.record),
        verdict=from_record(Verdict, row.verdict) if row.verdict is not None else None,
        state=row.state, fed=row.fed, feed_id=row.feed_id, backlog=row.backlog, story_id=row.story_id,
        seen_at=row.seen_at, error=row.last_error,
    )  # fmt: skip


def _with_date() -> Select[Any]:
    return select(article, entry.c.published.label("fed")).outerjoin(entry, entry.c.id == article.c.entry_id)


def _lines() -> Select[Any]:
    """Select what a list shows of an article: its text stays in the store."""
    record = article.c.record
    return select(
        article.c.id, article.c.feed_id, article.c.seen_at, article.c.published, article.c.state, article.c.deal,
        article.c.score, article.c.story_id, article.c.last_error, record["title"].as_string().label("title"),
        record["url"].as_string().label("url"), record["source"].as_string().label("source"),
    ).where(article.c.feed_id != CANARY)  # fmt: skip


def _line(row: Row[Any], verdict: Verdict | None = None) -> ArticleLine:
    return ArticleLine(
        id=row.id, title=row.title or "", url=row.url or "", source=row.source or "", feed_id=row.feed_id,
        published=row.published, seen_at=row.seen_at, state=row.state, deal=row.deal, score=row.score,
        story_id=row.story_id, error=row.last_error, verdict=verdict,
    )  # fmt: skip


class HistoryQueries(AlertQueries):
    """Every query that looks back."""

    def has_articles(self) -> bool:
        """Return whether any article was ever stored."""
        with self.read() as connection:
            return connection.execute(select(article.c.id).limit(1)).first() is not None

    def judged_count(self, since: datetime) -> int:
        """Return how many articles seen since then were judged."""
        with self.read() as connection:
            wanted = select(func.count()).where(article.c.deal.is_not(None), article.c.seen_at >= since)
            return connection.scalar(wanted) or 0

    def judged(self, since: datetime) -> Iterator[JudgedArticle]:
        """Yield the judged articles seen since then, those that were no deal first, each kind oldest first."""
        for deal in (False, True):
            at, last = since, ""
            while page := self._judged_page(deal, at, last):
                yield from page
                at, last = page[-1].seen_at, page[-1].article.id

    def _judged_page(self, deal: bool, at: datetime, last: str) -> Sequence[JudgedArticle]:
        wanted = _with_date().where(article.c.deal.is_(deal), article.c.seen_at >= at)
        further = or_(article.c.seen_at > at, and_(article.c.seen_at == at, article.c.id > last))
        with self.read() as connection:
            rows = connection.execute(wanted.where(further).order_by(article.c.seen_at, article.c.id).limit(_PAGE))
            return [_judged(row) for row in rows]

    def judged_by_id(self, ids: Sequence[str]) -> tuple[JudgedArticle, ...]:
        """Return these articles, oldest news first, so that a story is told in its order."""
        with self.read() as connection:
            rows = connection.execute(
                _with_date()
                .where(article.c.id.in_(list(ids)))
                .order_by(func.coalesce(article.c.published, article.c.seen_at), article.c.id)
            )
            return tuple(_judged(row) for row in rows)

    def article(self, prefix: str) -> JudgedArticle | None:
        """Return the one article whose id begins with `prefix`; None for none or several."""
        with self.read() as connection:
            rows = connection.execute(
                _with_date()
                .where(article.c.id.startswith(prefix, autoescape=True), article.c.feed_id != CANARY)
                .limit(2)
            ).all()
            return _judged(rows[0]) if len(rows) == 1 else None

    def article_lines(
        self, *, since: datetime, limit: int, deal: bool | None = None, feed_id: str = ""
    ) -> tuple[ArticleLine, ...]:
        """Return articles seen since then, the latest first, judged or not; only deals or none, of one feed, where
        asked."""
        chosen = _lines().where(article.c.seen_at >= since)
        chosen = chosen.order_by(article.c.seen_at.desc(), article.c.id).limit(limit)
        if feed_id:
            chosen = chosen.where(article.c.feed_id == feed_id)
        # One walk along the index for each word of the detector, for no index has the time alone.
        words = (True, False, None) if deal is None else (deal,)
        with self.read() as connection:
            walks = [connection.execute(chosen.where(article.c.deal.is_(word))).all() for word in words]
        found = merge(*walks, key=lambda row: row.seen_at, reverse=True)
        return tuple(_line(row) for row in islice(found, limit))

    def turned_down(self, since: datetime) -> Iterator[ArticleLine]:
        """Yield the articles seen since then that no story came of, with their verdicts: no deal, a deal of which
        nothing could be read, or one whose judging failed for good."""
        failed = and_(article.c.deal.is_(None), article.c.state == QUARANTINED)
        for kind in (article.c.deal.is_(False), and_(article.c.deal.is_(True), article.c.story_id.is_(None)), failed):
            at, last = since, ""
            while page := self._turned_down_page(kind, at, last):
                yield from page
                at, last = page[-1].seen_at, page[-1].id

    def _turned_down_page(self, kind: Any, at: datetime, last: str) -> Sequence[ArticleLine]:
        further = or_(article.c.seen_at > at, and_(article.c.seen_at == at, article.c.id > last))
        wanted = _lines().add_columns(article.c.verdict).where(kind, article.c.seen_at >= at, further)
        with self.read() as connection:
            rows = connection.execute(wanted.order_by(article.c.seen_at, article.c.id).limit(_SMALL_PAGE))
            return [_line(row, from_record(Verdict, row.verdict) if row.verdict else None) for row in rows]

    def stopped_count(self, since: datetime) -> int:
        """Return how many entries seen since then the gate stopped."""
        with self.read() as connection:
            wanted = select(func.count()).where(entry.c.state == STOPPED, entry.c.seen_at >= since)
            return connection.scalar(wanted) or 0

    def stopped_entries(self, since: datetime) -> Iterator[StoppedEntry]:
        """Yield the entries seen since then whose page was never fetched, for the gate stopped them; newest first."""
        last: int | None = None
        while page := self._entry_page(last):
            for row in page:
                if row.seen_at < since:
                    return
                if row.state == STOPPED:
                    yield _stopped(row)
            last = page[-1].id

    def _entry_page(self, before: int | None) -> Sequence[Row[Any]]:
        # Ids grow with the time an entry was first seen, so the walk needs no index but the key.
        wanted = select(entry).order_by(entry.c.id.desc()).limit(_SMALL_PAGE)
        with self.read() as connection:
            return connection.execute(wanted if before is None else wanted.where(entry.c.id < before)).all()

    def stopped_entry(self, entry_id: int) -> StoppedEntry | None:
        """Return an entry that the gate stopped, None where there is no such one."""
        with self.read() as connection:
            row = connection.execute(select(entry).where(entry.c.id == entry_id, entry.c.state == STOPPED)).first()
            return _stopped(row) if row is not None else None

    def changed_versions(self, since: datetime) -> tuple[tuple[str, int], ...]:
        """Return (story, version) of every change since then, oldest first."""
        found: dict[tuple[str, int], None] = {}
        last: int | None = None
        while True:
            wanted = select(change.c.id, change.c.story_id, change.c.version, change.c.at)
            wanted = wanted.order_by(change.c.id.desc()).limit(_CHANGES)
            with self.read() as connection:
                rows = connection.execute(wanted if last is None else wanted.where(change.c.id < last)).all()
            found |= {(row.story_id, row.version): None for row in rows if row.at >= since}
            if not rows or rows[-1].at < since:
                return tuple(reversed(found))
            last = rows[-1].id

    def histories(self, ids: Sequence[str]) -> dict[str, tuple[Story, tuple[tuple[datetime, Change], ...]]]:
        """Return stories by id, each with its changes and when they were made, oldest first."""
        with self.read() as connection:
            records = connection.execute(select(story.c.id, story.c.record).where(story.c.id.in_(list(ids)))).all()
            rows = connection.execute(select(change).where(change.c.story_id.in_(list(ids))).order_by(change.c.id))
            made: dict[str, list[tuple[datetime, Change]]] = {row.id: [] for row in records}
            for row in rows:
                made.setdefault(row.story_id, []).append((row.at, from_record(Change, row.record)))
        return {row.id: (from_record(Story, row.record), tuple(made[row.id])) for row in records}

    def dates_of(self, versions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Dates]:
        """Return for each (story, version) the dates of the article that made it."""
        stories = sorted({story_id for story_id, _ in versions})
        wanted = (
            select(
                change.c.story_id, change.c.version, article.c.published, entry.c.published.label("fed"),
                article.c.backlog, article.c.id,
            )
            .join(article, article.c.id == change.c.article_id)
            .outerjoin(entry, entry.c.id == article.c.entry_id)
            .where(change.c.story_id.in_(stories))
        )  # fmt: skip
        with self.read() as connection:
            rows = connection.execute(wanted)
            return {(row.story_id, row.version): Dates(row.published, row.fed, row.backlog, row.id) for row in rows}

    def alerts_made(self, article_ids: Sequence[str], since: datetime) -> int:
        """Return how many alerts were put into the outbox since then for the stories that these articles tell."""
        told = select(article.c.story_id).where(article.c.id.in_(list(article_ids)))
        with self.read() as connection:
            made = select(func.count()).where(alert.c.story_id.in_(told), alert.c.created_at >= since)
            return connection.scalar(made) or 0


def _stopped(row: Row[Any]) -> StoppedEntry:
    value = Entry(
        feed_id=row.feed_id, guid=row.guid, url=row.url, title=row.title, summary=row.summary, author=row.author,
        published=row.published, id=row.id,
    )  # fmt: skip
    return StoppedEntry(value, row.seen_at)
