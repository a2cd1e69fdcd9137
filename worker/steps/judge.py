"""judge_articles: verdict, story, loops and alerts of one article, filed in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from worker.errors import StoreError, StoreUnavailable
from worker.model import Alert, ChangeKind, Edge, Loop, Verdict
from worker.pipeline import alerts, loops, stories
from worker.ports import Filing, OpenArticle
from worker.steps import copying
from worker.steps.parts import ODD_S, POISON, Parts, Ring, rings

log = logging.getLogger("gigawatch.judge")

HELD, OPEN = "held", "open"
_LOOP_HOPS = 4
_AGAIN_S = 5.0


def judge(parts: Parts, ids: Sequence[str]) -> tuple[Ring, ...]:
    """Judge those of `ids` that are due and free; returns the alerts to be delivered."""
    deadline = parts.later(parts.policy.work_s)
    fresh: list[str] = []
    for one in parts.store.open_articles(ids):
        if parts.clock.now() >= deadline:
            break
        if not parts.claim("judge", one.article.id):
            continue
        if one.attempts >= POISON:
            parts.store.quarantine("judge", one.article.id, error="judging it took the worker down repeatedly")
            continue
        try:
            if copying.file(parts, one):
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
            parts.store.postpone("judge", one.article.id, until=parts.later(ODD_S), error=repr(error))
    return rings("deliver", fresh)


def file(parts: Parts, one: OpenArticle, verdict: Verdict) -> tuple[str, ...]:
    """File one judged article; returns the ids of the alerts that are to leave now."""
    now = parts.clock.now()
    article = one.article
    with parts.store.filing(now) as filing:
        if verdict.deal and copying.file_late(parts, filing, article):
            return ()
        copying.remember(parts, filing, article, verdict)
        if not verdict.deal or not verdict.flows:
            # A deal of which nothing could be read has no parties to be told by; it stays among the judged articles.
            filing.close_article(article.id, verdict, story_id=None)
            return ()
        names = sorted({name for flow in verdict.flows for name in flow.parties})
        since = now - parts.policy.story_window
        pairs = [flow.parties for flow in verdict.flows]
        filed = stories.file(article, verdict, filing.candidates(names, since=since, pairs=pairs), now=now)
        ledger = loops.edges(filed.story)
        if any(change.kind is not ChangeKind.CANCELLED for change in filed.changes):
            filed = stories.apply_loops(filed, _new_loops(parts, filing, filed, ledger))
        filing.save_story(filed.story, article_id=article.id, changes=filed.changes, edges=ledger)
        filing.close_article(article.id, verdict, story_id=filed.story.id)
        if not _is_recent(parts, one):
            return ()
        drafts = alerts.select(
            filed.changes, filed.story, rules=parts.rules, recipients=parts.recipients, rates=parts.rates, now=now
        )
        composed: list[Alert] = [parts.messages().compose(draft) for draft in drafts]
        ids = filing.save_alerts(composed, state=HELD if one.backlog else OPEN)
    return () if one.backlog else ids


def _is_recent(parts: Parts, one: OpenArticle) -> bool:
    # A page's date may be that of its first version; what the feed brings as news today is news today.
    known = [date for date in (one.fed, one.article.published) if date is not None]
    return not known or max(known) >= parts.clock.now() - parts.policy.recent


def _new_loops(parts: Parts, filing: Filing, filed: stories.Filing, ledger: Sequence[Edge]) -> tuple[Loop, ...]:
    """Return the loops that this filing closes and that were not told before with the same edges."""
    since = parts.clock.now() - timedelta(days=parts.policy.loop_window_days)
    near = filing.edges_near([edge.payee for edge in ledger], since=since, hops=_LOOP_HOPS)
    known = [edge for edge in near if edge.story_id != filed.story.id]
    found = loops.closed(known, ledger, window_days=parts.policy.loop_window_days)
    told = filing.known_loops([loop.id for loop in found])
    return tuple(loop for loop in found if loop.id not in told or _differs(told[loop.id], loop))


def _differs(told: Loop, found: Loop) -> bool:
    """A loop is told again only when an edge's status or amount changed, not when its date or source did."""

    def terms(loop: Loop) -> list[Edge]:
        return [replace(edge, date=told.edges[0].date, source="", story_id="") for edge in loop.edges]

    return terms(told) != terms(found)
