"""Signs of life, from a process to whoever watches it."""

from __future__ import annotations

import socket
from pathlib import Path

from worker.adapters.notify import ALIVE, READY, VARIABLE, Listener, notify


def test_a_sign_is_heard_once(tmp_path: Path) -> None:
    listener = Listener(tmp_path / "part.sock")
    environ = {VARIABLE: str(listener.path)}
    assert not listener.heard()
    assert notify(READY, environ=environ)
    assert not listener.heard()
    assert notify(ALIVE, environ=environ)
    assert notify("STATUS=well", ALIVE, environ=environ)
    assert listener.heard()
    assert not listener.heard()
    listener.close()
    assert not listener.path.exists()


def test_nobody_listens_and_nobody_waits(tmp_path: Path) -> None:
    assert not notify(ALIVE, environ={})
    assert not notify(ALIVE, environ={VARIABLE: "not/an/address"})
    assert not notify(ALIVE, environ={VARIABLE: str(tmp_path / "nobody.sock")})


def test_a_watcher_that_hangs_does_not_hang_whom_it_watches(tmp_path: Path) -> None:
    listener = Listener(tmp_path / "part.sock")
    environ = {VARIABLE: str(listener.path)}
    sent = sum(notify(ALIVE, environ=environ) for _ in range(2000))
    assert 0 < sent < 2000
    assert listener.heard()
    listener.close()


def test_an_abstract_address_as_systemd_may_give_it() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as watcher:
        name = "gigawatch-test-notify"
        watcher.bind("\0" + name)
        watcher.settimeout(5)
        assert notify(READY, ALIVE, environ={VARIABLE: "@" + name})
        assert watcher.recv(100) == b"READY=1\nWATCHDOG=1"
