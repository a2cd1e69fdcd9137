"""Stories by the operator's word: faces, rebuilding, what a decision changed, loops that broke."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.pipeline.telling import FIRST, NOW, STAKE, article, flow, tell
from worker.model import Account, Bound, Edge, Flow, Kind, Loop, Rulings, Status, Story, Verdict
from worker.pipeline.stories import decided

OTHER = flow("Granit", "Boréal", Kind.POWER, 3e8)


def account(name: str, *flows: Flow, hours: float = 0, title: str = "Altéa et Borée") -> Account:
    told = article(name, hours=hours, title=title)
    filing = tell(flows, by=told)
    return Account(told, Verdict(True, 0.9, flows), replace(filing.story.sources[0], seen_at=NOW + timedelta(days=3)))


def built(*accounts: Account, faces: tuple[Story, ...] = ()) -> Story:
    return decided.rebuilt(accounts, faces, story_id="s", version=7)


def test_a_story_is_built_in_order_of_publication_whatever_the_order_given() -> None:
    accounts = [account("a", FIRST), account("b", flow(amount=9e9), hours=5), account("c", OTHER, hours=9)]
    story = built(*accounts)
    assert story == built(*reversed(accounts))
    assert [source.article_id for source in story.sources] == ["a", "b", "c"]
    assert (story.id, story.version, story.updated_at) == ("s", 7, NOW + timedelta(days=3))
    assert [(held.flow.amount, held.article_id) for held in story.flows] == [(9e9, "b"), (3e8, "c")]


def test_another_figure_of_what_only_the_operator_takes_for_one_is_a_change_of_terms() -> None:
    late = account("b", flow(amount=9e9), hours=24 * 80, title="Tout autre chose")
    (held,) = built(account("a", FIRST), late).flows
    assert held.flow.amount == 9e9


def test_an_account_without_names_words_or_figures_is_cited_all_the_same() -> None:
    bare = Flow(None, None, Kind.COMPUTE)
    story = built(account("a", FIRST), account("b", bare, hours=24 * 80, title="Un"))
    assert [source.article_id for source in story.sources] == ["a", "b"]


def test_a_story_takes_in_under_the_face_of_one_that_it_took_in_and_keeps_its_own() -> None:
    face = tell([OTHER], name="o").story
    story = built(account("a", FIRST), account("o", OTHER))
    told = article("o2", hours=2, title="Granit fournit Boréal")
    verdict = Verdict(True, 0.9, (OTHER,))
    ruled = decided.file_ruled(told, verdict, [story], Rulings({"s": (face,)}), now=NOW)
    assert (ruled.joined, ruled.story.id) == (True, "s")
    assert (ruled.story.founding, ruled.story.words) == (story.founding, story.words)
    assert [source.article_id for source in ruled.story.sources] == ["a", "o", "o2"]
    assert not decided.file_ruled(told, verdict, [story], Rulings(), now=NOW).joined


def test_a_muted_story_takes_a_late_article_but_no_other_story() -> None:
    """The late one fills the gap that kept two apart: one of them would go on muted, and the other with it."""
    window, now = timedelta(days=60), NOW + timedelta(days=80)
    one = tell([FIRST], name="one").story
    two = tell([FIRST], by=article("two", hours=24 * 80)).story
    late, verdict = article("late", hours=24 * 40), Verdict(True, 0.9, (FIRST,))
    free = decided.file_ruled(late, verdict, [one, two], Rulings(), now=now, window=window)
    assert free.gone == ((two.id, one.id),)
    muted = Rulings(muted=frozenset({one.id}))
    filed = decided.file_ruled(late, verdict, [one, two], muted, now=now, window=window)
    assert (filed.joined, filed.gone, filed.others) == (True, (), ())


def test_differences_are_flows_sizes_and_statuses() -> None:
    before = tell([FIRST]).story
    after = built(account("a", FIRST), account("b", flow(amount=9e9, status=Status.CANCELLED), STAKE, hours=1))
    assert sorted(change.kind.value for change in decided.differences(before, after)) == ["cancelled", "new_flow"]
    assert decided.differences(before, replace(before, version=2)) == ()


def _edge(payer: str, payee: str, story: str, *, days: int = 0) -> Edge:
    date = NOW + timedelta(days=days)
    return Edge(payer, payee, Kind.COMPUTE, 1e9, "USD", Status.ANNOUNCED, Bound.EXACT, story, date)


def test_a_loop_is_mended_by_what_stands_and_broken_without_it_or_outside_the_window() -> None:
    loop = Loop("l", (_edge("A", "B", "s1"), _edge("B", "A", "s2")))
    moved = _edge("a", "b", "s3", days=4)

    def mended(*standing: Edge, days: int = 730) -> Loop | None:
        return decided.mended(loop, standing, regrouped=frozenset({"s1"}), window_days=days)

    assert mended(moved) == Loop("l", (moved, loop.edges[1]))
    assert mended(_edge("B", "A", "s3")) is None
    assert mended(moved, days=3) is None
