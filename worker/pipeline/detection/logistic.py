"""The logistic function."""

from __future__ import annotations

import math

_FAR = 30.0


def probability(logit: float) -> float:
    """Return the probability of a logit, however far out."""
    return 1.0 / (1.0 + math.exp(-max(min(logit, _FAR), -_FAR)))
