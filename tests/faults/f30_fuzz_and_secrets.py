"""Test 30: a hundred thousand damaged inputs through the steps; secrets that nothing says while everything fails."""

from __future__ import annotations

import json
import multiprocessing
from collections import Counter
from pathlib import Path

from tests.faults import fuzz, leaks
from tests.faults.lab import Lab
from tests.faults.receivers import SECRET

TITLE = "Fuzz and secrets"

_INPUTS, _PROCESSES = 100_000, 2
_LONGEST_S = 3 * 3600.0  # a run ends, whatever the machine; what it did not reach is said
_LIMIT_S = 5.0


def _share(environ: dict[str, str], folder: Path, most: int, seed: int, database: str) -> fuzz.Outcome:
    return fuzz.run(environ, folder, most=most, seconds=_LONGEST_S, seed=seed, limit_s=_LIMIT_S, database=database)


def environment(lab: Lab) -> dict[str, str]:
    """Return the environment of a gigawatch that tells a webhook and a mailbox of everything."""
    return lab.configure(
        recipients={
            "hook": {"channel": "webhook", "address": "http://127.0.0.1:9/hook", "secret": SECRET},
            "desk": {"channel": "email", "address": "desk@gw.example"},
        },
        rules=[{"id": "all", "recipients": ["hook", "desk"]}],
        polling={"host_gap": 0},
        delivery={"digest_wait": 0},
        # A copy is filed unread, and the damaged are copies of one another.
        stories={"copy_days": 0},
        smtp={"host": "127.0.0.1", "security": "none", "sender": "veille@gw.example"},
        fetch={"obey_robots": False},
    )


def run(lab: Lab) -> None:
    """Fuzz in two processes, then run with marked secrets beside failing servers."""
    environ = environment(lab)
    wanted = lab.count(_INPUTS)
    databases = ["" if lab.database == "sqlite" else lab.database_url() for _ in range(_PROCESSES)]
    with multiprocessing.get_context("spawn").Pool(_PROCESSES) as pool:
        shares = pool.starmap(
            _share,
            [
                (environ, lab.folder, -(-wanted // _PROCESSES), lab.seed * 100 + number, databases[number])
                for number in range(_PROCESSES)
            ],
        )
    judge(lab, shares, wanted)
    found = leaks.run(lab)
    lab.figure("texts searched for secrets", len(found.said))
    lab.figure("characters searched", sum(map(len, found.said.values())))
    lab.figure("secrets hidden", found.hidden)
    lab.figure("requests echoed", json.dumps(found.echoed))
    lab.figure("secrets said", len(found.leaks))
    lab.must(not found.leaks, "; ".join(found.leaks[:20]))
    lab.must(found.hidden > 20 and min(found.echoed.values()) > 2, "too little was echoed to show that it is hidden")


def judge(lab: Lab, shares: list[fuzz.Outcome], wanted: int) -> None:
    """State what the fuzz measured and what must hold of it."""
    inputs = sum(one.inputs for one in shares)
    slowest = {step: max(one.slowest.get(step, 0.0) for one in shares) for step in ("poll", "read", "judge")}
    uncaught = [text for one in shares for text in one.uncaught]
    lost = [text for one in shares for text in one.lost]
    slow = [text for one in shares for text in one.slow]
    lab.figure("inputs", inputs)
    lab.figure("inputs a second, all processes", sum(one.inputs / one.seconds for one in shares))
    lab.figure("entries", sum(one.entries for one in shares))
    lab.figure("articles judged, deals", f"{sum(o.judged for o in shares)}, {sum(o.deals for o in shares)}")
    lab.figure("polls by cause", json.dumps(sum((one.causes for one in shares), Counter())))
    lab.figure("documents that tripped every reader", json.dumps(sum((one.tripped for one in shares), Counter())))
    lab.figure("slowest, seconds of the processor", json.dumps({step: round(s, 2) for step, s in slowest.items()}))
    lab.figure("uncaught exceptions", len(uncaught))
    lab.figure("whole items lost beside damaged ones", len(lost))
    lab.figure("items over 5 s", len(slow))
    lab.must(inputs >= wanted, f"{inputs} inputs for {wanted} in the time allowed")
    lab.must(not uncaught, "; ".join(uncaught[:5]))
    lab.must(not lost, "; ".join(lost[:5]))
    lab.must(not slow, "; ".join(slow[:5]))
