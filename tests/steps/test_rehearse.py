"""What rules would have sent, and articles judged again: nothing is sent unless asked for, and nothing twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

import pytest

from tests.adapters.store_samples import article, entry, feed
from tests.pipeline.test_copies import TEXT
from tests.steps.conftest import JOURNAL, RULE, Desk
from worker.model import EVERYBODY, AlertType, Article, ChannelKind, Flow, Kind, Recipient, Rule, Status, Verdict
from worker.pipeline.detection import Detector
from worker.pipeline.detection.gate import Gate
from worker.pipeline.rehearsal.tellings import Fate
from worker.pipeline.rehearsal.verdicts import Outcome
from worker.steps import judge
from worker.steps.decide import mute
from worker.steps.rehearse import RuleSet, rehearse, tellings
from worker.steps.replay import Filed, opened, replay, send
from worker.text import fingerprint

LEASE = Flow("Nordlys", "Helvia", Kind.COMPUTE, 2e9, "EUR", status=Status.REPORTED)
LOAN = Flow("Granit", "Boréal", Kind.DEBT, 3e8, "EUR")
NONE = Verdict(False, 0.2)


def deal(*flows: Flow) -> Verdict:
    return Verdict(True, 0.9, flows)


@dataclass
class Words:
    """Stands for a detector with one lexicon or another: says what the test told it."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def judge(self, value: Article) -> Verdict:
        return self.verdicts[value.id]

    def listed(self, verdict: Verdict) -> Verdict:
        return verdict

    def gate(self, title: str, summary: str) -> Gate:
        return Gate("deux" in title, ())


