"""What every step is given: the world through its ports, and the numbers that bound the work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from worker.model import ChannelKind, Rate, Recipient, Rule
from worker.pipeline.detection import Detector
from worker.pipeline.feeds import PollLimits
from worker.pipeline.messages import Messages
from worker.ports import Channel, Clock, Disk, Fetcher, Parser, Robots, Store, Turn

# A row at which so many attempts had no outcome takes its worker down: it is set aside for a person.
POISON = 3

# After a fault that nobody foresaw, the row rests for so long, in seconds.
ODD_S = 60.0


# The longest that handing one alert over may take, in seconds, by way out; the runtime sets what the settings allow.
SENDING_S = {
    ChannelKind.WEBHOOK: 25.0,
    ChannelKind.EMAIL: 60.0,
    ChannelKind.CHAT: 50.0,
    ChannelKind.CONSOLE: 20.0,
}

# How long each sort of what is pruned is kept.
KEEP = {
    "articles": timedelta(days=400),
    "rejected": timedelta(days=1100),
    "deliveries": timedelta(days=180),
    "alerts": timedelta(days=400),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """Numbers of the steps. Times in seconds, sizes in bytes.

    A row is claimed right before it is worked on; its lease outlives the longest such work (one request and the parsing
    of its answer), and ends soon enough after a crash. An alert's lease is `sending_s` of its way out, after which the
    attempt is broken off, and `record_s` to claim it and to write down what became of it. `work_s` bounds a task: what
    it did not reach by then goes back. `quiet_s` is how long a row that was asked for is not asked for again. `keep` is
    by sort (`KEEP`); writers wait while `prune_batch` rows are let go.
    `rates_source` is where rates of exchange are fetched, "" for nowhere.
    `canary_every` is None where no canary is planted. A watch is late after `watch_late_s`; after `watch_missed_s`
    nothing moved a canary on.
    """

    limits: PollLimits = field(default_factory=PollLimits)
    host_gap_s: float = 2.0
    feed_bytes: int = 10 * 2**20
    page_bytes: int = 2 * 2**20
    request_s: float = 20.0
    work_s: float = 100.0
    lease_s: float = 60.0
    sending_s: Mapping[ChannelKind, float] = field(default_factory=lambda: dict(SENDING_S))
    record_s: float = 5.0
    quiet_s: float = 15.0
    poll_batch: int = 50
    story_window: timedelta = timedelta(days=90)
    loop_window_days: int = 730
    recent: timedelta = timedelta(days=14)
    copy_window: timedelta = timedelta(days=7)
    digest_wait: timedelta = timedelta(minutes=15)
    retry_factor: float = 1.0
    prune_batch: int = 200
    keep: Mapping[str, timedelta] = field(default_factory=lambda: dict(KEEP))
    rates_source: str = ""
    canary_every: timedelta | None = timedelta(hours=1)
    canary_within: timedelta = timedelta(minutes=10)
    watch_late_s: float = 240.0
    watch_missed_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Parts:
    """The composition that the runtime makes. Whatever is slow to build is behind a callable.

    `turn` says which process delivers. `system` are the recipients of system alerts; `relay` asks the mail relay
    whether it is there (DeliveryError), None where none is set up; `disk` looks at the
    one that the data folder is on, None where it cannot be asked. `alive` is called as work goes on: one who still
    takes rows is not stuck. `leaving` is whether the worker was told to stop: nothing more is begun then.
    """

    store: Store
    clock: Clock
    detector: Callable[[], Detector]
    messages: Callable[[], Messages]
    fetcher: Callable[[], AbstractAsyncContextManager[Fetcher]]
    robots: Callable[[Fetcher], Robots]
    parser: Parser
    channels: Callable[[Fetcher], Mapping[ChannelKind, Channel]]
    turn: Turn
    rules: Sequence[Rule]
    recipients: Mapping[str, Recipient]
    rates: Mapping[str, float]
    policy: Policy = field(default_factory=Policy)
    quotes: Mapping[str, Rate] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)
    system: Sequence[str] = ()
    relay: Callable[[], None] | None = None
    disk: Callable[[], Disk | None] = lambda: None
    alive: Callable[[], None] = lambda: None
    leaving: Callable[[], bool] = lambda: False

    def claim(self, step: str, key: Any) -> bool:
        """Take one row; False if somebody else has it or it is no longer due."""
        self.alive()
        return bool(self.store.claim(step, (key,), now=self.clock.now(), lease_s=self.policy.lease_s))

    def later(self, seconds: float) -> datetime:
        """Return the time `seconds` from now."""
        return self.clock.now() + timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Ring:
    """Rows to be worked on next, and by which step; `after_s` seconds from now, at most a minute."""

    step: str
    ids: tuple[Any, ...]
    after_s: float = 0.0


# How many rows one task carries: bounded by time per row, since a task must end well inside its hard limit.
BATCH = {"poll": 50, "read": 20, "judge": 100, "deliver": 25}


def suspects(parts: Parts, step: str, ids: Sequence[Any]) -> tuple[Any, ...]:
    """Return those of several `ids` that may take their worker down: each is to be rung for by itself.

    What is worked on beside such a row goes down with it, and would seem to be to blame as often as the row itself.
    """
    if len(ids) < 2:
        return ()
    cut_off = set(parts.store.crashed(step, ids, times=1)) - set(parts.store.crashed(step, ids, times=POISON))
    return tuple(key for key in ids if key in cut_off)


def rings(step: str, ids: Sequence[Any], size: int = 0) -> tuple[Ring, ...]:
    """Cut `ids` into rings of `size`, or of the step's own."""
    size = size or BATCH[step]
    return tuple(Ring(step, tuple(ids[start : start + size])) for start in range(0, len(ids), size))
