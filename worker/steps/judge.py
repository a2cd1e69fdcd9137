"""judge_articles: verdict, story, loops and alerts of one article, filed in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from worker import text
from worker.errors import StoreError, StoreUnavailable
from worker.model import CANARY, Change, ChangeKind, Edge, Status, Verdict
from worker.pipeline import loops, stories
from worker.pipeline.stories import decided
from worker.ports import Filing, OpenArticle
from worker.steps import canary, copying, outbox, telling
from worker.steps.parts import ODD_S, POISON, Parts, Ring, rings

log = logging.getLogger("gigawatch.judge")

_AGAIN_S = 5.0


def judge(parts: Parts, ids: Sequence[str]) -> tuple[Ring, ...]:
    """Judge those of `ids` that are due and free; returns the alerts to be delivered."""
    deadline = parts.later(parts.policy.work_s)
    fresh: list[str] = []
    for one in parts.store.open_articles(ids):
        if parts.clock.now() >= deadline or parts.leaving():
            break
        if not parts.claim("judge", one.article.id):
            continue
        if one.crashes >= POISON:
            parts.store.quarantine(
                "judge", one.article.id, error=f"judging it failed {POISON} times without an outcome"
            )
            continue
        try:
            copied = copying.file(parts, one) if one.feed_id != CANARY else None
            if copied is not None:
                fresh += copied
                continue
            detector = parts.detector()
            fresh += file(parts, one, detector.listed(detector.judge(one.article)))
        except StoreUnavailable as error:
            until = parts.later(_AGAIN_S)
            parts.store.postpone("judge", one.article.id, until=until, error=str(error), counted=False)
        except StoreError:
            raise
        except Exception as error:
            log.exception("judging %s failed", one.article.url)
            until = parts.later(ODD_S)
            parts.store.postpone("judge", one.article.id, until=until, error=repr(error), crashed=True)
    return rings("deliver", fresh)


def file(parts: Parts, one: OpenArticle, verdict: Verdict) -> tuple[str, ...]:
    """File one judged article; returns the ids of the alerts that are to leave now."""
    now = parts.clock.now()
    article = one.article
    planted = one.feed_id == CANARY
    if planted:
        parts = canary.private(parts)
    with parts.store.rehearsal(now) if planted else parts.store.filing(now) as filing:
        if not planted:
            copied = copying.file_late(parts, filing, one) if verdict.deal else None
            if copied is not None:
                return copied
            copying.remember(parts, filing, article, verdict)
        if not verdict.deal or not verdict.flows:
            # A deal of which nothing could be read has no parties to be told by; it stays among the judged articles.
            filing.close_article(article.id, verdict, story_id=None)
            return ()
        names = sorted({name for flow in verdict.flows for name in flow.parties})
        since = now - parts.policy.story_window
        candidates = filing.candidates(names, since=since, pairs=[flow.parties for flow in verdict.flows])
        filed = decided.file_ruled(
            article, verdict, candidates, filing.rulings(candidates), now=now, window=parts.policy.story_window
        )
        for other in filed.others:
            kept, changes = other.story, other.changes
            filing.save_story(kept, article_id=article.id, changes=changes, edges=loops.edges(kept))
        if filed.others or filed.gone:
            filing.settle([filed.story, *(other.story for other in filed.others)], filed.gone)
        ledger = loops.edges(filed.story)
        if any(change.kind is not ChangeKind.CANCELLED for change in filed.changes):
            filed = _with_loops(parts, filing, filed, ledger)
        filing.save_story(filed.story, article_id=article.id, changes=filed.changes, edges=ledger)
        filing.close_article(article.id, verdict, story_id=filed.story.id)
        if not telling.is_recent((one.fed, article.published), now=now, window=parts.policy.recent):
            return ()
        told = [
            draft
            for one_filed in (filed, *filed.others)
            for draft in telling.heard(
                filing,
                one_filed.story,
                telling.drafts(parts, one_filed.changes, one_filed.story, now=now, article=article),
            )
        ]
        if filed.joined:
            told += telling.confirmations(parts, filing, filed.story, article, now=now, told=told)
        return outbox.put(parts, filing, told, backlog=one.backlog)


def _with_loops(parts: Parts, filing: Filing, filed: stories.Filing, ledger: Sequence[Edge]) -> stories.Filing:
    """Return `filed` with the loops that it closes, those never told before or told with materially other edges."""
    if not ledger:
        return filed
    days = parts.policy.loop_window_days
    since = min(edge.date for edge in ledger) - timedelta(days=days)
    known = [edge for edge in filing.ways_back(ledger, since=since) if edge.story_id != filed.story.id]
    found = loops.closed(known, ledger, window_days=days)
    told = filing.known_loops([loop.id for loop in found])
    others = sorted({edge.story_id for loop in told.values() for edge in loop.edges} - {filed.story.id})
    present = [*filing.edges_of(others), *ledger] if told else ledger
    fresh = loops.news(found, told, present, revived=_revived(filed.changes), window_days=days)
    sides = {loop.id: loops.revision(told[loop.id], loop) for loop in fresh if loop.id in told}
    return stories.apply_loops(filed, fresh, {name: side for name, side in sides.items() if side is not None})


def _revived(changes: Sequence[Change]) -> frozenset[tuple[str, str]]:
    """Return the parties, folded, between whom money flows again that had been called off."""
    flows = [
        change.flow
        for change in changes
        if change.kind is ChangeKind.STATUS and change.before.get("status") == Status.CANCELLED.value and change.flow
    ]
    return frozenset((text.fold(flow.payer or ""), text.fold(flow.payee or "")) for flow in flows)
