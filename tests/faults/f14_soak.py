"""Test 14: a soak. Fifty feeds at twenty times the speed, deals all the time, something killed every five minutes.

An hour at scale 1, two at `--scale 2`. `--series FILE` keeps what was seen every ten seconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

import redis
import sqlalchemy

from tests.faults import series
from tests.faults.dispatches import Wire
from tests.faults.lab import Lab, Part, wait_until
from tests.faults.newsrooms import Newsrooms
from tests.faults.receivers import SECRET, Answer, Receiver, Request, differing
from tests.faults.series import Sample
from worker.adapters.broker import socket_path
from worker.adapters.store import Store
from worker.demo.sinks import MailSink, part

TITLE = "Soak"
LAST = True

_LENGTH_S = 3600.0
_WARM_S = 900.0  # growth counts from here
_WINDOW_S = 300.0  # so long after the warm-up is compared with so long before the end
_KILL_S = 300.0
_LEAST_KILL_S = 45.0  # between two kills in a short run: long enough to come up again on a busy machine
_SAMPLE_S, _LINE_S, _DEAL_S = 10.0, 60.0, 2.5
_DRAIN_S = 240.0
_FEEDS, _HOSTS = 50, 10
_FAILING = 20  # one webhook in so many is refused at its first attempt
_VICTIMS = ("deciding", "beat", "valkey", "fetching", "beat", "valkey")
_POLLS_AN_HOUR, _ALERTS_AN_HOUR = 5_000, 1_000
_GROWTH = 0.10
_MOST_KEYS, _LONGEST_QUEUE, _MORE_FILES = 60, 500, 4
_DEAL = re.compile(r"/(deal-\d+)(?:-copy)?\.html")
_ALIKE = re.compile(r"/(alike-\d+-\d+)\.html")


@dataclass
class _World:
    """What runs beside the daemon, and what was seen of it. Times in seconds since the begin."""

    lab: Lab
    rooms: Newsrooms
    wire: Wire
    hooks: Receiver
    mails: MailSink
    store: Store
    broker: redis.Redis
    up: Part
    length: float
    begun: float
    published: dict[str, float] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    kills: list[tuple[float, str]] = field(default_factory=list)

    @property
    def at(self) -> float:
        return time.monotonic() - self.begun

    @property
    def part_of_full(self) -> float:
        """By how much a run shorter than an hour shortens the times of an hour's plan."""
        return min(1.0, self.length / _LENGTH_S)


def run(lab: Lab) -> None:
    """Run the daemon beside a busy newsroom, kill its parts in turn, compare what it takes at the begin and the end."""
    with _world(lab) as world:
        wait_until(lambda: len(world.rooms.polls) == _FEEDS, 180, "every feed polled once")
        time.sleep(5)
        world.rooms.polls.clear()
        world.begun = time.monotonic()
        _go_on(world)
        _drain(world)
        world.up.stop()
        if lab.series is not None:
            lab.series.write_text(json.dumps(_record(world)), encoding="utf-8")
        _judge_news(world)
        _judge_memory(world)
        _judge_stores(world)


@contextlib.contextmanager
def _world(lab: Lab) -> Iterator[_World]:
    rooms = lab.enter(Newsrooms(_FEEDS, _HOSTS, lab.chance))
    hooks = lab.enter(Receiver(_refusing(lab)))
    mails = lab.enter(MailSink(lab.folder / "mails"))
    wire = Wire(tuple(outlet.id for outlet in rooms.outlets), lab.chance)
    environ = lab.configure(
        feeds=rooms.rows(),
        recipients={
            "hook": {"channel": "webhook", "address": hooks.url(), "secret": SECRET},
            "desk": {"channel": "email", "address": "desk@gw.example"},
        },
        rules=[{"id": "all", "recipients": ["hook", "desk"]}],
        # A twentieth of the defaults; the intervals about half of that, for the polls that are asked for.
        polling={"min_interval": "25s", "max_interval": "26s", "host_gap": "100ms", "tick": "1s", "sweep": "1500ms"},
        delivery={"factor": 0.05, "digest_wait": "5s"},
        canary={"enabled": True, "every": "3m", "within": "2m"},
        fetch={"allow": [*rooms.addresses, hooks.address]},
        smtp={"host": "127.0.0.1", "port": mails.port, "security": "none", "sender": "veille@gw.example"},
    )
    environ["GIGAWATCH_DATABASE_URL"] = lab.database_url()
    for outlet in wire.outlets:  # a feed without any entry would count as broken
        rooms.publish(wire.filler(outlet), datetime.now(UTC))
    up = lab.part("up", environ=environ).start()
    data = lab.load(environ).general.data
    store = Store(environ["GIGAWATCH_DATABASE_URL"])
    lab.at_end(store.close)
    broker = redis.Redis(unix_socket_path=str(socket_path(data)), socket_timeout=5)
    length = _LENGTH_S * lab.scale
    yield _World(lab, rooms, wire, hooks, mails, store, broker, up, length, time.monotonic())


