"""Copies of texts judged before: filed beside the original, without the detector, and told to nobody but to who asked
for the house that prints it and has not heard of the deal.

A copy is compared with originals only, never with another copy, so that a text handed from house to house cannot drift
away from what was judged. It joins whatever story the original stands in now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from worker import text
from worker.model import Article, Draft, Verdict
from worker.pipeline import copies, loops, stories
from worker.ports import Filing, Judged, OpenArticle
from worker.steps import outbox, telling
from worker.steps.parts import Parts


@dataclass(frozen=True, slots=True)
class _Copy:
    """The verdict that an article takes over, from which article, and that one's story."""

    verdict: Verdict
    original: str
    story_id: str | None


def file(parts: Parts, one: OpenArticle) -> tuple[str, ...] | None:
    """File an article if its text is a copy of one judged before, and return the alerts that are to leave now; None
    where it is to be judged by itself."""
    bands = _bands(parts, one.article)
    copy = _of(one.article, parts.store.alike(bands, since=_since(parts))) if bands else None
    if copy is None:
        return None
    with parts.store.filing(parts.clock.now()) as filing:
        return _save(parts, filing, one, copy)


def file_late(parts: Parts, filing: Filing, one: OpenArticle) -> tuple[str, ...] | None:
    """File a judged article as a copy of one that another worker filed meanwhile, and return the alerts that are to
    leave now; None where there is none.

    Agency copies come in one poll, so two workers may well read two of them at once. An original that tells nothing has
    nothing to give: the article is judged, perhaps by other words than the original was.
    """
    bands = _bands(parts, one.article)
    known = filing.alike(bands, since=_since(parts)) if bands else ()
    copy = _of(one.article, (judged for judged in known if judged.verdict.deal and judged.verdict.flows))
    return None if copy is None else _save(parts, filing, one, copy)


def remember(parts: Parts, filing: Filing, article: Article, verdict: Verdict) -> None:
    """Let copies of a judged article find it. One that its opening ruled out is as cheap to rule out again."""
    if verdict.score > 0:
        filing.remember(article.id, _bands(parts, article), since=_since(parts))


def _bands(parts: Parts, article: Article) -> tuple[int, ...]:
    return text.bands(article.fingerprint) if parts.policy.copy_window else ()


def _since(parts: Parts) -> datetime:
    return parts.clock.now() - parts.policy.copy_window


def _of(article: Article, known: Iterable[Judged]) -> _Copy | None:
    for one in known:
        verdict = copies.taken_over(article, one.article, one.verdict) if one.article.id != article.id else None
        if verdict is not None:
            return _Copy(verdict, one.article.id, one.story_id)
    return None


def _save(parts: Parts, filing: Filing, one: OpenArticle, copy: _Copy) -> tuple[str, ...] | None:
    article, now = one.article, parts.clock.now()
    told: tuple[Draft, ...] = ()
    if copy.story_id is not None:
        story = filing.story(copy.story_id)
        if story is None:
            return None
        filed = stories.file_copy(article, copy.verdict, story, copy_of=copy.original, now=now).story
        filing.save_story(filed, article_id=article.id, changes=(), edges=loops.edges(filed))
        if telling.is_recent((one.fed, article.published), now=now, window=parts.policy.recent):
            told = telling.confirmations(parts, filing, filed, article, now=now)
    filing.close_article(article.id, copy.verdict, story_id=copy.story_id, copy_of=copy.original)
    return outbox.put(parts, filing, told, backlog=one.backlog)
