"""Whose turn it is: one process at a time, free the moment its holder ends, and no knock is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from worker.adapters.turn import Turn

_HOLDER = """
import sys, time
from pathlib import Path
from worker.adapters.turn import Turn
with Turn(Path(sys.argv[1])).take() as mine:
    print(mine, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deliver.lock"


def test_one_at_a_time_and_again_afterwards(path: Path) -> None:
    one, two = Turn(path), Turn(path)
    with one.take() as mine:
        assert mine
        with two.take() as other:
            assert not other
    with two.take() as mine:
        assert mine


def test_the_holder_learns_that_somebody_came(path: Path) -> None:
    one, two = Turn(path), Turn(path)
    with one.take() as mine:
        assert mine
        assert not one.asked()
        with two.take():
            pass
        assert one.asked()
        assert not one.asked()
    # What came before a turn began was its forerunner's to see.
    with two.take(), one.take():
        pass
    with one.take():
        assert not one.asked()


def test_a_knock_is_seen_after_the_turn_too(path: Path) -> None:
    one, two = Turn(path), Turn(path)
    with one.take(), two.take() as mine:
        assert not mine
    assert one.asked()


def test_a_killed_holder_keeps_nobody_waiting(path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", _HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "True\n"
    with Turn(path).take() as mine:
        assert not mine
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with Turn(path).take() as mine:
        assert mine


def test_a_holder_without_a_sign_of_life_is_not_waited_for(path: Path) -> None:
    with Turn(path).take() as mine:
        assert mine
        before = path.stat().st_mtime - 60
        os.utime(path, (before, before))
        with Turn(path).take() as other:
            assert other


def test_where_nothing_can_be_written_nobody_waits(tmp_path: Path) -> None:
    turn = Turn(tmp_path / "missing" / "deliver.lock")
    with turn.take() as mine:
        assert mine
        assert not turn.asked()


def test_many_knocks_do_not_fill_the_disk(path: Path) -> None:
    asked = path.with_suffix(".asked")
    asked.write_bytes(b"." * (2**20 + 1))
    with Turn(path).take():
        assert asked.stat().st_size == 0
