"""Who hears of a story that a late article changed without telling it."""

from __future__ import annotations

from dataclasses import replace

from tests.adapters.store_samples import article
from tests.steps.conftest import Desk
from tests.steps.court import Court, deal
from worker.model import Change, ChangeKind, Rule
from worker.steps import telling


def test_the_words_of_an_article_count_only_for_the_story_that_cites_it(desk: Desk) -> None:
    court = Court(desk)
    court.file("a", deal("Nordlys", "Helvia", 2e9))
    story = court.story_of("a")
    parts = replace(court.parts, rules=(Rule("mots", ("journal",), words=("zirconium",)),))
    new = [Change(ChangeKind.NEW_STORY, story.id, 1)]
    now = court.clock.now()
    named = {
        name: telling.drafts(parts, new, story, now=now, article=replace(article(name), summary="Le zirconium."))
        for name in ("a", "late")
    }
    assert [len(named["a"]), len(named["late"])] == [1, 0]
