"""Test 26: addresses inside, by every way in. The whole of it runs in network and mount namespaces of its own, with a
name server that lies, public addresses that lead nowhere else, and a canary on every address that is not public."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.adapters import test_one_client
from tests.faults.lab import Lab

TITLE = "Addresses inside"

_LIMIT_S = 900.0


def run(lab: Lab) -> None:
    """Run `guarded` inside its namespaces and take its report over."""
    program = [sys.executable, "-m", "tests.faults.guarded", str(lab.folder / "report.json"), lab.database]
    root = () if os.geteuid() == 0 else ("-r",)
    inside = ["unshare", *root, "-m", "-n", *program]
    with (lab.folder / "inside.log").open("wb") as log:
        ended = subprocess.run(inside, stdout=log, stderr=subprocess.STDOUT, timeout=_LIMIT_S, check=False)
    words = (lab.folder / "inside.log").read_text("utf-8", "replace")
    report = lab.folder / "report.json"
    lab.must(ended.returncode == 0 and report.exists(), f"inside: code {ended.returncode}: {words[-1500:]}")
    if report.exists():
        _take_over(lab, report)
    test_one_client.test_http_is_spoken_in_one_place()
    test_one_client.test_libraries_that_fetch_by_themselves_are_only_given_what_was_fetched()
    lab.figure("HTTP clients outside the guarded one", 0)


def _take_over(lab: Lab, report: Path) -> None:
    said = json.loads(report.read_text("utf-8"))
    for name, value in said["figures"].items():
        lab.figure(name, value)
    for text in said["faults"]:
        lab.must(False, text)
    for text in said["notes"]:
        lab.note(text)
