"""Judging, filing and delivering: one transaction, one alert per change, digests of a first poll, dead letters."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.steps.conftest import Desk
from tests.steps.court import Court, deal
from worker.adapters.store import DEAD, HELD, SENT
from worker.errors import DeliveryError, StoreUnavailable
from worker.model import AlertType, Flow, Kind, Status, Verdict
from worker.steps import Parts, Ring, deliver, judge, sweep


@pytest.fixture
def court(desk: Desk) -> Court:
    return Court(desk)


def test_a_deal_is_filed_told_and_delivered_once(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9))
    ids = court.judge("a")
    assert len(ids) == 1
    assert court.judge("a") == []
    court.deliver(*ids)
    court.deliver(*ids)
    assert court.post.sent == ids
    assert court.states() == [SENT]
    assert court.store.stories()[0].parties == ("Nordlys", "Helvia")


def test_a_second_outlet_tells_nothing_new(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9))
    court.bring("b", deal("Nordlys", "Helvia", 2e9))
    assert len(court.judge("a", "b")) == 1
    stories = court.store.stories()
    assert [len(story.sources) for story in stories] == [2]
    assert stories[0].version == 1


def test_an_article_that_is_no_deal_is_kept_with_its_reasons(court: Court) -> None:
    court.bring("a", Verdict(False, 0.2))
    assert court.judge("a") == []
    assert court.store.rejected()[0].article.id == "a"


def test_old_news_is_filed_and_nobody_is_told(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9), age=timedelta(days=15))
    assert court.judge("a") == []
    assert len(court.store.stories()) == 1
    assert court.store.alerts() == ()


def test_a_page_with_the_date_of_its_first_version_is_news_when_its_feed_says_so(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9), age=timedelta(days=300), fed=timedelta(hours=1))
    assert len(court.judge("a")) == 1


def test_the_same_change_happening_again_is_told_again(court: Court) -> None:
    given_up = Verdict(True, 0.9, (Flow("Nordlys", "Helvia", Kind.COMPUTE, 2e9, "EUR", status=Status.CANCELLED),))
    told = []
    for number, verdict in enumerate([deal("Nordlys", "Helvia", 2e9), given_up] * 2):
        court.desk.clock.move(days=1)
        court.bring(f"a{number}", verdict)
        told.append(len(court.judge(f"a{number}")))
    assert told == [1, 1, 1, 1]


def test_an_odd_fault_of_one_alert_costs_the_others_nothing(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9))
    court.bring("b", deal("Boréal", "Granit", 3e8, Kind.POWER))
    ids = court.judge("a", "b")
    court.post.refusal = ValueError("odd")
    court.deliver(ids[0])
    court.post.refusal = None
    court.deliver(*ids)
    assert court.post.sent == [ids[1]]
    assert "odd" in next(row.last_error for row in court.store.alerts() if row.alert.id == ids[0])


def test_a_way_out_that_is_not_set_up_today_may_be_tomorrow(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9))
    ids = court.judge("a")
    whole = court.parts
    court.parts = replace(whole, channels=lambda _fetcher: {})
    court.deliver(*ids)
    court.parts = whole
    court.desk.clock.move(hours=2)
    court.deliver(*ids)
    assert court.post.sent == ids


def test_two_sweeps_make_one_digest(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9), backlog=True)
    court.bring("b", deal("Boréal", "Granit", 3e8, Kind.POWER), backlog=True)
    court.judge("a", "b")
    held = [row.alert for row in court.store.held_alerts()]
    now = court.desk.clock.now()
    assert court.store.bundle(replace(held[0], id="one"), [held[0].id], now) == ("one",)
    assert court.store.bundle(replace(held[0], id="two"), [one.id for one in held], now) == ()
    assert [row.alert.id for row in court.store.held_alerts()] == [held[1].id]


def test_a_loop_over_two_stories_is_told_once(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9))
    court.judge("a")
    court.desk.clock.move(days=20)
    court.bring("b", deal("Helvia", "Nordlys", 1e9, Kind.EQUITY))
    court.judge("b")
    kinds = sorted(row.alert.type for row in court.store.alerts())
    assert kinds == [AlertType.DETECTED, AlertType.DETECTED, AlertType.LOOP]
    looped = [row for row in court.store.alerts() if row.alert.data["loops"]]
    assert len(looped) == 2
    court.bring("c", deal("Helvia", "Nordlys", 1e9, Kind.EQUITY))
    assert court.judge("c") == []


def test_a_backlog_leaves_as_one_digest_once_all_of_it_is_judged(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9), backlog=True)
    court.bring("b", deal("Boréal", "Granit", 3e8, Kind.POWER), backlog=True)
    assert court.judge("a") == []
    assert court.states() == [HELD]
    assert sweep(court.parts) == (Ring("judge", ("b",)),)
    court.judge("b")
    rings = sweep(court.parts)
    assert [ring.step for ring in rings] == ["deliver"]
    court.deliver(*rings[0].ids)
    digests = [row for row in court.store.alerts() if row.alert.type is AlertType.DIGEST]
    assert len(digests) == 1
    assert court.post.sent == [digests[0].alert.id]
    assert sweep(court.parts) == ()


def test_a_backlog_does_not_wait_for_ever(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9), backlog=True)
    court.bring("b", deal("Boréal", "Granit", 3e8, Kind.POWER), backlog=True)
    court.judge("a")
    court.desk.clock.move(minutes=16)
    assert "deliver" in [ring.step for ring in sweep(court.parts)]


def test_lost_rings_are_rung_again(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9))
    assert sweep(court.parts) == (Ring("judge", ("a",)),)
    assert sweep(court.parts) == ()
    court.desk.clock.move(seconds=31)
    assert sweep(court.parts) == (Ring("judge", ("a",)),)
    ids = court.judge("a")
    assert [ring.ids for ring in sweep(court.parts)] == [tuple(ids)]


def test_a_refused_alert_is_tried_again_later_under_the_same_id(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9))
    ids = court.judge("a")
    court.post.refusal = DeliveryError("451 plus tard")
    court.deliver(*ids)
    row = court.store.alerts()[0]
    assert (row.attempts, row.last_error) == (1, "451 plus tard")
    assert row.next_attempt_at is not None
    court.post.refusal = None
    court.deliver(*ids)
    assert court.post.sent == []
    court.desk.clock.time = row.next_attempt_at
    court.deliver(*ids)
    assert court.post.sent == ids
    assert [ok for _, ok, _ in court.store.attempts_of(ids[0])] == [False, True]


def test_what_is_refused_for_good_is_a_dead_letter_and_can_be_sent_again(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9))
    ids = court.judge("a")
    court.post.refusal = DeliveryError("550 inconnu", permanent=True)
    court.deliver(*ids)
    assert court.states() == [DEAD]
    court.post.refusal = None
    assert court.store.retry_alerts(ids, court.desk.clock.now()) == 1
    court.deliver(*ids)
    assert court.post.sent == ids


def test_an_alert_to_somebody_who_left_the_configuration_is_kept(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9))
    ids = court.judge("a")
    court.parts = replace(court.parts, recipients={})
    court.deliver(*ids)
    row = court.store.alerts()[0]
    assert row.state == DEAD
    assert "journal" in row.last_error


def test_an_article_that_kills_its_reader_is_set_aside(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9))
    court.bring("b", deal("Boréal", "Granit", 3e8, Kind.POWER))
    for _ in range(3):
        assert court.parts.claim("judge", "a")
        court.desk.clock.move(minutes=2)
    assert len(court.judge("a", "b")) == 1
    assert court.store.counts()["articles_quarantined"] == 1


def test_a_store_that_refuses_a_filing_gets_the_article_again(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9))
    filing = court.store.filing

    def busy(now: datetime) -> object:
        raise StoreUnavailable("busy")

    court.store.filing = busy  # type: ignore[method-assign,assignment]
    assert court.judge("a") == []
    court.store.filing = filing  # type: ignore[method-assign]
    court.desk.clock.move(seconds=6)
    assert len(court.judge("a")) == 1
    assert court.store.counts()["articles_quarantined"] == 0


def test_every_step_run_twice_changes_nothing(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9))
    ids = court.judge("a")
    court.deliver(*ids)
    before = (court.store.counts(), court.store.stories())
    parts: Parts = court.parts
    judge(parts, ["a"])
    deliver(parts, ids)
    sweep(parts)
    assert (court.store.counts(), court.store.stories()) == before


def test_a_worker_that_leaves_judges_no_further_article(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9))
    court.bring("b", deal("Vesper", "Ardane", 3e9))
    court.parts = replace(court.parts, leaving=lambda: len(court.store.stories()) > 0)
    assert len(court.judge("a", "b")) == 1
    court.parts = replace(court.parts, leaving=lambda: False)
    assert len(court.judge("a", "b")) == 1


def test_an_article_is_judged_however_often_its_worker_was_killed_whole(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9))
    for number in range(5):
        court.store.life = f"life {number}"
        assert court.parts.claim("judge", "a")
        court.clock.move(minutes=2)
    assert len(court.judge("a")) == 1


def test_an_article_that_kills_its_process_alone_is_set_aside(court: Court) -> None:
    court.bring("a", deal("Nordlys", "Helvia", 2e9))
    for _ in range(3):
        assert court.parts.claim("judge", "a")
        court.clock.move(minutes=2)
    assert court.judge("a") == []
    assert [one.key for one in court.store.quarantined()] == ["a"]
