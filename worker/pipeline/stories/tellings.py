"""One article's account of a deal as it is filed: what it says, when it was published, how it words it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from worker import text
from worker.model import Article, Flow, Source, Story, StoryFlow
from worker.pipeline.stories.accounts import Account, pack, unpack
from worker.pipeline.stories.likeness import content_words

_LEAD = 600

# How French news says that a contract comes on top of an earlier one, and that terms of one were changed. Folded text.
_FURTHER = re.compile(
    r"\b(nouveau contrat|nouvel accord|nouvelle commande|nouvelle tranche|autre contrat|autre accord"
    r"|(second|seconde|deuxieme|troisieme) (contrat|accord|commande|tranche|partenariat)"
    r"|contrat (supplementaire|additionnel|distinct)|accord (supplementaire|additionnel|distinct)"
    r"|commande (supplementaire|additionnelle)|(vient|viennent) s'ajouter|s'ajoute(nt)? a)\b"
)
_REVISED = re.compile(
    r"\b(au lieu de|contre \d+|revoit|revoient|revise|revises|revisee|revu a la (hausse|baisse)|rabote\w*|renegoci\w+"
    r"|porte(nt)? (a|de)|portee? a|ramene\w*|reduit\w*|reduction|elargi\w*|etend\w*|etendu\w*|finalement|initialement"
    r"|initial|prevus|envisages?|loin des)\b"
)
# An account beyond so many adds nothing to what a story knows, and every one is read whenever a candidate is.
MOST_ACCOUNTS = 120

Order = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Telling:
    """One article's account. `flows` are those of the account that count as its own news, with their proof where it is
    at hand; `order` is its place among all accounts, whenever they arrive."""

    source: Source
    account: Account
    flows: tuple[Flow, ...]

    @property
    def order(self) -> Order:
        return order(self.source)

    def held(self, flow: Flow) -> StoryFlow:
        return StoryFlow(flow, self.source.article_id, self.source.source, first_seen=self.source.seen_at)

    def is_later(self, story: Story, held: StoryFlow) -> bool:
        """True unless this article was published before the one that gave `held` its present terms."""
        said = next((one.published for one in story.sources if one.article_id == held.article_id), None)
        return said is None or self.source.published is None or self.source.published >= said


def order(source: Source) -> Order:
    """Return the place of an article among others: by publication, of the same moment by id; one without a date stands
    where it was seen."""
    return source.published or source.seen_at, source.article_id


def telling(article: Article, flows: Sequence[Flow], now: datetime) -> Telling:
    """Return what `article` tells by `flows`, seen at `now`."""
    words = content_words(article, [name for flow in flows for name in flow.parties])
    passed = asides(flows, article.title)
    account = Account(
        article_id=article.id,
        flows=tuple(replace(flow, evidence=()) for flow in flows),
        words=tuple(sorted(words)),
        asides=tuple(place for place, flow in enumerate(flows) if flow in passed),
        further=bool(_FURTHER.search(text.fold(f"{article.title} {article.summary} {article.text[:_LEAD]}"))),
        revised=bool(_REVISED.search(text.fold(f"{article.title} {article.summary}"))),
    )
    source = Source(
        article_id=article.id,
        title=article.title,
        url=article.url,
        source=article.source,
        house=article.house,
        published=article.published,
        seen_at=now,
        origin=article.origin,
        limits=article.limits,
        feed=article.feed,
    )
    return Telling(source, account, tuple(flows))


def is_complete(story: Story) -> bool:
    """True where the story knows what each of its articles said; one stored before accounts were kept does not."""
    return bool(story.accounts) and len(story.accounts) == len(story.sources)


def accounts(story: Story) -> tuple[Telling, ...]:
    """Return the accounts of a complete story in order, with the proof that the story's flows still hold."""
    proof = {(held.article_id, held.flow.key): held.flow.evidence for held in story.flows}
    known = {source.article_id: source for source in story.sources}
    return tuple(
        Telling(
            known[one.article_id],
            one,
            tuple(replace(flow, evidence=proof.get((one.article_id, flow.key), ())) for flow in one.flows),
        )
        for one in map(unpack, story.accounts)
    )


def founder(story: Story) -> Source:
    """Return the article that tells the story first by its date; the first to arrive where that is not known."""
    return min(story.sources, key=order) if is_complete(story) else story.sources[0]


def with_account(story: Story, new: Telling) -> tuple[str, ...]:
    """Return the story's accounts with one more, in order."""
    if len(story.accounts) >= MOST_ACCOUNTS:
        return story.accounts
    known = {source.article_id: order(source) for source in (*story.sources, new.source)}
    return tuple(sorted((*story.accounts, pack(new.account)), key=lambda one: known[unpack(one).article_id]))


def asides(flows: Sequence[Flow], title: str) -> tuple[Flow, ...]:
    """Return the flows that a headline passes over for others: some party of theirs is not in it, while another flow
    has all of its parties there. None of it where the headline names no flow's parties."""
    read = f" {' '.join(text.words(title))} "

    def is_headed(flow: Flow) -> bool:
        in_title = {one.field for one in flow.evidence if one.span.part == "title"}
        sides = (("payer", flow.payer), ("payee", flow.payee))
        return all(side in in_title or f" {' '.join(text.words(name))} " in read for side, name in sides if name)

    headed = [flow for flow in flows if len(flow.parties) > 1 and is_headed(flow)]
    return tuple(flow for flow in flows if not is_headed(flow)) if headed else ()
