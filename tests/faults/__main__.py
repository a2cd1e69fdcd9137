"""Run fault tests, print what each measured, end non-zero where one is short.

    python -m tests.faults [N ...] [--short] [--database sqlite|postgresql] [--seed N] [--scale X] [--json FILE]
        [--series FILE]

Without numbers: all of them in order, the soak of test 14 last. `--short` takes those that end within 20 s. `--scale`
below 1 runs a part of the work and cannot pass for the whole: its report says so.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from pathlib import Path

from tests.faults import catalogue
from tests.faults.lab import Lab


def run_one(
    case: catalogue.Case, *, seed: int, database: str, scale: float, series: Path | None = None
) -> dict[str, object]:
    """Run one test; returns its report, with the traceback's last line among the faults where it broke."""
    begun = time.monotonic()
    with Lab(seed=seed, database=database, scale=scale, series=series) as lab:
        try:
            case.run(lab)
        except Exception as error:
            traceback.print_exc()
            lab.faults.append(f"broke: {type(error).__name__}: {error}")
    return {
        "test": case.number,
        "title": case.title,
        "ok": not lab.faults,
        "seconds": round(time.monotonic() - begun, 1),
        "database": database,
        "scale": scale,
        "figures": lab.figures,
        "faults": lab.faults,
        "notes": lab.notes,
    }


def main() -> int:
    """Run as a program."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("numbers", nargs="*", type=int, metavar="N")
    parser.add_argument("--short", action="store_true", help="only those that end within 20 s")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--json", type=Path, help="append each report as a line to this file")
    parser.add_argument("--series", type=Path, help="where a long run writes what it saw from sample to sample")
    asked = parser.parse_args()
    cases = catalogue.cases()
    unknown = set(asked.numbers) - set(cases)
    if unknown:
        parser.error(f"no test {', '.join(map(str, sorted(unknown)))}; there are {', '.join(map(str, cases))}")
    chosen = [cases[number] for number in asked.numbers] or sorted(cases.values(), key=lambda case: case.last)
    good = True
    for case in chosen:
        if asked.short and not case.short:
            continue
        report = run_one(case, seed=asked.seed, database=asked.database, scale=asked.scale, series=asked.series)
        good = good and bool(report["ok"])
        line = json.dumps(report, ensure_ascii=False)
        print(f"{'ok   ' if report['ok'] else 'SHORT'} {case.number:2d} {case.title}: {line}", flush=True)
        if asked.json:
            with asked.json.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
