"""One story per deal: what joins, what opens another, what is a material change and what is another wording."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tests.pipeline.telling import (
    FIRST,
    NOW,
    OTHER,
    RIGHT,
    RUMOUR,
    STAKE,
    TITLE,
    VAGUE,
    after,
    article,
    flow,
    kinds,
    tell,
)
from worker import text
from worker.model import (
    Bound,
    Edge,
    Evidence,
    Flow,
    Kind,
    Loop,
    Span,
    Status,
)
from worker.pipeline import stories


def test_the_first_article_opens_a_story() -> None:
    filing = tell([flow(amount=5e9)])
    story = filing.story
    assert not filing.joined
    assert kinds(filing) == ["new_story"]
    assert (story.id, story.version, story.title) == (text.digest("story", "a"), 1, TITLE)
    assert story.status is Status.ANNOUNCED
    assert [held.flow for held in story.flows] == [flow(amount=5e9)] == list(story.founding)
    assert [(one.article_id, one.url) for one in story.sources] == [("a", "https://presse.example/a")]


# Each row: what the story holds, what a later article tells, the changes.
UNCHANGED = [
    pytest.param([FIRST], [FIRST], id="the same again"),
    pytest.param([FIRST], [flow()], id="no amount"),
    pytest.param([FIRST], [flow(amount=5.2e9)], id="rounded"),
    pytest.param([FIRST], [flow(amount=6e9, bound=Bound.ABOUT)], id="vague and near"),
    pytest.param([FIRST], [flow(amount=6e9, bound=Bound.UP_TO)], id="up to"),
    pytest.param([FIRST], [flow(amount=3e9, bound=Bound.ABOUT)], id="vague and far"),
    pytest.param([VAGUE], [FIRST], id="a vague figure made firm"),
    pytest.param([FIRST], [RUMOUR], id="reported after announced"),
    pytest.param([FIRST, STAKE], [FIRST], id="a flow left out"),
    pytest.param([FIRST], [flow(payee=None, amount=5e9)], id="a name left out"),
    pytest.param([FIRST], [flow(payer=None)], id="a name and the amount left out"),
    pytest.param([FIRST], [FIRST, flow(kind=Kind.PARTNERSHIP)], id="a tie-up beside money"),
    pytest.param([FIRST], [FIRST, flow("Borée", "Altéa", Kind.PARTNERSHIP)], id="a tie-up the other way round"),
    pytest.param([FIRST], [flow(kind=Kind.CHIPS, amount=5e9)], id="another word for the kind"),
    pytest.param([FIRST], [FIRST, flow(payer=None)], id="a nameless flow beside the named one"),
    pytest.param([FIRST], [replace(FIRST, years=7.0)], id="a term"),
    pytest.param([FIRST], [replace(FIRST, currency="EUR")], id="another currency"),
    pytest.param([flow("ALTEA", "boree", amount=5e9)], [FIRST], id="another spelling of names"),
    pytest.param([FIRST], [flow(status=Status.OPTION)], id="a right told loosely"),
    pytest.param([flow(kind=Kind.PARTNERSHIP)], [flow("Borée", "Altéa", Kind.PARTNERSHIP)], id="a tie-up turned"),
]
CHANGED = [
    pytest.param([flow()], [FIRST], ["amount"], id="a first amount"),
    pytest.param([flow()], [flow(megawatts=300.0)], ["amount"], id="a first capacity"),
    pytest.param([FIRST], [flow(amount=7e9)], ["amount"], id="another firm amount"),
    pytest.param([VAGUE], [flow(amount=1e9)], ["amount"], id="a firm amount far below the ceiling"),
    pytest.param([RUMOUR], [FIRST], ["status"], id="confirmed"),
    pytest.param([RUMOUR], [flow(amount=7e9)], ["status", "amount"], id="confirmed with another amount"),
    pytest.param([FIRST], [flow(amount=5e9, status=Status.CANCELLED)], ["cancelled"], id="called off"),
    pytest.param([FIRST], [flow(status=Status.CANCELLED)], ["cancelled"], id="called off without the amount"),
    pytest.param([RIGHT], [flow(amount=2e9)], ["extended"], id="a right exercised"),
    pytest.param([flow(payee=None, amount=5e9)], [FIRST], ["new_party"], id="a name that nobody had told"),
    pytest.param([FIRST], [FIRST, STAKE], ["new_flow"], id="another flow"),
    pytest.param([FIRST], [FIRST, flow(amount=20e9, status=Status.OPTION)], ["new_flow"], id="a right beside"),
    pytest.param([FIRST], [FIRST, flow("Altéa", "Céleste", Kind.CHIPS)], ["new_flow"], id="another supplier"),
    pytest.param([flow(status=Status.CANCELLED)], [flow()], ["status"], id="back again"),
]


@pytest.mark.parametrize(("held", "told"), UNCHANGED)
def test_another_wording_changes_nothing_but_is_cited(held: list[Flow], told: list[Flow]) -> None:
    filing = after(held, told)
    assert kinds(filing) == []
    assert filing.story.version == 1
    assert [one.article_id for one in filing.story.sources] == ["a0", "a1"]
    assert len(filing.story.flows) == len(held)


@pytest.mark.parametrize(("held", "told", "expected"), CHANGED)
def test_a_material_change_makes_a_version(held: list[Flow], told: list[Flow], expected: list[str]) -> None:
    filing = after(held, told)
    assert kinds(filing) == expected
    assert filing.story.version == 2
    assert {change.version for change in filing.changes} == {2}
    assert {change.story_id for change in filing.changes} == {filing.story.id}
    # Told once, it is news no more.
    again = tell(told, filing.story, hours=2, name="again")
    assert again.joined
    assert kinds(again) == []


def test_a_change_says_what_was_and_what_is() -> None:
    (size,) = after([FIRST], [flow(amount=7e9)]).changes
    assert (size.before["amount"], size.after["amount"], size.after["currency"]) == (5e9, 7e9, "USD")
    assert size.flow == flow(amount=7e9)
    (status,) = after([RUMOUR], [FIRST]).changes
    assert (status.before, status.after) == ({"status": "reported"}, {"status": "announced"})


def test_gaps_are_filled_without_a_word() -> None:
    filing = after([flow(amount=5e9, bound=Bound.ABOUT)], [replace(FIRST, years=5.0, chips=9000.0)])
    assert [held.flow for held in filing.story.flows] == [replace(FIRST, years=5.0, chips=9000.0)]
    assert kinds(filing) == []


def test_the_proof_of_a_change_is_of_the_article_that_brought_it() -> None:
    def said(words: str) -> tuple[Evidence, ...]:
        return (Evidence("amount", Span("text", 0, len(words)), words, words, Span("text", 0, len(words))),)

    first, same, other = (replace(FIRST, amount=value, evidence=said(str(value))) for value in (5e9, 5.1e9, 9e9))
    (held,) = after([first], [same]).story.flows
    assert (held.article_id, held.flow.evidence) == ("a0", said("5000000000.0"))
    (held,) = after([first], [other]).story.flows
    assert (held.article_id, held.flow.evidence, held.first_seen) == ("a1", said("9000000000.0"), NOW)


def test_a_tie_up_gives_way_to_the_purchase_it_was() -> None:
    filing = after([flow(kind=Kind.PARTNERSHIP), STAKE], [FIRST, STAKE])
    assert kinds(filing) == ["new_flow"]
    assert {held.flow.kind for held in filing.story.flows} == {Kind.COMPUTE, Kind.EQUITY}


def test_an_older_account_neither_cancels_nor_resizes() -> None:
    known = tell([FIRST], by=article("late", hours=48)).story
    assert kinds(tell([flow(status=Status.CANCELLED)], known, name="old")) == []
    assert kinds(tell([flow(amount=9e9)], known, name="old")) == []


def test_a_rumour_does_not_bring_back_what_was_called_off() -> None:
    filing = after([flow(status=Status.CANCELLED)], [flow(status=Status.REPORTED)])
    assert kinds(filing) == []
    assert filing.story.status is Status.CANCELLED


def test_a_story_is_cancelled_when_all_of_it_is() -> None:
    gone = replace(FIRST, status=Status.CANCELLED)
    assert after([FIRST, STAKE], [gone]).story.status is Status.ANNOUNCED
    assert after([FIRST, STAKE], [gone, replace(STAKE, status=Status.CANCELLED)]).story.status is Status.CANCELLED
    assert after([RUMOUR, RIGHT], [RUMOUR]).story.status is Status.REPORTED


def test_an_outlet_with_the_old_figure_does_not_turn_the_amount_back() -> None:
    filing = after([FIRST], [flow(amount=9e9)], [FIRST])
    assert kinds(filing) == []
    assert filing.story.flows[0].flow.amount == 9e9


def test_terms_revised_to_the_first_figure_are_news() -> None:
    known = after([FIRST], [flow(amount=9e9)]).story
    by = article("r", hours=90, title="Altéa ramène à 5 milliards sa commande chez Borée, au lieu de 9")
    assert kinds(tell([FIRST], known, by=by)) == ["amount"]


def test_an_article_counts_once() -> None:
    known = after([FIRST], [FIRST]).story
    again = tell([flow(amount=9e9)], known, name="a1", hours=9)
    assert (again.story, again.changes, again.joined) == (known, (), True)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param([flow("Altéa", "Céleste", amount=5e9)], id="another supplier"),
        pytest.param([flow("Dune", "Borée", amount=5e9)], id="another client"),
        pytest.param([flow("Borée", "Altéa", amount=8e9)], id="the other way round"),
        pytest.param([flow(kind=Kind.EQUITY, amount=8e9)], id="another kind"),
        pytest.param([flow(None, "Borée", amount=50e9)], id="nobody named, another amount"),
        pytest.param([flow(None, "Borée", Kind.DEBT)], id="another kind, nobody named"),
        pytest.param([], id="nothing"),
    ],
)
def test_other_parties_or_kinds_open_another_story(told: list[Flow]) -> None:
    filing = tell(told, tell([FIRST]).story, name="b", hours=1)
    assert not filing.joined
    assert kinds(filing) == ["new_story"]


def test_a_nameless_party_needs_figures_or_words() -> None:
    known = tell([FIRST]).story
    other = article("b", hours=1, title="Un fabricant de turbines signe avec une mairie de province")
    assert not tell([flow(payer=None)], known, by=other).joined
    assert tell([flow(payer=None, amount=5e9)], known, by=other).joined
    assert tell([flow(payer=None)], known, name="b", hours=1).joined


@pytest.mark.parametrize(
    ("amount", "title", "joined"),
    [(4e9, OTHER, True), (None, TITLE, True), (None, OTHER, False), (9e9, OTHER, False), (9e9, TITLE, True)],
)
def test_one_firms_own_sites_are_parted_by_figures_and_words(amount: float | None, title: str, joined: bool) -> None:
    known = tell([flow("Altéa", None, Kind.SITE, 4e9)]).story
    told = [flow("Altéa", None, Kind.SITE, amount)]
    assert tell(told, known, by=article("b", hours=100, title=title)).joined is joined


@pytest.mark.parametrize(
    ("told", "title", "hours", "expected"),
    [
        (flow(kind=Kind.PARTNERSHIP), TITLE, 100, []),
        (flow(kind=Kind.PARTNERSHIP), OTHER, 1, []),
        (flow(kind=Kind.PARTNERSHIP), OTHER, 100, None),
        (flow("Borée", "Altéa", amount=5e9), OTHER, 100, []),
        (flow(kind=Kind.EQUITY, amount=5e9), OTHER, 100, []),
        (flow("Borée", "Altéa", Kind.EQUITY, 5e9), OTHER, 1, ["new_flow"]),
        (flow("Borée", "Altéa", Kind.EQUITY, 5e9), OTHER, 100, None),
        (flow("Borée", "Altéa", Kind.EQUITY, 9e9), TITLE, 1, None),
    ],
)
def test_two_parties_told_otherwise(told: Flow, title: str, hours: float, expected: list[str] | None) -> None:
    """A misread direction or kind is no news; what is neither the deal nor near it opens another story."""
    filing = tell([told], tell([FIRST]).story, by=article("b", hours=hours, title=title))
    assert kinds(filing) == (["new_story"] if expected is None else expected)


FURTHER = "Deuxième contrat : des accélérateurs supplémentaires loués en Norvège"
REVISED = "Facture revue : Altéa paiera davantage au lieu de s'en tenir au prix initial"


@pytest.mark.parametrize(
    ("title", "hours", "status", "joined"),
    [
        (TITLE, 1, Status.ANNOUNCED, True),
        (TITLE, 400, Status.ANNOUNCED, True),
        (FURTHER, 1, Status.ANNOUNCED, False),
        (FURTHER, 400, Status.REPORTED, False),
        (REVISED, 400, Status.ANNOUNCED, True),
        (OTHER, 400, Status.ANNOUNCED, False),
        (OTHER, 400, Status.REPORTED, True),
        (OTHER, 100, Status.ANNOUNCED, True),
    ],
)
def test_another_amount_is_an_update_or_a_further_contract(
    title: str, hours: float, status: Status, joined: bool
) -> None:
    known = tell([FIRST]).story
    filing = tell([flow(amount=12e9, status=status)], known, by=article("b", hours=hours, title=title))
    assert filing.joined is joined
    # A week after the announcement another one is an extension; before, and from rumours, it is another reading.
    grown = "extended" if hours > 24 * 7 and status is Status.ANNOUNCED else "amount"
    assert kinds(filing) == ([grown] if joined else ["new_story"])


def test_chips_part_two_contracts_where_nothing_else_does() -> None:
    known = tell([flow(chips=24000.0)]).story
    later = article("b", hours=600, title=OTHER)
    assert not tell([flow(amount=9e9, chips=200000.0)], known, by=later).joined
    assert tell([flow(amount=9e9, chips=25000.0)], known, by=later).joined


def test_a_story_cannot_drift() -> None:
    """Flows that later articles add do not draw in articles about those alone."""
    known = after([FIRST], [FIRST, flow("Altéa", "Céleste", Kind.CHIPS, 2e9)]).story
    assert not tell([flow("Altéa", "Céleste", Kind.CHIPS, 2e9)], known, name="c", hours=3).joined
    assert known.words == tell([FIRST]).story.words


def test_the_best_fitting_story_is_joined() -> None:
    five = tell([FIRST], name="five").story
    nine = tell([flow(amount=9e9)], name="nine").story
    for order in ((five, nine), (nine, five)):
        assert tell([flow(amount=9e9)], *order, name="b", hours=1).story.id == nine.id
        assert tell([FIRST], *order, name="b", hours=1).story.id == five.id


def test_a_recalled_deal_stays_in_its_own_story() -> None:
    stake, order = tell([STAKE], name="s").story, tell([FIRST], name="o").story
    words = article("b", hours=1)
    told = [FIRST, flow("Altéa", "Céleste", Kind.SITE), STAKE]
    filing = tell(told, order, stake, by=words)
    assert filing.joined
    assert kinds(filing) == ["new_flow"]
    assert {held.flow.payee for held in filing.story.flows} in ({"Borée", "Céleste"}, {"Altéa", "Céleste"})


def loop(amount: float = 1e9, date: datetime = NOW) -> Loop:
    terms = (Kind.COMPUTE, amount, "USD", Status.ANNOUNCED, Bound.EXACT, "s", date)
    return Loop("l", (Edge("Altéa", "Borée", *terms), Edge("Borée", "Altéa", *terms)))


def test_a_loop_closed_by_a_change_is_of_the_same_version() -> None:
    filing = stories.apply_loops(after([RUMOUR], [FIRST]), [loop()])
    assert kinds(filing) == ["status", "loop_closed"]
    assert (filing.story.version, {change.version for change in filing.changes}) == (2, {2})
    assert filing.story.loops == (loop(),)


def test_a_loop_told_again_replaces_the_one_that_was_told() -> None:
    told = stories.apply_loops(tell([FIRST]), [loop()])
    quiet = replace(told, changes=())
    louder = stories.apply_loops(quiet, [loop(amount=2e9)])
    assert (kinds(louder), louder.story.version, louder.story.loops) == (["loop_closed"], 2, (loop(amount=2e9),))
    assert stories.apply_loops(told, []) == told
