"""Silences over the demo's newsroom and real stores: the right system alert, once, and once when it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

import pytest

from tests.adapters.store_samples import article, entry, feed
from tests.steps.conftest import JOURNAL, RULE, Desk, HandClock
from worker import runtime, steps
from worker.adapters.store import Store
from worker.demo.newsroom import Newsroom
from worker.demo.script import load
from worker.model import AlertType, Cause, ChannelKind, Entry, FeedState, Recipient
from worker.settings import Settings, packaged
from worker.steps import Ring

ENGLISH = Recipient("desk", ChannelKind.CONSOLE, "-", language="en")
LOGIN = (HTTPStatus.OK, {"Content-Type": "text/html"}, b"<!doctype html><title>Connexion</title><form>...</form>")
EMPTY = (HTTPStatus.OK, {"Content-Type": "application/rss+xml"}, b"")
HTML = {"Content-Type": "text/html"}
# In the order of the script's outlets: what each feed answers when it is killed, and the cause that must be told.
DEATHS = (
    ((HTTPStatus.NOT_FOUND, HTML, b"404"), Cause.NOT_FOUND, "404"),
    (LOGIN, Cause.HTML, "page HTML"),
    (EMPTY, Cause.EMPTY, "vide"),
    ((HTTPStatus.INTERNAL_SERVER_ERROR, HTML, b"500"), Cause.SERVER_ERROR, "panne"),
    ((HTTPStatus.GONE, HTML, b"410"), Cause.GONE, "410"),
)


class Mortal(Newsroom):
    """The newsroom, with feeds that can be killed: a path answers what stands in `dead`."""

    dead: dict[str, tuple[int, dict[str, str], bytes]]

    def answer(self, path: str, match: str | None) -> tuple[int, dict[str, str], bytes]:
        return self.dead.get(path) or super().answer(path, match)


class House:
    """A newsroom, the daemon's steps and a clock that the test moves."""

    def __init__(self, desk: Desk, room: Mortal) -> None:
        self.desk, self.room, self.store = desk, room, desk.runtime.store

    def pass_time(self, **amount: float) -> None:
        """Let time pass in steps of four hours, the daemon at work."""
        left = timedelta(**amount)
        while left > timedelta(0):
            step = min(left, timedelta(hours=4))
            self.desk.clock.move(seconds=step.total_seconds())
            left -= step
            self.desk.round()
            self.watch()

    def watch(self) -> None:
        waiting: list[Ring] = list(steps.watch(self.desk.parts))
        while waiting:
            ring = waiting.pop(0)
            waiting += getattr(steps, ring.step)(self.desk.parts, ring.ids)

    def alerts(self) -> list[tuple[AlertType, str]]:
        """Return type and subject of every alert so far, oldest first."""
        rows = sorted(self.store.alerts(limit=1000), key=lambda row: row.alert.created_at)
        return [(row.alert.type, row.alert.subject) for row in rows]


@pytest.fixture
def house(load_settings: Callable[..., Settings], database_url: str) -> Iterator[House]:
    room = Mortal(load(packaged() / "demo" / "newsroom.toml"))
    room.dead = {}
    with room:
        base = load_settings(
            store={"url": database_url}, fetch={"allow": [room.address]}, polling={"host_gap": 0, "jitter": 0}
        )
        settings = replace(base, rules=(RULE,), recipients={"journal": JOURNAL}, system=("journal",))
        clock = HandClock()
        built = runtime.build(settings, clock=clock)
        built.store.migrate()
        built.store.sync_feeds(room.feeds(), clock.now())
        room.publish(0, clock.now())
        # The desk's site is not used here: the newsroom stands in its place.
        log = settings.general.data / "alerts.log"
        made = House(Desk(built, clock, room, log), room)  # type: ignore[arg-type]
        made.pass_time(hours=8)
        yield made
        built.close()


