"""Look at every tracked file: none too long, none that names a machine's own path or a package index.

check_files.py [ROOT]: prints what is wrong and ends with 1, or with 0.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

LONGEST = 400  # lines of code; data, prose and locks may be longer
CODE = {".py", ".sh", ".j2", ".yml", ""}
# Built from pieces, so that this file does not name what it looks for.
FORBIDDEN = {
    "a package index": re.compile(
        "|".join(["py" + r"pi\.org", "python" + r"hosted\.org", "--" + "index-url", "--" + "extra-index"])
    ),
    "a machine's own path": re.compile(
        r"(?<![\w.$}{/-])/(?:" + "|".join(["ho" + "me", "ro" + "ot", "wo" + "rk", "Us" + "ers"]) + r")/\w"
    ),
    "a temporary path": re.compile(r"(?<![\w.-])/t" + r"mp/\w"),
}


def tracked(root: Path) -> list[Path]:
    """Return the files that git holds or would take, that exist."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return [root / name for name in listed.split("\0") if name and (root / name).is_file()]


def faults(path: Path, root: Path) -> list[str]:
    """Return what is wrong with one file."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return []
    name, found = path.relative_to(root), []
    lines = text.count("\n")
    if lines > LONGEST and path.suffix in CODE and "data" not in name.parts:
        found.append(f"{name}: {lines} lines, more than {LONGEST}")
    for what, pattern in FORBIDDEN.items():
        for match in pattern.finditer(text):
            found.append(f"{name}:{text.count(chr(10), 0, match.start()) + 1}: names {what}: {match[0]}")
    return found


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    found = [fault for path in tracked(root) for fault in faults(path, root)]
    print("\n".join(found) or "no file too long, none that names a machine or an index")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
