"""Learn what the words around two parties say of a flow between them, for all kinds together and for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression

from tests.quality.fitting import in_rows
from worker.model import Kind
from worker.pipeline.detection.weighing import ANY, share_of

# A word that fewer examples hold teaches nothing; a weight below this would only fill the file.
_RARE, _SMALL = 12, 0.03
_STRENGTH = 1.0
# The words around the two parties, the kind, whether the label has such a flow.
Example = tuple[frozenset[str], str, bool]


def fit(examples: Sequence[Example]) -> dict[str, Any]:
    """Return the bias and, for each kind and for all, the weights of the words."""
    counts = Counter(name for words, kind, _ in examples for name in _names(words, kind))
    places = {name: place for place, name in enumerate(sorted(n for n, count in counts.items() if count >= _RARE))}
    rows, columns, values = [], [], []
    for number, (words, kind, _) in enumerate(examples):
        share = share_of(words)
        for name in _names(words, kind):
            if name in places:
                rows.append(number)
                columns.append(places[name])
                values.append(share)
    table = csr_matrix((values, (rows, columns)), shape=(len(examples), len(places)))
    model = LogisticRegression(C=_STRENGTH, solver="liblinear")
    model.fit(table, np.array([label for _, _, label in examples]))
    kinds = [ANY, *(kind.value for kind in Kind)]
    weights: dict[str, dict[str, float]] = {kind: {} for kind in kinds}
    for (kind, word), place in places.items():
        weights[kind][word] = float(model.coef_[0][place])
    written = in_rows([weights[kind] for kind in kinds], _SMALL)
    return {"bias": round(float(model.intercept_[0]), 4), "kinds": kinds, "weights": written}


def _names(words: frozenset[str], kind: str) -> Iterator[tuple[str, str]]:
    for word in words:
        yield ANY, word
        yield kind, word
