"""Learn which quantity belongs to which flow: boosted trees for each measure."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.model_selection import GroupKFold

from tests.quality.boosting import grow
from tests.quality.corpus import article_of
from tests.quality.flow_labels import key_of, sizes
from tests.quality.parallel import each
from worker.pipeline.detection import Detector, amounts
from worker.pipeline.detection.forest import Forest
from worker.pipeline.detection.quantities import Dimension

TREES, LEAVES = 900, 36
# Of the words beside a quantity, the commonest tell what it measures.
WORDS = 150
BESIDE = ("before:", "after:")
SEED = 20261128
FOLDS = 6
# The share of flows that unread articles lose.
MISSED = 0.4
LIMITS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
FIELDS = {
    Dimension.MONEY: "amount",
    Dimension.POWER: "megawatts",
    Dimension.CHIPS: "chips",
    Dimension.YEARS: "years",
}
# A claim and its group: the features, whether the label agrees, the news, the flow of the article, what it counts.
Row = tuple[Mapping[str, float], bool, int, str, float]


def train(reader: Detector, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the weights of every measure; print the cross-validated share of flows whose measure is right."""
    found: dict[Dimension, list[Row]] = {dimension: [] for dimension in FIELDS}
    wanted: dict[Dimension, dict[tuple[int, str], bool]] = {dimension: {} for dimension in FIELDS}
    for told in each(lambda place: _read(reader, rows[place]), range(len(rows))):
        for dimension, claim, named in told:
            found[dimension].append(claim)
            wanted[dimension][claim[2], claim[3]] = named
    made: dict[str, Any] = {}
    guessed = {dimension: _guessed(claims) for dimension, claims in found.items()}
    shares = {limit: [_right(guessed[d], wanted[d], limit) for d in FIELDS] for limit in LIMITS}
    limit = max(LIMITS, key=lambda one: sum(shares[one]))
    for dimension, claims in found.items():
        made[dimension.value] = _fit(claims)
    printed = ", ".join(f"{name} {share:.3f}" for name, share in zip(FIELDS.values(), shares[limit], strict=True))
    print(f"cross-validated measures: {printed} at {limit}")
    return {"threshold": limit, **made}


def _read(reader: Detector, row: dict[str, Any]) -> list[tuple[Dimension, Row, bool]]:
    """Return the claims of an article on the figures of its labelled flows, and whether the label has such a figure."""
    found: list[tuple[Dimension, Row, bool]] = []
    drawn = random.Random(f"{SEED} {row['id']}")
    seen = reader.explain(article_of(row))
    labels = sizes(row)
    told = [one for one in seen.weighed if key_of(one, seen.names) in labels or one in seen.kept]
    # An article of which every flow is found is the exception: a second view lacks as many as are missed.
    fewer = [one for one in told if drawn.random() >= MISSED]
    for view, owners in enumerate((told, fewer) if 0 < len(fewer) < len(told) else (told,)):
        for claim in amounts.claims(seen.document, owners, seen.modes):
            label = labels.get(key_of(owners[claim.owner], seen.names))
            if label is None:
                continue
            dimension = claim.quantity.dimension
            value = label[FIELDS[dimension]]
            agrees = value is not None and math.isclose(value, claim.quantity.value or 0.0, rel_tol=0.005)
            flow = f"{row['id']} {view} {claim.owner}"
            one = (claim.values, agrees, row["news"], flow, row.get("share", 1.0))
            found.append((dimension, one, value is not None))
    return found


def _fit(claims: Sequence[Row]) -> dict[str, Any]:
    counts = Counter(name for one in claims for name in one[0] if name.startswith(BESIDE))
    common = {name for name, _ in counts.most_common(WORDS)}
    rows = [{n: v for n, v in one[0].items() if n in common or not n.startswith(BESIDE)} for one in claims]
    shares = [one[4] for one in claims]
    return grow(rows, [one[1] for one in claims], shares, seed=SEED, trees=TREES, leaves=LEAVES)


def _guessed(claims: Sequence[Row]) -> list[tuple[float, bool, tuple[int, str]]]:
    """Return each claim's probability by weights that never saw its news, whether it is right, and its flow."""
    groups = [one[2] for one in claims]

    def guess(fold: tuple[Any, Any]) -> list[tuple[float, bool, tuple[int, str]]]:
        forest = Forest(_fit([claims[i] for i in fold[0]]))
        held = [claims[place] for place in fold[1]]
        return [(1.0 / (1.0 + math.exp(-forest.logit(one[0]))), one[1], (one[2], one[3])) for one in held]

    folds = list(GroupKFold(FOLDS).split(claims, groups=groups))
    return [one for part in each(guess, folds) for one in part]


def _right(
    guessed: Sequence[tuple[float, bool, tuple[int, str]]], wanted: Mapping[tuple[int, str], bool], limit: float
) -> float:
    """Return the share of flows for which the surest claim of at least `limit` agrees with the label."""
    best: dict[tuple[int, str], tuple[float, bool]] = {}
    for score, agrees, flow in guessed:
        if score >= limit and score > best.get(flow, (0.0, False))[0]:
            best[flow] = score, agrees
    right = sum(best[key][1] if key in best else not named for key, named in wanted.items())
    return right / max(len(wanted), 1)
