"""The tasks: each reads ids, calls one step and rings for the next. And the two programs that run them."""

from __future__ import annotations

import logging
import mmap
import os
import signal
import socket
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from celery import Celery, signals
from celery.apps import worker as program
from celery.platforms import SecurityWarning
from celery.utils.log import get_multiprocessing_logger

from worker import selfwatch, steps
from worker.adapters import notify
from worker.adapters.broker import die_with_parent
from worker.adapters.store import LIFE, Store, new_life
from worker.celery_app import QUEUES, create, ring, task_name
from worker.errors import GigawatchError, StoreError
from worker.pipeline import liveness
from worker.pipeline.detection import Detector
from worker.runtime import Runtime, build, load_detector
from worker.settings import Settings
from worker.steps import Parts, Ring

log = logging.getLogger("gigawatch.tasks")


# Heartbeats in the store and signs to the supervisor, at most so often: in seconds.
_BEAT_S, _SIGN_S = 10.0, 1.0
# How long a worker that ends itself waits for the store to blame what it held.
_BLAME_S = 5.0


class OutOfTime(BaseException):
    """The task's time is over. No `Exception`: one row's catch-all must not take it for that row's oddity."""


def _end_task(_number: int, _frame: Any) -> None:
    raise OutOfTime


class _PerProcess:
    """The runtime of this process. Connections must not cross a fork, so each child makes its own at its first task."""

    def __init__(self, settings: Settings, name: str) -> None:
        self._settings = settings
        self._name = name
        self._runtime: Runtime | None = None
        self._parts: Parts | None = None
        self._detector: Detector | None = None
        self._signed_at = self._beaten_at = 0.0
        # Made before the fork: a process that dies alone is told from a worker that went down whole.
        self.life = new_life()
        self.pulse = selfwatch.Pulse()
        # One byte that the children share with the process that forked them: whether that one was told to stop.
        self._told = mmap.mmap(-1, 1)

    def preload(self) -> None:
        """Load what children may share before they are forked."""
        self._detector = load_detector(self._settings)

    def parts(self) -> Parts:
        if self._parts is None:
            self._runtime = build(self._settings, detector=self._detector, life=self.life)
            self._parts = replace(self._runtime.parts, alive=self.alive, leaving=self.leaving)
            # Celery's own handler, which it sets after the child's initialisation, raises an Exception.
            signal.signal(signal.SIGUSR1, _end_task)
        return self._parts

    def leave(self) -> None:
        """Let the children begin nothing more: what is cut off in the middle of its delivery is told twice."""
        self._told[0] = 1

    def leaving(self) -> bool:
        """Return whether the worker was told to stop."""
        return bool(self._told[0])

    def alive(self) -> None:
        """Give a sign of life: work is being done. Raises StoreError."""
        now = time.monotonic()
        if now - self._signed_at >= _SIGN_S:
            self._signed_at = now
            self.pulse.feel()
            notify.notify(notify.ALIVE)
        if self._name and self._runtime is not None and now - self._beaten_at >= _BEAT_S:
            self._beaten_at = now
            store, at = self._runtime.store, self._runtime.clock.now()
            store.beat(self._name, at)
            store.beat(f"{LIFE}{self.life}", at + timedelta(seconds=2 * _BEAT_S))

    def close(self) -> None:
        if self._runtime is not None:
            self._runtime.close()
            self._runtime = self._parts = None


def register(app: Celery, settings: Settings, *, name: str = "") -> _PerProcess:
    """Give `app` the tasks of gigawatch; they leave their heartbeats under `name`."""
    here = _PerProcess(settings, name)

    def timed(step: Callable[[Parts], tuple[Ring, ...]]) -> Callable[[], None]:
        def task() -> None:
            ring(app, step(here.parts()))

        return task

    def worked(step: Callable[[Parts, Any], tuple[Ring, ...]]) -> Callable[[list[Any]], None]:
        def task(ids: list[Any]) -> None:
            parts = here.parts()
            # Without ids it asks for a sign of life alone.
            ring(app, step(parts, ids) if ids else ())

        return task

    kept = {"ignore_result": True, "shared": False}
    for step in (steps.tick, steps.sweep, steps.prune, steps.refresh_rates, steps.watch):
        app.task(_guarded(timed(step), here.alive), name=task_name(step.__name__), **kept)
    for work in (steps.poll, steps.read, steps.judge, steps.deliver):
        app.task(_guarded(worked(work), here.alive), name=task_name(work.__name__), **kept)
    return here


