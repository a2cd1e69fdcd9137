"""Print how well every metamorphic relation holds.

    python -m tests.quality.metamorphic [RELATION ...] [--show N]

--show N lists up to N articles for each relation that they break. Ends with 1 if less than 98 % of all cases hold.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

from tests.quality.corpus import tables
from tests.quality.metamorphic.check import Count, articles, run
from worker.pipeline.detection import Detector
from worker.pipeline.detection.registry import Registry

WANTED = 0.98
# Every so manieth article is one piece of work: cores that are done early take another.
_PIECES = 64


def main() -> int:
    """Run as a program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("relations", nargs="*")
    parser.add_argument("--show", type=int, default=0, metavar="N")
    asked = parser.parse_args()
    counts: dict[str, Count] = {}
    with ProcessPoolExecutor(multiprocessing.cpu_count()) as pool:
        for found in pool.map(partial(_piece, asked.relations), range(_PIECES)):
            for name, count in found.items():
                counts[name] = counts.get(name, Count()) + count
    for name, count in counts.items():
        print(f"{count.share:7.3f}  {count.kept:5} of {count.asked:5}  {name}  {' '.join(count.broken[: asked.show])}")
    kept, cases = sum(one.kept for one in counts.values()), sum(one.asked for one in counts.values())
    print(f"{kept / max(cases, 1):7.3f}  {kept:5} of {cases:5}  all {len(counts)} relations")
    return 0 if kept >= WANTED * cases else 1


def _piece(relations: Sequence[str], number: int) -> dict[str, Count]:
    read: dict[str, Any] = tables()
    registry = Registry.from_table(read["companies"])
    return run(Detector.from_tables(**read), registry, articles()[number::_PIECES], relations)


if __name__ == "__main__":
    sys.exit(main())
