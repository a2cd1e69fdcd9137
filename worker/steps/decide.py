"""The operator's word on stories: merge, split, mute, and taking a decision back. Each is one transaction.

No filing runs meanwhile: an article that arrives at the same time is filed before the decision, or after it and by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from worker import text
from worker.errors import DecisionError
from worker.model import EVERYBODY, Account, Change, ChangeKind, Decision, DecisionKind, Loop, Source, Story
from worker.pipeline import loops
from worker.pipeline.stories import decided
from worker.ports import Deciding
from worker.steps import outbox, telling
from worker.steps.parts import Parts


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision did: the stories that stand after it, and the alerts that were put into the outbox."""

    decision: Decision
    stories: tuple[Story, ...]
    alerts: tuple[str, ...] = ()


def merge(parts: Parts, ids: Sequence[str], *, note: str = "", tell: bool = False) -> Outcome:
    """Make one story of several, the first of `ids`. Raises DecisionError where they are not several stories."""
    with parts.store.deciding(parts.clock.now()) as deciding:
        found = {one.id: one for one in (_known(deciding, name) for name in ids)}
        if len(found) < 2:
            raise DecisionError("one_story", id=next(iter(found), ""))
        into, *others = found.values()
        value = Decision(DecisionKind.MERGE, into.id, tuple(one.id for one in others), note=note)
        value = deciding.add_decision(value)
        story = _built(deciding, [into, *others], story_id=into.id)
        deciding.keep_faces(value, into.id, [into, *others])
        stories = _regroup(parts, deciding, [story], [into, *others])
        told = _tell(parts, deciding, into, stories[0]) if tell else ()
    return Outcome(value, stories, told)


def split(parts: Parts, story_id: str, articles: Sequence[str], *, note: str = "", tell: bool = False) -> Outcome:
    """Let `articles` leave a story into one of their own. Raises DecisionError for articles that it does not have, and
    where none would stay."""
    with parts.store.deciding(parts.clock.now()) as deciding:
        old = _known(deciding, story_id)
        accounts = _accounts(deciding, old)
        leaving = [one for one in accounts if one.article.id in articles]
        staying = [one for one in accounts if one.article.id not in articles]
        missing = sorted(set(articles) - {one.article.id for one in leaving})
        if missing:
            raise DecisionError("no_article", id=old.id, article=missing[0])
        if not leaving or not staying:
            raise DecisionError("nothing_stays", id=old.id)
        value = Decision(DecisionKind.SPLIT, old.id, articles=tuple(one.article.id for one in leaving), note=note)
        value = deciding.add_decision(value)
        new_id = text.digest("split", old.id, str(value.id))
        value = deciding.amend(replace(value, others=(new_id,)))
        deciding.keep_apart(value)
        faces = deciding.faces(old.id)
        left = decided.rebuilt(
            staying, faces, story_id=old.id, version=old.version + 1, uncited=_uncited(old, accounts)
        )
        new = decided.rebuilt(leaving, faces, story_id=new_id, version=1)
        stories = _regroup(parts, deciding, [left, new], [old])
        told = (*_tell(parts, deciding, old, stories[0]), *_tell(parts, deciding, None, stories[1])) if tell else ()
    return Outcome(value, stories, told)


def mute(parts: Parts, story_id: str, *, recipient: str = EVERYBODY, note: str = "") -> Outcome:
    """Let a recipient hear no more of a story. Raises DecisionError where that is so already."""
    with parts.store.deciding(parts.clock.now()) as deciding:
        story = _known(deciding, story_id)
        value = deciding.add_decision(Decision(DecisionKind.MUTE, story.id, recipient=recipient, note=note))
        if not deciding.mute(value):
            raise DecisionError("muted_already", id=story.id)
        return Outcome(value, (story,))


def unmute(parts: Parts, story_id: str, *, recipient: str = EVERYBODY) -> Outcome:
    """Take back what muted a story for a recipient, for EVERYBODY by default. Raises DecisionError if nothing did."""
    with parts.store.deciding(parts.clock.now()) as deciding:
        story = _known(deciding, story_id)
        found = [one for one in deciding.mutes(story.id) if one.recipient == recipient]
        if not found:
            raise DecisionError("not_muted", id=story.id)
        for one in found:
            deciding.undo(one)
        return Outcome(found[-1], (story,))


def undo(parts: Parts, number: int) -> Outcome:
    """Take a decision back. Raises DecisionError for one that there is not, that was taken back before, or on whose
    stories a later one in force rests."""
    with parts.store.deciding(parts.clock.now()) as deciding:
        value = deciding.decision(number)
        if value is None:
            raise DecisionError("no_decision", number=str(number))
        if value.undone_at is not None:
            raise DecisionError("undone_already", number=str(number))
        later = deciding.later_decisions(value)
        if value.kind is not DecisionKind.MUTE and later:
            raise DecisionError("rests_on", number=str(number), later=str(later[-1].id))
        if value.kind is DecisionKind.MERGE:
            stories = _unmerge(parts, deciding, value)
        elif value.kind is DecisionKind.SPLIT:
            stories = _unsplit(parts, deciding, value)
        else:
            stories = (_known(deciding, value.story),)
            deciding.undo(value)
        return Outcome(value, stories)


