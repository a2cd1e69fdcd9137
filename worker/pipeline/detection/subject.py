"""What an article is about, by all its words: how likely it tells a deal, and flows of which kinds.

Theory: a deal may be told by verbs that no list holds, but it is hardly told without the words of its trade: racks,
rent, shares, lenders, reactors. A logistic model over the stems of the words, names left out (each stands as the trade
of its organisation), weighs them all. Weights: `subject` in config/detector.json, trained.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from worker.model import Kind
from worker.pipeline.detection.document import Document
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.wording import bag

DEAL = "deal"
# Texts differ in length: each word of a long one weighs less.
_SCALE = 3.0
_UNSAID = -4.0


def features(document: Document, modes: Mapping[int, Mode]) -> dict[str, float]:
    """Return the words of an article as features; those of title and summary count as such besides."""
    found = bag(document, modes)
    share = _SCALE / math.sqrt(len(found)) if found else 0.0
    return dict.fromkeys(found, share)


class Subject:
    """The trained weights, a table of `bias` and `weights` for "deal" and for each kind. Without them all is open.

    floor: below this logit of "deal" an article is none, whatever its sentences say.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        rows = {str(name): row for name, row in table.items() if name != "floor"}
        self.floor = float(table.get("floor", -math.inf))
        self._bias = {name: float(row["bias"]) for name, row in rows.items()}
        self._weights = {
            name: {str(word): float(w) for word, w in row["weights"].items()} for name, row in rows.items()
        }

    def logits(self, values: Mapping[str, float]) -> dict[str, float]:
        """Return the logit of "deal" and of each kind, by the features of an article."""
        return {name: self.logit(name, values) for name in (DEAL, *(kind.value for kind in Kind))}

    def logit(self, name: str, values: Mapping[str, float]) -> float:
        """Return the logit of "deal" or of one kind, by the features of an article."""
        weights = self._weights.get(name)
        if weights is None:
            return _UNSAID if self._bias else 0.0
        return self._bias[name] + sum(weights[word] * value for word, value in values.items() if word in weights)
