"""Learn whether an article is a deal, from the features of its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from tests.quality.boosting import grow
from tests.quality.fitting import Strength, fit
from tests.quality.thresholds import best_threshold, report
from worker.pipeline.detection.verdict import Scorer

# The slices of other hands are the measure of the verdict; each of their articles counts more than one of ours.
MEASURE_SHARE = 3.0
# Headlines are many and short: together they weigh as much as the labelled articles.
_HEADLINES_SHARE = 1.0
_STRENGTH = Strength(0.015)
_TREES = 120
# A text that never speaks of AI tells no deal about AI computing: a rule of the labels, too rare in them to be learnt.
_RULED_OUT, _RULED_OUT_WEIGHT = "no.ai", -12.0
# Shares of a supplier in its user are a deal by what a deal is, though all other words of such news are any round's.
_STAKE, _STAKE_WEIGHT = "stake", 3.0
_FOLDS, _SEED = 5, 20261125
Table = dict[str, Any]


def train(
    labelled: Sequence[Mapping[str, float]],
    plain: Sequence[Mapping[str, float]],
    wanted: Any,
    counts: Sequence[float],
    news: Sequence[int],
    apart: int,
) -> Table:
    """Return threshold and models of the verdict; print cross-validated figures, for the articles and their copies, for
    the articles alone, and for those of other hands.

    counts: what each labelled article counts; news: which news it tells; apart: how many articles there are, their
    copies following in order.
    """
    rows, target = [*labelled, *plain], [*wanted, *([False] * len(plain))]
    shares = [*counts, *([_HEADLINES_SHARE * len(labelled) / max(len(plain), 1)] * len(plain))]
    guessed = np.zeros(len(labelled))
    # No headline shares its news with an article: these are numbered from 0, headlines downwards.
    groups = [*news, *range(-1, -1 - len(plain), -1)]
    for learnt, held in StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=_SEED).split(rows, target, groups):
        made = _fit([rows[i] for i in learnt], [target[i] for i in learnt], [shares[i] for i in learnt])
        scorer = Scorer({**made, "threshold": 0.5})
        for place in held:
            if place < len(labelled):
                guessed[place] = scorer.score(rows[place])[0]
    threshold = best_threshold(guessed, wanted)
    report(guessed, wanted, threshold)
    report(guessed[:apart], wanted[:apart], threshold)
    theirs = np.array([count == MEASURE_SHARE for count in counts[:apart]])
    if theirs.any():
        report(guessed[:apart][theirs], wanted[:apart][theirs], threshold)
    return {**_fit(rows, target, shares), "threshold": round(threshold, 3)}


def _fit(rows: Sequence[Mapping[str, float]], target: Sequence[bool], shares: Sequence[float]) -> Table:
    """Return both models of the verdict."""
    made = fit(rows, target, _STRENGTH, shares)
    made["weights"] |= {_RULED_OUT: _RULED_OUT_WEIGHT, _STAKE: _STAKE_WEIGHT}
    return {**made, "forest": grow(rows, target, shares, seed=_SEED, trees=_TREES)}
