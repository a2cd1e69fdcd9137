"""One record per story: who said what first, how many independent houses confirm it, who disagrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.pipeline.telling import FIRST, NOW, RUMOUR, article, flow, tell
from worker.model import Article, Bound, Field, Flow, Kind, Source, Status, Story
from worker.pipeline.stories import claims, tellings

THIRTY, OTHER_READING = flow(amount=30e9), flow(amount=38e9)


def by(house: str, hours: float) -> Article:
    return replace(article(f"{house}-{hours:g}", hours=hours), source=f"{house} en ligne", house=house)


def told(*accounts: tuple[str, Flow]) -> Story:
    """File one account an hour, each by a house; fails where one opens another story."""
    story: Story | None = None
    for hour, (house, one) in enumerate(accounts):
        filing = tell([one], *([story] if story else []), by=by(house, hour))
        assert filing.joined is (story is not None), filing.reasons
        story = filing.story
    assert story is not None
    return story


def field(story: Story, name: str = "amount", place: int = 0) -> Field:
    return next(one for one in claims.vouched(story).flows[place].fields if one.name == name)


def said(of: Field) -> list[tuple[Any, Sequence[str]]]:
    return [(claim.value, claim.houses) for claim in of.claims]


def test_three_houses_say_thirty_and_one_says_thirty_eight() -> None:
    story = told(("Gazette", THIRTY), ("Courrier", THIRTY), ("Dépêche", OTHER_READING), ("Écho", THIRTY))
    amount = field(story)
    assert amount.disputed
    # The firm figure that came last is held until the first is told as a revision; both stand side by side.
    assert sorted(said(amount)) == [(30e9, ("Gazette", "Courrier", "Écho")), (38e9, ("Dépêche",))]
    first = {claim.value: (claim.article_id, claim.source, claim.at, claim.currency) for claim in amount.claims}
    assert first[30e9] == ("Gazette-0", "Gazette en ligne", NOW, "USD")
    assert first[38e9][0] == "Dépêche-2"
    assert amount.claims[0].value == story.flows[0].flow.amount


def test_feeds_of_one_house_confirm_nothing_to_one_another() -> None:
    story = told(("Gazette", THIRTY), ("gazette", THIRTY), ("Courrier", THIRTY))
    assert said(field(story)) == [(30e9, ("Gazette", "Courrier"))]
    assert not field(story).disputed


def test_a_copy_is_the_word_of_the_house_that_it_copies() -> None:
    story = told(("Agence", THIRTY), ("Courrier", THIRTY), ("Écho", THIRTY))
    copied = tuple(replace(one, copy_of="Agence-0") if one.house == "Courrier" else one for one in story.sources)
    assert said(field(claims.vouched(replace(story, sources=copied)))) == [(30e9, ("Agence", "Écho"))]
    # Two copies of a text that the story does not have are one voice as well.
    lost = tuple(replace(one, copy_of="elsewhere") if one.house != "Agence" else one for one in story.sources)
    assert said(field(claims.vouched(replace(story, sources=lost)))) == [(30e9, ("Agence", "Courrier"))]


def test_copies_in_a_ring_end() -> None:
    one, two = (Source(name, "", "", name, name, NOW, NOW, copy_of=other) for name, other in (("a", "b"), ("b", "a")))
    assert claims.voice(one, {"a": one, "b": two}) == "b"


def test_a_house_that_corrects_itself_stands_by_its_last_word() -> None:
    story = told(("Gazette", THIRTY), ("Courrier", THIRTY), ("Gazette", OTHER_READING))
    assert sorted(said(field(story))) == [(30e9, ("Courrier",)), (38e9, ("Gazette",))]
    story = told(("Gazette", THIRTY), ("Gazette", OTHER_READING))
    assert said(field(story)) == [(38e9, ("Gazette",))]
    assert not field(story).disputed


@pytest.mark.parametrize(
    ("other", "claims_made", "disputed"),
    [
        (flow(amount=31e9), 1, False),
        (flow(amount=27e9, bound=Bound.ABOUT), 1, False),
        (flow(amount=60e9, bound=Bound.UP_TO), 2, False),
        (flow(amount=28e9, status=Status.REPORTED), 2, True),
        (flow(amount=50e9, bound=Bound.ABOUT), 2, True),
        (replace(flow(amount=26e9), currency="EUR"), 2, False),
    ],
)
def test_only_what_cannot_both_be_so_is_a_dispute(other: Flow, claims_made: int, disputed: bool) -> None:
    amount = field(told(("Gazette", THIRTY), ("Courrier", other)))
    assert (len(amount.claims), amount.disputed) == (claims_made, disputed)


def test_a_rumour_confirmed_is_no_dispute_and_a_denied_end_is() -> None:
    story = told(("Gazette", RUMOUR), ("Courrier", FIRST))
    assert said(field(story, "status")) == [("announced", ("Courrier",)), ("reported", ("Gazette",))]
    assert not field(story, "status").disputed
    gone = replace(FIRST, status=Status.CANCELLED)
    assert not field(told(("Gazette", FIRST), ("Courrier", gone)), "status").disputed
    assert field(told(("Gazette", FIRST), ("Courrier", gone), ("Écho", RUMOUR)), "status").disputed


def test_every_field_has_its_own_voices_and_an_unsaid_one_none() -> None:
    first = flow(kind=Kind.CHIPS, chips=18_000.0, years=5.0)
    story = told(("Gazette", first), ("Courrier", flow(kind=Kind.CHIPS, megawatts=200.0, chips=17_500.0)))
    assert {one.name: said(one) for one in claims.vouched(story).flows[0].fields} == {
        "megawatts": [(200.0, ("Courrier",))],
        "chips": [(18_000.0, ("Gazette", "Courrier"))],
        "years": [(5.0, ("Gazette",))],
        "status": [("announced", ("Gazette", "Courrier"))],
    }


def test_a_story_without_accounts_has_no_fields_and_still_takes_articles() -> None:
    old = replace(tell([FIRST], name="old").story, accounts=())
    assert claims.vouched(old) == old
    filing = tell([flow(amount=9e9)], old, by=by("Courrier", 5))
    assert filing.joined
    assert [change.kind.value for change in filing.changes] == ["amount"]
    # Nobody knows what the first one said: the second does not speak for both.
    assert claims.vouched(filing.story) == filing.story
    # An article published before is merged as a late one, and the story stays whole.
    late = tell([flow(amount=5e9)], filing.story, by=by("Écho", -5))
    assert (late.joined, late.changes, late.others, late.gone) == (True, (), (), ())


def test_a_story_that_no_more_accounts_are_kept_of_still_has_its_voices(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (claims, tellings):
        monkeypatch.setattr(module, "MOST_ACCOUNTS", 2)
    story = told(("Gazette", THIRTY), ("Courrier", THIRTY), ("Écho", THIRTY))
    assert (len(story.accounts), len(story.sources)) == (2, 3)
    assert said(field(story)) == [(30e9, ("Gazette", "Courrier"))]


def test_a_story_as_it_once_stood_has_the_voices_of_then() -> None:
    story = told(("Gazette", THIRTY), ("Courrier", THIRTY))
    assert said(field(replace(story, sources=story.sources[:1]))) == [(30e9, ("Gazette",))]


def test_figures_from_before_a_revision_contradict_nothing_but_later_ones_do() -> None:
    story = told(("Gazette", THIRTY), ("Courrier", THIRTY))
    raised = replace(by("Dépêche", 5), title="Altéa porte à 38 milliards sa commande chez Borée")
    story = tell([OTHER_READING], story, by=raised).story
    assert said(field(story)) == [(38e9, ("Dépêche",)), (30e9, ("Gazette", "Courrier"))]
    assert not field(story).disputed
    story = tell([THIRTY], story, by=by("Écho", 6)).story
    assert story.flows[0].flow.amount == 38e9
    assert field(story).disputed


def test_a_figure_of_weeks_later_is_no_other_reading() -> None:
    story = told(("Gazette", THIRTY))
    assert not field(tell([OTHER_READING], story, by=by("Courrier", 24 * 20)).story).disputed
    assert field(tell([OTHER_READING], story, by=by("Courrier", 24)).story).disputed
