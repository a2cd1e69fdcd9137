"""replay: judge stored articles again by another reading; nothing is stored or sent unless it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.model import Verdict
from worker.pipeline.detection import Detector
from worker.pipeline.rehearsal.verdicts import Difference, compare, tells
from worker.ports import JudgedArticle, OpenArticle, StoppedEntry
from worker.steps.judge import file
from worker.steps.parts import Parts

_BATCH = 50


@dataclass(frozen=True, slots=True)
class Replayed:
    """One article judged again: what was stored (`one.verdict`), what is said now, and how the two differ."""

    one: JudgedArticle
    verdict: Verdict
    difference: Difference | None


@dataclass(frozen=True, slots=True)
class Filed:
    """What a replay put into the store: articles filed under stories, and alerts put into the outbox for them."""

    articles: int
    alerts: int


def replay(parts: Parts, detector: Detector, since: datetime) -> Iterator[Replayed]:
    """Yield every judged article seen since then, judged again by `detector`."""
    for one in parts.store.judged(since):
        if one.verdict is None:
            continue
        verdict = detector.listed(detector.judge(one.article))
        yield Replayed(one, verdict, compare(one.verdict, verdict))


def opened(parts: Parts, detector: Detector, since: datetime) -> Iterator[tuple[StoppedEntry, bool]]:
    """Yield every entry seen since then that the gate stopped, and whether it would let it through now."""
    for one in parts.store.stopped_entries(since):
        yield one, detector.gate(one.entry.title, one.entry.summary).passed


def send(parts: Parts, detector: Detector, ids: Sequence[str]) -> Iterator[Filed]:
    """File those of `ids` that were no deal and are one by `detector`, as if they were judged only now; yield what
    became of each batch. Each article is one transaction, so that a stop in between leaves nothing half done.

    Several are told like the backlog of a first poll, as one digest to each recipient. A story that has the article
    already tells nothing, and an alert has the id that it would have had: a second run changes nothing.
    """
    backlog = len(ids) > 1
    for start in range(0, len(ids), _BATCH):
        began = parts.clock.now()
        filed = []
        for one in parts.store.judged_by_id(ids[start : start + _BATCH]):
            if one.verdict is None or tells(one.verdict) or one.story_id is not None:
                continue
            verdict = detector.listed(detector.judge(one.article))
            if tells(verdict):
                file(parts, OpenArticle(one.article, one.fed, one.feed_id, backlog or one.backlog), verdict)
                filed.append(one.article.id)
        # Another worker may have filed one meanwhile as it was.
        told = [one.article.id for one in parts.store.judged_by_id(filed) if one.story_id is not None]
        yield Filed(len(told), parts.store.alerts_made(told, began))
