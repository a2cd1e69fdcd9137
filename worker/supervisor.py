"""`gigawatch up`: broker, workers and scheduler as child processes of one, started, watched and stopped together."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from worker.adapters import notify
from worker.adapters.broker import EmbeddedBroker, die_with_parent, ping, socket_path
from worker.adapters.clock import SystemClock
from worker.adapters.disk import room
from worker.adapters.lock import only_one
from worker.adapters.store import Store, lives_of
from worker.celery_app import create, ring
from worker.errors import BrokerUnavailable, StoreError
from worker.pipeline.liveness import DECIDING, FETCHING, worker_name
from worker.runtime import clock_of, database_url, make_data_folder
from worker.settings import Settings, mask_of
from worker.steps import Ring
from worker.watchdog import BEAT, SILENT_S, Watchdog

log = logging.getLogger("gigawatch.up")

_STOP_S = 8.0
_BROKER_PAUSE_S = 5.0
# The broker is asked only where a part is quiet; one that does not answer for so long is ended, if it is ours.
_QUIET_S, _ASK_EVERY_S, _ASK_S = 20.0, 5.0, 2.0
_BROKER_STUCK_S = 45.0
_SAY_EVERY_S = 10.0
_READY_S = 60.0
_ROOM_S = 1.0
_LONGEST_PAUSE_S = 60.0
# A child that lived so long has earned a fresh start.
_LIVED_S = 600.0

# By this variable a part knows that `up` started it, and has said what there is to say of the configuration.
CHILD = "GIGAWATCH_CHILD"


@dataclass
class _Child:
    name: str
    arguments: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    restart_at: float = 0.0
    started_at: float = 0.0
    listener: notify.Listener | None = None


@dataclass
class Supervisor:
    """One run of `up`. `environ` is what the children see besides the broker's address."""

    settings: Settings
    environ: Mapping[str, str]
    on_ready: Callable[[float], None]
    on_event: Callable[[str], None]
    stopping: bool = False
    broker: EmbeddedBroker | None = None
    broker_restart_at: float = 0.0
    children: list[_Child] = field(default_factory=list)
    watchdog: Watchdog = field(default_factory=Watchdog)
    broker_url: str = ""
    asked_at: float = 0.0
    broker_lost_at: float | None = None
    said_at: float = 0.0
    ready: bool = False

    def run(self) -> int:
        """Start everything, watch it until a signal comes, stop everything; returns the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        data = self.settings.general.data
        make_data_folder(data)
        if not self._await_room(data):
            return 0
        started = time.monotonic()
        with only_one(data, todo="stop it, or choose --data"), self._broker_at() as broker_url:
            store = Store(database_url(self.settings), mask=mask_of(self.settings))
            store.migrate()
            store.sync_feeds(self.settings.feeds, SystemClock().now())
            if store.is_sqlite and not self.settings.broker.url:
                # This process holds the folder's lock, so whoever held a lease is dead: no need to wait it out.
                store.release_leases()
            try:
                self._start_children(broker_url)
                self._await_ready(store, broker_url, started)
                # Only now: its first message is a whole period away, and two programs start faster on two cores.
                self.children.append(_Child(BEAT, ("beat",)))
                while not self.stopping:
                    self._revive_broker()
                    self._revive()
                    self._end_stuck(store)
                    self._show_life()
                    time.sleep(0.2)
            finally:
                notify.notify(notify.STOPPING)
                self._stop_children()
                store.close()
        return 0

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _await_room(self, data: Path) -> bool:
        """Wait until the data folder takes a file: whoever restarts what ended would do so for nothing meanwhile.

        Returns False where a signal came first.
        """
        told = False
        while (found := room(data)).full:
            if not told:
                why = f"{data} takes no file ({found.fault}; {found})"
                self.on_event(f"{why}; free some space, it starts by itself then")
            told = True
            # To whoever started this and waits for it to be ready: it takes as long as it takes.
            notify.notify(notify.MORE_TIME)
            time.sleep(_ROOM_S)
            if self.stopping:
                return False
        return True

    @contextmanager
    def _broker_at(self) -> Iterator[str]:
        if self.settings.broker.url:
            ping(self.settings.broker.url)
            yield self.settings.broker.url
            return
        self.broker = EmbeddedBroker(self.settings.general.data)
        try:
            yield self.broker.start()
        finally:
            self.broker.stop()

    def _revive_broker(self) -> None:
        """Start the embedded broker again where it ended: no tick passes without; the workers reconnect themselves."""
        if self.broker is None or self.broker.is_running() or self.stopping:
            return
        now = time.monotonic()
        if now < self.broker_restart_at:
            return
        self.broker_restart_at = now + _BROKER_PAUSE_S
        self.on_event("the embedded broker ended; starting it again")
        try:
            self.broker.start()
        except BrokerUnavailable as error:
            self.on_event(str(error))

    def _end_stuck(self, store: Store) -> None:
        """End the children that give no sign of life though they could; `_revive` starts them again."""
        now = time.monotonic()
        for child in self.children:
            if child.listener is not None and child.listener.heard():
                self.watchdog.heard(child.name, now)
        if self.watchdog.quietest_s(now) > _QUIET_S and not self._broker_answers(now):
            self.watchdog.excuse(now)
        for name in self.watchdog.stuck(now):
            child = next(child for child in self.children if child.name == name)
            if child.process is not None and child.process.poll() is None and not self.stopping:
                self.on_event(f"{name} has given no sign of life for {SILENT_S:.0f} s; ending it")
                # A process that was stopped takes no other signal.
                child.process.kill()
                child.process.wait()
                try:
                    store.charge(lives_of(child.process.pid))
                except StoreError as error:
                    self.on_event(str(error))

    def _broker_answers(self, now: float) -> bool:
        """Ask the broker now and then; one of our own that does not answer for long is ended."""
        if now - self.asked_at < _ASK_EVERY_S:
            return self.broker_lost_at is None
        self.asked_at = now
        try:
            ping(self.broker_url, timeout=_ASK_S)
            self.broker_lost_at = None
        except BrokerUnavailable:
            self.broker_lost_at = self.broker_lost_at or now
            if self.broker is not None and self.broker.is_running() and now - self.broker_lost_at > _BROKER_STUCK_S:
                self.on_event(f"the embedded broker has not answered for {now - self.broker_lost_at:.0f} s; ending it")
                self.broker.kill()
                self.broker_lost_at = None
        return self.broker_lost_at is None

    def _show_life(self) -> None:
        """Tell systemd, or whoever started this, that work is being done, as long as the children prove it."""
        now = time.monotonic()
        if now - self.said_at < _SAY_EVERY_S:
            return
        self.said_at = now
        if self.watchdog.proved(now):
            notify.notify(notify.ALIVE, *([] if self.ready else [notify.READY]))
            self.ready = True

    def _start_children(self, broker_url: str) -> None:
        self.broker_url = broker_url
        environ = {**self.environ, "GIGAWATCH_BROKER_URL": broker_url, "REMAP_SIGTERM": "SIGQUIT", CHILD: "1"}
        size = str(self.settings.worker.concurrency)
        self.children = [
            _Child("deciding", ("worker", "--queues", ",".join(DECIDING), "--concurrency", size)),
            _Child("fetching", ("worker", "--queues", ",".join(FETCHING), "--concurrency", size)),
        ]
        self.environ = environ
        for child in self.children:
            self._start(child)

    def _start(self, child: _Child) -> None:
        child.started_at = time.monotonic()
        if child.listener is None:
            child.listener = notify.Listener(socket_path(self.settings.general.data, f"{child.name}.sock"))
        self.watchdog.started(child.name, child.started_at)
        child.process = subprocess.Popen(
            [sys.executable, "-m", "worker", *child.arguments],
            env={**self.environ, notify.VARIABLE: str(child.listener.path)},
            stdin=subprocess.DEVNULL,
            preexec_fn=_as_child,
        )

    def _await_ready(self, store: Store, broker_url: str, started: float) -> None:
        """Wait for a whole round: a tick through the broker to a worker that wrote to the store."""
        begun = clock_of(store).now()
        host = socket.gethostname()
        wanted = ("tick", worker_name(FETCHING, host), worker_name(DECIDING, host))
        app = create(self.settings, broker_url)
        # Beat's own first tick comes a whole period after its start.
        ring(app, (*(Ring(step, ()) for step in ("tick", "sweep", "watch", *FETCHING)),))
        while not self.stopping and time.monotonic() - started < _READY_S:
            beats = store.heartbeats()
            if all(name in beats and beats[name] >= begun for name in wanted):
                self.on_ready(time.monotonic() - started)
                self.ready = True
                notify.notify(notify.READY, notify.ALIVE)
                return
            self._revive()
            time.sleep(0.05)
        if not self.stopping:
            self.on_event(f"not ready after {_READY_S:.0f} s; still trying: see the lines above, or `gigawatch doctor`")

    def _revive(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is not None and not self.stopping:
                lived = now - child.started_at
                child.failures = 1 if lived > _LIVED_S else child.failures + 1
                pause = min(2.0 ** (child.failures - 1), _LONGEST_PAUSE_S)
                self.on_event(f"{child.name} ended with code {child.process.returncode}; again in {pause:.0f} s")
                child.process, child.restart_at = None, now + pause
            if child.process is None and now >= child.restart_at and not self.stopping:
                self._start(child)

    def _stop_children(self) -> None:
        alive = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in alive:
            process.terminate()
        end = time.monotonic() + _STOP_S
        for process in alive:
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for child in self.children:
            if child.listener is not None:
                child.listener.close()


def _as_child() -> None:
    """Die with the parent; leave Ctrl-C to it while Python starts, until Celery takes the signal over."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def run(
    settings: Settings,
    *,
    on_ready: Callable[[float], None],
    on_event: Callable[[str], None],
    environ: Mapping[str, str] | None = None,
) -> int:
    """Run everything on this machine until SIGINT, SIGTERM or SIGHUP; returns the exit code.

    `on_ready` gets the seconds from start to ready. Raises GigawatchError for what prevents a start.
    """
    return Supervisor(settings, dict(environ if environ is not None else os.environ), on_ready, on_event).run()
