"""Organisations in a text: known ones by the list, others by shape and by what the text says of them."""

from __future__ import annotations

from collections.abc import Sequence

from worker.pipeline.detection.mentions import Mention, OrgType, Words
from worker.pipeline.detection.registry import Registry

__all__ = ["Mention", "OrgType", "Registry", "find"]


def find(
    text: str,
    *,
    registry: Registry,
    sentences: Sequence[tuple[int, int]],
    known_before: Sequence[Mention] = (),
) -> tuple[Mention, ...]:
    """Return the mentions of organisations in `text`, sorted, none overlapping another; offsets point into `text`.

    sentences: (start, end) of each sentence; known_before: mentions of earlier parts (title, summary) that short forms,
    descriptions and pronouns may mean.
    """
    words = Words(text)
    found: list[Mention] = []
    index = 0
    while index < len(words):
        match = registry.match_at(words, index)
        if match and (words.raw[index][0].isupper() or match[0].via == "metonym" or len(match[0].words[0]) > 5):
            found.append(registry.mention(words, index, match[1], match[0]))
            index = match[1]
        else:
            index += 1
    return tuple(found)
