"""Fit the weights of the gate: deals of the labelled slices against ordinary headlines.

    GIGAWATCH_EXTRA=FOLDER python -m tests.quality.fit_gate

Logistic regression whose every ground may speak one way only (worker.pipeline.detection.gate.AGAINST), with a ridge.
Prints cross-validated shares and the weights to be written into the gate. Needs SciPy and scikit-learn (extra `dev`).
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize  # type: ignore[import-untyped]
from sklearn.model_selection import StratifiedKFold

from worker import settings
from worker.pipeline.detection import gate
from worker.pipeline.detection.lexicon import Lexicon
from worker.pipeline.detection.registry import Registry

HERE = Path(__file__).parent
RIDGE = 0.3
# All deals together weigh this much of what all ordinary headlines do.
DEALS_SHARE = 0.3
# Share of ordinary headlines that may pass: a page fetched in vain costs a second, a deal missed is lost.
PASSING = 0.09
SEED = 20261125


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """Return the lines of a file of articles."""
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def fit(table: Any, target: Any) -> Any:
    """Return bias and weights for grounds (rows of `table`) and labels (True for a deal)."""
    share = np.where(target, DEALS_SHARE * (~target).sum() / target.sum(), 1.0)
    sign = np.where(target, 1.0, -1.0)

    def loss(values: Any) -> tuple[float, Any]:
        margin = sign * (table @ values[1:] + values[0])
        slope = -share * sign / (1.0 + np.exp(np.clip(margin, -30, 30)))
        total = (share * np.logaddexp(0, -margin)).sum() + (values[1:] ** 2).sum() / (2 * RIDGE)
        return float(total), np.r_[slope.sum(), table.T @ slope + values[1:] / RIDGE]

    one_way = [(None, 0) if name in gate.AGAINST else (0, None) for name in gate.GROUNDS]
    start = np.zeros(table.shape[1] + 1)
    return minimize(loss, start, jac=True, bounds=[(None, None), *one_way], method="L-BFGS-B").x


def limit_of(ordinary: Any) -> float:
    """Return a limit that at most PASSING of `ordinary` reach, between two of its values: many items score alike."""
    ranked = np.unique(ordinary.round(6))
    allowed = [value for value in ranked if (ordinary >= value - 1e-6).mean() <= PASSING]
    below = ranked[ranked < allowed[0]]
    return float((allowed[0] + below[-1]) / 2) if len(below) else float(allowed[0])


def main() -> int:
    """Run as a program."""
    extra = os.environ.get("GIGAWATCH_EXTRA", "")
    headlines = Path(extra) / "corpus" / "real-headlines.jsonl"
    if not extra or not headlines.is_file():
        print("GIGAWATCH_EXTRA must name the folder with corpus/real-headlines.jsonl", file=sys.stderr)
        return 2
    folder = settings.packaged()
    registry = Registry.from_table(tomllib.loads((folder / "companies.toml").read_text("utf-8")))
    lexicon = Lexicon(tomllib.loads((folder / "lexicon.toml").read_text("utf-8")))

    def counted(row: Mapping[str, Any]) -> list[float]:
        found = gate.grounds(row["title"], row.get("summary") or "", registry=registry, lexicon=lexicon)
        return [found.get(name, 0.0) for name in gate.GROUNDS]

    deals = [row for path in sorted(HERE.rglob("*.jsonl")) for row in rows_of(path) if row["deal"] == "yes"]
    ordinary = list(rows_of(headlines))
    table = np.array([counted(row) for row in (*deals, *ordinary)])
    target = np.array([True] * len(deals) + [False] * len(ordinary))
    scores = np.zeros(len(target))
    for known, unknown in StratifiedKFold(8, shuffle=True, random_state=SEED).split(table, target):
        values = fit(table[known], target[known])
        scores[unknown] = table[unknown] @ values[1:] + values[0]
    limit = limit_of(scores[~target])
    print(f"cross-validated, {PASSING:.0%} of headlines passing: {(scores[target] >= limit).mean():.4f} of deals pass")
    values = fit(table, target).round(1)
    final = table @ values[1:] + values[0]
    limit = limit_of(final[~target])
    print(f"BIAS = {values[0] - limit:.2f}  # the limit {limit:.2f} taken off")
    print({name: float(weight) for name, weight in zip(gate.GROUNDS, values[1:], strict=True) if weight})
    for row in (row for row, score in zip(deals, final, strict=False) if score < limit):
        print("missed", row["id"], row["title"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
