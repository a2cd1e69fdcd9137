"""Test 5: the broker is away for ten minutes."""

from __future__ import annotations

import math
import time

from tests.faults.lab import Lab, Part, Valkey, wait_until
from tests.faults.newsstand import Newsstand, children, command, migrate, watch
from tests.faults.receivers import SECRET, Receiver, pending
from worker.adapters.store import Store

TITLE = "Broker down 10 min"

_DOWN_S = 600.0
_BACK_S = 60.0
_START_S = 480.0
_INTERVAL_S = 30.0
_ALERTS = 40
_FEEDS = ("one", "two", "three")


class _Deployment:
    """A daemon with its own broker, feeds and receiver: `up`, or a worker and a scheduler by themselves."""

    def __init__(self, lab: Lab, name: str, commands: tuple[str, ...]) -> None:
        self.name = name
        self.valkey: Valkey = lab.valkey()
        self.stand = lab.enter(Newsstand(_FEEDS))
        self.receiver = lab.enter(Receiver())
        every = f"{_INTERVAL_S:.0f}s"
        self.environ = lab.configure(
            feeds=self.stand.rows(),
            recipients={"hook": {"channel": "webhook", "address": self.receiver.url(), "secret": SECRET}},
            rules=[{"id": "all", "recipients": ["hook"]}],
            polling={
                "min_interval": every, "max_interval": every, "host_gap": 0, "tick": "2s", "sweep": "5s", "jitter": 0,
            },
            fetch={"allow": [self.stand.address, self.receiver.address]},
            name=name,
        )  # fmt: skip
        data = lab.folder / f"data-{name}"
        data.mkdir()
        url = lab.database_url()
        self.environ |= {
            "GIGAWATCH_DATA": str(data), "GIGAWATCH_DATABASE_URL": url, "GIGAWATCH_BROKER_URL": self.valkey.url,
        }  # fmt: skip
        migrate(self.environ)
        self.store = Store(url)
        lab.at_end(self.store.close)
        self.parts: list[Part] = [lab.part(one, environ=self.environ, log=f"{name}-{one}").start() for one in commands]
        self.family: dict[int, set[int]] = {}

    def lines(self) -> dict[str, int]:
        return {part.log.stem: len(part.words().splitlines()) for part in self.parts}


def run(lab: Lab) -> None:
    """Kill the brokers of two deployments, commit alerts meanwhile, start the brokers again."""
    both = [_Deployment(lab, "up", ("up",)), _Deployment(lab, "apart", ("worker", "beat"))]
    for one in both:
        wait_until(lambda one=one: all(one.stand.polled(feed) for feed in _FEEDS), _START_S, f"{one.name} polls")  # type: ignore[misc]
        one.family = {part.pid: set(children(part.pid)) for part in one.parts}
    time.sleep(5)
    before = {one.name: one.lines() for one in both}
    for one in both:
        one.valkey.kill()
    down = time.monotonic()
    seconds = _DOWN_S * lab.scale
    ids = {one.name: pending(one.store, _ALERTS) for one in both}
    time.sleep(seconds)
    for one in both:
        _while_down(lab, one, before[one.name], down)
        one.valkey.start()
    back = time.monotonic()
    found = watch(
        {
            **{f"{one.name}: alerts": lambda one=one: set(ids[one.name]) <= set(one.receiver.ids()) for one in both},  # type: ignore[misc]
            **{
                f"{one.name}: polls": lambda one=one: all(one.stand.polled(feed, back) for feed in _FEEDS)  # type: ignore[misc]
                for one in both
            },
        },
        limit_s=4 * _BACK_S,
    )
    for name, took in found.items():
        lab.figure(f"{name} after s", took)
        lab.must(took <= _BACK_S, f"{name}: only {took:.0f} s after the broker's return")
    for one in both:
        missing = set(ids[one.name]) - set(one.receiver.ids())
        lab.must(not missing, f"{one.name}: {len(missing)} alerts missing")
        lab.figure(f"{one.name}: sent more than once", sum(count > 1 for count in one.receiver.ids().values()))
        catch_up = [one.stand.polled(feed, back) for feed in _FEEDS]
        lab.must(max(catch_up) <= 1 + (time.monotonic() - back) / _INTERVAL_S, f"{one.name}: a burst {catch_up}")


def _while_down(lab: Lab, one: _Deployment, before: dict[str, int], down: float) -> None:
    minutes = math.ceil((time.monotonic() - down) / 60)
    for log, lines in one.lines().items():
        lab.figure(f"{log}: log lines in {minutes} min", lines - before[log])
        lab.must(lines - before[log] <= minutes, f"{log}: {lines - before[log]} log lines in {minutes} min")
        lab.must(lines - before[log] > 0, f"{log}: nothing said of the broker's absence")
    for part in one.parts:
        lab.must(part.alive(), f"{one.name}: {part.arguments[0]} ended")
        if part.arguments == ("up",):
            lab.must(set(children(part.pid)) == one.family[part.pid], f"{one.name}: a part was started again")
    silent = [one.stand.polled(feed, down + 10) for feed in _FEEDS]
    lab.must(not any(silent), f"{one.name}: polls though the broker was away: the fault was none")
    code = command("healthcheck", environ=one.environ).returncode
    lab.must(code == 3, f"{one.name}: healthcheck {code} while the broker was away")
