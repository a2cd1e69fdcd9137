"""Articles through the detector and into stories, without a store: what `scan` and `eval` share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from worker.cli.inputs import Item
from worker.cli.screen import progress
from worker.model import Article, Story, Verdict

if TYPE_CHECKING:
    from worker.cli.session import Session

_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Judged:
    """One article with its verdict, the same with listed names as it is filed, and the id of its story; `story` is None
    unless it is a deal."""

    item: Item
    verdict: Verdict
    listed: Verdict
    story: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return the line that `scan --jsonl` prints."""
        from worker.pipeline.messages.records import flow_record

        verdict = self.verdict
        return {
            "id": self.item.article.id,
            "deal": verdict.deal,
            "score": round(verdict.score, 4),
            "story": self.story,
            "flows": [flow_record(flow) for flow in verdict.flows] if verdict.deal else [],
            "reasons": [
                {"code": reason.code, "weight": round(reason.weight, 3), "detail": reason.detail}
                for reason in verdict.reasons
            ],
        }


def judge(items: Sequence[Item], session: Session) -> list[Judged]:
    """Judge every item, and group the deals into stories in order of `published`; the result is in the order given."""
    from worker import runtime

    detector = runtime.load_detector(session.settings)
    verdicts = [detector.judge(item.article) for item in progress(items, "progress.judge")]
    listed = [detector.listed(verdict) for verdict in verdicts]
    known = _grouped(items, listed, timedelta(days=session.settings.stories.window_days))
    names = {one.article_id: story.id for story in known.values() for one in story.sources}
    return [
        Judged(item, verdict, told, names.get(item.article.id) if verdict.deal else None)
        for item, verdict, told in zip(items, verdicts, listed, strict=True)
    ]


def _grouped(items: Sequence[Item], verdicts: Sequence[Verdict], window: timedelta) -> dict[str, Story]:
    """Return the stories of the items, as the daemon would have filed them arriving one by one."""
    known: dict[str, Story] = {}
    moments = [item.article.published or _UNDATED for item in items]
    # Of the same moment by id, as the daemon's batches are, so that the order of the file says nothing.
    for index in sorted(range(len(items)), key=lambda index: (moments[index], items[index].article.id)):
        if verdicts[index].deal:
            file(items[index].article, verdicts[index], known, now=moments[index], window=window)
    return known


def file(article: Article, verdict: Verdict, known: dict[str, Story], *, now: datetime, window: timedelta) -> None:
    """File one deal among the stories of `known`, which is brought up to date."""
    from worker.pipeline import stories

    parties = {name for flow in verdict.flows for name in flow.parties}
    near = [story for story in known.values() if parties & set(story.parties) and story.updated_at >= now - window]
    filed = stories.file(article, verdict, near, now=now, window=window)
    for name, _ in filed.gone:
        del known[name]
    known.update((one.story.id, one.story) for one in (filed, *filed.others))
