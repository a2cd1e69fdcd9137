"""Logistic regressions over features by name: measures standardised, words (a colon in their name) as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression

# A word that fewer examples hold teaches nothing.
RARE = 3
# Weights below this move no verdict and would only fill the file.
SMALL = 0.002


@dataclass(frozen=True, slots=True)
class Strength:
    """How freely weights may grow: `measures` is C of the regression, `words` scales what words may do beside them."""

    measures: float
    words: float = 0.0


def fit(
    rows: Sequence[Mapping[str, float]],
    labels: Sequence[bool],
    strength: Strength,
    shares: Sequence[float] | None = None,
    only: frozenset[str] | None = None,
) -> dict[str, Any]:
    """Return bias and weights over the features as they are.

    shares: what each row counts; only: the measures to use (default all).
    """
    measures = sorted({name for row in rows for name in row if ":" not in name and (only is None or name in only)})
    counts = Counter(name for row in rows for name in row if ":" in name) if strength.words else Counter[str]()
    words = {name: place for place, name in enumerate(sorted(n for n, count in counts.items() if count >= RARE))}
    dense = np.array([[row.get(name, 0.0) for name in measures] for row in rows]).reshape(len(rows), len(measures))
    mean, scale = (dense.mean(0), dense.std(0) + 1e-9) if measures else (np.zeros(0), np.ones(0))
    if words:
        table = hstack([csr_matrix((dense - mean) / scale), _sparse(rows, words, strength.words)]).tocsr()
        model = LogisticRegression(C=strength.measures, max_iter=5_000, solver="liblinear")
    else:
        # Full rows by the hundred thousand: another solver is ten times as fast on them.
        table, model = (dense - mean) / scale, LogisticRegression(C=strength.measures, max_iter=2_000)
    model.fit(table, np.asarray(labels, dtype=bool), sample_weight=None if shares is None else np.array(shares))
    found = model.coef_[0]
    plain = found[: len(measures)] / scale
    bias = float(model.intercept_[0] - (plain * mean).sum())
    told = {name: float(weight) for name, weight in zip(measures, plain, strict=True)}
    told |= {name: float(found[len(measures) + place] * strength.words) for name, place in words.items()}
    return {"bias": round(bias, 5), "weights": {n: round(w, 4) for n, w in told.items() if abs(w) >= SMALL}}


def fit_words(
    rows: Sequence[Mapping[str, float]],
    targets: Mapping[str, Sequence[bool]],
    freedom: float,
    shares: Sequence[float],
    *,
    rare: int,
) -> dict[str, dict[str, Any]]:
    """Return bias and weights for each of several labels of the same rows, all features taken as they are.

    freedom: C of the regressions; rare: a feature that fewer rows hold is left out.
    """
    counts = Counter(name for row in rows for name in row)
    words = {name: place for place, name in enumerate(sorted(n for n, count in counts.items() if count >= rare))}
    table, names = _sparse(rows, words, 1.0), list(words)
    found: dict[str, dict[str, Any]] = {}
    for target, labels in targets.items():
        model = LogisticRegression(C=freedom, max_iter=5_000, solver="liblinear")
        model.fit(table, np.asarray(labels, dtype=bool), sample_weight=np.array(shares))
        weights = {name: float(weight) for name, weight in zip(names, model.coef_[0], strict=True)}
        found[target] = {"bias": float(model.intercept_[0]), "weights": weights}
    return found


def in_rows(tables: Sequence[Mapping[str, float]], small: float) -> dict[str, str]:
    """Return the weights of several labels by feature, as `Rows` reads them; those below `small` are left out."""
    found: dict[str, list[str]] = {}
    for place, weights in enumerate(tables):
        for name, weight in weights.items():
            if abs(weight) >= small:
                found.setdefault(name, []).append(f"{place} {weight:.3f}")
    return {name: " ".join(row) for name, row in found.items()}


def _sparse(rows: Sequence[Mapping[str, float]], words: Mapping[str, int], scale: float) -> Any:
    places: tuple[list[int], list[int]] = ([], [])
    values: list[float] = []
    for number, row in enumerate(rows):
        for name, value in row.items():
            place = words.get(name)
            if place is not None:
                places[0].append(number)
                places[1].append(place)
                values.append(value * scale)
    return csr_matrix((values, places), shape=(len(rows), len(words)))


def logit(table: Mapping[str, Any], row: Mapping[str, float]) -> float:
    """Return what a fitted table says of a row."""
    weights = table["weights"]
    return float(table["bias"] + sum(weights.get(name, 0.0) * value for name, value in row.items()))
