"""The flows of one article weighed once more, each beside all others.

Theory: how likely a flow is hangs on what else its article may tell. One payer with one kind has one payee as a rule,
lenders come in pools, money that flows both ways has two kinds, and where nothing is sure the best guess is likelier
than its own words say. Boosted trees over the first weights of the whole article judge this. Weights: `beside` in
`flows` of config/detector.json, trained on first weights of articles that gave none of them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from worker.model import Kind
from worker.pipeline.detection.forest import Forest
from worker.pipeline.detection.weighing import probability

if TYPE_CHECKING:
    from worker.pipeline.detection.flows import Gathered

# What is less likely stays as it is: it will not be told, and to ask costs time.
LEAST = 0.02
_SURE = 1e-4
_MOST_RANK = 20


def features(weighed: Sequence[Gathered]) -> list[dict[str, float]]:
    """Return, for each flow of an article, its first weight and how it stands to those of the others.

    weighed: all flows of the article, the likeliest first.
    """
    total = sum(one.weight for one in weighed) or _SURE
    first, second, third, *_ = [*(one.weight for one in weighed), 0.0, 0.0, 0.0]
    kinds: dict[Kind, list[float]] = defaultdict(list)
    pairs: dict[frozenset[str], list[Gathered]] = defaultdict(list)
    # What each organisation pays and is paid, and what of each kind.
    pays: dict[str, float] = defaultdict(float)
    paid: dict[str, float] = defaultdict(float)
    bought: dict[tuple[str, Kind], list[float]] = defaultdict(list)
    sold: dict[tuple[str, Kind], list[float]] = defaultdict(list)
    for one in weighed:
        kinds[one.kind].append(one.weight)
        pairs[frozenset((one.payer, one.payee))].append(one)
        pays[one.payer] += one.weight
        paid[one.payee] += one.weight
        bought[one.payer, one.kind].append(one.weight)
        sold[one.payee, one.kind].append(one.weight)
    article = {
        "first": _logit(first),
        "second": _logit(second),
        "third": _logit(third),
        "total": total,
        "flows": float(len(weighed)),
        **{f"all.{kind}": sum(kinds[kind]) for kind in Kind},
    }
    found: list[dict[str, float]] = []
    for rank, one in enumerate(weighed):
        own, pair = _logit(one.weight), pairs[frozenset((one.payer, one.payee))]
        rivals = [other for other in pair if other is not one]
        turned = [other.weight for other in rivals if other.payer == one.payee]
        twins = [other.weight for other in rivals if (other.payer, other.kind) == (one.payer, one.kind)]
        buying, selling = bought[one.payer, one.kind], sold[one.payee, one.kind]
        found.append(
            {
                **article,
                "own": own,
                "behind": own - article["first"],
                "rank": float(min(rank, _MOST_RANK)),
                "share": one.weight / total,
                "pair": sum(other.weight for other in rivals),
                "pair.ahead": own - _logit(max((other.weight for other in rivals), default=0.0)),
                "turned": _logit(max(turned, default=0.0)),
                "twin": max(twins, default=0.0),
                "buys": sum(buying) - one.weight,
                "buys.most": max(buying),
                "buys.others": float(sum(weight > one.weight / 2 for weight in buying)),
                "sells": sum(selling) - one.weight,
                "sells.most": max(selling),
                "sells.others": float(sum(weight > one.weight / 2 for weight in selling)),
                "payer.pays": pays[one.payer] - one.weight,
                "payer.paid": paid[one.payer],
                "payee.pays": pays[one.payee],
                "payee.paid": paid[one.payee] - one.weight,
                "kind": sum(kinds[one.kind]) - one.weight,
                "kind.behind": own - _logit(max(kinds[one.kind])),
                f"is.{one.kind}": 1.0,
                "null.payer": float(not one.payer),
                "null.payee": float(not one.payee),
                "option": float(one.option),
            }
        )
    return found


def reweigh(weighed: Sequence[Gathered], forest: Forest) -> None:
    """Give every flow that is likely at all its weight beside the others. weighed: as of `features`."""
    told = features(weighed)
    for one, values in zip(weighed, told, strict=True):
        if one.weight >= LEAST:
            one.weight = probability(forest.logit(values))


def _logit(weight: float) -> float:
    weight = min(max(weight, _SURE), 1.0 - _SURE)
    return math.log(weight / (1.0 - weight))
