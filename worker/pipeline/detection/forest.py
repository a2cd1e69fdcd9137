"""Boosted decision trees, read from the weights: each adds the value of the leaf that an example falls into.

Theory: many features of a flow mean something only together (a bank that pays counts for a loan, against a purchase);
a sum over single features cannot say that. Trained by tests/quality/boosting.py; reading them needs no library.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from worker.errors import ConfigError, Fault

# So many trees tell what is hopeless from what is not: of boosted ones, the first are the coarsest.
_FIRST = 100
# A leaf's value, or place of the feature among the names, threshold, what follows up to it, what follows beyond it.
Node = float | tuple[int, float, "Node", "Node"]


class Forest:
    """Trees over features by name.

    table: `bias`; `names` of the features; `trees`, each a text of four numbers a node, the root first: place of
    the feature in `names`, threshold, place of the node for values up to it, place of the node for others, both behind
    it. A leaf has -1 for its feature and its value for a threshold. Raises ConfigError if they are not written so.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._bias = float(table["bias"])
        self._names = [str(name) for name in table["names"]]
        self._flat: Sequence[str] = table["trees"]
        if not all(isinstance(tree, str) for tree in self._flat):
            shipped = "the file that comes with this version"
            raise ConfigError((Fault("detector.json", "trees", "weights of another version", shipped),))

    @cached_property
    def _trees(self) -> list[Node]:
        # Most articles ask only some forests, and to read all of them is half of the start.
        try:
            return [_root(tree) for tree in self._flat]
        except (ValueError, IndexError) as error:
            shipped = "the file that comes with this version"
            raise ConfigError((Fault("detector.json", "trees", str(error), shipped),)) from error

    def asks(self, name: str) -> bool:
        """Whether any tree looks at a feature."""
        return name in self._names

    def logit(self, values: Mapping[str, float], *, hopeless: float = -math.inf) -> float:
        """Return the logit of an example; a feature that it lacks is 0.

        hopeless: where the first hundred trees say less than this, what they say is returned, and no other is asked.
        """
        row = [values.get(name, 0.0) for name in self._names]
        first = _sum(row, self._trees[:_FIRST], self._bias)
        return first if first < hopeless else _sum(row, self._trees[_FIRST:], first)


def _sum(row: Sequence[float], trees: Sequence[Node], total: float) -> float:
    for node in trees:
        while isinstance(node, tuple):
            feature, bound, left, right = node
            node = left if row[feature] <= bound else right
        total += node
    return total


def _root(written: str) -> Node:
    """Return the first node of a tree. Raises ValueError or IndexError where a node's children do not follow it."""
    numbers = written.split()
    rows = list(zip(numbers[::4], numbers[1::4], numbers[2::4], numbers[3::4], strict=True))
    # From the last to the first, so that children are made before who has them.
    made: list[Node] = []
    for place in range(len(rows) - 1, -1, -1):
        first, second, *behind = rows[place]
        feature, bound, (left, right) = int(first), float(second), map(int, behind)
        if feature < 0:
            made.append(bound)
        elif min(left, right) <= place:
            raise ValueError(f"node {place} behind its children")
        else:
            made.append((feature, bound, made[len(rows) - 1 - left], made[len(rows) - 1 - right]))
    return made[-1]
