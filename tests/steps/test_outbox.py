"""Schedules over the real store and outbox: held, not dropped; bundled, counted; nothing twice, nothing lost."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from email import policy
from typing import Any

import pytest

from tests.steps.conftest import JOURNAL, Desk
from tests.steps.court import Court, deal
from worker import runtime
from worker.adapters.store import BUNDLED, HELD, SENT
from worker.model import AlertType, ChannelKind, Hold, Pace, Recipient, Rule, Schedule
from worker.ports import AlertRow
from worker.steps import sweep


class Office(Court):
    """A court whose recipient has a schedule, and a clock in Paris' winter: UTC plus one hour."""

    def schedule(self, **parts: Any) -> None:
        recipient = replace(JOURNAL, schedule=Schedule(**parts))
        self.parts = replace(self.parts, recipients={"journal": recipient})

    def at(self, written: str) -> None:
        self.desk.clock.time = datetime.fromisoformat(written).replace(tzinfo=UTC)

    def news(self, *names: str) -> list[str]:
        """File one deal a name, each a story of its own; returns the ids of what leaves at once."""
        left: list[str] = []
        for name in names:
            self.bring(name, deal(f"Payeur {name}", f"Vendeur {name}", 1e9 + len(self.reader.verdicts)))
            left += self.judge(name)
        return left

    def sweep(self) -> list[str]:
        """Sweep and deliver; returns the ids of what the way out took."""
        before = len(self.post.sent)
        for ring in sweep(self.parts):
            if ring.step == "deliver":
                self.deliver(*ring.ids)
        return self.post.sent[before:]

    def row(self, alert_id: str) -> AlertRow:
        return self.store.alerts_by_id([alert_id])[0]

    def everything_told_once(self, names: list[str]) -> None:
        """Every deal has left, by itself or in one digest, and none in two ways."""
        rows = self.store.alerts(limit=1000)
        parts = [row for row in rows if row.alert.type is not AlertType.DIGEST]
        assert len(parts) == len(names)
        assert {row.state for row in parts} <= {SENT, BUNDLED}
        told = [row.alert.id for row in parts if row.state == SENT]
        told += [one["id"] for row in rows if row.alert.type is AlertType.DIGEST for one in row.alert.data["alerts"]]
        assert sorted(told) == sorted(row.alert.id for row in parts)
        assert len(self.post.sent) == len(set(self.post.sent))


@pytest.fixture
def office(desk: Desk) -> Office:
    return Office(desk)


def test_a_daily_digest_leaves_at_its_hour_once(office: Office) -> None:
    office.schedule(pace=Pace.DAILY, at=time(8))
    office.at("2026-03-02T09:00")
    assert office.news("a", "b") == []
    assert office.sweep() == []
    office.at("2026-03-03T06:59")
    assert office.news("c") == []
    assert office.sweep() == []
    assert {row.leave_at for row in office.store.alerts(state=HELD)} == {datetime(2026, 3, 3, 7, tzinfo=UTC)}
    office.at("2026-03-03T07:00")
    (digest,) = office.sweep()
    told = office.row(digest).alert
    assert told.type is AlertType.DIGEST
    assert len(told.data["alerts"]) == 3
    assert office.sweep() == []
    office.everything_told_once(["a", "b", "c"])
    office.at("2026-03-03T07:01")
    office.news("d")
    assert office.row(office.store.alerts(state=HELD)[0].alert.id).leave_at == datetime(2026, 3, 4, 7, tzinfo=UTC)


def test_a_weekly_digest_waits_for_its_day(office: Office) -> None:
    office.schedule(pace=Pace.WEEKLY, day=4, at=time(17, 30))
    office.at("2026-03-02T09:00")
    for day in range(2, 6):
        office.at(f"2026-03-0{day}T12:00")
        office.news(f"d{day}")
        assert office.sweep() == []
    office.at("2026-03-06T16:30")
    assert len(office.sweep()) == 1
    office.everything_told_once(["d2", "d3", "d4", "d5"])


def test_a_digest_whose_hour_passed_unserved_leaves_afterwards(office: Office) -> None:
    office.schedule(pace=Pace.DAILY)
    office.news("a", "b")
    office.desk.clock.move(days=3)
    assert len(office.sweep()) == 1
    office.everything_told_once(["a", "b"])


def test_one_alone_leaves_by_itself_under_its_own_id(office: Office) -> None:
    office.schedule(pace=Pace.DAILY)
    office.news("a")
    held = office.store.alerts(state=HELD)[0].alert.id
    office.desk.clock.move(days=1)
    assert office.sweep() == [held]
    office.everything_told_once(["a"])


def test_quiet_hours_hold_until_morning_and_no_longer(office: Office) -> None:
    office.schedule(quiet=(time(22), time(7)))
    office.at("2026-03-02T20:59")
    assert len(office.news("evening")) == 1
    office.at("2026-03-02T21:00")
    assert office.news("night") == []
    office.at("2026-03-03T05:59")
    assert office.news("dawn") == []
    assert len(office.sweep()) == 1  # the evening's
    office.at("2026-03-03T06:00")
    assert len(office.news("morning")) == 1
    assert len(office.sweep()) == 2
    office.everything_told_once(["evening", "night", "dawn", "morning"])


def test_what_came_due_while_nothing_ran_still_heeds_quiet_hours(office: Office) -> None:
    office.schedule(pace=Pace.DAILY, at=time(8), quiet=(time(22), time(7)))
    office.at("2026-03-02T09:00")
    office.news("a", "b")
    office.at("2026-03-03T23:00")
    assert office.sweep() == []
    office.at("2026-03-04T06:00")
    assert len(office.sweep()) == 1
    office.everything_told_once(["a", "b"])


