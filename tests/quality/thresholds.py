"""Where a verdict's probability becomes a deal, and what the cross-validated verdicts are worth."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.quality.flow_thresholds import FLAT


def best_threshold(guessed: Any, wanted: Any) -> float:
    """Return one of the thresholds whose F1 is as good as the best, two thirds up: a false alarm costs trust."""
    tried: list[tuple[float, float]] = []
    for threshold in np.arange(0.2, 0.9, 0.01):
        found = guessed >= threshold
        hits = int((found & wanted).sum())
        precision, recall = hits / max(int(found.sum()), 1), hits / int(wanted.sum())
        tried.append((2 * precision * recall / max(precision + recall, 1e-9), float(threshold)))
    top = max(tried)[0]
    good = [threshold for f1, threshold in tried if f1 >= top - FLAT]
    return good[2 * len(good) // 3]


def report(guessed: Any, wanted: Any, threshold: float) -> None:
    """Print the cross-validated figures."""
    found = guessed >= threshold
    hits = int((found & wanted).sum())
    precision, recall = hits / max(int(found.sum()), 1), hits / int(wanted.sum())
    brier = float(((guessed - wanted) ** 2).mean())
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    print(
        f"cross-validated verdict: F1 {f1:.3f} precision {precision:.3f} recall {recall:.3f} "
        f"at {threshold:.2f}; Brier {brier:.3f}"
    )
