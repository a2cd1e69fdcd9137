"""rehearse: what rules would have sent over the stored changes. Reads the store, sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.model import EVERYBODY, AlertType, Draft, Recipient, Rule
from worker.pipeline.rehearsal.tellings import Rehearsed, Telling, Told, as_of, weigh
from worker.steps.judge import is_recent
from worker.steps.parts import Parts
from worker.steps.telling import drafts

# Stories per look into the store: each comes with its whole record.
_BATCH = 50


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The content of one alerts.toml."""

    rules: Sequence[Rule]
    recipients: Mapping[str, Recipient]


def tellings(parts: Parts, since: datetime) -> Iterator[Telling]:
    """Yield each version of each story that changed since then, oldest first, with the story as it stood."""
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


def rehearse(parts: Parts, telling: Telling, other: RuleSet | None = None) -> tuple[Rehearsed, ...]:
    """Return the alerts of one telling, by the rules and mutes in force, and what `other` rules would make of them."""
    if not telling.is_news:
        return ()
    before = _told(parts, telling, RuleSet(parts.rules, parts.recipients))
    return weigh(telling, before, before if other is None else _told(parts, telling, other))


def _told(parts: Parts, telling: Telling, rules: RuleSet) -> tuple[Told, ...]:
    """Return the alerts of each recipient, that of a deal and that of a loop, each with every rule that asks for it."""

    def select(asked: Sequence[Rule]) -> Sequence[Draft]:
        found = drafts(
            parts, telling.changes, telling.story, now=telling.at, article=telling.article, rules=asked,
            recipients=rules.recipients,
        )  # fmt: skip
        return [draft for draft in found if not telling.muted & {EVERYBODY, draft.recipient.id}]

    wanted: dict[tuple[str, AlertType], list[str]] = {}
    for rule in rules.rules:
        for draft in select([rule]):
            wanted.setdefault((draft.recipient.id, draft.type), []).append(rule.id)
    return tuple(Told(draft, tuple(wanted[draft.recipient.id, draft.type])) for draft in select(rules.rules))
