"""Copies through the real step and store: no detector, no alert, one house more among the sources."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.adapters.store_samples import article, entry, feed
from tests.bench import plans
from tests.pipeline.test_copies import DEAL, LEADS, ORIGINAL, PARAGRAPHS, TEXT
from tests.steps.conftest import Desk
from worker.adapters.store.schema import article as article_table
from worker.adapters.store.schema import article_band
from worker.model import Article, Verdict
from worker.steps import judge
from worker.text import fingerprint

COPY = LEADS[0] + "\n\n" + "\n\n".join(PARAGRAPHS[:-1])


@dataclass
class Reader:
    """Stands for the detector: says the same of every text, and counts how often it was asked."""

    verdict: Verdict = DEAL
    asked: list[str] = field(default_factory=list)
    both: threading.Barrier | None = None

    def judge(self, value: Article) -> Verdict:
        self.asked.append(value.id)
        if self.both is not None:
            self.both.wait(30)
        return self.verdict

    def listed(self, verdict: Verdict) -> Verdict:
        return verdict


class Agency:
    """A desk to which houses bring texts."""

    def __init__(self, desk: Desk) -> None:
        self.clock, self.store, self.reader = desk.clock, desk.runtime.store, Reader()
        self.store.sync_feeds([feed(), feed("courrier", "https://courrier.example/rss")], desk.clock.now())
        self.parts = replace(desk.parts, detector=lambda: self.reader)  # type: ignore[arg-type,return-value]

    def bring(self, name: str, text: str, *, title: str = ORIGINAL.title, feed_id: str = "gazette") -> None:
        state = self.store.feed(feed_id)
        assert state is not None
        now = self.clock.now()
        item = replace(entry(name, feed_id=feed_id), published=now)
        saved = self.store.save_poll(replace(state, polls=1), [(item, True)], now=now, backlog=False)
        value = replace(
            article(name), text=text, title=title, house=feed_id, published=now, fingerprint=fingerprint(text)
        )
        self.store.save_article(saved.to_read[0], value, now=now, backlog=False)

    def judge(self, *names: str) -> int:
        return sum(len(ring.ids) for ring in judge(self.parts, names))

    def row(self, name: str) -> tuple[str, bool | None, str | None, str | None]:
        columns = (article_table.c.state, article_table.c.deal, article_table.c.copy_of, article_table.c.story_id)
        with self.store.read() as connection:
            found = connection.execute(select(*columns).where(article_table.c.id == name)).one()
        return found.state, found.deal, found.copy_of, found.story_id

    def bands(self) -> int:
        with self.store.read() as connection:
            return connection.scalar(select(func.count()).select_from(article_band)) or 0


@pytest.fixture
def agency(desk: Desk) -> Agency:
    return Agency(desk)


def test_a_copy_joins_the_story_without_detector_and_without_alert(agency: Agency) -> None:
    agency.bring("a", TEXT)
    agency.bring("b", COPY, title="Calcul : Nivalis choisit Hélianthe", feed_id="courrier")
    assert agency.judge("a", "b") == 1
    assert agency.reader.asked == ["a"]
    (story,) = agency.store.stories()
    assert [(one.article_id, one.copy_of, one.house) for one in story.sources] == [
        ("a", "", "gazette"),
        ("b", "a", "courrier"),
    ]
    assert story.version == 1
    assert agency.row("b") == ("done", True, "a", story.id)
    assert len(agency.store.alerts()) == 1
    assert agency.judge("a", "b") == 0
    assert agency.store.stories() == (story,)


def test_a_copy_of_a_copy_is_one_of_the_original(agency: Agency) -> None:
    for name, text in (("a", TEXT), ("b", COPY), ("c", COPY)):
        agency.bring(name, text)
        agency.judge(name)
    assert agency.row("c")[2] == "a"
    assert agency.bands() == 12


def test_another_figure_is_read_by_the_detector(agency: Agency) -> None:
    agency.bring("a", TEXT)
    agency.bring("b", TEXT.replace("2 milliards", "3 milliards"))
    agency.judge("a", "b")
    assert agency.reader.asked == ["a", "b"]
    assert agency.row("b")[2] is None


def test_a_rejected_text_is_rejected_again_for_nothing(agency: Agency) -> None:
    agency.reader.verdict = Verdict(False, 0.2)
    agency.bring("a", TEXT)
    agency.bring("b", COPY)
    agency.judge("a", "b")
    assert agency.reader.asked == ["a"]
    assert agency.row("b") == ("done", False, "a", None)
    rejected = {one.article.id: one for one in agency.store.rejected()}
    assert [reason["code"] for reason in rejected["b"].reasons] == ["copy"]


def test_what_its_opening_ruled_out_leaves_no_bands(agency: Agency) -> None:
    agency.reader.verdict = Verdict(False, 0.0)
    agency.bring("a", TEXT)
    agency.judge("a")
    assert agency.bands() == 0


def test_a_text_of_last_month_is_judged_again_and_its_bands_go(agency: Agency) -> None:
    agency.bring("a", TEXT)
    agency.judge("a")
    agency.clock.move(days=30)
    agency.bring("b", TEXT)
    agency.judge("b")
    assert agency.reader.asked == ["a", "b"]
    assert agency.bands() == 12


def test_copies_are_not_looked_for_where_the_setting_says_so(agency: Agency) -> None:
    agency.parts = replace(agency.parts, policy=replace(agency.parts.policy, copy_window=timedelta(0)))
    agency.bring("a", TEXT)
    agency.bring("b", TEXT)
    agency.judge("a", "b")
    assert agency.reader.asked == ["a", "b"]
    assert agency.bands() == 0


def test_two_workers_that_read_copies_at_once_file_one_as_a_copy(agency: Agency) -> None:
    agency.bring("a", TEXT)
    agency.bring("b", COPY, feed_id="courrier")
    agency.reader.both = threading.Barrier(2)
    told: list[int] = []
    workers = [threading.Thread(target=lambda name=name: told.append(agency.judge(name))) for name in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(told) == [0, 1]
    (story,) = agency.store.stories()
    assert sorted(bool(one.copy_of) for one in story.sources) == [False, True]


def test_no_statement_of_a_judgement_reads_a_growing_table_from_end_to_end(agency: Agency) -> None:
    for name, text in (("a", TEXT), ("b", COPY), ("c", TEXT.replace("2 milliards", "2,4 milliards"))):
        agency.bring(name, text)
    with plans.recorded(agency.store) as statements:
        agency.judge("a", "b", "c")
        agency.parts.store.ready("judge", now=agency.clock.now(), limit=10, quiet_s=30)
    assert len(statements) > 15
    assert plans.scans(agency.store, statements, forced=True) == []
