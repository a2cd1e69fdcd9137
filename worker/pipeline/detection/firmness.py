"""How firm a flow is: made official, said by sources only, a right, or given up.

Theory: the title and the flow's own sentences tell; elsewhere rumour and confirmation cancel out. Official against
reported is a logistic model over both (weights: `status` in config/detector.json), since the press mixes the two in one
article; rights and cancellations are told by their words alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from worker.model import Status
from worker.pipeline.detection.document import Document
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.weighing import worth

if TYPE_CHECKING:
    from worker.pipeline.detection.flows import Gathered

_TONES = ("conditional", "talks", "sourced", "official", "denied")
_HALF = 0.5


def features(document: Document, one: Gathered, modes: Mapping[int, Mode]) -> dict[str, float]:
    """Return what speaks for and against a flow's being official, each 0 to 1."""
    head = [modes[s.number] for s in document.sentences if s.part != "text"]
    lead = [modes[s.number] for s in document.sentences if s.part == "text" and s.paragraph == 0]
    body = [modes[s.number] for s in document.sentences if s.part == "text" and modes[s.number].recalled < _HALF]
    result: dict[str, float] = {}
    for tone in _TONES:
        result[f"own.{tone}"] = _share(one, modes, tone)
        result[f"head.{tone}"] = float(any(getattr(mode, tone) for mode in head))
        result[f"lead.{tone}"] = float(any(getattr(mode, tone) for mode in lead))
        result[f"body.{tone}"] = min(sum(getattr(mode, tone) for mode in body), 4) / 2
    return result


def _share(one: Gathered, modes: Mapping[int, Mode], tone: str) -> float:
    """Return the share of a flow's own sentences that have a tone, each counted by what it is worth."""
    best: dict[int, float] = {}
    for said in one.said:
        number = said.sentence.number
        best[number] = max(best.get(number, 0.0), worth(said, modes[number]))
    total = sum(best.values())
    return sum(value for number, value in best.items() if getattr(modes[number], tone)) / total if total else 0.0


class Firmness:
    """The trained weights. Without them (in training) every flow that is no right and not given up is official."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.bias = float(table.get("bias", 0.0))
        self.weights = {str(name): float(value) for name, value in table.get("weights", {}).items()}

    def status_of(self, document: Document, one: Gathered, modes: Mapping[int, Mode]) -> Status:
        """Return how firm a flow is."""
        if _given_up(document, one, modes):
            return Status.CANCELLED
        if one.option:
            return Status.OPTION
        values = features(document, one, modes)
        logit = self.bias + sum(self.weights.get(name, 0.0) * value for name, value in values.items())
        return Status.REPORTED if 1.0 / (1.0 + math.exp(-max(min(logit, 30.0), -30.0))) > _HALF else Status.ANNOUNCED


def _given_up(document: Document, one: Gathered, modes: Mapping[int, Mode]) -> bool:
    """Whether the words of giving up stand where the flow is told: in its head sentences, or in most of its
    sentences."""
    head = {said.sentence.number for said in one.said if said.sentence.part != "text" and said.how != "carried"}
    if any(modes[number].cancelled for number in head):
        return True
    own = _share(one, modes, "cancelled")
    title = any(modes[s.number].cancelled for s in document.sentences if s.part == "title")
    return own >= _HALF or (title and own > 0)
