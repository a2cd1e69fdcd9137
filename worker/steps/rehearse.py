"""rehearse: what rules would have sent over the stored changes. Reads the store, sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.model import EVERYBODY, AlertType, Draft, Recipient, Rule
from worker.pipeline.alerts import asks_for_tellers
from worker.pipeline.rehearsal.tellings import Rehearsed, Telling, Told, as_confirmed, as_of, weigh
from worker.steps.parts import Parts
from worker.steps.telling import confirming, drafts, is_recent

# Stories per look into the store: each comes with its whole record.
_BATCH = 50


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The content of one alerts.toml."""

    rules: Sequence[Rule]
    recipients: Mapping[str, Recipient]


def tellings(parts: Parts, since: datetime, other: RuleSet | None = None) -> Iterator[Telling]:
    """Yield each version of each story that changed since then, oldest first, with the story as it stood; then the
    articles that told one again without a change, where it matters to the rules in force or to `other` who does."""
    yield from _changed(parts, since)
    if any(map(asks_for_tellers, (*parts.rules, *(other.rules if other else ())))):
        yield from _confirmed(parts, since)


def _changed(parts: Parts, since: datetime) -> Iterator[Telling]:
    versions = parts.store.changed_versions(since)
    for start in range(0, len(versions), _BATCH):
        page = versions[start : start + _BATCH]
        histories = parts.store.histories(sorted({story_id for story_id, _ in page}))
        dates = parts.store.dates_of(page)
        wanted = {dates[key].article_id for key in page if key in dates}
        articles = {one.article.id: one.article for one in parts.store.judged_by_id(sorted(wanted))}
        muted = parts.store.muted_stories(sorted(histories))
        for key in page:
            if key[0] not in histories:
                continue
            story, history = histories[key[0]]
            made = tuple(change for _, change in history if change.version == key[1])
            at = max(when for when, change in history if change.version == key[1])
            known = dates.get(key)
            brought = (known.published, known.fed) if known else ()
            yield Telling(
                story=as_of(story, history, key[1]),
                changes=made,
                at=at,
                is_news=is_recent(brought, now=at, window=parts.policy.recent),
                backlog=bool(known and known.backlog),
                article=articles.get(known.article_id) if known else None,
                muted=muted.get(key[0], frozenset()),
            )


def _confirmed(parts: Parts, since: datetime) -> Iterator[Telling]:
    for story in parts.store.told_stories(since=since):
        if len(story.sources) < 2:
            continue
        history = parts.store.histories([story.id])[story.id][1]
        muted = parts.store.muted_stories([story.id]).get(story.id, frozenset())
        known = {one.article.id: one for one in parts.store.judged_by_id([one.article_id for one in story.sources])}
        for place, source in enumerate(story.sources):
            standing = as_confirmed(story, history, source.article_id) if source.seen_at >= since else None
            judged = known.get(source.article_id)
            if standing is None or judged is None:
                continue
            yield Telling(
                story=standing,
                changes=(),
                at=source.seen_at,
                is_news=is_recent((source.published, judged.fed), now=source.seen_at, window=parts.policy.recent),
                backlog=judged.backlog,
                article=judged.article,
                muted=muted,
                earlier=tuple(
                    known[one.article_id].article for one in story.sources[:place] if one.article_id in known
                ),
            )


def rehearse(parts: Parts, telling: Telling, other: RuleSet | None = None) -> tuple[Rehearsed, ...]:
    """Return the alerts of one telling, by the rules and mutes in force, and what `other` rules would make of them."""
    if not telling.is_news:
        return ()
    before = _told(parts, telling, RuleSet(parts.rules, parts.recipients))
    return weigh(telling, before, before if other is None else _told(parts, telling, other))


def _told(parts: Parts, telling: Telling, rules: RuleSet) -> tuple[Told, ...]:
    """Return the alerts of each recipient, that of a deal and that of a loop, each with every rule that asks for it."""

    def made(asked: Sequence[Rule]) -> Sequence[Draft]:
        if not telling.changes and telling.article is not None:
            return confirming(
                parts, telling.story, telling.article, now=telling.at, rules=asked, recipients=rules.recipients,
                earlier=telling.earlier,
            )  # fmt: skip
        return drafts(
            parts, telling.changes, telling.story, now=telling.at, article=telling.article, rules=asked,
            recipients=rules.recipients,
        )  # fmt: skip

    def select(asked: Sequence[Rule]) -> Sequence[Draft]:
        found = made(asked)
        return [draft for draft in found if not telling.muted & {EVERYBODY, draft.recipient.id}]

    wanted: dict[tuple[str, AlertType], list[str]] = {}
    for rule in rules.rules:
        for draft in select([rule]):
            wanted.setdefault((draft.recipient.id, draft.type), []).append(rule.id)
    return tuple(Told(draft, tuple(wanted[draft.recipient.id, draft.type])) for draft in select(rules.rules))
