"""The tasks: each reads ids, calls one step and rings for the next. And the two programs that run them."""

from __future__ import annotations

import logging
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from celery import Celery, signals
from celery.apps import worker as program
from celery.platforms import SecurityWarning

from worker import steps
from worker.adapters.clock import SystemClock
from worker.adapters.store import Store
from worker.celery_app import QUEUES, create, ring, task_name
from worker.errors import GigawatchError
from worker.pipeline.detection import Detector
from worker.runtime import Runtime, build, database_url, load_detector
from worker.settings import Settings
from worker.steps import Parts, Ring

log = logging.getLogger("gigawatch.tasks")


class _PerProcess:
    """The runtime of this process. Connections must not cross a fork, so each child makes its own at its first task."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._runtime: Runtime | None = None
        self._detector: Detector | None = None

    def preload(self) -> None:
        """Load what children may share before they are forked."""
        self._detector = load_detector(self._settings)

    def get(self) -> Runtime:
        if self._runtime is None:
            self._runtime = build(self._settings, detector=self._detector)
        return self._runtime

    def close(self) -> None:
        if self._runtime is not None:
            self._runtime.close()
            self._runtime = None


def register(app: Celery, settings: Settings) -> _PerProcess:
    """Give `app` the tasks of gigawatch."""
    here = _PerProcess(settings)

    def timed(step: Callable[[Parts], tuple[Ring, ...]]) -> Callable[[], None]:
        def task() -> None:
            ring(app, step(here.get().parts))

        return task

    def worked(step: Callable[[Parts, Any], tuple[Ring, ...]]) -> Callable[[list[Any]], None]:
        def task(ids: list[Any]) -> None:
            ring(app, step(here.get().parts, ids))

        return task

    for step in (steps.tick, steps.sweep, steps.prune, steps.refresh_rates, steps.watch):
        app.task(_guarded(timed(step)), name=task_name(step.__name__), ignore_result=True)
    for work in (steps.poll, steps.read, steps.judge, steps.deliver):
        app.task(_guarded(worked(work)), name=task_name(work.__name__), ignore_result=True)
    return here


def _guarded(task: Callable[..., None]) -> Callable[..., None]:
    # Known faults are one line: the rows keep their leases and come back by the sweep. The rest is a traceback.
    def guarded(*arguments: Any) -> None:
        try:
            task(*arguments)
        except GigawatchError as error:
            log.error("%s", error)

    return guarded


def heartbeat_of(queues: Sequence[str]) -> str:
    """Return the name under which a worker of these queues says that it is ready."""
    return "worker " + ",".join(queues)


def run_worker(settings: Settings, broker_url: str, *, concurrency: int, queues: tuple[str, ...] = QUEUES) -> int:
    """Run one worker until it is told to stop; returns its exit code."""
    app = create(settings, broker_url)
    here = register(app, settings)
    here.preload()
    signals.worker_process_shutdown.connect(lambda **_: here.close(), weak=False)
    # Messages are JSON, so a superuser risks nothing that Celery warns of; its remarks for people at a terminal would
    # stand between the alerts on the console.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    program.safe_say = lambda message, *_: log.debug("%s", message.strip())
    worker = app.Worker(
        quiet=True,
        pool="prefork",
        concurrency=concurrency,
        queues=list(queues),
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        loglevel="WARNING",
        optimization="fair",
    )

    def ready(**_: Any) -> None:
        # Opened and closed at once: a connection that stays open would be inherited by children forked later.
        store = Store(database_url(settings))
        store.beat(heartbeat_of(queues), SystemClock().now())
        store.close()

    signals.worker_ready.connect(ready, weak=False)
    worker.start()
    return int(worker.exitcode or 0)


def run_beat(settings: Settings, broker_url: str, data: Path) -> int:
    """Run the scheduler until it is told to stop.

    Two of them, or none for a while, harm nothing: due work is a query.
    """
    app = create(settings, broker_url)
    # In memory: a lost tick is worth nothing, while a plan kept from before a clock was set back stops every further
    # one, and one that a full disk does not take ends the process. Earlier versions kept one.
    for kept in data.glob("beat-schedule*"):
        kept.unlink(missing_ok=True)
    threading.Thread(target=_stand_in, args=(settings,), name="stand-in", daemon=True).start()
    app.Beat(scheduler="celery.beat:Scheduler", loglevel="WARNING", quiet=True).run()
    return 0


def _stand_in(settings: Settings) -> None:
    """Watch in the workers' place while they cannot, as long as this process lives: beat needs no broker for it."""
    here = build(settings)
    while True:
        time.sleep(max(1.0, settings.canary.watch_s))
        try:
            if count := steps.stand_in(here.parts):
                log.warning("no worker has watched lately; beat has sent %d system alert(s) itself", count)
        except GigawatchError as error:
            log.error("%s", error)
        except Exception:
            log.exception("watching in the workers' place failed")
