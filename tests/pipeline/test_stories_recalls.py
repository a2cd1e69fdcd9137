"""What an article recalls beside its own news, and stories that nobody told for long."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.pipeline.telling import FIRST, OTHER, TITLE, article, flow, kinds, tell
from worker.model import Evidence, Flow, Kind, Span, Status

DUNE = flow("Dune", "Borée", amount=9e9)
# Two firms deal; days later one of them deals with a third, and the press recalls the first deal.
HEADLINE = "Dune commande à son tour chez Borée"


@pytest.mark.parametrize(
    ("told", "title", "hours", "joined"),
    [
        pytest.param([DUNE, FIRST], HEADLINE, 100, False, id="recalled, figures and all"),
        pytest.param([DUNE, flow()], HEADLINE, 100, False, id="recalled without its figures"),
        pytest.param([FIRST, DUNE], "Altéa et Dune se servent chez Borée", 100, True, id="both in the headline"),
        pytest.param([FIRST, DUNE], "Altéa confirme sa commande à Borée", 100, True, id="the story in the headline"),
        pytest.param([FIRST, DUNE], "Bousculade dans les fermes de serveurs", 100, True, id="nobody in the headline"),
        pytest.param([DUNE, FIRST], HEADLINE, 20, True, id="another side of the news, the same days"),
        pytest.param([FIRST], "Dune commande à son tour", 100, True, id="no other flow in the headline"),
        pytest.param([flow("Dun", "Borée"), FIRST], HEADLINE, 100, True, id="a name inside another word"),
    ],
)
def test_what_the_headline_passes_over_is_recalled(told: list[Flow], title: str, hours: float, joined: bool) -> None:
    filing = tell(told, tell([FIRST]).story, by=article("b", hours=hours, title=title))
    assert filing.joined is joined
    if not joined:
        assert kinds(filing) == ["new_story"]


def test_whichever_comes_first_the_later_account_recalls() -> None:
    late = article("late", hours=100, title=HEADLINE)
    known = tell([DUNE, FIRST], by=late).story
    early = tell([FIRST], known, by=article("early", title="Altéa loue la ferme de Borée"))
    assert not early.joined
    # An account as late as the story's takes up what the story opened with, in the headline or not.
    assert tell([FIRST], known, by=article("same", hours=160, title="Altéa loue la ferme de Borée")).joined


def test_a_headline_names_a_party_by_another_name_where_the_proof_says_so() -> None:
    title = "Le créateur du chatbot Sable commande à son tour chez Borée"
    proof = Evidence("payer", Span("title", 0, 27), title[:27], title, Span("title", 0, len(title)))
    told = [replace(DUNE, evidence=(proof,)), FIRST]
    assert not tell(told, tell([FIRST]).story, by=article("b", hours=100, title=title)).joined
    elsewhere = replace(proof, span=Span("text", 0, 27))
    told = [replace(DUNE, evidence=(elsewhere,)), FIRST]
    assert tell(told, tell([FIRST]).story, by=article("b", hours=100, title=title)).joined


LONG = 24.0 * 60


@pytest.mark.parametrize(
    ("told", "title", "joined"),
    [
        pytest.param([FIRST], OTHER, True, id="the same figures"),
        pytest.param([flow()], TITLE, False, id="no figures, the same words"),
        pytest.param([flow(amount=9e9, status=Status.REPORTED)], TITLE, False, id="other figures"),
        pytest.param([flow(kind=Kind.PARTNERSHIP)], TITLE, False, id="a tie-up of the two"),
        pytest.param([flow(amount=5e9, status=Status.CANCELLED)], OTHER, True, id="its end, with its figures"),
        pytest.param([flow(status=Status.CANCELLED)], TITLE, False, id="an end without figures"),
    ],
)
def test_an_old_story_takes_its_own_figures_alone(told: list[Flow], title: str, joined: bool) -> None:
    assert tell(told, tell([FIRST]).story, by=article("b", hours=LONG, title=title)).joined is joined


def test_a_story_told_all_along_is_not_old() -> None:
    known = tell([FIRST]).story
    for number in range(1, 4):
        known = tell([FIRST], known, by=article(f"m{number}", hours=number * 24 * 30)).story
    assert tell([flow()], known, by=article("b", hours=4 * 24 * 30)).joined