def _refusing(lab: Lab) -> Callable[[Request, BaseHTTPRequestHandler], Answer]:
    known: set[str] = set()

    def script(request: Request, _handler: BaseHTTPRequestHandler) -> Answer:
        first = request.key not in known
        known.add(request.key)
        return Answer(503, body=b"not now") if first and lab.chance.randrange(_FAILING) == 0 else Answer()

    return script


def _go_on(world: _World) -> None:
    next_deal = next_sample = next_line = 0.0
    slot = max(_KILL_S * world.part_of_full, _LEAST_KILL_S)
    next_kill = slot + world.lab.chance.uniform(0, slot / 2)
    while world.at < world.length:
        if world.at >= next_deal:
            next_deal += _DEAL_S
            pieces = world.wire.batch()
            world.rooms.publish(pieces, datetime.now(UTC))
            world.published.update((piece.story, world.at) for piece in pieces if piece.story)
        if world.at >= next_sample:
            next_sample = world.at + _SAMPLE_S
            world.samples.append(_sample(world))
        if world.at >= next_line:
            next_line += _LINE_S
            _say(world)
        # Not in the last slot: what is left over is to be seen at rest.
        if next_kill <= world.at < world.length - slot:
            world.kills.append((world.at, _kill(world)))
            next_kill = (len(world.kills) + 1) * slot + world.lab.chance.uniform(0, slot / 2)
        time.sleep(0.1)


def _kill(world: _World) -> str:
    name = _VICTIMS[len(world.kills) % len(_VICTIMS)]
    for process in series.tree(world.up.pid):
        if process.role == name:
            os.kill(process.pid, signal.SIGKILL)
            return name
    return f"no {name}"


def _sample(world: _World) -> Sample:
    with world.store.read() as connection:
        entries = int(connection.scalar(sqlalchemy.text("SELECT count(*) FROM entry")) or 0)
        if world.store.is_sqlite:
            used = "SELECT (SELECT page_count FROM pragma_page_count()) - (SELECT * FROM pragma_freelist_count())"
            size = int(connection.scalar(sqlalchemy.text(used)) or 0) * 4096
        else:
            size = int(connection.scalar(sqlalchemy.text("SELECT pg_database_size(current_database())")) or 0)
    return Sample(
        at=round(world.at, 1),
        processes=series.tree(world.up.pid),
        keys=series.keys(world.broker),
        database=size,
        entries=entries,
        polls=world.rooms.polls.total(),
        told=len(world.hooks.ids()) + len(world.mails.mails()),
    )


def _say(world: _World) -> None:
    last = world.samples[-1]
    memory = ", ".join(f"{role} {kb / 1024:.0f}" for role, kb in sorted(series.medians([last]).items()))
    files = sum(process.files for process in last.processes)
    held = f"{last.keys.count} keys" if last.keys else "no answer"
    print(
        f"{last.at / 60:5.1f} min: {last.polls} polls, {last.entries} entries, {len(world.published)} deals, "
        f"{last.told} alerts, {last.database / 2**20:.1f} MiB, valkey {held}, {files} files, MiB: {memory}; "
        f"killed: {world.kills[-1][1] if world.kills else '-'}",
        file=sys.stderr,
        flush=True,
    )


def _told(world: _World) -> dict[str, dict[str, set[str]]]:
    """Return for each recipient which alerts first told of each deal, by deal."""
    found: dict[str, dict[str, set[str]]] = {"hook": defaultdict(set), "desk": defaultdict(set)}
    for request in world.hooks.requests():
        kind = json.loads(request.body)["type"]
        if kind in ("deal.detected", "digest"):
            for deal in set(_DEAL.findall(request.body.decode())):
                found["hook"][deal].add(request.key)
    for mail in world.mails.mails():
        if mail.message["X-Gigawatch-Kind"] in ("deal.detected", "digest"):
            for deal in set(_DEAL.findall(part(mail.message, "plain"))):
                found["desk"][deal].add(mail.key)
    return found


def _drain(world: _World) -> None:
    def all_told() -> bool:
        return all(set(told) >= set(world.published) for told in _told(world).values())

    with contextlib.suppress(TimeoutError):
        wait_until(all_told, _DRAIN_S, "everything told", pause_s=1.0)
    world.lab.figure("seconds to the last alert after the last deal", round(world.at - world.length, 1))
    time.sleep(5)
    world.samples.append(_sample(world))
    _say(world)


