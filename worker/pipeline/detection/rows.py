"""Weights of several labels at once, by feature: one text holds what a feature weighs for each of them.

Most features of the file are met in few articles; a text costs less to load than its numbers, and is parsed when first
met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from worker.errors import ConfigError, Fault


class Rows:
    """rows: by feature, places of labels and weights in turn, parted by spaces; labels: how many there are.

    Raises ConfigError for a row that is not written so, when its feature is met.
    """

    def __init__(self, rows: Mapping[str, str], labels: int) -> None:
        self._rows, self._labels = rows, labels
        self._read: dict[str, tuple[tuple[int, float], ...]] = {}

    def totals(self, bias: Sequence[float], values: Mapping[str, float]) -> list[float]:
        """Return the logit of each label. bias: of each label; values: the features of one example."""
        totals = list(bias)
        for name, value in values.items():
            for place, weight in self.of(name):
                totals[place] += weight * value
        return totals

    def of(self, name: str) -> tuple[tuple[int, float], ...]:
        """Return places and weights of the labels for which a feature weighs anything."""
        if name not in self._rows:
            return ()
        return self._read.get(name) or self._parsed(name)

    def _parsed(self, name: str) -> tuple[tuple[int, float], ...]:
        numbers = self._rows[name].split()
        try:
            row = tuple((int(place), float(weight)) for place, weight in zip(numbers[::2], numbers[1::2], strict=True))
        except ValueError as error:
            raise _fault(name, str(error)) from error
        if not all(0 <= place < self._labels for place, _ in row):
            raise _fault(name, f"a place beyond the {self._labels} labels")
        self._read[name] = row
        return row


def are_written(rows: Mapping[str, Any]) -> bool:
    """Return whether all rows are texts; what these hold is looked at when it is met."""
    return {*map(type, rows.values())} <= {str}


def _fault(name: str, problem: str) -> ConfigError:
    return ConfigError((Fault("detector.json", name, problem, "the file that comes with this version"),))
