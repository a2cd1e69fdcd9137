"""Every template filled once, with the least and the most there is to show: so a faulty one is found early."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from worker.model import (
    AlertType,
    Change,
    ChangeKind,
    ChannelKind,
    Draft,
    Edge,
    Flow,
    Kind,
    Loop,
    Recipient,
    Rule,
    Status,
    Story,
    StoryFlow,
)
from worker.pipeline.messages import sample
from worker.pipeline.messages.composer import Messages
from worker.pipeline.messages.phrases import LANGUAGES, Phrases

_CHANNELS = (ChannelKind.EMAIL, ChannelKind.CONSOLE, ChannelKind.CHAT, ChannelKind.WEBHOOK)


def rehearse(messages: Messages, now: datetime) -> int:
    """Word every sort of alert for every channel in both languages; returns how many that were.

    The faults of templates go where `messages` sends them.
    """
    count = 0
    for language in LANGUAGES:
        for channel in _CHANNELS:
            recipient = Recipient("rehearsal", channel, "rehearsal@gigawatch.invalid", language)
            alerts = [messages.compose(draft) for draft in drafts(recipient, now)]
            messages.compose_digest(alerts, rule=Rule("rehearsal", ()), recipient=recipient, now=now)
            messages.compose_digest(alerts[:1], rule=Rule("rehearsal", ()), recipient=recipient, now=now)
            for healed in (False, True):
                lines = () if healed else (("cause", "x"), "y")
                messages.compose_system(
                    title="x", lines=lines, recipient=recipient, now=now, key="rehearsal", healed=healed
                )
            count += len(alerts) + 4
    return count


def drafts(recipient: Recipient, now: datetime) -> Iterator[Draft]:
    """Give drafts of every type: of a whole story, of the poorest there can be, and of none."""
    full = sample.draft(recipient, now, recipient.language)
    for story in (sample.story(Phrases(recipient.language), now), poorest(now)):
        flow = story.flows[0].flow
        news = (
            Change(ChangeKind.AMOUNT, story.id, 2, flow, {"amount": None}, {"amount": 1e9}),
            Change(ChangeKind.STATUS, story.id, 2, flow, {"status": "reported"}, {"status": "announced"}),
            Change(ChangeKind.NEW_FLOW, story.id, 2, flow),
        )
        ring = Loop("rehearsal", (_edge(flow, story.id, now),))
        off = replace(flow, status=Status.CANCELLED)
        given_up = replace(story, flows=(replace(story.flows[0], flow=off),))
        yield replace(full, story=story, message="")
        yield _of(full, AlertType.DETECTED, story, Change(ChangeKind.NEW_STORY, story.id, 1))
        yield _of(full, AlertType.UPDATED, story, *news)
        yield _of(full, AlertType.CANCELLED, given_up, Change(ChangeKind.CANCELLED, story.id, 3, off))
        looped = replace(story, loops=(ring,))
        yield _of(full, AlertType.LOOP, looped, Change(ChangeKind.LOOP_CLOSED, story.id, 2, loop=ring))
        yield _of(full, AlertType.DETECTED, looped, Change(ChangeKind.NEW_STORY, story.id, 1))
    yield replace(full, story=None, changes=(), why=())


def poorest(now: datetime) -> Story:
    """Return the story of which least is known: one payer of something, no source, no title."""
    flow = Flow("Nivalis", None, Kind.COMPUTE)
    held = StoryFlow(flow, "", "", now)
    return Story("poorest", "", 1, Status.ANNOUNCED, (held,), (flow,), (), opened_at=now, updated_at=now)


def _of(full: Draft, kind: AlertType, story: Story, *changes: Change) -> Draft:
    return replace(full, type=kind, story=story, changes=changes, message="")


def _edge(flow: Flow, story_id: str, now: datetime) -> Edge:
    payer, payee = flow.payer or "", flow.payee or ""
    return Edge(payer, payee, flow.kind, flow.amount, flow.currency, flow.status, flow.bound, story_id, now)
