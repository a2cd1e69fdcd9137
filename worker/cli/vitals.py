"""Which parts of the daemon live, by what they have left in the store: for `healthcheck`, `status` and `doctor`.

Nothing here may load more than it needs: a container is asked every half minute, and has less than a second to answer.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from worker.cli.health import NOTE, OK, Finding, View
from worker.cli.phrases import phrase
from worker.errors import BrokerUnavailable, StoreError
from worker.pipeline import liveness
from worker.pipeline.liveness import Health, Sign

if TYPE_CHECKING:
    from worker.adapters.store import Store
    from worker.ports import Clock
    from worker.settings import Settings

_LEAST_AGE_S = 60.0


class Role(StrEnum):
    """What runs here: a worker, the scheduler, or all of it."""

    ALL = "all"
    WORKER = "worker"
    BEAT = "beat"


@dataclass(frozen=True)
class Look:
    """Settings, clock and store, without the parts that do the work."""

    settings: Settings
    clock: Clock
    store: Store


@contextmanager
def opened(settings: Settings) -> Iterator[Look]:
    """Give a look at the store of `settings`; it is neither made nor migrated."""
    from worker.adapters.clock import SharedClock, SystemClock
    from worker.adapters.store import Store

    store = Store(settings.database_url)
    try:
        yield Look(settings, SystemClock() if store.is_sqlite else SharedClock(store.now), store)
    finally:
        store.close()


def allowed_tick_s(settings: Settings) -> float:
    """Return how old the last tick may be, in seconds: three missed are an outage, two can be one long task."""
    return max(_LEAST_AGE_S, 4 * settings.polling.tick_s)


def broker(settings: Settings) -> Finding:
    """Return how the queue's server is. Raises BrokerUnavailable for a configured one that does not answer."""
    from worker.adapters.broker import EmbeddedBroker, ping
    from worker.settings.loading import mask_address

    if settings.broker.url:
        return Finding("broker", OK, f"{mask_address(settings.broker.url)} ({ping(settings.broker.url)})")
    try:
        return Finding("broker", OK, phrase("doctor.embedded", version=ping(EmbeddedBroker(settings.general.data).url)))
    except BrokerUnavailable:
        return Finding("broker", NOTE, phrase("doctor.embedded_off"))


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its name, how it is, since when (its last sign of life where it gives none any more), and why."""

    name: str
    health: Health
    since: datetime | None = None
    detail: str = ""


def lives(view: View, *, max_age: float = 0) -> tuple[Part, ...]:
    """Return the workers of each kind and the scheduler, wherever they run. Raises StoreError."""
    now = view.clock.now()
    found = liveness.signs(view.store.heartbeats())
    allowed = max_age or liveness.allowed_s(found, now)
    kinds = {"deciding": liveness.DECIDING, "fetching": liveness.FETCHING}
    return (
        *(_part(name, liveness.served(found, queues), now, allowed) for name, queues in kinds.items()),
        _part("scheduler", liveness.scheduler(found), now, max_age or liveness.LATE_S),
    )


def life_here(view: View, role: Role, *, max_age: float = 0) -> Part:
    """Return the worker or the scheduler of this machine or container. Raises StoreError."""
    now, host = view.clock.now(), socket.gethostname()
    found = liveness.signs(view.store.heartbeats())
    if role is Role.BEAT:
        return _part("scheduler", liveness.scheduler(found, host), now, max_age or liveness.LATE_S)
    here: Sequence[Sign] = liveness.of_host(found, host)
    return _part("worker", here[0].at if here else None, now, max_age or liveness.allowed_s(found, now))


def _part(name: str, at: datetime | None, now: datetime, allowed: float) -> Part:
    how = liveness.health(at, now, allowed_s=allowed)
    if at is None:
        return Part(name, how, None, phrase("vitals.never"))
    age = f"{(now - at).total_seconds():.0f}"
    key = "vitals.lively" if how is Health.UP else "vitals.silent"
    return Part(name, how, at, phrase(key, age=age, allowed=f"{allowed:.0f}"))


def faults(view: View, role: Role, *, max_age: float = 0) -> tuple[list[str], float | None]:
    """Return in words what keeps `role` from working, and the age of its sign of life in seconds; asks the broker
    only where that may be why, or where all is asked for."""
    found: list[str] = []
    age: float | None = None
    try:
        if role is Role.ALL:
            found, age = _tick_fault(view, max_age)
            parts = lives(view, max_age=max_age)
        else:
            parts = (life_here(view, role, max_age=max_age),)
            at = parts[0].since
            age = (view.clock.now() - at).total_seconds() if at is not None else None
        late = [one for one in parts if one.health is not Health.UP]
        found += [phrase("vitals.of", part=phrase(f"part.{one.name}"), detail=one.detail) for one in late]
    except StoreError as error:
        found.append(str(error))
    if found or role is Role.ALL:
        try:
            asked = broker(view.settings)
            # An embedded one is nobody's but `up`'s.
            if asked.state != OK and role is Role.ALL:
                found.append(phrase("vitals.of", part=phrase("part.broker"), detail=asked.detail))
        except BrokerUnavailable as error:
            found.append(str(error))
    return found, age


def _tick_fault(view: View, max_age: float) -> tuple[list[str], float | None]:
    last = view.store.heartbeats().get("tick")
    if last is None:
        return [phrase("healthcheck.never")], None
    age = (view.clock.now() - last).total_seconds()
    allowed = max_age or allowed_tick_s(view.settings)
    late = phrase("healthcheck.stale", age=f"{age:.0f}", allowed=f"{allowed:.0f}")
    return ([late] if age > allowed else []), age
