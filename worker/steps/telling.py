"""Who hears of what changed in a story: the same for every step that tells of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from worker.model import EVERYBODY, Article, Change, Draft, Recipient, Rule, Story
from worker.pipeline import alerts, stories
from worker.ports import Filing
from worker.steps import rates
from worker.steps.parts import Parts


def drafts(
    parts: Parts,
    changes: Sequence[Change],
    story: Story,
    *,
    now: datetime,
    article: Article | None = None,
    rules: Sequence[Rule] | None = None,
    recipients: Mapping[str, Recipient] | None = None,
) -> tuple[Draft, ...]:
    """Return who is told of `changes`, by the rules in force or by others.

    A closed loop is told by an alert of its own beside that of the deal which closes it; who asked for loops alone gets
    that one alone, and nothing of what else becomes of a deal that closed one. `article` brought the changes; its words
    count for a story that cites it, not for one that it only made room for.
    """
    if not changes:
        return ()
    exchange = rates.in_force(parts)
    asked = parts.rules if rules is None else rules
    names = parts.recipients if recipients is None else recipients
    story = stories.vouched(story)
    cited = any(article is not None and source.article_id == article.id for source in story.sources)

    def select(told: Sequence[Change], wanting: Sequence[Rule]) -> tuple[Draft, ...]:
        return alerts.select(
            told, story, rules=wanting, recipients=names, rates=exchange.usd, now=now,
            quotes=exchange.quotes, countries=parts.countries, article=article if cited else None,
        )  # fmt: skip

    closing = [change for change in changes if change.loop is not None]
    if len(closing) == len(changes):
        return select(closing, asked)
    deals = [rule for rule in asked if not alerts.asks_for_loops(rule)]
    return (*select(changes, deals), *select(closing, asked))


def confirmations(
    parts: Parts, filing: Filing, story: Story, article: Article, *, now: datetime, told: Sequence[Draft] = ()
) -> tuple[Draft, ...]:
    """Return who is told of a story for the first time since `article` is one of its sources, though it brought nothing
    new: whoever asked for its feed, its house or its words. `told` are the drafts made of what it did bring."""
    drafts = confirming(parts, story, article, now=now)
    if not drafts:
        return ()
    known = filing.told_of(story.id) | {draft.recipient.id for draft in told}
    return heard(filing, story, [draft for draft in drafts if draft.recipient.id not in known])


def confirming(
    parts: Parts,
    story: Story,
    article: Article,
    *,
    now: datetime,
    rules: Sequence[Rule] | None = None,
    recipients: Mapping[str, Recipient] | None = None,
    earlier: Sequence[Article] = (),
) -> tuple[Draft, ...]:
    """Return whom a story concerns since `article` is one of its sources, by the rules in force or by others, whether
    told of it before or not; `earlier` are the articles that told it before, where they are at hand."""
    asked = parts.rules if rules is None else rules
    if not any(map(alerts.asks_for_tellers, asked)):
        return ()
    exchange = rates.in_force(parts)
    return alerts.confirmed(
        stories.vouched(story), article, rules=asked, recipients=parts.recipients if recipients is None else recipients,
        rates=exchange.usd, now=now, quotes=exchange.quotes, countries=parts.countries, earlier=earlier,
    )  # fmt: skip


def is_recent(dates: Sequence[datetime | None], *, now: datetime, window: timedelta) -> bool:
    """Return whether an article with these dates, its page's and its feed's, is news at `now`: one without any is."""
    # A page's date may be that of its first version; what the feed brings as news today is news today.
    known = [date for date in dates if date is not None]
    return not known or max(known) >= now - window


def heard(filing: Filing, story: Story, told: Sequence[Draft]) -> tuple[Draft, ...]:
    """Return the drafts without those for whom the operator muted the story."""
    muted = filing.muted(story.id) if told else frozenset()
    return tuple(draft for draft in told if not muted & {EVERYBODY, draft.recipient.id})
