"""Who is told of which change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from worker import text
from worker.model import AlertType, Article, Change, ChangeKind, Draft, Flow, Rate, Recipient, Rule, Story
from worker.pipeline.alerts.conditions import Facts, meets
from worker.pipeline.alerts.reasons import why


def select(
    changes: Sequence[Change],
    story: Story,
    *,
    rules: Sequence[Rule],
    recipients: Mapping[str, Recipient],
    rates: Mapping[str, float],
    now: datetime,
    quotes: Mapping[str, Rate] | None = None,
    countries: Mapping[str, str] | None = None,
    article: Article | None = None,
) -> tuple[Draft, ...]:
    """Return one draft for each recipient that a rule wants told of `changes`; none without changes.

    A rule matches when one flow of the story (one that changed, where flows changed) meets all its conditions at once.
    The first matching rule names the draft; `why` has a line for each in the recipient's language. `rates` are USD per
    unit of a currency, and `quotes` the same with their days, to be shown where an amount was converted; `countries`
    are ISO 3166 codes by folded name; `article` brought the changes, and its summary is searched for a rule's words.
    The same changes give the same ids in whatever order and at whatever time.
    """
    if not changes:
        return ()
    closing = any(change.loop is not None for change in changes)
    facts = Facts(story, closing or bool(story.loops), rates, countries or {}, article)
    flows = _flows(changes, story)
    matching: dict[str, list[tuple[Rule, Flow]]] = {}
    for rule in rules:
        flow = _match(rule, flows, facts)
        if flow is not None:
            for name in dict.fromkeys(rule.recipients):
                if name in recipients:
                    matching.setdefault(name, []).append((rule, flow))
    kind = _type(changes)
    return tuple(
        _draft(kind, changes, story, found=found, recipient=recipients[name], now=now, quotes=quotes)
        for name, found in matching.items()
    )


def _draft(
    kind: AlertType,
    changes: Sequence[Change],
    story: Story,
    *,
    found: Sequence[tuple[Rule, Flow]],
    recipient: Recipient,
    now: datetime,
    quotes: Mapping[str, Rate] | None,
) -> Draft:
    first = found[0][0]
    reasons = [why(rule, recipient.language, flow=flow, quotes=quotes) for rule, flow in found]
    return Draft(
        id=text.digest("alert", story.id, _identity(changes), first.id, recipient.channel.value, recipient.id),
        type=kind,
        rule=first,
        recipient=recipient,
        why=tuple(dict.fromkeys(reasons)),
        created_at=now,
        story=story,
        changes=tuple(changes),
    )


def _type(changes: Sequence[Change]) -> AlertType:
    kinds = {change.kind for change in changes}
    if ChangeKind.NEW_STORY in kinds:
        return AlertType.DETECTED
    if ChangeKind.CANCELLED in kinds:
        return AlertType.CANCELLED
    return AlertType.LOOP if kinds == {ChangeKind.LOOP_CLOSED} else AlertType.UPDATED


def _identity(changes: Sequence[Change]) -> str:
    """Return what the changes say, whatever their order: kind, flow, version, values reached, loop."""
    lines = [
        json.dumps(
            [
                change.kind.value,
                list(change.flow.key) if change.flow else None,
                # A deal that is given up, taken up and given up again changes each time: the version tells them apart.
                change.version,
                change.after,
                change.loop.id if change.loop else None,
            ],
            sort_keys=True,
            ensure_ascii=True,
            default=str,
        )
        for change in changes
    ]
    return "\n".join(sorted(lines))


def _match(rule: Rule, flows: Sequence[Flow], facts: Facts) -> Flow | None:
    """Return the first of `flows` that meets the whole rule by itself, None for none."""
    return next((flow for flow in flows if meets(rule, flow, facts)), None)


def _flows(changes: Sequence[Change], story: Story) -> tuple[Flow, ...]:
    """Return the flows that the changes are about; all of the story's where it is new or only a loop closed."""
    named = tuple(change.flow for change in changes if change.flow is not None)
    whole = any(change.kind in (ChangeKind.NEW_STORY, ChangeKind.LOOP_CLOSED) for change in changes)
    held = tuple(one.flow for one in story.flows)
    return tuple(dict.fromkeys((*named, *held))) if whole or not named else named
