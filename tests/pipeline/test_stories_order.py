"""Stories come out as if every article had arrived in its turn, and keep their names while they do."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pipeline.telling import FIRST, NOW, OTHER, STAKE, TITLE, article, flow, kinds, tell
from tests.pipeline.test_stories_properties import FLOWS
from worker import text
from worker.model import Article, Bound, Edge, Flow, Kind, Loop, Status, Story, Verdict
from worker.pipeline import stories
from worker.pipeline.stories import regrouping

Account = tuple[Article, Sequence[Flow]]


def arrive(accounts: Sequence[Account], **more: Any) -> dict[str, Story]:
    """File accounts in the order given, all at one time, as one poll brings them."""
    known: dict[str, Story] = {}
    for by, told in accounts:
        filing = stories.file(by, Verdict(True, 0.9, tuple(told)), list(known.values()), now=NOW, **more)
        for name, into in filing.gone:
            del known[name]
            assert into in {filing.story.id, *known, *(one.story.id for one in filing.others)}
        known |= {one.story.id: one.story for one in (filing, *filing.others)}
    return known


def groups(known: dict[str, Story]) -> set[frozenset[str]]:
    return {frozenset(one.article_id for one in story.sources) for story in known.values()}


def terms(known: dict[str, Story]) -> Any:
    return {
        frozenset(one.article_id for one in story.sources): (
            {(held.flow.key, held.flow.amount, held.flow.megawatts, held.flow.status) for held in story.flows},
            {(one.name, frozenset((claim.value, claim.houses) for claim in one.claims), one.disputed)
             for held in stories.vouched(story).flows for one in held.fields},
        )
        for story in known.values()
    }  # fmt: skip


TITLES = (TITLE, OTHER, "Deuxième contrat : des accélérateurs supplémentaires", "Altéa revoit sa facture chez Borée")


@settings(max_examples=150, deadline=None)
@given(
    drawn=st.lists(st.tuples(FLOWS, st.integers(0, 2_000), st.sampled_from(TITLES)), min_size=2, max_size=7),
    seed=st.integers(0, 10_000),
)
def test_any_articles_in_any_order(drawn: list[tuple[list[Flow], int, str]], seed: int) -> None:
    accounts = [
        (article(f"n{place}", hours=hours, title=title), told) for place, (told, hours, title) in enumerate(drawn)
    ]
    in_turn = sorted(accounts, key=lambda one: (str(one[0].published), one[0].id))
    mixed = random.Random(seed).sample(accounts, len(accounts))
    wanted, found = arrive(in_turn, window=timedelta(days=60)), arrive(mixed, window=timedelta(days=60))
    assert groups(found) == groups(wanted)
    for story in found.values():
        assert len(story.sources) == len(story.accounts)
        order = [next(one.published for one in story.sources if one.article_id == stories.unpack(two).article_id)
                 for two in story.accounts]  # fmt: skip
        assert order == sorted(order, key=str)


# An article of hour 0 tells both sides of a deal of which others told one side each.
BOTH: Account = (article("both", hours=0), [FIRST, STAKE])
ONE: Account = (article("one", hours=1), [FIRST])
TWO: Account = (article("two", hours=2), [STAKE])


@pytest.mark.parametrize("order", list(permutations([BOTH, ONE, TWO])))
def test_an_article_that_joins_two_stories_makes_them_one(order: Sequence[Account]) -> None:
    known = arrive(order)
    assert groups(known) == {frozenset({"both", "one", "two"})}
    assert terms(known) == terms(arrive([BOTH, ONE, TWO]))
    (story,) = known.values()
    assert story.sources[0].article_id == "both" or story.id != text.digest("story", "both")


def test_the_elder_of_two_stories_goes_on_and_tells_nothing_twice() -> None:
    one = tell([FIRST], by=ONE[0]).story
    two = tell([STAKE], one, by=TWO[0]).story
    filing = stories.file(BOTH[0], Verdict(True, 0.9, tuple(BOTH[1])), [two, one], now=NOW + timedelta(hours=3))
    assert (filing.story.id, filing.gone, filing.others) == (one.id, ((two.id, one.id),), ())
    assert filing.changes == ()
    assert (filing.story.version, filing.story.title, filing.story.opened_at) == (1, one.title, one.opened_at)
    assert {held.flow.kind for held in filing.story.flows} == {Kind.COMPUTE, Kind.EQUITY}


def test_a_story_that_takes_in_another_tells_what_neither_had() -> None:
    one = tell([FIRST], by=ONE[0]).story
    two = tell([STAKE], one, by=TWO[0]).story
    told = (FIRST, replace(STAKE, status=Status.CANCELLED), flow(kind=Kind.POWER, amount=7e8))
    late = Verdict(True, 0.9, told)
    filing = stories.file(BOTH[0], late, [two, one], now=NOW + timedelta(hours=3))
    assert filing.gone == ((two.id, one.id),)
    assert [(change.kind.value, change.flow and change.flow.kind) for change in filing.changes] == [
        ("new_flow", Kind.POWER)
    ]
    assert filing.story.version == 2


def test_an_article_finds_a_better_story_when_that_comes_late() -> None:
    """Told of nine, one joined the story of five until the story of nine was there."""
    five, nine = article("five", hours=0), article("nine", hours=1, title=OTHER)
    first = article("first", hours=0.5, title="Deuxième contrat pour Borée, distinct du premier")
    told: list[Account] = [(five, [FIRST]), (first, [flow(amount=9e9)]), (nine, [flow(amount=9e9)])]
    wanted = groups(arrive(told))
    assert wanted == {frozenset({"five"}), frozenset({"first", "nine"})}
    for order in permutations(told):
        known = arrive(order)
        assert groups(known) == wanted
        assert len(set(known)) == 2


def test_the_story_that_an_article_leaves_keeps_its_name_and_the_other_is_told() -> None:
    five = tell([FIRST], name="five").story
    five = tell([flow(amount=9e9)], five, by=article("nine", hours=1, title=OTHER)).story
    first = article("first", hours=0.5, title="Deuxième contrat pour Borée, distinct du premier")
    filing = stories.file(first, Verdict(True, 0.9, (flow(amount=9e9),)), [five], now=NOW + timedelta(hours=2))
    assert kinds(filing) == ["new_story"]
    assert {one.article_id for one in filing.story.sources} == {"first", "nine"}
    (other,) = filing.others
    assert (other.story.id, other.changes, filing.gone) == (five.id, (), ())
    assert other.story.version == five.version
    assert [held.flow.amount for held in other.story.flows] == [5e9]


def test_stories_of_the_operator_keep_their_articles() -> None:
    one = tell([FIRST], by=ONE[0]).story
    two = tell([STAKE], one, by=TWO[0]).story
    verdict = Verdict(True, 0.9, tuple(BOTH[1]))
    filing = stories.file(BOTH[0], verdict, [one, two], now=NOW + timedelta(hours=3), fixed={one.id, two.id})
    assert filing.joined
    assert (filing.others, filing.gone) == ((), ())


def test_proof_and_age_outlive_a_regrouping() -> None:
    told = replace(FIRST, evidence=(proof := tell_proof("Altéa loue"),))
    late = stories.file(ONE[0], Verdict(True, 0.9, (told,)), (), now=NOW + timedelta(hours=1)).story
    early = stories.file(BOTH[0], Verdict(True, 0.9, (FIRST,)), [late], now=NOW + timedelta(hours=5)).story
    (held,) = early.flows
    assert (held.flow.evidence, held.article_id, held.first_seen) == ((proof,), "one", NOW + timedelta(hours=1))


def tell_proof(words: str) -> Any:
    from worker.model import Evidence, Span

    return Evidence("payer", Span("text", 0, len(words)), words, words, Span("text", 0, len(words)))


def test_a_story_takes_nothing_beyond_its_time() -> None:
    known = tell([FIRST]).story
    late = article("late", hours=24 * 100)
    verdict = Verdict(True, 0.9, (FIRST,))
    assert not stories.file(late, verdict, [known], now=NOW, window=timedelta(days=90)).joined
    assert stories.file(late, verdict, [known], now=NOW, window=timedelta(days=110)).joined


FURTHER = article("further", hours=400, title="Deuxième contrat : des accélérateurs supplémentaires en Norvège")


def test_a_further_contract_names_the_story_that_it_follows() -> None:
    known = tell([FIRST]).story
    filing = tell([flow(amount=12e9)], known, by=FURTHER)
    assert (filing.joined, filing.story.earlier) == (False, known.id)
    # The latest of several, and not one of other parties or of another kind.
    third = article("third", hours=900, title="Troisième commande d’Altéa, en Suède cette fois")
    other = tell([flow("Dune", "Borée", amount=3e9)], name="other", hours=500).story
    assert tell([flow(amount=20e9)], known, filing.story, other, by=third).story.earlier == filing.story.id
    assert tell([flow("Dune", "Céleste", amount=1e9)], known, by=third).story.earlier == ""


def test_the_earlier_contract_may_arrive_later() -> None:
    deals: list[Account] = [(article("a"), [FIRST]), (FURTHER, [flow(amount=12e9)])]
    for order in permutations(deals):
        known = arrive(order)
        assert {story.earlier for story in known.values()} == {"", text.digest("story", "a")}


def test_a_cancelled_follow_up_does_not_end_the_first_contract() -> None:
    known = tell([FIRST]).story
    second = tell([flow(amount=12e9)], known, by=FURTHER).story
    last = article("end", hours=500, title="Altéa renonce à ses accélérateurs en Norvège")
    end = tell([flow(amount=12e9, status=Status.CANCELLED)], known, second, by=last)
    assert (end.story.id, kinds(end)) == (second.id, ["cancelled"])


def test_a_story_that_takes_in_another_closes_its_loops_too() -> None:
    one = tell([FIRST], by=ONE[0]).story
    two = tell([STAKE], one, by=TWO[0]).story
    terms_of = (Kind.COMPUTE, 1e9, "USD", Status.ANNOUNCED, Bound.EXACT, "s", NOW)
    ring = Loop("l", (Edge("Altéa", "Borée", *terms_of), Edge("Borée", "Altéa", *terms_of)))
    known = [one, replace(two, loops=(ring,))]
    filing = stories.file(BOTH[0], Verdict(True, 0.9, tuple(BOTH[1])), known, now=NOW + timedelta(hours=3))
    assert (filing.story.id, filing.story.loops) == (one.id, (ring,))


def test_far_behind_a_crowd_whole_stories_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number of accounts a story is not opened at all: half of one would lose articles."""
    monkeypatch.setattr(regrouping, "MOST", 3)
    one = tell([FIRST], by=ONE[0]).story
    for number in range(4):
        one = tell([FIRST], one, name=f"m{number}", hours=3 + number).story
    filing = stories.file(BOTH[0], Verdict(True, 0.9, tuple(BOTH[1])), [one], now=NOW + timedelta(hours=9))
    assert len(filing.story.sources) == len(filing.story.accounts) == 6
    assert (filing.others, filing.gone) == ((), ())
