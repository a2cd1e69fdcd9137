"""A late article that changes which story others belong to: the store follows, and nobody is told twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.adapters.store_samples import article as sample
from tests.adapters.store_samples import entry
from tests.steps.conftest import Desk
from tests.steps.court import Court
from worker.adapters.store.schema import article, change, edge, story, story_party
from worker.model import Flow, Kind, Verdict

ORDER = Flow("Nordlys", "Helvia", Kind.COMPUTE, 2e9, "EUR")
STAKE = Flow("Helvia", "Nordlys", Kind.EQUITY, 5e8, "EUR")


@pytest.fixture
def court(desk: Desk) -> Court:
    return Court(desk)


def told(*flows: Flow) -> Verdict:
    return Verdict(True, 0.9, flows)


def test_two_stories_become_one_when_an_older_article_tells_both(court: Court) -> None:
    court.bring("order", told(ORDER), age=timedelta(hours=2))
    court.bring("stake", told(STAKE), age=timedelta(hours=1))
    # Two deals, and the loop that the second closes.
    assert len(court.judge("order", "stake")) == 3
    first, second = (court.store.story(one.id) for one in sorted(court.store.stories(), key=lambda one: one.title))
    assert first is not None
    assert second is not None
    court.bring("both", told(ORDER, STAKE), age=timedelta(hours=3))
    assert court.judge("both") == []
    (whole,) = court.store.stories()
    assert whole.id in {first.id, second.id}
    assert {one.article_id for one in whole.sources} == {"order", "stake", "both"}
    assert {held.flow.kind for held in whole.flows} == {Kind.COMPUTE, Kind.EQUITY}
    with court.store.read() as connection:
        for table in (article, change, edge, story_party):
            assert set(connection.scalars(select(table.c.story_id))) == {whole.id}, table.name
        assert list(connection.scalars(select(story.c.id))) == [whole.id]
        assert len(connection.execute(select(edge)).all()) == 2
    # Its alerts stay, all of the story that goes on, and what was told of either is news no more.
    assert {row.alert.story_id for row in court.store.alerts()} == {whole.id}
    court.bring("again", told(ORDER, STAKE))
    assert court.judge("again") == []
    assert [len(one.sources) for one in court.store.stories()] == [4]


def bring(court: Court, name: str, amount: float, title: str, *, hours: int) -> None:
    """Put an article with a title of its own into the store, `hours` old."""
    now = court.desk.clock.now()
    state = court.store.feed("gazette")
    assert state is not None
    published = now - timedelta(hours=hours)
    item = replace(entry(name), published=published)
    saved = court.store.save_poll(replace(state, polls=1), [(item, True)], now=now, backlog=False)
    value = replace(sample(name), title=title, text=title, published=published)
    court.store.save_article(saved.to_read[0], value, now=now, backlog=False)
    court.reader.verdicts[name] = told(replace(ORDER, amount=amount))


def test_an_article_leaves_for_the_late_story_that_it_tells(court: Court) -> None:
    bring(court, "five", 5e9, "Nordlys réserve les serveurs de Helvia pour ses modèles", hours=3)
    bring(court, "nine", 9e9, "Nouvelle salve norvégienne, cette fois sous les fjords", hours=1)
    assert len(court.judge("five", "nine")) == 2
    (before,) = court.store.stories()
    bring(court, "follow", 9e9, "Deuxième contrat pour Helvia, distinct du premier", hours=2)
    assert len(court.judge("follow")) == 1
    known = {one.id: one for one in court.store.stories()}
    assert {frozenset(one.article_id for one in story.sources) for story in known.values()} == {
        frozenset({"five"}),
        frozenset({"follow", "nine"}),
    }
    assert {one.article_id for one in known[before.id].sources} == {"five"}
    assert {one.earlier for one in known.values()} == {"", before.id}
    with court.store.read() as connection:
        held = {row.id: row.story_id for row in connection.execute(select(article.c.id, article.c.story_id))}
        amounts = {row.story_id: row.record["amount"] for row in connection.execute(select(edge))}
    assert held == {one.article_id: story.id for story in known.values() for one in story.sources}
    assert amounts == {story.id: story.flows[0].flow.amount for story in known.values()}
    # The change that five once became nine is of the past; the next article changes nothing.
    bring(court, "again", 9e9, "Deuxième contrat pour Helvia, distinct du premier", hours=0)
    assert court.judge("again") == []
