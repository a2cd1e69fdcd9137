"""The sentences that prove a story's flows, with the words that count set apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from worker import text
from worker.model import Evidence, Flow, Story

_SENTENCE, _SHOWN = 420, 3
_FIGURES = ("amount", "megawatts", "chips", "years")


@dataclass(frozen=True, slots=True)
class Quote:
    """One sentence in pieces; `True` marks the words that are to stand out. `house` said it, where that is known."""

    pieces: tuple[tuple[str, bool], ...]
    house: str


def quotes(flows: Sequence[Flow], story: Story | None) -> tuple[Quote, ...]:
    """Return at most three sentences: those with figures first, in the order of `flows`."""
    if story is None:
        return ()
    said_by = {held.flow: _house(story, held.article_id, held.source) for held in story.flows}
    found: dict[str, tuple[str, list[Evidence]]] = {}
    for figures_wanted in (True, False):
        for flow in flows:
            for one in flow.evidence:
                if (one.field in _FIGURES) is figures_wanted and one.sentence.strip():
                    found.setdefault(one.sentence, (said_by.get(flow, ""), []))[1].append(one)
    return tuple(
        Quote(pieces(sentence, [one.quote for one in proofs if one.field in _FIGURES]), house)
        for sentence, (house, proofs) in list(found.items())[:_SHOWN]
    )


def _house(story: Story, article_id: str, source: str) -> str:
    known = next((one for one in story.sources if one.article_id == article_id), None)
    return text.one_line((known.house or known.source) if known else source, 80)


def pieces(sentence: str, words: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Return `sentence` on one line in pieces, each of `words` that stands in it marked."""
    line = text.one_line(sentence, _SENTENCE)
    wanted = sorted({text.one_line(word) for word in words} - {""}, key=len, reverse=True)
    if not wanted:
        return ((line, False),)
    marks = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in wanted))
    found: list[tuple[str, bool]] = []
    end = 0
    for match in marks.finditer(line):
        found += [(line[end : match.start()], False), (match[0], True)]
        end = match.end()
    found.append((line[end:], False))
    return tuple(piece for piece in found if piece[0])
