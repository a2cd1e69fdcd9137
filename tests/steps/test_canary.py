"""The canary over the real steps, detector and stores: it comes out, unseen, and is missed when it must be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.steps.conftest import Desk
from worker import steps
from worker.adapters.smtp import SmtpChannel
from worker.adapters.store import schema
from worker.demo.sinks import MailSink
from worker.errors import ConfigError, DeliveryError, Fault, StoreUnavailable
from worker.model import CANARY, CanaryRun, Stage
from worker.pipeline import canary
from worker.pipeline.detection import Detector
from worker.steps import Parts, Ring


def work(parts: Parts, *rings: Ring) -> None:
    """Do the work of `rings` and of all that follows from it, with `parts`."""
    waiting = list(rings)
    while waiting:
        ring = waiting.pop(0)
        waiting += getattr(steps, ring.step)(parts, ring.ids)


def watch(desk: Desk, parts: Parts | None = None) -> CanaryRun:
    """Watch once, with all that follows; returns the latest run."""
    parts = parts or desk.parts
    work(parts, *steps.watch(parts))
    return parts_runs(desk)[0]


def parts_runs(desk: Desk) -> tuple[CanaryRun, ...]:
    return desk.runtime.store.canary_runs()


def rows(desk: Desk) -> dict[str, int]:
    """Count the rows of every table that holds something, but the canary's own plan."""
    found = {}
    with desk.runtime.store.read() as connection:
        for table in schema.metadata.sorted_tables:
            found[table.name] = connection.scalar(select(func.count()).select_from(table)) or 0
    return {name: count for name, count in found.items() if count}


def test_it_comes_out_by_the_real_way_and_nobody_sees_it(desk: Desk) -> None:
    run = watch(desk)
    assert run.arrived_at is not None
    store = desk.runtime.store
    assert rows(desk) == {
        "feed": 1, "entry": 1, "entry_key": 3, "article": 1, "alert": 1, "delivery": 1, "canary": 1, "heartbeat": 1,
    }  # fmt: skip
    assert store.feeds() == ()
    assert store.never_polled() == 0
    assert store.stories() == ()
    assert store.rejected() == ()
    assert store.alerts() == ()
    assert sum(store.counts().values()) == 0
    assert desk.told() == ""
    desk.clock.move(minutes=1)
    watch(desk)
    assert rows(desk) == {"feed": 1, "canary": 1, "heartbeat": 1}


def test_its_alert_was_a_whole_one(desk: Desk) -> None:
    parts = desk.parts
    rings = steps.watch(parts)
    work(parts, *(ring for ring in rings if ring.step != "deliver"))
    with desk.runtime.store.read() as connection:
        (row,) = connection.execute(select(schema.alert)).all()
    assert row.type == "deal.detected"
    assert (row.rule_id, row.recipient_id, row.story_id) == (CANARY, CANARY, None)
    (flow,) = row.data["flows"]
    assert (flow["payer"], flow["payee"], flow["currency"]) == ("Sérinelle", "Passereau Cloud", "EUR")
    assert canary.arrived(row.data) == parts_runs(desk)[0].id


def test_it_is_planted_every_hour_and_each_run_is_told_apart(desk: Desk) -> None:
    for _ in range(4):
        run = watch(desk)
        assert run.arrived_at == desk.clock.now()
        desk.clock.move(minutes=9)
        assert watch(desk).id == run.id
        for _ in range(6):
            desk.clock.move(minutes=8, seconds=30)
            steps.watch(desk.parts) if desk.clock.now() - run.planted_at < timedelta(hours=1) else None
    assert len(parts_runs(desk)) == 4
    assert desk.told() == ""


def broken(error: Exception) -> Callable[[], Detector]:
    def load() -> Detector:
        raise error

    return load


def test_a_stopped_detector_is_told_once_and_its_return_once(desk: Desk) -> None:
    watch(desk)
    desk.clock.move(hours=1)
    fault = ConfigError((Fault("detector.json", "", "cannot be read", "the packaged file"),))
    ill = replace(desk.parts, detector=broken(fault), system=("journal",))
    watch(desk, ill)
    assert desk.told() == ""
    for _ in range(4):
        desk.clock.move(minutes=5)
        watch(desk, ill)
    told = desk.told()
    assert told.count("article témoin n’est pas arrivé") == 1
    assert "detector.json" in told
    assert "Nouvelle opération" not in told
    late = canary.missed(parts_runs(desk), desk.clock.now())
    assert late is not None
    well = replace(desk.parts, system=("journal",))
    for _ in range(4):
        desk.clock.move(minutes=5)
        work(well, *steps.tick(well), *steps.sweep(well))
        watch(desk, well)
    assert desk.told().count("arrive de nouveau") == 1
    assert canary.missed(parts_runs(desk), desk.clock.now()) is None


