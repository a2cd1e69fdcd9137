"""The operator's decisions on stories: kept for ever, and asked for at every filing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, String, cast, delete, insert, or_, select, update

from worker.adapters.store import rulings
from worker.adapters.store.alerts import DEAD, MUTED, AlertQueries
from worker.adapters.store.claims import HELD, OPEN
from worker.adapters.store.engine import FILING_LOCK
from worker.adapters.store.records import from_record, to_record
from worker.adapters.store.schema import (
    alert,
    article,
    change,
    decision,
    edge,
    loop,
    merged_story,
    muted_story,
    split_story,
    story,
    story_pair,
    story_party,
)
from worker.adapters.store.stories import Filing
from worker.model import (
    EVERYBODY,
    Account,
    Article,
    Change,
    Decision,
    DecisionKind,
    Edge,
    Loop,
    Rulings,
    Story,
    Verdict,
)

_BY_OPERATOR = decision.c.kind != DecisionKind.REGROUP.value


def _decision(row: Row[Any]) -> Decision:
    value = from_record(Decision, row.record)
    return replace(value, id=row.id, at=row.at, note=row.note, undone_at=row.undone_at)


class RuledFiling(Filing):
    """A filing that knows what was decided."""

    _plain: frozenset[str] = frozenset()

    def rulings(self, candidates: Sequence[Story]) -> Rulings:
        """Return the faces of `candidates`, the stories split from them that are not among them, and who is muted."""
        ids = {one.id for one in candidates}
        if not rulings.is_touched(self._connection, ids):
            # Nobody decides anything before this filing ends.
            self._plain = frozenset(ids)
            return Rulings()
        worn = rulings.faces(self._connection, ids)
        apart = rulings.rivals(self._connection, ids)
        rivals = rulings.stories_by_id(self._connection, apart - ids)
        muted = rulings.muted_among(self._connection, ids | apart)
        return Rulings(worn | rulings.faces(self._connection, apart - ids), rivals, apart, muted)

    def settle(self, stories: Sequence[Story], gone: Sequence[tuple[str, str]]) -> None:
        """Note which story each article of `stories` is in, and dissolve those of `gone`, each into another."""
        # Another story may have taken in one that is muted.
        self._plain = frozenset()
        super().settle(stories, gone)

    def muted(self, story_id: str) -> frozenset[str]:
        """Return the recipients who hear no more of a story, by a decision on it or on one that it took in."""
        return frozenset() if story_id in self._plain else rulings.muted(self._connection, story_id)

    def told_of(self, story_id: str) -> frozenset[str]:
        """Return the recipients for whom there are alerts of a story or of one that it took in, whatever became of
        them."""
        ids = rulings.taken_in(self._connection, story_id)
        chosen = select(alert.c.recipient_id).where(alert.c.story_id.in_(ids)).distinct()
        return frozenset(self._connection.scalars(chosen))


class Deciding(RuledFiling):
    """One transaction in which a decision is taken or taken back; no article is filed meanwhile."""

    def story(self, story_id: str) -> Story | None:
        """Return the story that stands under an id, also where another took it in; None for none."""
        name = rulings.standing(self._connection, story_id)
        found = rulings.stories_by_id(self._connection, [name] if name else [])
        return found[0] if found else None

    def accounts(self, value: Story) -> tuple[Account, ...]:
        """Return the articles of a story that the store still has, with their verdicts, as the story cites them."""
        cited = {source.article_id: source for source in value.sources}
        rows = self._connection.execute(
            select(article.c.id, article.c.record, article.c.verdict).where(
                article.c.id.in_(list(cited)), article.c.deal.is_(True)
            )
        )
        return tuple(
            Account(from_record(Article, row.record), from_record(Verdict, row.verdict), cited[row.id]) for row in rows
        )

    def add_decision(self, value: Decision) -> Decision:
        """Keep a decision; returns it with its number and time."""
        row = insert(decision).values(kind=value.kind.value, record=to_record(value), note=value.note, at=self._now)
        number = self._connection.execute(row.returning(decision.c.id)).scalar_one()
        return replace(value, id=int(number), at=self._now)

    def amend(self, value: Decision) -> Decision:
        """Complete the record of a decision just added."""
        self._connection.execute(update(decision).where(decision.c.id == value.id).values(record=to_record(value)))
        return value

    def decision(self, number: int) -> Decision | None:
        """Return one decision of an operator; None for none."""
        row = self._connection.execute(select(decision).where(decision.c.id == number, _BY_OPERATOR)).first()
        return _decision(row) if row is not None else None

    def later_decisions(self, value: Decision) -> tuple[Decision, ...]:
        """Return the merges and splits in force that came after a decision and are about a story of it."""
        rows = self._connection.execute(
            select(decision)
            .where(
                decision.c.id > value.id,
                decision.c.undone_at.is_(None),
                decision.c.kind.in_([DecisionKind.MERGE.value, DecisionKind.SPLIT.value]),
            )
            .order_by(decision.c.id)
        )
        return tuple(one for one in map(_decision, rows) if one.stories & value.stories)

    def undo(self, value: Decision) -> None:
        """Mark a decision as taken back, and forget what followed from it."""
        self._connection.execute(update(decision).where(decision.c.id == value.id).values(undone_at=self._now))
        for table in (merged_story, split_story, muted_story):
            self._connection.execute(delete(table).where(table.c.decision_id == value.id))

    def keep_faces(self, value: Decision, into: str, olds: Sequence[Story]) -> None:
        """Remember the stories that `into` takes the place of."""
        rows = [{"decision_id": value.id, "id": old.id, "into_id": into, "record": to_record(old)} for old in olds]
        self._connection.execute(insert(merged_story), rows)

    def faces_of(self, value: Decision) -> tuple[Story, ...]:
        """Return the stories of a merge as they were before it, the one that took the others in first."""
        rows = self._connection.scalars(
            select(merged_story.c.record).where(merged_story.c.decision_id == value.id).order_by(merged_story.c.id)
        )
        found = [from_record(Story, record) for record in rows]
        return tuple(sorted(found, key=lambda old: old.id != value.story))

    def faces(self, story_id: str) -> tuple[Story, ...]:
        """Return every story that was merged into this one."""
        return rulings.faces(self._connection, [story_id]).get(story_id, ())

    def keep_apart(self, value: Decision) -> None:
        """Remember that the stories of a split are two."""
        pairs = [(value.story, other) for other in value.others] + [(other, value.story) for other in value.others]
        rows = [{"story_id": one, "rival_id": other, "decision_id": value.id} for one, other in pairs]
        self._connection.execute(insert(split_story), rows)

    def mute(self, value: Decision) -> bool:
        """Let a recipient hear no more of a story; False where that is so already.

        What is being delivered just now goes on, and counts as sent once it is; it is muted all the same, for its
        worker may die, and the sweep would have it sent again. Dead letters can be opened again.
        """
        row = self._queries._insert(muted_story).values(
            story_id=value.story, recipient_id=value.recipient, decision_id=value.id
        )
        saved = self._connection.execute(row.on_conflict_do_nothing().returning(muted_story.c.story_id)).first()
        if saved is None:
            return False
        waiting = update(alert).where(
            alert.c.story_id.in_(rulings.taken_in(self._connection, value.story)),
            alert.c.state.in_([OPEN, HELD, DEAD]),
        )
        if value.recipient != EVERYBODY:
            waiting = waiting.where(alert.c.recipient_id == value.recipient)
        # Whoever holds the lease may still say how the attempt ended.
        self._connection.execute(waiting.values(state=MUTED, next_attempt_at=None))
        return True

    def mutes(self, story_id: str) -> tuple[Decision, ...]:
        """Return the mutes in force on a story and on those that it took in."""
        names = rulings.taken_in(self._connection, story_id)
        rows = self._connection.execute(
            select(decision)
            .where(decision.c.id.in_(select(muted_story.c.decision_id).where(muted_story.c.story_id.in_(names))))
            .order_by(decision.c.id)
        )
        return tuple(map(_decision, rows))

    def loops_of(self, ids: frozenset[str]) -> tuple[tuple[str, Loop], ...]:
        """Return the loops that were closed by one of these stories or run through one, each with who closed it."""
        words = [cast(loop.c.record, String).contains(name, autoescape=True) for name in sorted(ids)]
        rows = self._connection.execute(
            select(loop.c.story_id, loop.c.record).where(or_(loop.c.story_id.in_(ids), *words)).order_by(loop.c.id)
        )
        return tuple((row.story_id, from_record(Loop, row.record)) for row in rows)

    def regroup(
        self,
        ledgers: Sequence[tuple[Story, Sequence[Edge]]],
        *,
        retired: frozenset[str],
        owned: Mapping[str, Sequence[Loop]],
        broken: Sequence[Loop],
    ) -> None:
        """Put stories, each with its edges, in the place of those of their ids and of `retired`.

        Articles, the history of changes and the faces of stories merged before go where a story now cites the article.
        `owned` are the loops that run through them, by who closed them, `broken` those that are none any more.
        """
        ids = retired | {value.id for value, _ in ledgers}
        for table in (story_pair, story_party):
            self._connection.execute(delete(table).where(table.c.story_id.in_(ids)))
        self._connection.execute(delete(edge).where(edge.c.story_id.in_(retired)))
        for value, edges in ledgers:
            self._connection.execute(update(story).where(story.c.id == value.id).values(version=value.version))
            self.save_story(value, article_id="", changes=(), edges=edges)
            cited = [source.article_id for source in value.sources]
            self._connection.execute(update(article).where(article.c.id.in_(cited)).values(story_id=value.id))
            self._move_changes(change.c.story_id.in_(ids) & change.c.article_id.in_(cited), value.id)
        self._move_faces(ids, [value for value, _ in ledgers])
        # What no source accounts for any more is history all the same.
        self._move_changes(change.c.story_id.in_(retired), ledgers[0][0].id)
        self._save_loops(owned, broken)
        self._connection.execute(delete(story).where(story.c.id.in_(retired)))

    def _move_changes(self, chosen: Any, story_id: str) -> None:
        rows = self._connection.execute(select(change.c.id, change.c.record).where(chosen)).all()
        for row in rows:
            moved = to_record(replace(from_record(Change, row.record), story_id=story_id))
            values = {"story_id": story_id, "record": moved}
            self._connection.execute(update(change).where(change.c.id == row.id).values(**values))

    def _move_faces(self, ids: frozenset[str], stories: Sequence[Story]) -> None:
        """Let the faces of merged stories follow the articles that founded them, and keep their parties findable."""
        owner = {source.article_id: value.id for value in stories for source in value.sources}
        rows = self._connection.execute(select(merged_story).where(merged_story.c.into_id.in_(ids))).all()
        for row in rows:
            old = from_record(Story, row.record)
            into = next((owner[one.article_id] for one in old.sources if one.article_id in owner), stories[0].id)
            this = (merged_story.c.decision_id == row.decision_id) & (merged_story.c.id == row.id)
            self._connection.execute(update(merged_story).where(this).values(into_id=into))
            self._save_parties(replace(old, id=into))

    def _save_loops(self, owned: Mapping[str, Sequence[Loop]], broken: Sequence[Loop]) -> None:
        self._connection.execute(delete(loop).where(loop.c.id.in_([value.id for value in broken])))
        holders = {edge.story_id for value in broken for edge in value.edges}
        for owner, loops in owned.items():
            for value in loops:
                values = {"record": to_record(value), "story_id": owner}
                row = self._queries._insert(loop).values(id=value.id, closed_at=self._now, **values)
                self._connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))
                holders |= {owner, *(edge.story_id for edge in value.edges)}
        mended = {value.id: value for loops in owned.values() for value in loops}
        gone = {value.id for value in broken}
        for held in rulings.stories_by_id(self._connection, holders):
            own = {value.id: value for value in owned.get(held.id, ())}
            kept = {value.id: mended.get(value.id, value) for value in held.loops if value.id not in gone}
            # Its version stays: nothing of the story itself changed.
            values = {"record": to_record(replace(held, loops=tuple((kept | own).values())))}
            self._connection.execute(update(story).where(story.c.id == held.id).values(**values))

    def has_changes(self, story_id: str) -> bool:
        """Return whether a story has a history."""
        found = select(change.c.id).where(change.c.story_id == story_id).limit(1)
        return self._connection.scalars(found).first() is not None

    def save_changes(self, changes: Sequence[Change], article_id: str) -> None:
        """Keep what an operator's decision changed and was told."""
        self._save_changes(changes, article_id)


