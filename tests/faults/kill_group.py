"""kill -9 of the daemon's whole process group at random moments of the demo's run, restarted each time.

    python -m tests.faults.kill_group [--kills 10] [--seed 1] [--database-url URL] [--broker-url URL] [--workers N]

Newsroom and sinks live in this process, the daemon in its own group. Ends with 0 only if every planted alert arrived at
both receivers, nothing else did, and every repeat bears the same id and the same body.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from worker import settings
from worker.adapters.clock import SystemClock
from worker.demo.daemon import Daemon
from worker.demo.newsroom import Newsroom
from worker.demo.overlay import Surroundings, demo_settings
from worker.demo.play import SECRET
from worker.demo.report import MAIL, WEBHOOK, Arrived, arrivals
from worker.demo.script import Script, load
from worker.demo.sinks import HookSink, MailSink

_SHORTEST_S, _LONGEST_S = 0.2, 4.0
_DRAIN_S = 90.0
_QUIET_S = 3.0


@dataclass
class Outcome:
    """What one run showed.

    missing: planted alerts that never came; stray: alerts of articles that are no deal; further: more alerts of planted
    stories (a kill changes the order in which articles are read, and so what is an update); differing: repeats of an id
    with another body.
    """

    kills: int
    seconds: float
    drained_s: float
    missing: list[str]
    stray: list[str]
    further: list[str]
    repeats: int
    differing: int

    @property
    def ok(self) -> bool:
        return not self.missing and not self.stray and not self.differing


def compare(script: Script, found: tuple[Arrived, ...]) -> tuple[list[str], list[str], list[str]]:
    """Return the alerts that are missing, that came without cause, and that came besides, as "channel story type".

    Kills move articles between a first poll and later ones: a story of the digest may be told by itself, and a digest
    that holds every article of a story has told its updates too. What it holds the webhook's says; a mail links a few.
    """
    of_story = {piece.id: piece.story for piece in script.pieces}
    missing, stray, further = [], [], []
    for channel in (MAIL, WEBHOOK):
        for planted in script.stories:
            mine = [a for a in found if a.channel == channel and any(of_story[p] == planted.id for p in a.pieces)]
            had = Counter("first" if one.type in ("digest", "deal.detected") else one.type for one in mine)
            due = Counter("first" if kind in ("digest", "deal.detected") else kind for kind in planted.alerts)
            told = {piece for one in found if one.type == "digest" for piece in one.pieces}
            if {piece.id for piece in script.pieces if piece.story == planted.id} <= told:
                due = Counter({"first": 1})
            missing += [f"{channel} {planted.id} {kind}" for kind in (due - had).elements()]
            further += [f"{channel} {planted.id} {kind}" for kind in (had - due).elements()]
        stray += [
            f"{channel} {one.subject}"
            for one in found
            if one.channel == channel and (not one.pieces or any(not of_story[piece] for piece in one.pieces))
        ]
    return missing, stray, further


def run(
    data: Path, *, kills: int, seed: int, database_url: str = "", broker_url: str = "", workers: int = 1
) -> Outcome:
    """Run the newsroom against a daemon that is killed `kills` times."""
    chance = random.Random(seed)
    script = load(settings.packaged() / "demo" / "newsroom.toml")
    clock = SystemClock()
    newsroom = Newsroom(script)
    mails, hooks = MailSink(data / "mails"), HookSink(SECRET, data / "webhooks")
    started = time.monotonic()
    with newsroom, mails, hooks:
        around = Surroundings(
            feeds=newsroom.feeds(),
            allow=(newsroom.address, hooks.address),
            smtp_host="127.0.0.1",
            smtp_port=mails.port,
            hook_url=hooks.url,
            hook_secret=SECRET,
            database_url=database_url,
            broker_url=broker_url,
        )
        daemon = Daemon(demo_settings(around, data=data, environ=os.environ), data / "daemon.log", workers=workers)
        newsroom.publish(0, clock.now())
        daemon.start()
        waves = list(range(1, script.waves + 1))
        for kill in range(kills):
            time.sleep(chance.uniform(_SHORTEST_S, _LONGEST_S))
            if waves and kill >= 2:
                newsroom.publish(waves.pop(0), clock.now())
                time.sleep(chance.uniform(0.0, 1.5))
            daemon.kill()
            daemon.start()
        for wave in waves:
            newsroom.publish(wave, clock.now())
            time.sleep(1.0)
        last_kill = time.monotonic()
        drained = _drain(script, mails, hooks, daemon)
        time.sleep(_QUIET_S)
        daemon.stop()
        found = arrivals(script, mails.mails(), hooks.hooks())
    missing, stray, further = compare(script, found)
    return Outcome(
        kills=kills,
        seconds=round(time.monotonic() - started, 1),
        drained_s=round(drained - last_kill, 1),
        missing=missing,
        stray=stray,
        further=further,
        repeats=sum(one.copies - 1 for one in found),
        differing=sum(not one.same_body for one in found),
    )


def _drain(script: Script, mails: MailSink, hooks: HookSink, daemon: Daemon) -> float:
    end = time.monotonic() + _DRAIN_S
    while time.monotonic() < end and daemon.ended() is None:
        if not compare(script, arrivals(script, mails.mails(), hooks.hooks()))[0]:
            break
        time.sleep(0.2)
    return time.monotonic()


def main() -> int:
    """Run as a program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database-url", default="")
    parser.add_argument("--broker-url", default="")
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    data = Path(tempfile.mkdtemp(prefix="gigawatch-kill-"))
    outcome = run(
        data,
        kills=asked.kills,
        seed=asked.seed,
        database_url=asked.database_url,
        broker_url=asked.broker_url,
        workers=asked.workers,
    )
    print(outcome)
    print(f"{'ok' if outcome.ok else 'SHORT'}; daemon's log and mails in {data}")
    return 0 if outcome.ok else 1


if __name__ == "__main__":
    sys.exit(main())
