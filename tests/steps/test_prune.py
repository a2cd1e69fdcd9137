"""What is let go when it is old, and what never is; once a day, however often it is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.adapters.store_samples import entry
from tests.steps.conftest import Desk
from tests.steps.court import Court, deal
from worker.adapters.store import DEAD
from worker.adapters.store.schema import article, entry_key
from worker.errors import DeliveryError
from worker.model import Verdict
from worker.steps import prune
from worker.steps.prune import prunable, prune_all

NO_DEAL = Verdict(False, 0.3)


@pytest.fixture
def court(desk: Desk) -> Court:
    return Court(desk)


def texts(court: Court) -> dict[str, str]:
    with court.store.read() as connection:
        return {row.id: row.record["text"] for row in connection.execute(select(article))}


def keys(court: Court) -> int:
    with court.store.read() as connection:
        return len(connection.execute(select(entry_key)).all())


def test_each_sort_goes_when_its_time_has_come_and_the_rest_stays(court: Court) -> None:
    court.file("old", NO_DEAL)
    sent = court.file("a", deal("Nordlys", "Helvia", 2e9))
    court.deliver(*sent)
    court.post.refusal = DeliveryError("550 inconnu", permanent=True)
    dead = court.file("b", deal("Boréal", "Granit", 3e8))
    court.deliver(*dead)
    known = keys(court)
    court.clock.move(days=200)
    court.file("young", NO_DEAL)
    assert prunable(court.parts) == {"rejected": 0, "articles": 0, "deliveries": 2, "alerts": 0}
    court.clock.move(days=201)
    assert prune_all(court.parts) == ({"rejected": 0, "articles": 1, "deliveries": 2, "alerts": 1}, True)
    held = texts(court)
    assert held["old"] == ""
    assert all(held[name] for name in ("a", "b", "young"))
    bodies = {row.alert.id: (row.alert.body, row.alert.data) for row in court.store.alerts()}
    assert bodies[sent[0]] == ("", {})
    # What was given up may still be sent again, so it stays whole.
    assert bodies[dead[0]][0]
    assert [row.alert.id for row in court.store.alerts(state=DEAD)] == dead
    assert prune_all(court.parts)[0] == {"rejected": 0, "articles": 0, "deliveries": 0, "alerts": 0}
    assert court.store.rejected()[-1].article.title
    court.clock.move(days=700)
    assert prune_all(court.parts)[0]["rejected"] == 1
    assert set(texts(court)) == {"a", "b", "young"}
    assert len(court.store.stories()) == 2
    assert keys(court) == known + 1
    state = court.store.feed("gazette")
    assert state is not None
    again = [(replace(entry("old", keys=("u|old",)), guid="other"), True), (entry("old"), True)]
    assert court.store.save_poll(state, again, now=court.clock.now(), backlog=False).new == 0


def test_it_goes_in_batches_and_a_task_that_ends_early_is_taken_up_again(court: Court) -> None:
    for number in range(5):
        court.file(f"n{number}", NO_DEAL)
    court.clock.move(days=401)
    court.parts = replace(court.parts, policy=replace(court.parts.policy, prune_batch=2))
    hasty = replace(court.parts, policy=replace(court.parts.policy, work_s=0.0))
    assert prune_all(hasty)[1] is False
    prune(hasty)
    assert "prune" not in court.store.heartbeats()
    prune(court.parts)
    assert set(texts(court).values()) == {""}


def test_it_is_done_once_a_day_also_when_it_is_asked_for_more_often(court: Court) -> None:
    court.file("old", NO_DEAL)
    prune(court.parts)
    first = court.store.heartbeats()["prune"]
    court.clock.move(hours=5)
    prune(court.parts)
    assert court.store.heartbeats()["prune"] == first
    court.clock.move(days=400)
    prune(court.parts)
    assert texts(court) == {"old": ""}
    court.clock.move(days=-30)
    prune(court.parts)
    assert court.store.heartbeats()["prune"] - first < timedelta(days=400)


def test_settings_say_how_long_things_are_kept(court: Court) -> None:
    court.file("old", NO_DEAL)
    court.clock.move(days=3)
    short = replace(court.parts.policy, keep={**court.parts.policy.keep, "articles": timedelta(days=2)})
    assert prunable(replace(court.parts, policy=short))["articles"] == 1