def _guarded(task: Callable[..., None], alive: Callable[[], None]) -> Callable[..., None]:
    # Known faults are one line: the rows keep their leases and come back by the sweep. The rest is a traceback.
    def guarded(*arguments: Any) -> None:
        try:
            try:
                task(*arguments)
            finally:
                # A task that failed was done too: its worker is not stuck.
                alive()
        except StoreError as error:
            log.error("%s", error, extra={"part": "store"})
        except GigawatchError as error:
            log.error("%s", error)
        except OutOfTime:
            log.error("a task was ended, its time was over; its rows come back with the sweep")

    return guarded


def _leave_logging(**_: Any) -> None:
    """Take Celery's place when it would set up logging: handlers of its own would not hide secrets as the root's do."""
    logging.getLogger().setLevel(logging.WARNING)
    multiprocessing = get_multiprocessing_logger()
    multiprocessing.setLevel(logging.ERROR)
    multiprocessing.propagate = True


def run_worker(settings: Settings, broker_url: str, *, concurrency: int, queues: tuple[str, ...] = QUEUES) -> int:
    """Run one worker until it is told to stop; returns its exit code."""
    app = create(settings, broker_url)
    signals.setup_logging.connect(_leave_logging, weak=False)
    here = register(app, settings, name=liveness.worker_name(queues, socket.gethostname()))
    here.preload()
    # A main process that is killed because it hangs must not leave its pool behind.
    signals.worker_process_init.connect(lambda **_: die_with_parent(), weak=False)
    signals.worker_process_shutdown.connect(lambda **_: here.close(), weak=False)
    # Messages are JSON, so a superuser risks nothing that Celery warns of; its remarks for people at a terminal would
    # stand between the alerts on the console.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    program.safe_say = lambda message, *_: log.debug("%s", message.strip())
    signals.worker_shutting_down.connect(lambda **_: here.leave(), weak=False)

    class Worker(program.Worker):
        def wait_for_soft_shutdown(self) -> None:
            """Wait for what is under way; the signal of the shutdown comes only after this."""
            here.leave()
            super().wait_for_soft_shutdown()

    worker = Worker(
        app=app,
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

    def leave() -> None:
        # At once and without a goodbye: who hangs cannot be asked to stop, and its pool ends with it. Its hung task may
        # hold the very rows that are to be blamed, so they are not waited for long.
        blaming = threading.Thread(target=Store(settings.database_url).charge, args=(here.life,), daemon=True)
        blaming.start()
        blaming.join(_BLAME_S)
        os._exit(1)

    watch = {"leave": leave}
    attending = threading.Thread(
        target=selfwatch.attend, args=(settings, broker_url, here.pulse), kwargs=watch, name="attend", daemon=True
    )

    def ready(**_: Any) -> None:
        # Also after every loss of the broker. What it held, or the worker before this one, is asked for anew at once.
        ring(app, (Ring("sweep", ()),))
        here.pulse.feel()
        if not attending.is_alive():
            attending.start()

    signals.worker_ready.connect(ready, weak=False)
    worker.start()
    return int(worker.exitcode or 0)


def run_beat(settings: Settings, broker_url: str) -> int:
    """Run the scheduler until it is told to stop.

    Two of them, or none for a while, harm nothing: due work is a query.
    """
    app = create(settings, broker_url)
    published = _Published()
    signals.after_task_publish.connect(published.note, weak=False)
    signals.setup_logging.connect(_leave_logging, weak=False)
    threading.Thread(target=_stand_in, args=(settings, published), name="stand-in", daemon=True).start()
    app.Beat(loglevel="WARNING", quiet=True).run()
    return 0


class _Published:
    """Whether beat has published since it was last asked, so that its heartbeat is one of work done."""

    def __init__(self) -> None:
        self._since = threading.Event()

    def note(self, **_: Any) -> None:
        notify.notify(notify.ALIVE)
        self._since.set()

    def lately(self) -> bool:
        was = self._since.is_set()
        self._since.clear()
        return was


def _stand_in(settings: Settings, published: _Published) -> None:
    """Leave beat's heartbeats, and watch in the workers' place while they cannot: beat needs no broker for it."""
    here = build(settings)
    name = liveness.beat_name(socket.gethostname())
    every = min(_BEAT_S, max(1.0, settings.canary.watch_s))
    watched_at = time.monotonic()
    while True:
        time.sleep(every)
        try:
            if published.lately():
                here.store.beat(name, here.clock.now())
            if time.monotonic() - watched_at < max(1.0, settings.canary.watch_s):
                continue
            watched_at = time.monotonic()
            if count := steps.stand_in(here.parts):
                log.warning("no worker has watched lately; beat has sent %d system alert(s) itself", count)
        except StoreError as error:
            log.error("%s", error, extra={"part": "store"})
        except GigawatchError as error:
            log.error("%s", error)
        except Exception:
            log.exception("watching in the workers' place failed")