class DecisionQueries(AlertQueries):
    """Every query about decisions."""

    @contextmanager
    def filing(self, now: datetime) -> Iterator[RuledFiling]:
        """Open the transaction that files one article."""
        with self.write() as connection:
            self.lock(connection, FILING_LOCK)
            yield RuledFiling(connection, self, now)

    @contextmanager
    def deciding(self, now: datetime) -> Iterator[Deciding]:
        """Open the transaction that takes one decision; filings wait."""
        with self.write() as connection:
            self.lock(connection, FILING_LOCK)
            yield Deciding(connection, self, now)

    def story(self, prefix: str) -> Story | None:
        """Return the one story whose id begins with `prefix`, or that took in one of such an id; None for none or
        several."""
        with self.read() as connection:
            begins = select(story.c.id).where(story.c.id.startswith(prefix, autoescape=True))
            found = connection.scalars(begins.limit(2)).all()
            if not found:
                merged = select(merged_story.c.id).where(merged_story.c.id.startswith(prefix, autoescape=True))
                found = connection.scalars(merged.distinct().limit(2)).all()
            name = rulings.standing(connection, found[0]) if len(found) == 1 else None
            return next(iter(rulings.stories_by_id(connection, [name] if name else [])), None)

    def decisions(self) -> tuple[Decision, ...]:
        """Return every decision of an operator, the latest first."""
        chosen = select(decision).where(_BY_OPERATOR).order_by(decision.c.id.desc())
        with self.read() as connection:
            return tuple(map(_decision, connection.execute(chosen)))

    def muted_stories(self, ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """Return who hears no more of those of these stories that are muted, EVERYBODY for all."""
        with self.read() as connection:
            if connection.scalars(select(muted_story.c.story_id).limit(1)).first() is None:
                return {}
            found = {name: rulings.muted(connection, name) for name in ids}
            return {name: recipients for name, recipients in found.items() if recipients}
