"""Test 9: two schedulers at once, then none, then one."""

from __future__ import annotations

import time

from tests.faults.lab import Lab, wait_until
from tests.faults.newsstand import Newsstand, migrate

TITLE = "Two schedulers, dead scheduler"

_INTERVAL_S = 20.0
_BOTH_S = 300.0
_START_S = 240.0
_FEEDS = tuple(f"feed-{number}" for number in range(5))


def run(lab: Lab) -> None:
    """Two beats for five minutes, both killed for three intervals, one started again."""
    stand = lab.enter(Newsstand(_FEEDS))
    every = f"{_INTERVAL_S:.0f}s"
    polling = {"min_interval": every, "max_interval": every, "host_gap": 0, "tick": "1s", "sweep": "2s", "jitter": 0}
    environ = lab.configure(feeds=stand.rows(), polling=polling, fetch={"allow": [stand.address]})
    environ |= {"GIGAWATCH_DATABASE_URL": lab.database_url(), "GIGAWATCH_BROKER_URL": lab.valkey().url}
    migrate(environ)
    lab.part("worker", environ=environ).start()
    beats = [lab.part("beat", environ=environ, log=f"beat-{number}").start() for number in range(2)]
    wait_until(lambda: all(stand.polled(feed) for feed in _FEEDS), _START_S, "every feed is polled")
    begun = time.monotonic()
    time.sleep(_BOTH_S * lab.scale)
    lab.must(all(beat.alive() for beat in beats), "a scheduler ended: they are in each other's way")
    ended = time.monotonic()
    for beat in beats:
        beat.kill()
    # What a beat had rung for may still be under way; a poll at the edge belongs to neither side.
    wanted = round((ended - begun) / _INTERVAL_S)
    counts = [stand.polled(feed, begun) for feed in _FEEDS]
    lab.figure("polls per feed, planned", wanted)
    lab.figure("polls per feed, least", min(counts))
    lab.figure("polls per feed, most", max(counts))
    lab.must(max(counts) <= wanted + 1, f"{max(counts)} polls where {wanted} were planned")
    # The next one counts from when a poll was made, so each adds its lateness: a tick and a task.
    lab.must(min(counts) >= wanted - 1, f"{min(counts)} polls where {wanted} were planned")
    time.sleep(3 * _INTERVAL_S)
    silent = [stand.polled(feed, ended + 3) for feed in _FEEDS]
    lab.figure("polls without a scheduler", sum(silent))
    lab.must(not any(silent), "polls though no scheduler lived: the fault was none")
    lab.part("beat", environ=environ, log="beat-again").start()
    again = time.monotonic()
    wait_until(lambda: all(stand.polled(feed, again) for feed in _FEEDS), _START_S, "the catch-up")
    first = min(min(at for at in stand.polls[feed] if at >= again) for feed in _FEEDS)
    time.sleep(max(0.0, first + 0.8 * _INTERVAL_S - time.monotonic()))
    caught_up = [stand.polled(feed, again) for feed in _FEEDS]
    lab.figure("catch-up polls per feed, most", max(caught_up))
    lab.must(set(caught_up) == {1}, f"catch-up polls per feed: {caught_up}")
