"""The embedded broker, a real Valkey server."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from worker.adapters.broker import EmbeddedBroker, ping, socket_path
from worker.errors import BrokerUnavailable


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    made = EmbeddedBroker(tmp_path)
    yield made
    made.stop()


def client(broker: EmbeddedBroker) -> redis.Redis:
    return redis.Redis(unix_socket_path=broker.url.removeprefix("redis+socket://"))


def test_it_keeps_what_it_holds_over_a_restart_and_never_evicts(broker: EmbeddedBroker) -> None:
    assert ping(broker.start())
    client(broker).set("k", "v")
    assert client(broker).config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    broker.stop()
    assert not broker.is_running()
    broker.start()
    assert client(broker).get("k") == b"v"


def test_only_its_owner_may_talk_to_it(broker: EmbeddedBroker) -> None:
    path = Path(broker.start().removeprefix("redis+socket://"))
    assert path.stat().st_mode & 0o077 == 0


def test_a_deep_data_folder_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    path = socket_path(deep)
    assert len(os.fsencode(path)) <= 100
    assert path == socket_path(deep)
    made = EmbeddedBroker(deep)
    assert ping(made.start())
    made.stop()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "valkey").mkdir()
    (tmp_path / "valkey" / "appendonlydir").write_text("not a folder")
    with pytest.raises(BrokerUnavailable, match="GIGAWATCH_BROKER_URL"):
        EmbeddedBroker(tmp_path).start()


def test_an_absent_broker_says_what_to_check() -> None:
    with pytest.raises(BrokerUnavailable, match="GIGAWATCH_BROKER_URL"):
        ping("redis://127.0.0.1:1/0", timeout=1)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_it_dies_with_a_killed_parent(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from worker.adapters.broker import EmbeddedBroker as B; "
        "b = B(Path(sys.argv[1])); b.start(); print(b.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    end = time.monotonic() + 5
    while time.monotonic() < end and _is_running(pid):
        time.sleep(0.02)
    assert not _is_running(pid)
    parent.stdout.close()


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in ("Z", "X")
    except FileNotFoundError:
        return False