@pytest.mark.parametrize(
    ("lost", "stage"),
    [("poll", Stage.POLL), ("read", Stage.READ), ("judge", Stage.JUDGE), ("deliver", Stage.DELIVER)],
)
def test_the_step_that_nobody_does_is_named(desk: Desk, lost: str, stage: Stage) -> None:
    waiting = list(steps.watch(desk.parts))
    while waiting:
        ring = waiting.pop(0)
        if ring.step != lost:
            waiting += getattr(steps, ring.step)(desk.parts, ring.ids)
    for _ in range(2):
        desk.clock.move(minutes=5)
        steps.watch(desk.parts)
    (run,) = (one for one in parts_runs(desk) if one.stage is not None)
    assert run.stage is stage
    assert rows(desk).get("story") is None


class Cautious(Detector):
    """A detector that has gone deaf: it finds no deal in anything."""

    def __init__(self, real: Detector) -> None:
        self._real = real
        self.judge = lambda article: replace(real.judge(article), deal=False, flows=())  # type: ignore[method-assign]
        self.gate = real.gate  # type: ignore[method-assign]
        self.listed = lambda verdict: verdict  # type: ignore[method-assign]


def test_a_detector_that_finds_nothing_any_more_is_named_and_the_canary_is_no_rejected_article(desk: Desk) -> None:
    deaf = replace(desk.parts, detector=lambda: Cautious(desk.runtime.detector), system=("journal",))
    watch(desk, deaf)
    assert desk.runtime.store.rejected() == ()
    for _ in range(2):
        desk.clock.move(minutes=6)
        watch(desk, deaf)
    assert parts_runs(desk)[1].stage is Stage.ALERT
    assert "jugé, mais aucune alerte n’a suivi" in desk.told()


@pytest.fixture
def mails(tmp_path: Path) -> Iterator[MailSink]:
    with MailSink(tmp_path / "mails") as sink:
        yield sink
        sink.stop()


def relay(sink: MailSink) -> Callable[[], None]:
    channel = SmtpChannel(
        "127.0.0.1", sink.port, security="none", user="", password="", sender="gw@example.org", timeout=2
    )
    return channel.check


def test_a_stopped_relay_is_told_by_the_ways_out_that_are_left(desk: Desk, mails: MailSink) -> None:
    parts = replace(desk.parts, relay=relay(mails), system=("journal",))
    assert watch(desk, parts).arrived_at is not None
    assert mails.mails() == ()
    mails.stop()
    desk.clock.move(hours=1)
    assert watch(desk, parts).arrived_at is None
    for _ in range(2):
        desk.clock.move(minutes=5)
        watch(desk, parts)
    assert parts_runs(desk)[1].stage is Stage.DELIVER
    assert "smtp" in desk.told()
    with pytest.raises(DeliveryError, match="smtp"):
        relay(mails)()


def test_a_run_that_the_daemon_slept_through_is_no_fault(desk: Desk) -> None:
    steps.watch(desk.parts)
    desk.clock.move(hours=9)
    run = watch(desk)
    assert run.arrived_at == desk.clock.now()
    assert len(parts_runs(desk)) == 1
    assert desk.told() == ""


def test_beat_watches_and_tells_where_no_worker_does(desk: Desk) -> None:
    parts = replace(desk.parts, system=("journal",))
    watch(desk, parts)
    assert steps.stand_in(parts) == 0
    told = 0
    desk.clock.move(hours=1)
    steps.watch(parts)
    for _ in range(5):
        desk.clock.move(minutes=4)
        told += steps.stand_in(parts)
    assert told == 1
    assert "son flux n’a pas été lu" in desk.told()


def test_a_store_that_is_away_is_an_error_of_the_watch(desk: Desk) -> None:
    class Away(type(desk.runtime.store)):  # type: ignore[misc]
        def heartbeats(self) -> object:
            raise StoreUnavailable("gone")

    away = Away(desk.runtime.settings.store.url)
    with pytest.raises(StoreUnavailable):
        steps.watch(replace(desk.parts, store=away))
    away.close()


def test_it_can_be_switched_off(desk: Desk) -> None:
    off = replace(desk.parts, policy=replace(desk.parts.policy, canary_every=None))
    assert steps.watch(off) == ()
    assert parts_runs(desk) == ()