def test_beyond_the_ceiling_alerts_are_bundled_and_counted(office: Office) -> None:
    office.schedule(ceiling=3)
    office.at("2026-03-02T09:00")
    names = [f"n{number}" for number in range(8)]
    left = []
    for name in names:
        office.desk.clock.move(minutes=2)
        left += office.news(name)
        office.sweep()
    assert len(left) == 3
    assert office.post.sent == left
    office.at("2026-03-02T10:01")
    assert office.sweep() == []
    # The first of the three left at 09:02: from 10:02 on there is room for one, and it is the five's.
    office.at("2026-03-02T10:02")
    assert office.news("late") == []
    (digest,) = office.sweep()
    assert len(office.row(digest).alert.data["alerts"]) == 6
    assert "6 alertes au-delà de votre plafond horaire" in _mail(office)
    # Three left in this hour, the digest among them: at 10:03 the next still waits, and at 10:04 there is room.
    office.at("2026-03-02T10:03")
    assert office.news("x") == []
    office.at("2026-03-02T10:04")
    assert len(office.sweep()) == 1
    office.everything_told_once([*names, "late", "x"])


def _mail(office: Office) -> str:
    """Return what the digest would say by mail; the console's is shorter."""
    alerts = [row.alert for row in office.store.alerts(state=BUNDLED)]
    reader = replace(office.parts.recipients["journal"], channel=ChannelKind.EMAIL, address="a@b.example")
    composed = office.parts.messages().compose_digest(
        alerts, rule=Rule("tout", ("journal",)), recipient=reader, now=office.desk.clock.now(), reason=Hold.CEILING
    )
    message = email.message_from_string(composed.body, policy=policy.default)
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_no_hour_has_more_than_the_ceiling_and_nothing_is_lost(office: Office) -> None:
    office.schedule(ceiling=2)
    times: dict[str, datetime] = {}
    names = []
    for number in range(40):
        office.desk.clock.move(minutes=7)
        names.append(f"m{number}")
        office.deliver(*office.news(names[-1]))
        office.sweep()
        times |= {one: office.desk.clock.now() for one in office.post.sent if one not in times}
    office.desk.clock.move(hours=2)
    office.sweep()
    office.everything_told_once(names)
    moments = sorted(times.values())
    for start in moments:
        assert sum(start <= one < start + timedelta(hours=1) for one in moments) <= 2


def test_a_restart_neither_forgets_nor_repeats(office: Office, desk: Desk) -> None:
    office.schedule(pace=Pace.DAILY)
    office.news("a", "b")
    fresh = runtime.build(desk.runtime.settings, clock=desk.clock)
    office.store = fresh.store
    office.parts = replace(office.parts, store=fresh.store)
    office.desk.clock.move(days=1)
    assert len(office.sweep()) == 1
    office.judge("a", "b")
    office.desk.clock.move(days=1)
    assert office.sweep() == []
    office.everything_told_once(["a", "b"])
    fresh.close()


def test_two_recipients_have_their_own_times(office: Office) -> None:
    late = Recipient("late", JOURNAL.channel, "-", schedule=Schedule(Pace.DAILY))
    rules = [Rule("tout", ("journal", "late"))]
    office.parts = replace(office.parts, rules=rules, recipients={"journal": JOURNAL, "late": late})
    assert len(office.news("a", "b")) == 2
    assert len(office.sweep()) == 2
    office.desk.clock.move(days=1)
    assert len(office.sweep()) == 1
    assert sorted(row.alert.recipient_id for row in office.store.alerts(state=SENT)) == ["journal", "journal", "late"]


def test_a_first_polls_digest_waits_for_the_recipients_hour(office: Office) -> None:
    office.schedule(pace=Pace.DAILY)
    office.at("2026-03-02T09:00")
    for name in ("a", "b"):
        office.bring(name, deal(f"Payeur {name}", f"Vendeur {name}", 2e9), backlog=True)
    office.judge("a", "b")
    assert office.sweep() == []
    office.news("c")
    assert office.sweep() == []
    office.at("2026-03-03T07:00")
    (digest,) = office.sweep()
    assert len(office.row(digest).alert.data["alerts"]) == 3
    office.everything_told_once(["a", "b", "c"])


def test_a_rule_that_left_the_configuration_does_not_break_its_digest(office: Office) -> None:
    office.schedule(pace=Pace.DAILY)
    office.news("a", "b")
    office.parts = replace(office.parts, rules=())
    office.desk.clock.move(days=1)
    assert len(office.sweep()) == 1


def test_held_alerts_of_a_recipient_that_left_are_given_up_aloud(office: Office) -> None:
    office.schedule(pace=Pace.DAILY)
    office.news("a", "b")
    office.parts = replace(office.parts, recipients={})
    office.desk.clock.move(days=1)
    office.sweep()
    assert office.states() == ["dead", "dead"]


def test_a_webhook_is_told_all_of_a_long_digest(office: Office) -> None:
    hook = Recipient("journal", ChannelKind.WEBHOOK, "https://hook.example/", schedule=Schedule(Pace.DAILY))
    office.parts = replace(office.parts, recipients={"journal": hook})
    names = [f"w{number}" for number in range(60)]
    office.news(*names)
    office.desk.clock.move(days=1)
    digests = office.sweep()
    assert 1 < len(digests) < 30
    assert all(len(office.row(one).alert.body.encode()) < 20_000 for one in digests)
    office.everything_told_once(names)
    assert office.sweep() == []
