"""What the operator is told of recipients and disks: once when it begins, and once when it is over or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.steps.conftest import Desk
from tests.steps.court import Court, deal
from tests.steps.refusals import AWAY, GONE, NOW, REFUSED, fail, hooked
from worker.adapters.disk import Room
from worker.model import AlertType, ChannelKind, Recipient, RecipientState, TroubleKind
from worker.steps import watch


@pytest.fixture
def court(desk: Desk) -> Court:
    return hooked(desk)


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
