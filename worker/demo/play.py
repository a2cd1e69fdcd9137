"""The demo itself: stage, daemon and sinks together, the waves in order, and the report at the end."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from worker.demo.daemon import Daemon
from worker.demo.newsroom import Newsroom, Visit
from worker.demo.overlay import Surroundings, demo_settings
from worker.demo.report import MAIL, WEBHOOK, Arrived, Report, arrivals, judge, loops_of
from worker.demo.script import Script
from worker.demo.sinks import Hook, HookSink, Mail, MailSink
from worker.errors import GigawatchError
from worker.ports import Clock

# A fixed secret for a receiver that lives for seconds on loopback; 32 bytes, as the specification asks for 24 to 64.
SECRET = "whsec_" + base64.b64encode(hashlib.sha256(b"gigawatch demo").digest()).decode()

_LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the demo waits, in seconds: at most for the first poll, between waves, at most for a wave's alerts, for
    silence at the end, and at most in all."""

    first_poll: float = 40.0
    between: float = 1.0
    wave: float = 5.0
    quiet: float = 2.0
    whole: float = 90.0


@dataclass(frozen=True, slots=True)
class Options:
    """What the person asked for. `data` is an empty or new folder."""

    data: Path
    port: int = 0
    language: str = "fr"
    database_url: str = ""
    broker_url: str = ""
    workers: int = 1
    pace: Pace = field(default_factory=Pace)


class DaemonEnded(GigawatchError):
    """The daemon ended while the demo was running."""