def test_each_feed_that_is_killed_brings_its_system_alert_and_no_deal(house: House) -> None:
    before = house.alerts()
    assert AlertType.SYSTEM not in [kind for kind, _ in before]
    for outlet, (answer, cause, word) in zip(house.room.script.outlets, DEATHS, strict=True):
        seen = len(house.alerts())
        house.room.dead[outlet.feed_path] = answer
        house.pass_time(hours=32)
        fresh = house.alerts()[seen:]
        assert [kind for kind, _ in fresh] == [AlertType.SYSTEM], (outlet.id, fresh)
        assert outlet.name in fresh[0][1]
        assert word in fresh[0][1]
        alarms = [one.trouble for one in house.store.alarms() if one.raised]
        assert [(one.feed_id, one.cause) for one in alarms] == [(outlet.id, cause)]
        house.pass_time(hours=48)
        assert len(house.alerts()) == seen + 1
        del house.room.dead[outlet.feed_path]
        house.store.set_feed_paused(outlet.id, False, house.desk.clock.now())
        house.pass_time(hours=12)
        kind, subject = house.alerts()[-1]
        assert (kind, outlet.name in subject, "de nouveau" in subject) == (AlertType.SYSTEM, True, True)
        assert len(house.alerts()) == seen + 2
        assert house.store.alarms() == ()
    assert [one for one in house.alerts() if one[0] is not AlertType.SYSTEM] == before


def test_a_network_that_is_away_is_one_alert(house: House) -> None:
    seen = len(house.alerts())
    for outlet in house.room.script.outlets:
        house.room.dead[outlet.feed_path] = (HTTPStatus.SERVICE_UNAVAILABLE, HTML, b"503")
    house.pass_time(hours=60)
    ((kind, subject),) = house.alerts()[seen:]
    assert kind is AlertType.SYSTEM
    assert subject.startswith("Message de service : 5 flux sur 5 ne se lisent plus")
    house.room.dead.clear()
    house.pass_time(hours=24)
    healed = [subject for _, subject in house.alerts()[seen + 1 :]]
    assert healed == ["Rétabli : Les flux se lisent de nouveau"]


def test_an_outage_ends_though_a_feed_was_dead_before_it(house: House) -> None:
    paths = [outlet.feed_path for outlet in house.room.script.outlets]
    for path in paths[:2]:
        house.room.dead[path] = (HTTPStatus.NOT_FOUND, HTML, b"404")
        house.pass_time(hours=32)
    seen = len(house.alerts())
    for path in paths[2:]:
        house.room.dead[path] = (HTTPStatus.SERVICE_UNAVAILABLE, HTML, b"503")
    house.pass_time(hours=12)
    for path in paths[2:]:
        del house.room.dead[path]
    house.pass_time(hours=12)
    assert [subject.split(" : ")[1] for _, subject in house.alerts()[seen:]] == [
        "3 flux sur 3 ne se lisent plus",
        "Les flux se lisent de nouveau",
    ]
    assert sorted(one.trouble.feed_id for one in house.store.alarms()) == sorted(
        outlet.id for outlet in house.room.script.outlets[:2]
    )


def test_everybody_named_is_told_in_his_language(house: House) -> None:
    desk = house.desk
    parts = replace(desk.parts, recipients={"journal": JOURNAL, "desk": ENGLISH}, system=("journal", "desk", "left"))
    first = house.room.script.outlets[0]
    house.room.dead[first.feed_path] = DEATHS[0][0]
    for _ in range(8):
        desk.clock.move(hours=4)
        desk.round()
    ids = [key for ring in steps.watch(parts) if ring.step == "deliver" for key in ring.ids]
    subjects = {row.alert.recipient_id: row.alert.subject for row in house.store.alerts_by_id(ids)}
    assert subjects == {
        "journal": f"Message de service : Le flux {first.name} ne se lit plus : introuvable (404)",
        "desk": f"Service notice: Feed {first.name} can no longer be read: not found (404)",
    }
    body = next(row.alert.body for row in house.store.alerts_by_id(ids) if row.alert.recipient_id == "desk")
    assert f"gigawatch feeds pause {first.id}" in body


def polled(store: Store, feed_id: str) -> FeedState:
    state = store.feed(feed_id)
    assert state is not None
    return state


