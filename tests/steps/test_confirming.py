"""A rule that names feeds, houses or words hears of a deal that another house broke first, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.pipeline.test_copies import LEADS, PARAGRAPHS, TEXT
from tests.steps.conftest import JOURNAL, RULE, Desk
from tests.steps.court import Court, deal
from worker.model import EVERYBODY, AlertType, ChannelKind, Kind, Recipient, Rule
from worker.steps.decide import mute
from worker.steps.rehearse import rehearse, tellings
from worker.text import fingerprint

COPY = LEADS[0] + "\n\n" + "\n\n".join(PARAGRAPHS[:-1])
DEAL = deal("Nordlys", "Helvia", 2e9)
DESK = Recipient("bureau", ChannelKind.WEBHOOK, "https://bureau.example/")


@pytest.fixture
def court(desk: Desk) -> Court:
    made = Court(desk)
    rules = (
        Rule("courrier", ("bureau",), houses=("Le Courrier",)),
        Rule("mots", ("bureau",), words=("zirconium",), kinds=(Kind.COMPUTE,)),
    )
    made.parts = replace(made.parts, rules=rules, recipients={"journal": JOURNAL, "bureau": DESK})
    return made


def told(court: Court) -> list[tuple[str, str, AlertType]]:
    return [(row.alert.rule_id, row.alert.recipient_id, row.alert.type) for row in court.store.alerts()]


def test_the_first_word_of_the_wanted_house_is_the_rules_first_telling(court: Court) -> None:
    assert court.file("a", DEAL) == []
    court.clock.move(hours=1)
    assert len(court.file("b", DEAL, house="le courrier")) == 1
    assert told(court) == [("courrier", "bureau", AlertType.DETECTED)]
    court.clock.move(hours=1)
    assert court.file("c", DEAL, house="Le Courrier") == []
    assert court.file("d", DEAL, house="Autre", summary="Du zirconium.") == []
    assert len(told(court)) == 1


def test_words_of_a_later_article_count_and_so_does_what_changed(court: Court) -> None:
    assert court.file("a", deal("Nordlys", "Helvia", None)) == []
    court.clock.move(hours=1)
    assert len(court.file("b", DEAL, summary="Le zirconium y est pour beaucoup.")) == 1
    assert told(court) == [("mots", "bureau", AlertType.UPDATED)]
    court.clock.move(hours=1)
    assert court.file("c", DEAL, house="Le Courrier") == []


def test_who_heard_of_the_story_is_not_told_again(court: Court) -> None:
    court.parts = replace(court.parts, rules=(replace(RULE, recipients=("bureau",)), *court.parts.rules))
    assert len(court.file("a", DEAL)) == 1
    court.clock.move(hours=1)
    assert court.file("b", DEAL, house="Le Courrier") == []


def test_a_rule_that_was_met_before_it_was_written_tells_nothing_later(court: Court) -> None:
    rules, court.parts = court.parts.rules, replace(court.parts, rules=())
    court.file("a", DEAL, house="Le Courrier")
    court.parts = replace(court.parts, rules=rules)
    court.clock.move(hours=1)
    assert court.file("b", DEAL, house="Le Courrier") == []


def test_old_news_and_a_muted_story_are_told_to_nobody(court: Court) -> None:
    court.file("a", DEAL, age=timedelta(days=20))
    court.clock.move(hours=1)
    assert court.file("b", DEAL, house="Le Courrier", age=timedelta(days=19)) == []
    mute(court.parts, court.story_of("a").id, recipient=EVERYBODY)
    assert court.file("c", DEAL, house="Le Courrier") == []
    assert told(court) == []


def test_a_copy_in_the_wanted_house_is_its_word(court: Court) -> None:
    court.file("a", DEAL, text=TEXT, fingerprint=fingerprint(TEXT))
    court.clock.move(hours=1)
    ids = court.file("b", DEAL, text=COPY, fingerprint=fingerprint(COPY), house="Le Courrier", feed="courrier")
    assert [one.copy_of for one in court.story_of("b").sources] == ["", "a"]
    assert len(ids) == 1
    assert court.judge("b") == []


def test_a_rule_for_loops_is_told_of_the_loop(court: Court) -> None:
    rule = Rule("boucles", ("bureau",), houses=("Le Courrier",), loop=True)
    court.parts = replace(court.parts, rules=(rule,))
    court.file("a", DEAL)
    court.file("b", deal("Helvia", "Nordlys", 1e9, Kind.EQUITY), title="Helvia entre chez Nordlys")
    court.clock.move(hours=1)
    assert len(court.file("c", deal("Helvia", "Nordlys", 1e9, Kind.EQUITY), house="Le Courrier")) == 1
    assert told(court) == [("boucles", "bureau", AlertType.LOOP)]


def test_a_rehearsal_counts_what_was_sent(court: Court) -> None:
    court.file("a", DEAL, summary="Du zirconium.")
    court.clock.move(hours=1)
    court.file("b", DEAL, house="Le Courrier", summary="Du zirconium.")
    court.file("c", deal("Boréal", "Granit", 3e8), title="Boréal et Granit")
    court.clock.move(hours=1)
    court.file("d", deal("Boréal", "Granit", 3e8), title="Boréal et Granit", house="Le Courrier")
    since = court.clock.now() - timedelta(days=1)
    found = [one for telling in tellings(court.parts, since) for one in rehearse(court.parts, telling)]
    assert [(one.told.draft.rule.id, one.told.draft.type) for one in found] == [
        ("mots", AlertType.DETECTED),
        ("courrier", AlertType.DETECTED),
    ]
    assert {one.told.draft.id for one in found} == {row.alert.id for row in court.store.alerts()}
