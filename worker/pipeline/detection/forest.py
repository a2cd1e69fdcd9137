"""Boosted decision trees, read from the weights: each adds the value of the leaf that an example falls into.

Theory: many features of a flow mean something only together (a bank that pays counts for a loan, against a purchase);
a sum over single features cannot say that. Trained by tests/quality/boosting.py; reading them needs no library.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# One node: place of the feature among the names (-1 for a leaf), threshold or value, places of both children.
Node = tuple[int, float, int, int]


class Forest:
    """Trees over features by name.

    table: `bias`; `names` of the features; `trees`, each a flat list of four numbers a node, the root first: place of
    the feature in `names`, threshold, place of the node for values up to it, place of the node for others. A leaf has
    -1 for its feature and its value for a threshold.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._bias = float(table["bias"])
        self._names = [str(name) for name in table["names"]]
        self._trees = [_nodes(tree) for tree in table["trees"]]

    def logit(self, values: Mapping[str, float]) -> float:
        """Return the logit of an example; a feature that it lacks is 0."""
        row = [values.get(name, 0.0) for name in self._names]
        total = self._bias
        for tree in self._trees:
            feature, bound, left, right = tree[0]
            while feature >= 0:
                feature, bound, left, right = tree[left if row[feature] <= bound else right]
            total += bound
        return total


def _nodes(flat: Sequence[float]) -> list[Node]:
    return [
        (int(flat[place]), float(flat[place + 1]), int(flat[place + 2]), int(flat[place + 3]))
        for place in range(0, len(flat), 4)
    ]