class Past:
    """A desk with a past: articles that were judged by one lexicon."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.store, self.words = desk, desk.runtime.store, Words()
        self.store.sync_feeds([feed()], desk.clock.now())
        self.parts = replace(desk.parts, detector=lambda: self.reader(self.words))

    def reader(self, words: Words) -> Detector:
        return cast(Detector, words)

    def bring(self, name: str, verdict: Verdict, *, age: timedelta = timedelta(0), **values: str) -> None:
        """Judge an article now that was published `age` ago; `values` are further fields of it."""
        state = self.store.feed("gazette")
        assert state is not None
        now = self.desk.clock.now()
        item = replace(entry(name), published=now - age)
        saved = self.store.save_poll(replace(state, polls=1), [(item, True)], now=now, backlog=False)
        brought = replace(article(name), published=now - age, **values)  # type: ignore[arg-type]
        self.store.save_article(saved.to_read[0], brought, now=now, backlog=False)
        self.words.verdicts[name] = verdict
        judge(self.parts, [name])

    def other(self, **verdicts: Verdict) -> Detector:
        """Return a detector that says otherwise of some articles."""
        return self.reader(Words({**self.words.verdicts, **verdicts}))

    def send(self, detector: Detector, *ids: str) -> Filed:
        done = list(send(self.parts, detector, ids))
        return Filed(sum(one.articles for one in done), sum(one.alerts for one in done))

    def rehearse(self, other: RuleSet | None = None, days: float = 30) -> list[tuple[str, str, str, int]]:
        since = self.desk.clock.now() - timedelta(days=days)
        return [
            (one.fate.value, one.told.draft.rule.id, one.told.draft.recipient.id, telling.story.version)
            for telling in tellings(self.parts, since)
            for one in rehearse(self.parts, telling, other)
        ]


@pytest.fixture
def past(desk: Desk) -> Past:
    return Past(desk)


def test_the_rehearsal_of_the_rules_in_force_is_what_was_sent(past: Past) -> None:
    past.bring("a", deal(LEASE))
    past.desk.clock.move(days=1)
    past.bring("b", deal(replace(LEASE, status=Status.ANNOUNCED)))
    past.bring("c", deal(replace(LEASE, status=Status.ANNOUNCED)))
    past.bring("d", deal(LOAN))
    sent = past.store.alerts()
    found = past.rehearse()
    assert found == [("stays", "tout", "journal", version) for version in (1, 2, 1)]
    since = past.desk.clock.now() - timedelta(days=30)
    drafts = [one.told.draft for each in tellings(past.parts, since) for one in rehearse(past.parts, each)]
    assert Counter(draft.id for draft in drafts) == Counter(row.alert.id for row in sent)
    assert past.store.alerts() == sent
    assert len(past.rehearse(days=0.5)) == 2


def test_a_loop_is_rehearsed_beside_the_deal_that_closes_it(past: Past) -> None:
    past.bring("a", deal(LEASE))
    past.bring("b", deal(Flow("Helvia", "Nordlys", Kind.EQUITY, 5e8, "EUR")))
    past.parts = replace(past.parts, rules=(RULE, Rule("boucles", ("journal",), loop=True)))
    since = past.desk.clock.now() - timedelta(days=1)
    found = [one.told for each in tellings(past.parts, since) for one in rehearse(past.parts, each)]
    assert {one.draft.id for one in found} == {row.alert.id for row in past.store.alerts()}
    assert [(one.draft.type, one.rules) for one in found] == [
        (AlertType.DETECTED, ("tout",)),
        (AlertType.DETECTED, ("tout",)),
        (AlertType.LOOP, ("tout", "boucles")),
    ]
    alone = RuleSet((Rule("boucles", ("journal",), loop=True),), {"journal": JOURNAL})
    assert sorted(fate for fate, *_ in past.rehearse(alone)) == [Fate.MOVES, Fate.VANISHES, Fate.VANISHES]


def test_an_earlier_version_is_weighed_as_it_stood(past: Past) -> None:
    past.bring("a", deal(LEASE))
    past.desk.clock.move(days=1)
    past.bring("b", deal(replace(LEASE, amount=9e9, status=Status.ANNOUNCED)))
    past.parts = replace(past.parts, rules=(Rule("gros", ("journal",), min_amount=5e9, currency="EUR"),))
    assert past.rehearse() == [("stays", "gros", "journal", 2)]
    past.parts = replace(past.parts, rules=(Rule("rumeurs", ("journal",), statuses=(Status.REPORTED,)),))
    assert past.rehearse() == [("stays", "rumeurs", "journal", 1)]


def test_old_news_was_told_to_nobody(past: Past) -> None:
    past.bring("a", deal(LEASE), age=timedelta(days=20))
    assert past.rehearse() == []
    since = past.desk.clock.now() - timedelta(days=30)
    assert [telling.is_news for telling in tellings(past.parts, since)] == [False]
    assert past.store.alerts() == ()


def test_the_words_of_a_rule_are_looked_for_in_the_article_as_when_it_was_told(past: Past) -> None:
    past.parts = replace(past.parts, rules=(Rule("mots", ("journal",), words=("zirconium",)),))
    past.bring("a", deal(LEASE), summary="Le zirconium n'est qu'ici.")
    past.bring("b", deal(LOAN), summary="Rien de tel.")
    assert len(past.store.alerts()) == 1
    assert past.rehearse() == [("stays", "mots", "journal", 1)]


@pytest.mark.parametrize(("recipient", "left"), [(EVERYBODY, []), ("journal", []), ("bourse", ["journal"])])
def test_a_muted_story_is_told_to_nobody_for_whom_it_is_muted(past: Past, recipient: str, left: list[str]) -> None:
    past.bring("a", deal(LEASE))
    (story,) = past.store.stories()
    mute(past.parts, story.id, recipient=recipient)
    bourse = Recipient("bourse", ChannelKind.CONSOLE, "-")
    other = RuleSet((Rule("tout", ("journal", "bourse")),), {"journal": JOURNAL, "bourse": bourse})
    assert [name for _, _, name, _ in past.rehearse()] == left
    assert [name for _, _, name, _ in past.rehearse(other)] == [
        name for name in ("journal", "bourse") if recipient not in (EVERYBODY, name)
    ]


def test_other_rules_side_by_side_with_those_in_force(past: Past) -> None:
    past.bring("a", deal(LEASE))
    past.bring("b", deal(LOAN))
    bourse = Recipient("bourse", ChannelKind.CONSOLE, "-")
    other = RuleSet(
        (Rule("dettes", ("journal", "bourse"), kinds=(Kind.DEBT,)), RULE),
        {"journal": JOURNAL, "bourse": bourse},
    )
    assert sorted(past.rehearse(other)) == [
        (Fate.APPEARS, "dettes", "bourse", 1),
        (Fate.MOVES, "dettes", "journal", 1),
        (Fate.STAYS, "tout", "journal", 1),
    ]
    nobody = RuleSet((), {})
    assert {fate for fate, *_ in past.rehearse(nobody)} == {Fate.VANISHES}
    assert len(past.store.alerts()) == 2


def test_the_rules_that_ask_for_an_alert_are_all_named(past: Past) -> None:
    past.bring("a", deal(LOAN))
    past.parts = replace(past.parts, rules=(RULE, Rule("dettes", ("journal",), kinds=(Kind.DEBT,))))
    since = past.desk.clock.now() - timedelta(days=1)
    ((one,),) = [rehearse(past.parts, telling) for telling in tellings(past.parts, since)]
    assert (one.told.draft.rule.id, one.told.rules) == ("tout", ("tout", "dettes"))


def test_a_replay_names_what_appears_vanishes_and_changes_and_touches_nothing(past: Past) -> None:
    for name, verdict in (("a", deal(LEASE)), ("b", deal(LOAN)), ("c", NONE), ("d", NONE)):
        past.bring(name, verdict)
    before = (past.store.counts(), past.store.stories(), past.store.alerts())
    detector = past.other(a=deal(replace(LEASE, amount=3e9)), b=NONE, c=deal(LOAN))
    since = past.desk.clock.now() - timedelta(days=1)
    outcomes = {
        one.one.article.id: one.difference and one.difference.outcome for one in replay(past.parts, detector, since)
    }
    assert outcomes == {"a": Outcome.CHANGES, "b": Outcome.VANISHES, "c": Outcome.APPEARS, "d": None}
    assert [one.difference for one in replay(past.parts, past.parts.detector(), since)] == [None] * 4
    assert (past.store.counts(), past.store.stories(), past.store.alerts()) == before


def test_what_appears_is_filed_and_told_once(past: Past) -> None:
    past.bring("a", deal(LEASE))
    past.bring("b", NONE)
    past.bring("c", NONE)
    detector = past.other(b=deal(LOAN), c=deal(LEASE))
    assert past.send(detector, "b") == Filed(1, 1)
    assert [row.state for row in past.store.alerts()] == ["open", "open"]
    # The third tells a story that was told already: it is filed there, and nobody hears of it again.
    past.desk.clock.move(minutes=1)
    assert past.send(detector, "c") == Filed(1, 0)
    assert sorted(len(story.sources) for story in past.store.stories()) == [1, 2]
    stored = (past.store.counts(), past.store.stories(), past.store.alerts())
    past.desk.clock.move(minutes=1)
    assert past.send(detector, "a", "b", "c") == Filed(0, 0)
    assert (past.store.counts(), past.store.stories(), past.store.alerts()) == stored


def test_a_copy_of_a_text_that_was_no_deal_is_filed_and_told(past: Past) -> None:
    for name in ("a", "b"):
        past.bring(name, NONE, text=TEXT, title="Un centre loué", fingerprint=fingerprint(TEXT))
    assert [reason.code for one in past.store.judged_by_id(["b"]) if one.verdict for reason in one.verdict.reasons] == [
        "copy"
    ]
    detector = past.other(a=deal(LEASE), b=deal(LEASE))
    assert past.send(detector, "b") == Filed(1, 1)
    past.desk.clock.move(minutes=1)
    assert past.send(detector, "a", "b") == Filed(1, 0)
    (story,) = past.store.stories()
    assert sorted(source.article_id for source in story.sources) == ["a", "b"]


def test_what_vanished_or_changed_stays_as_it_was_filed(past: Past) -> None:
    past.bring("a", deal(LEASE))
    past.bring("b", deal(LOAN))
    stored = (past.store.counts(), past.store.stories(), past.store.alerts())
    assert past.send(past.other(a=NONE, b=deal(LEASE)), "a", "b") == Filed(0, 0)
    assert (past.store.counts(), past.store.stories(), past.store.alerts()) == stored


def test_several_leave_as_one_digest(past: Past) -> None:
    past.bring("a", NONE)
    past.bring("b", NONE)
    assert past.send(past.other(a=deal(LEASE), b=deal(LOAN)), "a", "b") == Filed(2, 2)
    assert [row.state for row in past.store.alerts()] == ["held", "held"]


def test_old_news_that_appears_is_filed_untold(past: Past) -> None:
    past.bring("a", NONE, age=timedelta(days=20))
    assert past.send(past.other(a=deal(LEASE)), "a") == Filed(1, 0)
    assert len(past.store.stories()) == 1


def test_entries_that_another_gate_would_let_through(past: Past) -> None:
    state = past.store.feed("gazette")
    assert state is not None
    now = past.desk.clock.now()
    past.store.save_poll(
        replace(state, polls=1), [(entry("un"), False), (entry("deux"), False)], now=now, backlog=False
    )
    found = {one.entry.guid: passes for one, passes in opened(past.parts, past.other(), now - timedelta(days=1))}
    assert found == {"un": False, "deux": True}
