"""Articles through the detector and into stories, without a store: what `scan` and `eval` share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from worker.cli.inputs import Item
from worker.cli.screen import progress
from worker.model import Story, Verdict

if TYPE_CHECKING:
    from worker.cli.session import Session

_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Judged:
    """One article with its verdict and the id of its story; `story` is None unless it is a deal."""

    item: Item
    verdict: Verdict
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
    names = _grouped(items, listed, timedelta(days=session.settings.stories.window_days))
    return [Judged(*row) for row in zip(items, verdicts, names, strict=True)]


def _grouped(items: Sequence[Item], verdicts: Sequence[Verdict], window: timedelta) -> list[str | None]:
    """Return the story id of each item, as the daemon would have filed them arriving one by one."""
    from worker.pipeline import stories

    known: dict[str, Story] = {}
    names: list[str | None] = [None] * len(items)
    order = sorted(range(len(items)), key=lambda index: items[index].article.published or _UNDATED)
    for index in order:
        article, verdict = items[index].article, verdicts[index]
        if not verdict.deal:
            continue
        now = article.published or _UNDATED
        parties = {name for flow in verdict.flows for name in flow.parties}
        near = [story for story in known.values() if parties & set(story.parties) and story.updated_at >= now - window]
        filed = stories.file(article, verdict, near, now=now)
        known[filed.story.id] = filed.story
        names[index] = filed.story.id
    return names