def fill(desk: Desk, feed_id: str, entries: Sequence[Entry]) -> None:
    """Bring entries into a feed, each at its own time."""
    for item in entries:
        assert item.published is not None
        state = replace(polled(desk.runtime.store, feed_id), polls=1, last_success_at=item.published)
        desk.runtime.store.save_poll(state, [(item, True)], now=item.published, backlog=False)


def well(desk: Desk, feed_id: str) -> None:
    """Say that the feed was read well just now, with nothing new."""
    state = replace(polled(desk.runtime.store, feed_id), last_success_at=desk.clock.now(), cause=Cause.OK)
    desk.runtime.store.save_feed_state(state)


def test_a_feed_that_stops_bringing_news_is_silent_once_until_it_speaks(desk: Desk) -> None:
    parts = replace(desk.parts, system=("journal",), policy=replace(desk.parts.policy, canary_every=None))
    desk.runtime.store.sync_feeds([feed()], desk.clock.now())
    start = desk.clock.now() - timedelta(days=20)
    times = [start + timedelta(hours=6 * number) for number in range(80)]
    fill(desk, "gazette", [replace(entry(f"e{number}"), published=time) for number, time in enumerate(times)])
    desk.clock.time = times[-1] + timedelta(hours=20)
    well(desk, "gazette")
    steps.watch(parts)
    assert desk.runtime.store.alarms() == ()
    desk.clock.move(hours=16)
    well(desk, "gazette")
    for _ in range(3):
        rings = steps.watch(parts)
        desk.run(*rings)
    assert desk.told().count("se tait") == 1
    (alarm,) = desk.runtime.store.alarms()
    assert alarm.trouble.since == times[-1]
    # What fails now is not healed: it has not spoken.
    state = polled(desk.runtime.store, "gazette")
    desk.runtime.store.save_feed_state(replace(state, cause=Cause.DNS, failures=1))
    steps.watch(parts)
    assert len(desk.runtime.store.alarms()) == 1
    fill(desk, "gazette", [replace(entry("late"), published=desk.clock.now())])
    well(desk, "gazette")
    desk.run(*steps.watch(parts))
    assert desk.told().count("publie de nouveau") == 1
    assert desk.runtime.store.alarms() == ()


def test_pages_without_text_are_told(desk: Desk) -> None:
    parts = replace(desk.parts, system=("journal",), policy=replace(desk.parts.policy, canary_every=None))
    store = desk.runtime.store
    store.sync_feeds([feed()], desk.clock.now())
    for number in range(16):
        desk.clock.move(minutes=30)
        now = desk.clock.now()
        state = replace(polled(store, "gazette"), polls=1, last_success_at=now)
        saved = store.save_poll(state, [(entry(f"e{number}"), True)], now=now, backlog=False)
        value = article(f"a{number}")
        if number >= 11:
            value = replace(value, origin="feed", limits=Cause.NO_TEXT)
        store.save_article(saved.to_read[0], value, now=now, backlog=False)
        steps.watch(parts)
        assert len(store.alarms()) == (number == 15)
    (row,) = store.alerts()
    assert "ne donnent plus de texte" in row.alert.subject
    assert "sélecteur" in row.alert.body


def test_a_feed_that_was_never_read_is_told_after_a_day(desk: Desk) -> None:
    parts = replace(desk.parts, system=("journal",), policy=replace(desk.parts.policy, canary_every=None))
    store = desk.runtime.store
    store.sync_feeds([feed()], desk.clock.now())
    state = replace(polled(store, "gazette"), polls=4, failures=4, cause=Cause.TLS, message="expired")
    store.save_feed_state(state)
    for hours in (0, 12, 11):
        desk.clock.move(hours=hours)
        steps.watch(parts)
        assert [one.raised for one in store.alarms()] == [False]
    desk.clock.move(hours=2)
    steps.watch(parts)
    (row,) = store.alerts()
    assert "certificat TLS" in row.alert.subject
    store.set_feed_paused("gazette", True, desk.clock.now())
    steps.watch(parts)
    assert store.alarms() == ()
    assert len(store.alerts()) == 1
