"""Test 31: worker, scheduler and broker are killed together 50 times while a newsroom publishes 300 articles."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from datetime import UTC, datetime

from tests.faults import press
from tests.faults.deployment import Deployment
from tests.faults.lab import Lab, wait_until
from tests.faults.receivers import SECRET, Receiver, differing
from worker.demo.newsroom import Newsroom

TITLE = "Whole chain killed"

_DEALS, _SILENT, _KILLS = 200, 100, 50
_SHORTEST_S, _LONGEST_S = 0.1, 4.0
_PATIENCE_S = 600.0
_QUIET_S = 3.0
_PIECE = re.compile(r"/((?:article|ouverture)-\d+)\.html")


def run(lab: Lab) -> None:
    """Publish in waves between the kills; then every deal must have been told, under one id, and nothing else."""
    kills = lab.count(_KILLS)
    deals, silent = lab.count(_DEALS, 10), lab.count(_SILENT, 5)
    waves = min(kills, 25)
    play = press.script(lab.chance, deals=deals, silent=silent, waves=waves)
    with Newsroom(play) as newsroom, Receiver() as receiver:
        environ = lab.configure(
            feeds=[
                {"id": feed.id, "name": feed.name, "url": feed.url, "house": feed.house} for feed in newsroom.feeds()
            ],
            recipients={"hook": {"channel": "webhook", "address": receiver.url(), "secret": SECRET}},
            rules=[{"id": "tout", "recipients": ["hook"]}],
            polling={
                "min_interval": "1s", "max_interval": "1s", "host_gap": 0, "tick": "500ms", "sweep": "1s", "jitter": 0,
            },
            fetch={"allow": [newsroom.address, receiver.address]},
            # More than fifty of a feed in one poll, after kills in a row, are held as a flood and leave as digests.
            delivery={"digest_wait": "5s"},
        )  # fmt: skip
        here = Deployment(lab, environ, database=lab.database_url(), valkey=lab.valkey("none"))
        here.store.sync_feeds(lab.load(here.environ).feeds, datetime.now(UTC))
        newsroom.publish(0, datetime.now(UTC))
        here.start()
        # What the first poll of a feed brings goes into a digest; this is about news.
        wait_until(
            lambda: all(state.last_success_at for state in here.store.feeds()), _PATIENCE_S, "every feed was polled"
        )
        wave = 0
        for kill in range(kills):
            while wave < waves * (kill + 1) // kills:
                wave += 1
                newsroom.publish(wave, datetime.now(UTC))
            time.sleep(lab.chance.uniform(_SHORTEST_S, _LONGEST_S))
            here.kill()
            here.valkey.kill()
            told = len(receiver.ids())
            last = time.monotonic()
            here.valkey.start()
            here.start()
        expected = {planted.id for planted in play.stories}
        end = time.monotonic() + _PATIENCE_S
        while expected - set(_told(receiver)) and time.monotonic() < end:
            time.sleep(0.2)
        drained = time.monotonic() - last
        time.sleep(_QUIET_S)
        here.kill()
        alerts, requests, seen = _told(receiver), receiver.requests(), receiver.ids()
    lost, stray = expected - set(alerts), set(alerts) - expected
    twice = [piece for piece, ids in alerts.items() if len(ids) > 1]
    lab.figure("articles", len(newsroom.published()))
    lab.figure("deals", len(expected))
    lab.figure("deals told", len(expected & set(alerts)))
    lab.figure("told before the last kill", told)
    lab.figure("missing", len(lost))
    lab.figure("stray", len(stray))
    lab.figure("told under two ids", len(twice))
    lab.figure("repeats", sum(seen.values()) - len(seen))
    lab.figure("differing bodies", differing(requests))
    lab.figure("all told, seconds after the last kill", drained)
    lab.must(not lost, f"{len(lost)} deals never told: {sorted(lost)[:5]}")
    lab.must(not stray, f"{len(stray)} articles told that are no deal: {sorted(stray)[:5]}")
    lab.must(not twice, f"{len(twice)} deals told under two ids: {sorted(twice)[:5]}")
    for piece in sorted(twice)[:5]:
        for request in requests:
            if request.key in alerts[piece]:
                lab.notes.append(f"{piece} {request.key}: {request.body.decode()}")
    lab.must(len(seen) == len(expected), f"{len(seen)} alerts for {len(expected)} deals")
    lab.must(differing(requests) == 0, "an id came with two bodies")
    lab.must(told > 0, "nothing was told between the kills, so they showed nothing")


def _told(receiver: Receiver) -> dict[str, set[str]]:
    """Return the articles that alerts link to, each with the ids of these alerts."""
    found: dict[str, set[str]] = defaultdict(set)
    for request in receiver.requests():
        for piece in _PIECE.findall(request.body.decode()):
            found[piece].add(request.key)
    return dict(found)
