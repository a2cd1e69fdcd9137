"""`gigawatch` with two feeds that are read for ever: one in a block that catches every Exception, as a row's own block
does, the other in one that catches everything, so that only the hard limit ends it."""

from __future__ import annotations

import sys
from typing import Any

from worker.adapters.parsing import IsolatedParser
from worker.cli import main

FORGIVING, DEAF = "endless", "deaf"

_feed = IsolatedParser.feed


async def _slow(*arguments: Any, **values: Any) -> Any:
    name = values["feed"].id
    while name == FORGIVING:
        try:
            sum(range(1000))
        except Exception:
            continue
    while name == DEAF:
        try:
            sum(range(1000))
        except BaseException:
            continue
    return await _feed(*arguments, **values)


if __name__ == "__main__":
    IsolatedParser.feed = _slow  # type: ignore[method-assign]
    sys.exit(main())
