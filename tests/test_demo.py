"""The end-to-end test: the demo as a person runs it, with the daemon in processes of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

_MOST_S = 60.0


@pytest.fixture(scope="module")
def report() -> Any:
    # A folder with a short path: the broker's socket lives in it.
    with tempfile.TemporaryDirectory(prefix="gw-demo-") as folder:
        command = [sys.executable, "-m", "worker", "demo", "--json", "--data", folder]
        seen = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert seen.stdout, seen.stderr[-3000:]
        found = json.loads(seen.stdout)
        found["code"] = seen.returncode
        found["mail_files"] = sorted(path.name for path in Path(found["mails"]).iterdir())
        found["log"] = (Path(folder) / "daemon.log").read_text(encoding="utf-8")
        yield found


def test_all_is_as_expected_in_time(report: Any) -> None:
    wrong = [one for part in ("stories", "silent", "checks") for one in report[part] if not one["ok"]]
    assert wrong == []
    assert report["unexplained"] == []
    assert report["ok"]
    assert report["code"] == 0
    assert report["seconds"] <= _MOST_S


def test_every_planted_deal_is_told_once_per_change(report: Any) -> None:
    assert len(report["stories"]) == 7
    for story in report["stories"]:
        assert sorted(story["email"]) == sorted(story["webhook"]) == sorted(story["expected"])


def test_the_circular_deal_is_shown_as_its_loop(report: Any) -> None:
    (circular,) = (story for story in report["stories"] if story["loop"] is not None)
    assert circular["loop"] is True


def test_no_look_alike_is_told(report: Any) -> None:
    assert len(report["silent"]) >= 6
    assert [one for one in report["silent"] if one["alerts"]] == []


def test_webhooks_are_signed_and_mails_lie_where_it_says(report: Any) -> None:
    hooks = [one for one in report["alerts"] if one["channel"] == "webhook"]
    assert hooks
    assert all(one["verified"] and one["same_body"] for one in hooks)
    assert len({one["key"] for one in hooks}) == len(hooks)
    assert sum(name.endswith(".eml") for name in report["mail_files"]) >= 7
    assert sum(name.endswith(".html") for name in report["mail_files"]) >= 7


def test_the_daemon_logs_no_traceback(report: Any) -> None:
    assert "Traceback" not in report["log"]


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    command = [sys.executable, "-m", "worker", "demo", "--data", str(tmp_path)]
    seen = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert seen.returncode == 2
    assert str(tmp_path) in seen.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def _heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_an_interrupted_demo_leaves_no_process_behind() -> None:
    with tempfile.TemporaryDirectory(prefix="gw-demo-") as folder:
        command = [sys.executable, "-m", "worker", "demo", "--data", folder]
        # What a shell runs in the background inherits an interrupt that is ignored, and the demo keeps to that.
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=_heed_interrupts
        ) as demo:
            assert demo.stdout is not None
            for line in demo.stdout:
                if "lit le flux" in line:
                    break
            demo.send_signal(signal.SIGINT)
            rest = demo.stdout.read()
            assert demo.wait(30) == 130, rest
        assert "Traceback" not in rest
        assert [pid for pid in _processes() if folder in pid] == []


def _processes() -> list[str]:
    """Environment and command line of every process that this user may read."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        if path.name == str(os.getpid()):
            continue
        try:
            found.append((path / "cmdline").read_bytes().decode("utf-8", "replace"))
            found.append((path / "environ").read_bytes().decode("utf-8", "replace"))
        except OSError:
            continue
    return found
