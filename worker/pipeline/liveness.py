"""Who lives: what the heartbeats in the store say of workers and schedulers.

A worker's heartbeat is written by its pool, after a task or a claim, so it shows the whole way: queue, main process,
pool, store. An idle worker gets an empty task on each queue every 15 s. A scheduler's is written once it has published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# Delivery must not wait behind slow sites, so fetching has a worker of its own under `up`.
FETCHING = ("poll", "read")
DECIDING = ("clock", "judge", "deliver")

BEAT = "beat"
_WORKER = "worker "
# The column holds 60 characters, and the longest list of queues 36.
_HOST_LENGTH = 20

# Three empty tasks missed are an outage; two can be a slow relay in a small worker.
LATE_S = 50.0
# By then whoever restarts parts should have done so.
DOWN_S = 120.0
# All workers share the empty tasks, of which the timetable has one every three to four seconds.
_SHARE_S = 10.0
_COUNTED = timedelta(minutes=10)


class Health(StrEnum):
    """How a part is."""

    UP = "up"
    LATE = "late"
    DOWN = "down"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Sign:
    """The last heartbeat of one worker or scheduler; `queues` is empty for a scheduler."""

    queues: frozenset[str]
    host: str
    at: datetime


def worker_name(queues: Sequence[str], host: str) -> str:
    """Return under what name a worker of `queues` on `host` leaves its heartbeat."""
    return f"{_WORKER}{','.join(queues)}@{host[:_HOST_LENGTH]}"


def beat_name(host: str) -> str:
    """Return under what name a scheduler on `host` leaves its heartbeat."""
    return f"{BEAT}@{host[:_HOST_LENGTH]}"


def signs(heartbeats: Mapping[str, datetime]) -> tuple[Sign, ...]:
    """Return the heartbeats of workers and schedulers, the latest first."""
    found = []
    for name, at in heartbeats.items():
        part, at_sign, host = name.partition("@")
        if at_sign and part == BEAT:
            found.append(Sign(frozenset(), host, at))
        elif at_sign and part.startswith(_WORKER):
            found.append(Sign(frozenset(part.removeprefix(_WORKER).split(",")), host, at))
    return tuple(sorted(found, key=lambda sign: sign.at, reverse=True))


def scheduler(found: Sequence[Sign], host: str = "") -> datetime | None:
    """Return when a scheduler last published, the one on `host` where named."""
    return next((one.at for one in found if not one.queues and host[:_HOST_LENGTH] in ("", one.host)), None)


def served(found: Sequence[Sign], queues: Sequence[str]) -> datetime | None:
    """Return since when all of `queues` have been served: the oldest of their latest heartbeats."""
    latest = [next((one.at for one in found if queue in one.queues), None) for queue in queues]
    known = [at for at in latest if at is not None]
    return min(known) if known and len(known) == len(latest) else None


def of_host(found: Sequence[Sign], host: str) -> tuple[Sign, ...]:
    """Return the workers of one host, each once."""
    return tuple(one for one in found if one.queues and one.host == host[:_HOST_LENGTH])


def allowed_s(found: Sequence[Sign], now: datetime) -> float:
    """Return how old a worker's heartbeat may be, in seconds: many workers share the empty tasks."""
    living = sum(1 for one in found if one.queues and now - one.at < _COUNTED)
    return max(LATE_S, _SHARE_S * living)


def health(at: datetime | None, now: datetime, *, allowed_s: float = LATE_S) -> Health:
    """Return how a part is whose last heartbeat was `at`."""
    if at is None:
        return Health.OFF
    age = (now - at).total_seconds()
    if age <= allowed_s:
        return Health.UP
    return Health.LATE if age <= max(DOWN_S, 2 * allowed_s) else Health.DOWN
