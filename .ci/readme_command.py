"""Print one of the README's two commands: readme_command.py start|test.

Each stands alone in a fenced block behind a comment `<!-- command: NAME -->`, so that what a person copies and what CI
runs cannot differ.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"


def command(name: str, text: str) -> str:
    """Return the command line called `name` in the README's `text`. Raises LookupError if it is not there once."""
    found = re.findall(rf"<!-- command: {name} -->\n```sh\n([^\n]+)\n```", text)
    if len(found) != 1:
        raise LookupError(f"README.md must hold the command {name!r} once, on one line; found {len(found)}")
    return str(found[0])


if __name__ == "__main__":
    print(command(sys.argv[1], README.read_text(encoding="utf-8")))
