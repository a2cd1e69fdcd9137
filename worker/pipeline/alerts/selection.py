"""Who is told of which change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from worker import text
from worker.model import AlertType, Article, Change, ChangeKind, Draft, Flow, Rate, Recipient, Rule, Story
from worker.pipeline.alerts.conditions import Facts, asks_for_loops, asks_for_tellers, meets
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
    matching = _matching(rules, recipients, _flows(changes, story), facts)
    identity, kind = _identity(changes), _type(changes)
    return tuple(
        _draft(kind, changes, story, identity, found=found, recipient=recipients[name], now=now, quotes=quotes)
        for name, found in matching.items()
    )


def confirmed(
    story: Story,
    article: Article,
    *,
    rules: Sequence[Rule],
    recipients: Mapping[str, Recipient],
    rates: Mapping[str, float],
    now: datetime,
    quotes: Mapping[str, Rate] | None = None,
    countries: Mapping[str, str] | None = None,
    earlier: Sequence[Article] = (),
) -> tuple[Draft, ...]:
    """Return one draft for each recipient of whose rules none wanted `story` before it cited `article`, and one does
    now: a rule that names feeds, houses or words may be met by an article that says nothing new.

    To that recipient the deal is a new one, and so it is told; once, for the id follows from story and rule alone. Who
    was told of the story for another reason is for the caller to know, or to be seen from what `earlier` articles say.
    """
    sources = tuple(one for one in story.sources if one.article_id != article.id)
    if not sources or len(sources) == len(story.sources):
        return ()
    asked = [rule for rule in rules if asks_for_tellers(rule)]
    flows = tuple(held.flow for held in story.flows)
    now_met = Facts(story, bool(story.loops), rates, countries or {}, article)
    matching = _matching(asked, recipients, flows, now_met)
    if not matching:
        return ()
    met_before = replace(now_met, story=replace(story, sources=sources))
    told = [replace(met_before, article=one) for one in (None, *earlier)]
    known = {name for facts in told for name in _matching(rules, recipients, flows, facts)}
    return tuple(
        _first_told(story, found=found, recipient=recipients[name], now=now, quotes=quotes)
        for name, found in matching.items()
        if name not in known
    )


def _first_told(
    story: Story,
    *,
    found: Sequence[tuple[Rule, Flow]],
    recipient: Recipient,
    now: datetime,
    quotes: Mapping[str, Rate] | None,
) -> Draft:
    # Who asked for loops alone is told of those; who asked for deals as well, of the deal.
    deals = [one for one in found if not asks_for_loops(one[0])]
    if deals:
        kind = AlertType.DETECTED
        changes = [Change(ChangeKind.NEW_STORY, story.id, story.version, after={"status": story.status.value})]
    else:
        kind = AlertType.LOOP
        changes = [Change(ChangeKind.LOOP_CLOSED, story.id, story.version, loop=loop) for loop in story.loops]
    return _draft(kind, changes, story, "first told", found=deals or found, recipient=recipient, now=now, quotes=quotes)


def _matching(
    rules: Sequence[Rule], recipients: Mapping[str, Recipient], flows: Sequence[Flow], facts: Facts
) -> dict[str, list[tuple[Rule, Flow]]]:
    """Return by recipient the rules that want one of `flows` told, each with the first such flow."""
    matching: dict[str, list[tuple[Rule, Flow]]] = {}
    for rule in rules:
        flow = _match(rule, flows, facts)
        if flow is not None:
            for name in dict.fromkeys(rule.recipients):
                if name in recipients:
                    matching.setdefault(name, []).append((rule, flow))
    return matching


def _draft(
    kind: AlertType,
    changes: Sequence[Change],
    story: Story,
    identity: str,
    *,
    found: Sequence[tuple[Rule, Flow]],
    recipient: Recipient,
    now: datetime,
    quotes: Mapping[str, Rate] | None,
) -> Draft:
    first = found[0][0]
    reasons = [why(rule, recipient.language, flow=flow, quotes=quotes) for rule, flow in found]
    return Draft(
        id=text.digest("alert", story.id, identity, first.id, recipient.channel.value, recipient.id),
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