def _judge_news(world: _World) -> None:
    lab, told = world.lab, _told(world)
    hours = world.length / 3600
    kinds = Counter(json.loads(one.body)["type"] for one in {r.key: r for r in world.hooks.requests()}.values())
    lost = {name: sorted(set(world.published) - set(by_deal)) for name, by_deal in told.items()}
    doubled = {name: sorted(deal for deal, ids in by_deal.items() if len(ids) > 1) for name, by_deal in told.items()}
    alike = {name for one in world.hooks.requests() for name in _ALIKE.findall(one.body.decode())}
    first_alerts = sum(len(set().union(*by_deal.values())) if by_deal else 0 for by_deal in told.values())
    repeats = sum(count - 1 for count in world.hooks.ids().values())
    lab.figure("minutes", world.length / 60)
    lab.figure("kills", json.dumps(Counter(name for _, name in world.kills)))
    lab.figure("polls", world.rooms.polls.total())
    lab.figure("deals", len(world.published))
    lab.figure("alerts by webhook", json.dumps(kinds))
    lab.figure("alerts by mail", len({mail.key for mail in world.mails.mails()}))
    lab.figure("requests repeated, refused ones included", repeats)
    lab.figure("lost", json.dumps({name: len(deals) for name, deals in lost.items()}))
    lab.figure("told twice under another id", json.dumps({name: len(deals) for name, deals in doubled.items()}))
    lab.must(world.rooms.polls.total() >= _POLLS_AN_HOUR * hours, f"{world.rooms.polls.total()} polls")
    lab.must(first_alerts >= _ALERTS_AN_HOUR * hours, f"{first_alerts} alerts")
    lab.must(not any(lost.values()), f"lost: {lost}")
    lab.must(not any(doubled.values()), f"told twice: {doubled}")
    lab.must(not alike, f"told of look-alikes: {sorted(alike)}")
    lab.must(differing(world.hooks.requests()) == 0, "an id came with two bodies")
    lab.must(len(world.kills) >= 2 or world.length < _KILL_S, f"{len(world.kills)} kills")


def _judge_memory(world: _World) -> None:
    lab = world.lab
    warm, width = _WARM_S * world.part_of_full, _WINDOW_S * world.part_of_full
    early = series.window(world.samples, warm, warm + width)
    late = series.window(world.samples, world.length - width, world.length)
    before, after = series.medians(early), series.medians(late)
    growth = {role: after[role] / before[role] - 1 for role in sorted(set(before) & set(after)) if "orphan" not in role}
    # From earlier on, for a process that has just been started has opened only a few.
    files_before = series.most_files(series.window(world.samples, warm / 3, warm + width))
    files_after = series.most_files(late)
    role, steep = series.steepest(world.samples, width)
    orphans = {process.pid for one in late for process in one.processes if process.role.startswith("orphan")}
    lab.figure("MiB after the warm-up", json.dumps({name: round(kb / 1024, 1) for name, kb in before.items()}))
    lab.figure("growth since, %", json.dumps({name: round(100 * value, 1) for name, value in growth.items()}))
    lab.figure("growth of the one process that grew most, %", f"{100 * steep:.1f} ({role})")
    lab.figure("open files then and at the end", json.dumps({n: (files_before[n], files_after.get(n)) for n in before}))
    lab.figure("processes left behind at the end", len(orphans))
    for name, value in growth.items():
        lab.must(name == "valkey" or value < _GROWTH, f"{name} grew by {100 * value:.1f} %")
        lab.must(files_after[name] <= files_before[name] + _MORE_FILES, f"{name} has {files_after[name]} files open")
    lab.must(not orphans, f"{len(orphans)} processes without a parent")
    for name in ("up", "deciding", "deciding child", "fetching", "fetching child", "beat"):
        lab.must(name in growth, f"no memory of {name} seen in both windows")


def _judge_stores(world: _World) -> None:
    lab = world.lab
    held = [one.keys for one in world.samples if one.keys is not None]
    stray = sorted({name for one in held for name in one.stray})
    lab.figure("most keys in Valkey", max(one.count for one in held))
    lab.figure("longest queue", max(one.longest for one in held))
    lab.figure("Valkey's memory at the end, KiB", held[-1].used_kb)
    lab.figure("keys without an end", len(stray))
    lab.must(max(one.count for one in held) <= _MOST_KEYS, f"{max(one.count for one in held)} keys")
    lab.must(max(one.longest for one in held) <= _LONGEST_QUEUE, f"{max(one.longest for one in held)} messages")
    lab.must(not stray, f"keys without an end: {stray[:5]}")
    lab.must(len(held) >= 0.8 * len(world.samples), f"Valkey answered {len(held)} of {len(world.samples)} looks")
    points = [(float(one.entries), float(one.database)) for one in world.samples]
    middle = len(points) // 2
    slope, fit = series.line(points)
    first, _ = series.line(points[:middle])
    second, _ = series.line(points[middle:])
    lab.figure("database, MiB", world.samples[-1].database / 2**20)
    lab.figure("entries", world.samples[-1].entries)
    lab.figure("bytes an entry", round(slope))
    lab.figure("R² of the line", f"{fit:.4f}")
    lab.figure("bytes an entry, second half to first", second / first if first else 0.0)
    lab.must(fit >= 0.98, f"the database does not grow in a line: R² {fit:.3f}")
    lab.must(bool(first) and second / first < 1.25, "the database grows faster in the second half")


def _record(world: _World) -> dict[str, object]:
    return {
        "kills": world.kills,
        "published": world.published,
        "samples": [asdict(one) for one in world.samples],
    }
