"""Where a flow's probability becomes a flow, and what the cross-validated ones are worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.quality.flow_labels import key_of, wanted_flows
from worker.pipeline.detection import Explanation
from worker.pipeline.detection.flows import settle

# An F1 this far from the best is as good.
FLAT = 0.01
# Thresholds for flows that are tried; of one article, right, told and wanted flows at each.
_THRESHOLDS = [round(0.15 + 0.025 * step, 3) for step in range(26)]
Hits = list[tuple[int, int, int]]


def best_flow_threshold(hits: Sequence[Hits], theirs: Sequence[bool]) -> float:
    """Return the threshold of the best F1 over flows weighed by weights that never saw their article; print figures.

    theirs: which of the articles are of other hands, nearest to what the detector will meet.
    """
    tried = [(*_score([one[place] for one in hits]), threshold) for place, threshold in enumerate(_THRESHOLDS)]
    top = max(tried)[0]
    # The curve is flat and its top moves with every article: the middle of what is as good stays.
    good = [one for one in tried if one[0] >= top - FLAT]
    best = good[len(good) // 2]
    print("cross-validated flows: F1 {:.3f} precision {:.3f} recall {:.3f} at {:.3f}".format(*best))
    place = _THRESHOLDS.index(best[3])
    measured = [one[place] for one, is_theirs in zip(hits, theirs, strict=True) if is_theirs]
    if 0 < len(measured) < len(hits):
        print("  of these, slices of other hands: F1 {:.3f} precision {:.3f} recall {:.3f}".format(*_score(measured)))
    return best[3]


def hits_of(seen: Explanation, row: dict[str, Any]) -> Hits:
    """Return how many flows are right, told and wanted at each threshold, told by payer, payee and kind."""
    labels: Counter[tuple[str, ...]] = Counter(key[:3] for key in wanted_flows(row))
    found: Hits = []
    for threshold in _THRESHOLDS:
        kept = settle(seen.weighed, threshold) or seen.weighed[:1]
        told: Counter[tuple[str, ...]] = Counter(key_of(one, seen.names)[:3] for one in kept)
        found.append(((told & labels).total(), told.total(), labels.total()))
    return found


def _score(counts: Sequence[tuple[int, int, int]]) -> tuple[float, float, float]:
    """Return F1, precision and recall."""
    hits, told, wanted = (sum(one[place] for one in counts) for place in range(3))
    precision, recall = hits / max(told, 1), hits / max(wanted, 1)
    return 2 * precision * recall / max(precision + recall, 1e-9), precision, recall
