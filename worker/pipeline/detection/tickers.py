"""Codes of exchanges beside the names of firms, which name nobody: "IREN IREN.O", "TeraWulf (NASDAQ: WULF)".

Source: the Reuters instrument codes and the exchange:symbol pairs that agencies put behind the first mention of a firm.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from worker.pipeline.detection.mentions import Words

# A code of one letter would take "S.A" and "U.S" as well; "C3.AI" and "01.AI" are firms.
CODE = r"[A-Z0-9]{2,7}\.(?!AI\b|IO\b)[A-Z]{1,2}(?![\w.])"
_EXCHANGE = (
    r"(?:NASDAQ|Nasdaq|NYSE|Nyse|AMEX|CRYPTO|OTC[A-Z]{0,2}|TSXV?|LSE|LON|AIM|EPA|PAR|ETR|FRA|XETRA|Xetra|SIX|SWX|BIT|BME|AMS"
    r"|EBR|CPH|STO|HEL|OSE|OL|ASX|TYO|TSE|HKG|HKEX|SEHK|SHA|SHE|KRX|KOSPI|NSE|BSE|TADAWUL|Tadawul|ADX|Euronext|NGM)"
)
_PAIR = rf"{_EXCHANGE}(?: [A-Z][A-Za-z]+){{0,2}}\s?:\s?(?=\d{{0,6}}[A-Z]|\d{{4,6}}\b)[A-Z0-9.]{{1,9}}"
_FOUND = re.compile(rf"(?<![\w.]){CODE}|\({_PAIR}(?:\s?[,;/]\s?{_PAIR}){{0,3}}\)")


def words_of(words: Words) -> frozenset[int]:
    """Return the words of a text that are such codes."""
    found: set[int] = set()
    for match in _FOUND.finditer(words.text):
        at = bisect_left(words.starts, match.start())
        while at < len(words) and words.starts[at] < match.end():
            found.add(at)
            at += 1
    return frozenset(found)
