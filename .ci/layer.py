"""Print what a full lock has beyond the layers below it: layer.py FULL BELOW... (see .ci/lock)."""

from __future__ import annotations

import re
import sys
from pathlib import Path


def entries(path: Path) -> dict[str, str]:
    """Return {requirement line without its hashes: whole entry} of a lock."""
    whole = re.split(r"\n(?=[A-Za-z0-9])", path.read_text(encoding="utf-8").strip())
    return {entry.partition(" \\")[0]: entry for entry in whole if not entry.startswith("-r")}


def main() -> None:
    full, below = Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]
    known = {key for path in below for key in entries(path)}
    print("-r " + ("../constraints.txt" if len(below) == 1 else below[-1].name) + "\n")
    print("\n".join(entry for key, entry in entries(full).items() if key not in known))


if __name__ == "__main__":
    main()
