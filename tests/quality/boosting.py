"""Boosted trees over features by name, in the form that the detector reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from worker.pipeline.detection.forest import Forest

# Small trees, many and slow: the labels are few.
_TREES, _PACE, _LEAVES, _LEAST = 400, 0.05, 12, 15
_CALM, _SEEN = 5.0, 0.3
# Four hundred leaves, each rounded to five places.
_EXACT = 1e-2
_CHECKED = 50


def grow(
    rows: Sequence[Mapping[str, float]],
    labels: Sequence[bool],
    shares: Sequence[float],
    *,
    seed: int,
    trees: int = _TREES,
    leaves: int = _LEAVES,
    least: int = _LEAST,
    calm: float = _CALM,
) -> dict[str, Any]:
    """Return the table of a forest of so many trees, of at most so many leaves, each of at least so many examples.

    calm: how strongly leaves are drawn to 0. Features with a star, products of others, are left out: trees make their
    own.

    Raises RuntimeError if the table does not say what the library's model says.
    """
    names = sorted({name for row in rows for name in row if "*" not in name})
    # Sums that differ in their last bit only are one value: a threshold between them would lose it when written.
    table = np.round([[row.get(name, 0.0) for name in names] for row in rows], 5)
    model = HistGradientBoostingClassifier(
        max_iter=trees, learning_rate=_PACE, max_leaf_nodes=leaves, min_samples_leaf=least,
        l2_regularization=calm, max_features=_SEEN, early_stopping=False, random_state=seed,
    )  # fmt: skip
    model.fit(table, np.asarray(labels, dtype=bool), sample_weight=np.asarray(shares))
    # The library has no public form of its trees; the check below would show if the private one changed.
    made: dict[str, Any] = {
        "bias": float(np.ravel(model._baseline_prediction)[0]),
        "names": names,
        "trees": [_flat(predictors[0].nodes) for predictors in model._predictors],
    }
    read = Forest({**made, "trees": [_written(tree) for tree in made["trees"]]})
    told = model.decision_function(table[:_CHECKED])
    ours = [read.logit(dict(zip(names, row, strict=True))) for row in table[:_CHECKED]]
    if np.abs(np.array(ours) - told).max() > _EXACT:
        raise RuntimeError("the exported trees differ from the library's: see its `TreePredictor.nodes`")
    used = sorted({place for tree in made["trees"] for place in tree[::4] if place >= 0})
    places = {old: new for new, old in enumerate(used)}
    for tree in made["trees"]:
        tree[::4] = [places.get(place, -1) for place in tree[::4]]
    return {
        "bias": round(made["bias"], 5),
        "names": [names[place] for place in used],
        "trees": [_written(tree) for tree in made["trees"]],
    }


def _written(tree: Sequence[float]) -> str:
    return " ".join(str(int(number)) if float(number).is_integer() else repr(float(number)) for number in tree)


def _flat(nodes: Any) -> list[float]:
    flat: list[float] = []
    for node in nodes:
        if node["is_leaf"]:
            flat += [-1, round(float(node["value"]), 5), 0, 0]
        else:
            place = int(node["feature_idx"])
            flat += [place, round(float(node["num_threshold"]), 6), int(node["left"]), int(node["right"])]
    return flat
