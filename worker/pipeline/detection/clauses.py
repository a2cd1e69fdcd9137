"""Sentences of a French text, by offsets into it.

A sentence ends at a full stop, a question or exclamation mark or an ellipsis that is followed by space and by what can
open a sentence, and at every line break. Known exceptions: abbreviations (M., Mme., vs., env.), initials, decimal
points.
"""

from __future__ import annotations

import re

# A run of stops is looked at once, from its first: else its length counts squared.
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"»”)\]]*+(?=\s++[\"«“(\[—–-]*+\s*+[^\W_]|\s*+$)|\n+")
_ABBREVIATION = re.compile(
    r"(?:^|[\s('’«])(?:M|MM|Mme|Mmes|Mlle|Dr|Pr|Me|St|Ste|Inc|Corp|Ltd|Co|vs|env|cf|ex|art|av|bd|[Nn]o|n°|p|vol|[A-Z])\.$"
    # "J.P. Morgan", "C.J. Muse"; but a sentence may end in "S.A." or "aux U.S.".
    r"|(?:^|[\s('’«])(?!(?:S\.A|N\.V|B\.V|U\.S|A\.G|S\.E|I\.A|A\.I|L\.P|R\.-U)\.$)[A-Z]\.[A-Z]\.$"
)
# "xAI" and "eStruxture" begin a sentence as they are; "kW", "kWh", "dB" and "kVA" do not.
_LOWER = re.compile(r"\s+(?![a-z]{1,2}[A-Z](?!A?h?\b))[a-zà-ÿ]")


def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Return the (start, end) of each sentence of `text`, in order, blank ones left out."""
    found: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if "\n" not in match.group() and _goes_on(text, start, match):
            continue
        _add(found, text, start, match.end())
        start = match.end()
    _add(found, text, start, len(text))
    return tuple(found)


def _goes_on(text: str, start: int, match: re.Match[str]) -> bool:
    mark = match.group()
    if mark == "." and _ABBREVIATION.search(text, max(start, match.start() - 8), match.end()):
        return True
    # An ellipsis or a stop before a small letter is a pause ("20 milliards... ou pas").
    return bool(_LOWER.match(text, match.end())) and mark[0] in ".…"


def _add(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        found.append((start, end))
