"""The sentences that prove a story's flows, with the words that count set apart."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
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


def quotes(flows: Sequence[Flow], story: Story | None, fresh: Set[tuple[str, str, str, bool]]) -> tuple[Quote, ...]:
    """Return at most three sentences, in the order of `flows`: the news of those whose keys are `fresh` first, then
    figures, then the rest. Of news the words of the status are marked too."""
    if story is None:
        return ()
    said_by = {held.flow: _house(story, held.article_id, held.source) for held in story.flows}
    ranked: list[tuple[int, Flow, Evidence]] = []
    for flow in flows:
        for one in flow.evidence:
            telling = one.field in _FIGURES or (flow.key in fresh and one.field == "status")
            ranked.append(((0 if flow.key in fresh else 1) if telling else 2, flow, one))
    found: dict[str, tuple[str, list[str]]] = {}
    for rank, flow, one in sorted(ranked, key=lambda entry: entry[0]):
        if one.sentence.strip():
            marked = found.setdefault(one.sentence, (said_by.get(flow, ""), []))[1]
            marked += [one.quote] if rank < 2 else []
    return tuple(Quote(pieces(sentence, words), house) for sentence, (house, words) in list(found.items())[:_SHOWN])


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
