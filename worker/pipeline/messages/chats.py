"""Text for chat rooms: short enough for each of them, and calling nobody."""

from __future__ import annotations

import re

# Teams workflows take 1,000 characters with the title, Pushover 1,024, Discord 2,000 (read in Apprise 2.3.0); Apprise
# would cut what is longer into several messages, and a link in two.
_LONGEST = 800
# Rooms take these as a call to their members, whoever wrote them; a full-width sign looks the same and calls nobody.
_CALLS = re.compile(r"(?<!\w)@(?=everyone|here|channel|all\b|room|[&!]?\d)|(?<=<)[@!#](?=\S)", re.IGNORECASE)
_HARMLESS = {"@": "＠", "!": "！", "#": "＃"}


def harmless(line: str) -> str:
    """Return `line` without what would call the members of a room."""
    return _CALLS.sub(lambda call: _HARMLESS[call[0]], line)


def fitted(body: str) -> str:
    """Return the first lines of `body` that fit, with "…" where others are left out; at least its first line."""
    body = harmless(body).rstrip("\n")
    kept: list[str] = []
    room = _LONGEST
    for line in body.splitlines():
        if kept and len(line) + 3 > room:
            kept.append("…")
            break
        kept.append(line[:_LONGEST])
        room -= len(line) + 1
    return "\n".join(kept) + "\n"
