"""The real daemon as the demo runs it: `gigawatch up` as a process of its own, further workers beside it if asked."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_STOP_S = 12.0


class Daemon:
    """Starts and stops `gigawatch up` in a session of its own. Its words go to `log`.

    `workers` above 1 adds `gigawatch worker` processes, which then need a broker address in `environ`.
    """

    def __init__(self, environ: Mapping[str, str], log: Path, *, workers: int = 1) -> None:
        self._environ = {**environ, "PYTHONUNBUFFERED": "1"}
        self._log = log
        self._workers = workers
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start the processes."""
        self._spawn("up")
        for _ in range(self._workers - 1):
            self._spawn("worker")

    def _spawn(self, command: str) -> None:
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "worker", command],
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)

    def ended(self) -> int | None:
        """Return the exit code of the first process that ended by itself, None while all live."""
        return next((code for process in self._processes if (code := process.poll()) is not None), None)

    @property
    def groups(self) -> tuple[int, ...]:
        """Return the process groups, for those who want to kill them."""
        return tuple(process.pid for process in self._processes)

    def stop(self) -> bool:
        """Ask all to end and wait; True where all did so by themselves and with code 0."""
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        clean = True
        for process in self._processes:
            try:
                clean &= process.wait(_STOP_S) == 0
            except subprocess.TimeoutExpired:
                clean = False
                self._kill_group(process)
        self._processes.clear()
        return clean

    def kill(self) -> None:
        """Kill every process group at once, as a crash would."""
        for process in self._processes:
            self._kill_group(process)
        self._processes.clear()

    @staticmethod
    def _kill_group(process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def last_words(self, lines: int = 12) -> str:
        """Return the end of the log."""
        if not self._log.exists():
            return ""
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
