"""The life of a story: reported, announced, extended, cancelled. What is material makes one change, the rest none."""

from __future__ import annotations

import pytest

from tests.pipeline.telling import FIRST, RIGHT, RUMOUR, TITLE, after, article, flow, kinds, tell
from worker.model import Bound, Flow, Kind, Status

RAISED = "Altéa porte à 9 milliards sa commande chez Borée"
WEEKS = 24.0 * 20


def test_a_life_from_rumour_to_end() -> None:
    story = tell([RUMOUR]).story
    steps = [
        (flow(amount=5e9), TITLE, 24, ["status"]),
        (flow(amount=5.1e9), TITLE, 25, []),
        (flow(amount=9e9), RAISED, WEEKS, ["extended"]),
        (flow(amount=9e9), RAISED, WEEKS + 1, []),
        (flow(amount=9e9, status=Status.CANCELLED), TITLE, WEEKS + 300, ["cancelled"]),
        (flow(amount=9e9, status=Status.CANCELLED), TITLE, WEEKS + 301, []),
    ]
    for place, (told, title, hours, expected) in enumerate(steps):
        filing = tell([told], story, by=article(f"s{place}", hours=hours, title=title))
        assert filing.joined, filing.reasons
        assert kinds(filing) == expected, place
        story = filing.story
    assert (story.status, story.version) == (Status.CANCELLED, 4)


@pytest.mark.parametrize(
    ("held", "told", "title", "hours", "expected"),
    [
        pytest.param(FIRST, flow(amount=9e9), TITLE, WEEKS, ["extended"], id="weeks later"),
        pytest.param(FIRST, flow(amount=9e9), RAISED, 5, ["extended"], id="in words of revision"),
        pytest.param(FIRST, flow(amount=9e9), TITLE, 5, ["amount"], id="the same day: another reading"),
        pytest.param(FIRST, flow(amount=3e9), TITLE, WEEKS, ["amount"], id="less is no extension"),
        pytest.param(FIRST, flow(amount=9e9, status=Status.REPORTED), RAISED, WEEKS, ["amount"], id="by rumour"),
        pytest.param(RUMOUR, flow(amount=9e9), RAISED, WEEKS, ["status", "amount"], id="of a rumour"),
        pytest.param(FIRST, flow(amount=9e9, bound=Bound.UP_TO), RAISED, WEEKS, [], id="up to"),
        pytest.param(flow(megawatts=200.0), flow(megawatts=500.0), TITLE, WEEKS, ["extended"], id="megawatts"),
        pytest.param(flow(megawatts=200.0), flow(megawatts=205.0), TITLE, WEEKS, [], id="megawatts rounded"),
        pytest.param(flow(megawatts=200.0), flow(megawatts=500.0), TITLE, 5, [], id="megawatts the same day"),
        pytest.param(RIGHT, flow(amount=2e9), TITLE, WEEKS, ["extended"], id="a right exercised"),
    ],
)
def test_more_by_a_later_announcement_is_an_extension(
    held: Flow, told: Flow, title: str, hours: float, expected: list[str]
) -> None:
    known = tell([held]).story
    filing = tell([told], known, by=article("b", hours=hours, title=title))
    assert filing.joined, filing.reasons
    assert kinds(filing) == expected
    again = tell([told], filing.story, by=article("c", hours=hours + 1, title=title))
    assert kinds(again) == []


def test_an_extension_says_from_what_to_what() -> None:
    (change,) = tell([flow(amount=9e9)], tell([FIRST]).story, by=article("b", hours=WEEKS, title=RAISED)).changes
    assert (change.before["amount"], change.after["amount"]) == (5e9, 9e9)
    (change,) = after([RIGHT], [flow(amount=2e9)]).changes
    assert (change.before, change.after) == ({"status": "option"}, {"status": "announced"})


def test_a_party_is_news_where_nobody_had_named_it() -> None:
    filing = after([flow(payer=None, amount=5e9)], [FIRST])
    assert kinds(filing) == ["new_party"]
    (change,) = filing.changes
    assert (change.before, change.after) == ({"payer": None}, {"payer": "Altéa"})
    # The story knew the name by another of its flows.
    known = [flow(payer=None, amount=5e9), flow("Altéa", "Céleste", Kind.CHIPS)]
    assert kinds(after(known, [FIRST])) == []


def test_outlets_that_disagree_are_told_once_each() -> None:
    """Five, nine, five again, nine again: the readers hear of nine once."""
    assert [kinds(after(*([flow(amount=one)] for one in seen))) for seen in ([5e9, 9e9], [5e9, 9e9, 5e9])] == [
        ["amount"],
        [],
    ]
    assert kinds(after(*([flow(amount=one)] for one in (5e9, 9e9, 7e9)))) == ["amount"]
    assert kinds(after(*([flow(amount=one)] for one in (5e9, 9e9, 7e9, 9e9)))) == []


def test_one_change_per_flow_and_turn() -> None:
    filing = after([flow(payer=None, amount=5e9, status=Status.REPORTED)], [flow(amount=5.2e9)])
    assert kinds(filing) == ["new_party", "status"]
    assert {change.version for change in filing.changes} == {2}
