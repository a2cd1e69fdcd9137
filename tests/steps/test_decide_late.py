"""The operator's word where articles arrive behind later ones: what he decided stands, and every id leads on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.steps.conftest import Desk
from tests.steps.court import Court, deal
from tests.steps.test_decide import BREST, ONE, consistent, split_off


@pytest.fixture
def court(desk: Desk) -> Court:
    return Court(desk)


def test_a_late_article_does_not_undo_a_split(court: Court) -> None:
    old, new, _ = split_off(court)
    court.clock.move(hours=1)
    court.file("late", ONE, title=BREST, age=timedelta(hours=6))
    held = {story.id: {one.article_id for one in story.sources} for story in court.store.stories()}
    assert held.keys() == {old, new}
    assert held[old] - {"late"} == {"a"}
    assert held[new] - {"late"} == {"b", "b2"}
    consistent(court)
