"""Recipients that are sent nothing any more: at their own word, or after days in which nothing reached them."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.steps.conftest import Desk
from tests.steps.court import Court, deal
from worker.adapters.disk import Room
from worker.adapters.store import DEAD, SENT
from worker.errors import DeliveryError
from worker.model import AlertType, ChannelKind, Recipient, RecipientState, Rule, TroubleKind
from worker.pipeline.recipients import after_failure, rests
from worker.steps import watch

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AWAY, REFUSED = DeliveryError("webhook: HTTP 503"), DeliveryError("550 inconnu", permanent=True)
GONE = DeliveryError("webhook: HTTP 410", permanent=True, disable=True)


@pytest.fixture
def court(desk: Desk) -> Court:
    """A court whose only recipient is a webhook."""
    found = Court(desk)
    hook = Recipient("crochet", ChannelKind.WEBHOOK, "https://gazette.example/hook")
    found.parts = replace(found.parts, recipients={"crochet": hook}, rules=(Rule("tout", ("crochet",)),))
    return found


def fail(court: Court, days: float, *, every: float = 1.0) -> None:
    """Let a delivery of a further deal fail every so many days, for `days`."""
    for number in range(int(days / every)):
        ids = court.file(f"d{number}", deal(f"Client {number}", f"Nuage {number}", 1e9), title=f"Contrat {number}")
        court.deliver(*ids)
        court.clock.move(days=every)


def test_a_webhook_that_answers_410_is_sent_nothing_more_until_it_is_put_back(
    court: Court, caplog: pytest.LogCaptureFixture
) -> None:
    court.post.refusal = GONE
    ids = court.file("a", deal("Nordlys", "Helvia", 2e9))
    with caplog.at_level(logging.ERROR, "gigawatch"):
        court.deliver(*ids)
    assert [record.message.count("gigawatch alerts enable crochet") for record in caplog.records] == [1]
    (state,) = court.store.recipient_states()
    assert (state.id, state.disabled_at, state.reason) == ("crochet", court.clock.now(), "webhook: HTTP 410")
    court.post.refusal = None
    ids += court.file("b", deal("Boréal", "Granit", 3e8), title="Boréal et Granit")
    court.deliver(*ids)
    assert court.post.sent == []
    assert {row.state for row in court.store.alerts()} == {DEAD}
    assert court.store.enable_recipient("crochet")
    assert not court.store.enable_recipient("crochet")
    assert court.store.retry_alerts(None, court.clock.now()) == 2
    court.deliver(*ids)
    assert sorted(court.post.sent) == sorted(ids)
    assert {row.state for row in court.store.alerts()} == {SENT}


def test_five_days_in_which_every_delivery_failed_disable(court: Court, caplog: pytest.LogCaptureFixture) -> None:
    court.post.refusal = AWAY
    with caplog.at_level(logging.ERROR, "gigawatch"):
        fail(court, 5)
        assert caplog.records == []
        assert court.store.recipient_states()[0].disabled_at is None
        ids = court.file("last", deal("Nordlys", "Helvia", 2e9))
        court.deliver(*ids)
    assert len(caplog.records) == 1
    assert court.store.recipient_states()[0].disabled_at is not None


def test_a_recipient_that_keeps_us_waiting_in_vain_rests_with_all_its_alerts_until_one_gets_through(
    court: Court,
) -> None:
    ids = [
        *court.file("a", deal("Nordlys", "Helvia", 2e9)),
        *court.file("b", deal("Boréal", "Granit", 3e8), title="Boréal et Granit"),
    ]
    court.post.refusal = DeliveryError("webhook: HTTP 429", retry_after=600)
    court.deliver(ids[0])
    (state,) = court.store.recipient_states()
    assert state.rests_until == court.clock.now() + timedelta(minutes=10)
    court.post.refusal = None
    court.deliver(*ids)
    assert court.post.sent == []
    second = court.store.alerts_by_id([ids[1]])[0]
    # It was not tried, so no attempt is lost.
    assert (second.attempts, second.next_attempt_at) == (0, state.rests_until)
    court.clock.move(minutes=10)
    court.deliver(ids[1])
    assert court.post.sent == [ids[1]]
    assert court.store.recipient_states() == ()


def test_sending_again_wakes_a_recipient_that_rests(court: Court) -> None:
    ids = court.file("a", deal("Nordlys", "Helvia", 2e9))
    court.store.save_recipient_state(RecipientState("crochet", NOW, NOW, None, "x", NOW + timedelta(hours=1)))
    court.store.retry_alerts(None, court.clock.now())
    court.deliver(*ids)
    assert court.post.sent == ids


@pytest.mark.parametrize(
    ("failing", "waited_s", "asked", "rest"),
    [
        (0, 1.0, None, None),
        (0, 20.0, None, 60),
        (300, 20.0, None, 300),
        (86_400, 20.0, None, 900),
        (0, 0.1, 120.0, 120),
        (0, 0.1, 1e9, 3600),
    ],
)
def test_how_long_a_recipient_is_left_alone(
    failing: float, waited_s: float, asked: float | None, rest: float | None
) -> None:
    state = RecipientState("x", NOW - timedelta(seconds=failing), NOW - timedelta(minutes=1))
    error = DeliveryError("webhook: no whole answer in time", retry_after=asked)
    after = after_failure(state, ChannelKind.WEBHOOK, error, now=NOW, waited_s=waited_s)
    assert after.rests_until == (None if rest is None else NOW + timedelta(seconds=rest))
    assert rests(after, NOW) is (rest is not None)
    assert after_failure(state, ChannelKind.EMAIL, error, now=NOW, waited_s=waited_s) == state


def test_a_rehearsal_has_its_days_as_short_as_its_schedule() -> None:
    state = RecipientState("x")
    for hour in range(6):
        state = after_failure(state, ChannelKind.WEBHOOK, AWAY, now=NOW + timedelta(hours=hour), factor=1 / 24)
    assert state.disabled_at == NOW + timedelta(hours=5)


def system_alerts(court: Court) -> list[tuple[str, str]]:
    """Watch, and return recipient and subject of every system alert so far."""
    watch(court.parts)
    rows = [row.alert for row in court.store.alerts(1_000) if row.alert.type is AlertType.SYSTEM]
    return [(one.recipient_id, one.subject) for one in sorted(rows, key=lambda one: (one.created_at, one.recipient_id))]


@pytest.fixture
def watched(court: Court) -> Court:
    """The court, with a console whom system alerts go to as well."""
    recipients = {**court.parts.recipients, "journal": Recipient("journal", ChannelKind.CONSOLE, "-")}
    policy = replace(court.parts.policy, canary_every=None)
    court.parts = replace(court.parts, recipients=recipients, system=("crochet", "journal"), policy=policy)
    return court


def test_the_operator_is_told_once_of_a_disabled_recipient_and_once_of_its_return(watched: Court) -> None:
    watched.post.refusal = GONE
    watched.deliver(*watched.file("a", deal("Nordlys", "Helvia", 2e9)))
    told = system_alerts(watched)
    assert [name for name, _ in told] == ["journal"]
    assert "crochet est débranché" in told[0][1]
    watched.clock.move(hours=1)
    assert system_alerts(watched) == told
    watched.store.enable_recipient("crochet")
    back = [name for name, subject in system_alerts(watched) if "rebranché" in subject]
    assert back == ["crochet", "journal"]


def told_of_failing(court: Court) -> list[str]:
    """Watch, and return who was told so far that nothing reaches the hook."""
    return [name for name, subject in system_alerts(court) if "crochet ne reçoit plus rien" in subject]


def works(court: Court, name: str) -> None:
    """Let a delivery go well."""
    court.post.refusal = None
    court.deliver(*court.file(name, deal("Boréal", f"Granit {name}", 3e8), title=f"Boréal et Granit {name}"))
    assert court.store.recipient_states() == ()
    court.post.refusal = AWAY


def refuse(court: Court, name: str) -> None:
    """Let a delivery of a further deal fail."""
    court.post.refusal = AWAY
    court.deliver(*court.file(name, deal(f"Client {name}", f"Nuage {name}", 1e9), title=f"Contrat {name}"))


def test_the_operator_is_told_once_of_a_recipient_that_keeps_failing_and_not_of_its_return(watched: Court) -> None:
    refuse(watched, "a")
    watched.clock.move(minutes=59)
    refuse(watched, "b")
    watched.clock.move(minutes=30)
    # Nothing more was sent: that the hour is over by now says nothing.
    assert system_alerts(watched) == []
    refuse(watched, "c")
    assert told_of_failing(watched) == ["journal"]
    watched.clock.move(minutes=5)
    told = system_alerts(watched)
    works(watched, "well")
    watched.clock.move(days=2)
    assert system_alerts(watched) == told
    assert watched.store.alarms() == ()


def test_one_alert_that_was_refused_for_good_is_no_recipient_that_keeps_failing(watched: Court) -> None:
    watched.post.refusal = REFUSED
    for name in ("a", "b"):
        watched.deliver(*watched.file(name, deal(f"Client {name}", f"Nuage {name}", 1e9), title=f"Contrat {name}"))
        watched.clock.move(hours=2)
    assert told_of_failing(watched) == []
    assert ["abandonnées" in subject for _, subject in system_alerts(watched)] == [True]
    # What is tried again beside them changes nothing: they are told of already.
    refuse(watched, "c")
    assert told_of_failing(watched) == []


def test_a_recipient_to_whom_nothing_is_tried_again_is_not_told_of(watched: Court) -> None:
    watched.store.save_recipient_state(RecipientState("crochet", NOW - timedelta(hours=3), NOW, None, "503"))
    watched.file("a", deal("Nordlys", "Helvia", 2e9))
    assert system_alerts(watched) == []
    watched.clock.move(minutes=1)
    refuse(watched, "b")
    assert told_of_failing(watched) == ["journal"]


def test_a_recipient_that_failed_long_ago_is_not_told_of(watched: Court) -> None:
    refuse(watched, "a")
    watched.clock.move(hours=2)
    refuse(watched, "b")
    watched.clock.move(days=3)
    assert system_alerts(watched) == []


def test_a_recipient_that_left_the_configuration_is_not_told_of(watched: Court) -> None:
    refuse(watched, "a")
    watched.clock.move(hours=2)
    refuse(watched, "b")
    hook = watched.parts.recipients["crochet"]
    others = {"journal": watched.parts.recipients["journal"]}
    watched.parts = replace(watched.parts, recipients=others, system=("journal",))
    assert system_alerts(watched) == []
    watched.parts = replace(watched.parts, recipients={**others, "crochet": hook})
    assert told_of_failing(watched) == ["journal"]


def test_of_a_recipient_that_works_now_and_then_the_operator_is_told_once_a_day(watched: Court) -> None:
    told = []
    for number in range(18):
        for attempt in range(2):
            refuse(watched, f"{number}-{attempt}")
            watched.clock.move(hours=1.5)
            told.append(len(told_of_failing(watched)))
        works(watched, f"well-{number}")
        system_alerts(watched)
        watched.clock.move(hours=1)
    # 72 hours, the first notice after three of them.
    assert told[-1] == 3
    assert not [subject for _, subject in system_alerts(watched) if "de nouveau" in subject]


def test_the_day_begins_when_the_operator_was_told_however_long_it_had_failed(watched: Court) -> None:
    watched.store.save_recipient_state(RecipientState("crochet", NOW - timedelta(days=4), NOW, None, "503"))
    refuse(watched, "a")
    assert told_of_failing(watched) == ["journal"]
    works(watched, "well")
    watched.clock.move(hours=1)
    refuse(watched, "b")
    watched.clock.move(hours=2)
    refuse(watched, "c")
    assert told_of_failing(watched) == ["journal"]


def test_who_could_not_be_told_that_he_fails_is_not_told_of_its_end(watched: Court) -> None:
    watched.parts = replace(watched.parts, system=("crochet",))
    refuse(watched, "a")
    watched.clock.move(hours=2)
    refuse(watched, "b")
    assert system_alerts(watched) == []
    assert [one.trouble.kind for one in watched.store.alarms()] == [TroubleKind.FAILING]
    works(watched, "well")
    watched.clock.move(days=2)
    assert system_alerts(watched) == []
    assert watched.store.alarms() == ()


def test_who_is_disabled_after_failing_is_not_said_to_be_back(watched: Court) -> None:
    watched.post.refusal = AWAY
    fail(watched, 1, every=0.25)
    assert told_of_failing(watched) == ["journal"]
    watched.store.save_recipient_state(replace(watched.store.recipient_states()[0], disabled_at=watched.clock.now()))
    watched.clock.move(days=2)
    subjects = [subject for _, subject in system_alerts(watched)]
    assert len([one for one in subjects if "débranché" in one]) == 1
    assert not [one for one in subjects if "de nouveau" in one]


def test_the_operator_is_told_once_of_alerts_that_were_given_up(watched: Court) -> None:
    watched.post.refusal = REFUSED
    watched.deliver(*watched.file("a", deal("Nordlys", "Helvia", 2e9)))
    told = system_alerts(watched)
    assert [name for name, _ in told] == ["journal"]
    assert "crochet" in told[0][1]
    watched.clock.move(minutes=5)
    watched.deliver(*watched.file("b", deal("Boréal", "Granit", 3e8), title="Boréal et Granit"))
    assert system_alerts(watched) == told
    watched.post.refusal = None
    watched.store.retry_alerts(None, watched.clock.now())
    assert system_alerts(watched) == told
    assert watched.store.alarms() == ()


def look(court: Court, megabytes: int, *, host: str = "gw-1", folder: str = "/var/lib/gigawatch") -> None:
    """Let the next watch run on `host`, with so much room in `folder`."""
    disk = Room(Path(folder), megabytes * 2**20, 20_000 * 2**20, host=host, machine=host)
    court.parts = replace(court.parts, disk=lambda: disk)


def test_the_operator_is_told_once_of_a_disk_that_fills_up_and_once_of_its_room(watched: Court) -> None:
    look(watched, 300)
    assert system_alerts(watched) == []
    look(watched, 200)
    low = system_alerts(watched)
    assert [name for name, _ in low] == ["crochet", "journal"]
    assert "/var/lib/gigawatch (gw-1) est presque plein : il reste 200 Mo" in low[0][1]
    # A little more is not yet room: it would be told of again and again at the border.
    look(watched, 300)
    assert system_alerts(watched) == low
    look(watched, 500)
    watched.clock.move(minutes=1)
    back = system_alerts(watched)[2:]
    assert [name for name, subject in back if "de nouveau de la place" in subject] == ["crochet", "journal"]


@pytest.mark.parametrize("other", [{"host": "gw-2"}, {"folder": "/srv/gigawatch"}])
def test_a_disk_is_not_said_to_have_room_by_who_looks_at_another(watched: Court, other: dict[str, str]) -> None:
    look(watched, 200)
    low = system_alerts(watched)
    for _ in range(3):
        watched.clock.move(minutes=1)
        look(watched, 9_000, **other)
        assert system_alerts(watched) == low
        watched.clock.move(minutes=1)
        look(watched, 200)
        assert system_alerts(watched) == low
    look(watched, 100, **other)
    assert len(system_alerts(watched)) == len(low) + 2
    watched.clock.move(minutes=1)
    look(watched, 9_000)
    assert "(gw-1) a de nouveau de la place" in system_alerts(watched)[-1][1]
    assert len(watched.store.alarms()) == 1


def test_a_disk_that_nobody_looks_at_any_more_is_forgotten_without_a_word(watched: Court) -> None:
    look(watched, 200)
    low = system_alerts(watched)
    watched.parts = replace(watched.parts, disk=lambda: None)
    watched.clock.move(days=6)
    assert system_alerts(watched) == low
    assert len(watched.store.alarms()) == 1
    look(watched, 9_000, host="gw-2")
    watched.clock.move(days=1)
    assert system_alerts(watched) == low
    assert watched.store.alarms() == ()


def test_a_folder_may_have_a_longer_name_than_the_store_takes(watched: Court) -> None:
    look(watched, 200, folder="/srv/" + "x" * 240)
    low = system_alerts(watched)
    watched.clock.move(minutes=1)
    assert (len(low), system_alerts(watched)) == (2, low)


def test_one_success_begins_the_count_anew(court: Court) -> None:
    court.post.refusal = AWAY
    fail(court, 4)
    court.post.refusal = None
    ids = court.file("well", deal("Nordlys", "Helvia", 2e9))
    court.deliver(*ids)
    assert court.store.recipient_states() == ()


def test_a_stale_failure_never_puts_a_disabled_recipient_back(court: Court) -> None:
    off = RecipientState("crochet", NOW, NOW, NOW, "webhook: HTTP 410")
    court.store.save_recipient_state(off)
    court.store.save_recipient_state(replace(off, disabled_at=None, reason="late"))
    court.store.forget_failures("crochet")
    assert court.store.recipient_states() == (off,)


@pytest.mark.parametrize(
    ("channel", "error", "disabled"),
    [
        (ChannelKind.WEBHOOK, AWAY, True),
        (ChannelKind.CHAT, AWAY, True),
        (ChannelKind.EMAIL, REFUSED, True),
        # The relay and the console are our own: their faults say nothing of the recipient.
        (ChannelKind.EMAIL, AWAY, False),
        (ChannelKind.CONSOLE, REFUSED, False),
    ],
)
def test_whose_fault_a_failure_is(channel: ChannelKind, error: DeliveryError, *, disabled: bool) -> None:
    state = RecipientState("x")
    for day in range(6):
        state = after_failure(state, channel, error, now=NOW + timedelta(days=day))
    assert (state.disabled_at is not None) is disabled


def test_a_recipient_to_whom_nothing_was_sent_for_days_has_refused_nothing() -> None:
    state = after_failure(RecipientState("x"), ChannelKind.WEBHOOK, AWAY, now=NOW)
    state = after_failure(state, ChannelKind.WEBHOOK, AWAY, now=NOW + timedelta(days=9))
    assert (state.disabled_at, state.failing_since) == (None, NOW + timedelta(days=9))
