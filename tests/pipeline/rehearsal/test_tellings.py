"""Stories taken back to what they were, against what the grouping made of them step by step."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.adapters.store_samples import NOW, article
from worker.model import (
    AlertType,
    Bound,
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
    Verdict,
)
from worker.pipeline import stories
from worker.pipeline.rehearsal.tellings import Fate, Telling, Told, as_of, weigh

LEASE = Flow("Nordlys", "Helvia", Kind.COMPUTE, 2e9, "EUR", status=Status.REPORTED)
STAKE = Flow("Helvia", "Nordlys", Kind.EQUITY, 5e8, "EUR")


def life(*accounts: tuple[Flow, ...]) -> list[stories.Filing]:
    """File accounts of one story, a day apart; returns each step."""
    steps: list[stories.Filing] = []
    known: list[Story] = []
    for day, flows in enumerate(accounts):
        now = NOW + timedelta(days=day)
        told = replace(article(f"a{day}"), published=now)
        steps.append(stories.file(told, Verdict(True, 0.9, flows), known, now=now))
        known = [steps[-1].story]
    return steps


def history(steps: list[stories.Filing]) -> list[tuple[object, Change]]:
    return [(NOW + timedelta(days=day), change) for day, step in enumerate(steps) for change in step.changes]


def test_every_version_comes_back_as_it_stood() -> None:
    steps = life(
        (LEASE,),
        (replace(LEASE, status=Status.ANNOUNCED),),
        (replace(LEASE, status=Status.ANNOUNCED, amount=3e9), STAKE),
        (replace(LEASE, status=Status.CANCELLED),),
    )
    assert [step.joined for step in steps] == [False, True, True, True]
    last = steps[-1].story
    assert last.version == 4
    for step in steps:
        then = as_of(last, history(steps), step.story.version)  # type: ignore[arg-type]
        assert then.version == step.story.version
        assert [replace(held.flow, evidence=()) for held in then.flows] == [held.flow for held in step.story.flows]
        assert then.sources == step.story.sources
        assert then.updated_at == step.story.updated_at


def test_the_latest_version_is_the_story_itself() -> None:
    steps = life((LEASE,), (STAKE, LEASE))
    last = steps[-1].story
    assert as_of(last, history(steps), last.version) == last  # type: ignore[arg-type]


def loop(amount: float) -> Loop:
    edges = tuple(
        Edge(payer, payee, Kind.EQUITY, amount, "EUR", Status.ANNOUNCED, Bound.EXACT, "s", NOW)
        for payer, payee in (("A", "B"), ("B", "A"))
    )
    return Loop("ring", edges)


def test_a_loop_is_open_again_before_it_closed_and_has_its_old_terms_before_it_changed() -> None:
    first = life((LEASE,))[0]
    closed = replace(first.story, version=3, loops=(loop(2.0),))
    made = [
        (NOW, first.changes[0]),
        (NOW + timedelta(days=1), Change(ChangeKind.LOOP_CLOSED, closed.id, 2, loop=loop(1.0))),
        (NOW + timedelta(days=2), Change(ChangeKind.LOOP_CLOSED, closed.id, 3, loop=loop(2.0))),
    ]
    assert [as_of(closed, made, version).loops for version in (1, 2, 3)] == [(), (loop(1.0),), (loop(2.0),)]


def told(recipient: str, rule: str, channel: ChannelKind = ChannelKind.EMAIL) -> Told:
    address = Recipient(recipient, channel, f"{recipient}@example.org")
    draft = Draft(f"{rule}/{recipient}/{channel}", AlertType.DETECTED, Rule(rule, (recipient,)), address, (), NOW)
    return Told(draft, (rule,))


@pytest.mark.parametrize(
    ("before", "after", "fate"),
    [
        (told("a", "r"), told("a", "r"), Fate.STAYS),
        (None, told("a", "r"), Fate.APPEARS),
        (told("a", "r"), None, Fate.VANISHES),
        (told("a", "r"), told("a", "other"), Fate.MOVES),
        (told("a", "r"), told("a", "r", ChannelKind.CHAT), Fate.MOVES),
    ],
)
def test_the_fate_of_one_alert(before: Told | None, after: Told | None, fate: Fate) -> None:
    step = life((LEASE,))[0]
    telling = Telling(step.story, step.changes, NOW)
    (one,) = weigh(telling, [before] if before else [], [after] if after else [])
    assert one.fate is fate
    assert one.told is (after or before)