def _unmerge(parts: Parts, deciding: Deciding, value: Decision) -> tuple[Story, ...]:
    merged = _known(deciding, value.story)
    olds = deciding.faces_of(value)
    deciding.undo(value)
    accounts = _accounts(deciding, merged)
    groups = decided.dealt_out(accounts, olds)
    faces = deciding.faces(merged.id)
    stories = []
    for old in olds:
        if old.id in groups:
            uncited = [source for source in _uncited(merged, accounts) if source in old.sources]
            version = max(old.version, merged.version) + 1
            built = decided.rebuilt(groups[old.id], faces, story_id=old.id, version=version, uncited=uncited)
            stories.append(built)
    return _regroup(parts, deciding, stories, [merged])


def _unsplit(parts: Parts, deciding: Deciding, value: Decision) -> tuple[Story, ...]:
    olds = [_known(deciding, name) for name in (value.story, *value.others)]
    deciding.undo(value)
    story = _built(deciding, olds, story_id=value.story)
    # The id of the story that goes was perhaps told of: it still has to lead somewhere.
    deciding.keep_faces(value, value.story, olds[1:])
    return _regroup(parts, deciding, [story], olds)


def _known(deciding: Deciding, story_id: str) -> Story:
    found = deciding.story(story_id)
    if found is None:
        raise DecisionError("no_story", id=story_id)
    return found


def _accounts(deciding: Deciding, story: Story) -> tuple[Account, ...]:
    found = deciding.accounts(story)
    if not found:
        raise DecisionError("no_articles", id=story.id)
    return found


def _uncited(story: Story, accounts: Sequence[Account]) -> list[Source]:
    held = {one.article.id for one in accounts}
    return [source for source in story.sources if source.article_id not in held]


def _built(deciding: Deciding, olds: Sequence[Story], *, story_id: str) -> Story:
    """Return one story of the articles of several."""
    accounts = [account for old in olds for account in _accounts(deciding, old)]
    uncited = [source for old in olds for source in _uncited(old, accounts)]
    version = max(old.version for old in olds) + 1
    faces = [face for old in olds for face in (old, *deciding.faces(old.id))]
    built = decided.rebuilt(accounts, faces, story_id=story_id, version=version, uncited=uncited)
    return replace(built, earlier=olds[0].earlier)


def _regroup(parts: Parts, deciding: Deciding, stories: Sequence[Story], olds: Sequence[Story]) -> tuple[Story, ...]:
    """Put `stories` in the place of `olds`, with their ledger and every loop that runs through them."""
    days = parts.policy.loop_window_days
    ledgers = [(story, loops.edges(story)) for story in stories]
    regrouped = frozenset(story.id for story in (*stories, *olds))
    fresh = [edge for _, edges in ledgers for edge in edges]
    touched = deciding.loops_of(regrouped)
    since = parts.clock.now() - timedelta(days=days)

    others = sorted({edge.story_id for _, loop in touched for edge in loop.edges} - regrouped)
    standing = [*deciding.edges_of(others), *fresh]
    owned: dict[str, list[Loop]] = {}
    broken = []
    for owner, loop in touched:
        mended = decided.mended(loop, standing, regrouped=regrouped, window_days=days)
        if mended is None:
            broken.append(loop)
        else:
            owned.setdefault(_owner(owner, mended, stories, regrouped), []).append(mended)
    held = {loop.id for found in owned.values() for loop in found}
    known = [edge for edge in deciding.ways_back(fresh, since=since) if edge.story_id not in regrouped]
    closed = loops.closed(known, fresh, window_days=days)
    told = deciding.known_loops([loop.id for loop in closed])
    for loop in closed:
        if loop.id not in held and loop.id not in told:
            owned.setdefault(_owner("", loop, stories, regrouped), []).append(loop)
    retired = frozenset(old.id for old in olds) - {story.id for story in stories}
    deciding.regroup(ledgers, retired=retired, owned=owned, broken=broken)
    for story in stories:
        if not deciding.has_changes(story.id):
            deciding.save_changes([_opening(story)], story.sources[0].article_id)
    return tuple(replace(story, loops=tuple(owned.get(story.id, ()))) for story in stories)


def _owner(owner: str, loop: Loop, stories: Sequence[Story], regrouped: frozenset[str]) -> str:
    """Return which story has closed a loop: who did so far, else the one of `stories` that it runs through."""
    names = {edge.story_id for edge in loop.edges}
    if owner and owner not in regrouped:
        return owner
    return next((story.id for story in stories if story.id in names), stories[0].id)


def _opening(story: Story) -> Change:
    return Change(ChangeKind.NEW_STORY, story.id, story.version, after={"status": story.status.value})


def _tell(parts: Parts, deciding: Deciding, before: Story | None, after: Story) -> tuple[str, ...]:
    """Put into the outbox what a decision made new of a story; all of it where the story itself is new."""
    changes = decided.differences(before, after) if before else (_opening(after),)
    if before:
        deciding.save_changes(changes, after.sources[-1].article_id)
    told = telling.drafts(parts, changes, after, now=parts.clock.now())
    return outbox.put(parts, deciding, telling.heard(deciding, after, told))
