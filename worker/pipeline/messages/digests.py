"""What the templates of a digest are given: one deal per story, and the notices that are about none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker import text
from worker.model import Alert, AlertType, Flow, Hold, Rule
from worker.pipeline.messages import figures, records
from worker.pipeline.messages.phrases import Phrases
from worker.pipeline.messages.rows import Reference, Row, cited, row

SHOWN = 40
_SOURCES = 2


@dataclass(frozen=True, slots=True)
class Deal:
    """One story of a digest."""

    row: Row
    parties: str
    what: str
    badges: tuple[str, ...]
    looped: bool
    more_flows: int
    sources: tuple[Reference, ...]
    more_sources: int


@dataclass(frozen=True, slots=True)
class View:
    """One digest, worded. `count` says how many deals it holds, `intro` why they come together; `notices` are the
    subjects of alerts without flows."""

    subject: str
    badge: str
    count: str
    intro: str
    deals: tuple[Deal, ...]
    more_deals: int
    notices: tuple[str, ...]
    why: str


def view(alerts: Sequence[Alert], rule: Rule, phrase: Phrases, reason: Hold) -> View:
    """Return everything that the templates of one digest show."""
    found = deals(alerts, phrase)
    notices = [text.one_line(one.subject, 180) for one in ordered(alerts) if not one.data.get("flows")]
    key, number = ("digest", len(found)) if found else ("notices", len(notices))
    counted = phrase(f"subject.{key}", count=number) if number != 1 else phrase(f"subject.{key}_one")
    subject = counted
    if found:
        subject = text.one_line(f"{counted}{phrase('colon')}{found[0].parties}, {found[0].what}", 180)
    return View(
        subject=subject,
        badge=phrase("badge.digest"),
        count=counted,
        intro=phrase.first(f"digest.intro.{reason.value}", "digest.intro", count=len(alerts)),
        deals=found[:SHOWN],
        more_deals=max(0, len(found) - SHOWN),
        notices=tuple(notices[:SHOWN]),
        why=phrase("rule", name=text.one_line(rule.id, 80)),
    )


def ordered(alerts: Sequence[Alert]) -> list[Alert]:
    """Return `alerts`, those of the biggest stories first, a story's own in order of time."""

    def rank(alert: Alert) -> tuple[bool, bool, float, float, float]:
        flows = [records.flow_of(flow) for flow in alert.data.get("flows", [])]
        return max(map(figures.weight, flows), default=(False, False, 0.0, 0.0, 0.0))

    best: dict[str, tuple[bool, bool, float, float, float]] = {}
    for alert in alerts:
        story = alert.story_id or alert.id
        best[story] = max(best.get(story, rank(alert)), rank(alert))
    by_time = sorted(alerts, key=lambda one: (one.created_at, one.id))
    by_story = sorted(by_time, key=lambda one: one.story_id or one.id)
    return sorted(by_story, key=lambda one: best[one.story_id or one.id], reverse=True)


def deals(alerts: Sequence[Alert], phrase: Phrases) -> tuple[Deal, ...]:
    """Return the stories of a digest, each once and as its last alert has it, the biggest first."""
    by_story: dict[str, list[Alert]] = {}
    for alert in sorted(alerts, key=lambda one: one.created_at):
        by_story.setdefault(alert.story_id or alert.id, []).append(alert)
    ranked = []
    for group in by_story.values():
        flows = [records.flow_of(flow) for flow in group[-1].data.get("flows", [])]
        if flows:
            lead = max(flows, key=figures.weight)
            ranked.append((figures.weight(lead), _deal(lead, len(flows) - 1, group, phrase)))
    ranked.sort(key=lambda pair: pair[0], reverse=True)
    return tuple(deal for _, deal in ranked)


def _deal(lead: Flow, more: int, group: Sequence[Alert], phrase: Phrases) -> Deal:
    data = group[-1].data
    sources = data.get("sources", [])
    types = dict.fromkeys(alert.type for alert in group if alert.type is not AlertType.DETECTED)
    return Deal(
        row=row(lead, phrase),
        parties=figures.parties(lead, phrase),
        what=figures.kind_and_size(lead, phrase),
        badges=tuple(phrase(f"badge.{kind.value}") for kind in types),
        looped=bool(data.get("loops")) or AlertType.LOOP in types,
        more_flows=more,
        sources=tuple(
            cited(str(one.get("title", "")), str(one.get("house") or one.get("source") or ""), "", one.get("url", ""))
            for one in sources[-_SOURCES:]
        ),
        more_sources=max(0, len(sources) - _SOURCES),
    )
