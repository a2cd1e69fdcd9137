"""Print how well every metamorphic relation holds.

    python -m tests.quality.metamorphic [RELATION ...] [--show N]

--show N lists up to N articles for each relation that they break. Ends with 1 if less than 98 % of all cases hold.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from tests.quality.corpus import tables
from tests.quality.metamorphic.check import articles, run
from worker.pipeline.detection import Detector
from worker.pipeline.detection.registry import Registry

WANTED = 0.98


def main() -> int:
    """Run as a program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("relations", nargs="*")
    parser.add_argument("--show", type=int, default=0, metavar="N")
    asked = parser.parse_args()
    read: dict[str, Any] = tables()
    counts = run(Detector.from_tables(**read), Registry.from_table(read["companies"]), articles(), asked.relations)
    for name, count in counts.items():
        print(f"{count.share:7.3f}  {count.kept:5} of {count.asked:5}  {name}  {' '.join(count.broken[: asked.show])}")
    kept, cases = sum(one.kept for one in counts.values()), sum(one.asked for one in counts.values())
    print(f"{kept / max(cases, 1):7.3f}  {kept:5} of {cases:5}  all {len(counts)} relations")
    return 0 if kept >= WANTED * cases else 1


if __name__ == "__main__":
    sys.exit(main())
