"""Codes of exchanges beside the names of firms, which name nobody: "IREN IREN.O", "TeraWulf (NASDAQ: WULF)".

Source: the Reuters instrument codes and the exchange:symbol pairs that agencies put behind the first mention of a firm.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from worker.pipeline.detection.mentions import Words

# A code of one letter would take "S.A" and "U.S" as well.
CODE = r"[A-Z0-9]{2,7}\.[A-Z]{1,2}(?![\w.])"
LISTING = r"\((?:[A-Z]{2,8}|Nasdaq|Nyse|NYSE American|Xetra|Euronext(?: [A-Z][a-z]+)?)\s?:\s?[A-Z0-9.]{1,9}\)"
_FOUND = re.compile(rf"(?<=[\s(]){CODE}|{LISTING}")


def words_of(words: Words) -> frozenset[int]:
    """Return the words of a text that are such codes."""
    found: set[int] = set()
    for match in _FOUND.finditer(words.text):
        at = bisect_left(words.starts, match.start())
        while at < len(words) and words.starts[at] < match.end():
            found.add(at)
            at += 1
    return frozenset(found)