class Play:
    """One run. `tell(event, values)` is called for everything worth telling, from several threads."""

    def __init__(
        self,
        script: Script,
        options: Options,
        *,
        environ: Mapping[str, str],
        clock: Clock,
        tell: Callable[[str, Mapping[str, str]], None],
    ) -> None:
        self.script, self.options, self.clock = script, options, clock
        self._environ = environ
        self._tell = tell
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        self._last_arrival = time.monotonic()
        data = options.data
        self.newsroom = Newsroom(script, port=options.port, on_visit=self._visited)
        self.mails = MailSink(data / "mails", on_mail=self._mailed)
        self.hooks = HookSink(SECRET, data / "webhooks", on_hook=self._hooked)

    def run(self) -> Report:
        """Play from start to end. Raises DaemonEnded with the daemon's last words if it dies."""
        started = time.monotonic()
        clean = False
        with self.newsroom, self.mails, self.hooks:
            self.newsroom.publish(0, self.clock.now())
            self._tell("open", {"address": self.newsroom.base, "articles": str(len(self.script.wave(0)))})
            daemon = Daemon(self._surroundings(), self.options.data / "daemon.log", workers=self.options.workers)
            daemon.start()
            try:
                self._tell("start", {"data": str(self.options.data)})
                self._play(daemon, started + self.options.pace.whole)
            finally:
                clean = daemon.stop()
            self._tell("stop", {})
            folders = (str(self.options.data), str(self.mails.folder), str(self.hooks.folder))
            return judge(
                self.script, self.arrived(), self.newsroom.visits(), seconds=time.monotonic() - started,
                folders=folders, stopped_clean=clean,
            )  # fmt: skip

    def arrived(self) -> tuple[Arrived, ...]:
        """Return the alerts that have arrived so far."""
        return arrivals(self.script, self.mails.mails(), self.hooks.hooks())

    def _surroundings(self) -> dict[str, str]:
        around = Surroundings(
            feeds=self.newsroom.feeds(), allow=(self.newsroom.address, self.hooks.address), smtp_host="127.0.0.1",
            smtp_port=self.mails.port, hook_url=self.hooks.url, hook_secret=SECRET, language=self.options.language,
            database_url=self.options.database_url, broker_url=self.options.broker_url,
        )  # fmt: skip
        return demo_settings(around, data=self.options.data, environ=self._environ)

    def _play(self, daemon: Daemon, end: float) -> None:
        pace = self.options.pace
        feeds = {outlet.feed_path for outlet in self.script.outlets}
        self._wait(daemon, lambda: feeds <= self._paths(), min(end, time.monotonic() + pace.first_poll))
        self._await_alerts(daemon, 0, end)
        for wave in range(1, self.script.waves + 1):
            if time.monotonic() >= end:
                return
            pieces = self.newsroom.publish(wave, self.clock.now())
            names = {outlet.id: outlet.name for outlet in self.script.outlets}
            for piece in pieces:
                self._tell("publish", {"outlet": names[piece.outlet], "title": piece.title, "story": piece.story})
            self._await_alerts(daemon, wave, end)
        self._wait(daemon, self._all_taken_in, end)
        self._tell("quiet", {"seconds": f"{pace.quiet:.0f}"})
        self._last_arrival = max(self._last_arrival, time.monotonic())
        self._wait(daemon, lambda: time.monotonic() - self._last_arrival >= pace.quiet, end)

    def _await_alerts(self, daemon: Daemon, wave: int, end: float) -> None:
        """Wait for what the waves so far must bring, at most the pace's time; then a breath for readers."""
        pace = self.options.pace
        due = self.script.expected_by(wave)
        self._wait(daemon, lambda: self._has(due), min(end, time.monotonic() + pace.wave))
        breath = time.monotonic() + pace.between
        self._wait(daemon, lambda: time.monotonic() >= breath, end)

    def _has(self, due: Mapping[str, int]) -> bool:
        of_story = {piece.id: piece.story for piece in self.script.pieces}
        had: dict[tuple[str, str], int] = {}
        for one in self.arrived():
            for story in {of_story[piece] for piece in one.pieces}:
                had[one.channel, story] = had.get((one.channel, story), 0) + 1
        return all(had.get((channel, story), 0) >= n for channel in (MAIL, WEBHOOK) for story, n in due.items())

    def _all_taken_in(self) -> bool:
        """Whether every feed, as it is now, has been read: the last answer to each was "unchanged"."""
        last = {visit.path: visit.status for visit in self.newsroom.visits()}
        return all(last.get(outlet.feed_path) == 304 for outlet in self.script.outlets)

    def _paths(self) -> set[str]:
        return {visit.path for visit in self.newsroom.visits()}

    def _wait(self, daemon: Daemon, until: Callable[[], bool], end: float) -> None:
        while not until() and time.monotonic() < end:
            code = daemon.ended()
            if code is not None:
                raise DaemonEnded(f"the daemon ended with code {code}:\n{daemon.last_words()}")
            time.sleep(_LOOK_S)

    def _first(self, key: str) -> bool:
        with self._lock:
            fresh = key not in self._seen
            self._seen.add(key)
            return fresh

    def _visited(self, visit: Visit) -> None:
        outlet = next((one for one in self.script.outlets if visit.path == one.feed_path), None)
        if outlet is not None and visit.status == 200:
            self._tell("polled", {"outlet": outlet.name, "format": outlet.format, "charset": outlet.charset})
        elif outlet is not None and visit.status == 304 and self._first("304"):
            self._tell("unchanged", {"outlet": outlet.name})
        elif outlet is None and visit.path != "/robots.txt":
            self._tell("refused" if visit.status == 403 else "read", {"path": visit.path})

    def _mailed(self, mail: Mail) -> None:
        self._last_arrival = time.monotonic()
        if self._first(mail.key):
            self._tell("mail", {"subject": mail.subject, "kind": str(mail.message["X-Gigawatch-Kind"] or "")})

    def _hooked(self, hook: Hook) -> None:
        self._last_arrival = time.monotonic()
        if self._first(hook.key):
            kind = str(hook.content.get("type", ""))
            self._tell("hook", {"kind": kind, "id": hook.key, "signature": "ok" if hook.verified else "bad"})
        for path in loops_of(hook):
            if self._first(path):
                self._tell("loop", {"path": path})
