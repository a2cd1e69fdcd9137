"""How likely an unlisted name is an organisation that the article deals with.

Theory: what a name is, the words beside all its occurrences tell together with its form, and few of these words mean
much alone. A logistic model weighs them beside the rules of `signs`. Weights: `names` in config/detector.json,
trained; without them the rules' sum decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from worker.pipeline.detection.candidates import Run
from worker.pipeline.detection.listed import Layout, is_verb
from worker.pipeline.detection.logistic import probability
from worker.pipeline.detection.signs import Signs

# What the rules' sum must be where no weights are, and from where on a neighbour in a list decides.
_ACCEPT, _WAIT = 1.0, -1.0
# Sums as strong as this leave no doubt.
_CERTAIN = 8.0
# What a text plainly introduces is an organisation, whatever it deals in.
_PLAIN = 4.0
# A neighbour in a list makes up for so much.
_LISTED = 1.5
_STEM = 5
# One kind of quotation marks stands for all.
_QUOTES = str.maketrans("“”", "«»")
_MOST_RUNS, _MOST_LETTERS = 4, 5


def around(layout: Layout, run: Run, told: Signs) -> Iterator[str]:
    """Return the signs of one occurrence. told: what the rules say of it, without parts for a dateline or a source."""
    words, first, after = layout.words, run.first, run.after
    yield f"all:{round(told.weight)}"
    for name, weight in zip(("inside", "before", "after"), told.parts, strict=False):
        yield f"{name}:{weight:g}"
    opens = layout.opens[first]
    joined = first > 0 and layout.adjoins(first - 1)
    previous = words.folds[first - 1] if joined else "^" if opens or not first else _mark(words.gap(first - 1))
    earlier = words.folds[first - 2] if joined and first > 1 and layout.adjoins(first - 2) else ""
    goes_on = after < len(words)
    follows = goes_on and layout.adjoins(after - 1)
    following = words.folds[after] if follows else _mark(words.gap(after - 1)) if goes_on else "$"
    later = words.folds[after + follows] if after + follows < len(words) else ""
    acts = "v" if follows and is_verb(following) else following[:_STEM]
    yield f"p:{previous}"
    yield f"p:{earlier[:_STEM]} {previous}"
    yield f"f:{following[:_STEM]}"
    yield f"f:{following[:_STEM]} {opens}"
    yield f"l:{later[:_STEM]}"
    yield f"pf:{previous} {acts}"


def _mark(gap: str) -> str:
    return gap.strip()[:1].translate(_QUOTES)


def whole(
    key: Sequence[str], surface: str, weights: Sequence[float], total: float, *, told: Mapping[str, bool]
) -> Iterator[str]:
    """Return the signs of a name over all its occurrences.

    key: its folded words; weights: what the rules say of each occurrence; total: of all; told: what else holds or not.
    """
    count = min(len(weights), _MOST_RUNS)
    yield f"times:{count}"
    yield f"words:{len(key)}"
    yield f"total:{round(total)}"
    yield f"total:{round(total)} {count}"
    yield f"most:{round(max(weights))}"
    yield f"least:{round(min(weights))}"
    yield f"upper:{surface.isupper()}"
    yield f"letters:{min(len(surface) // 3, _MOST_LETTERS)}"
    yield f"ends:{key[-1][-3:]}"
    yield f"begins:{key[0][:3]}"
    yield f"last:{key[-1]}"
    yield f"first:{key[0]}"
    for name, holds in told.items():
        yield f"{name}:{holds}"


class Names:
    """The trained weights, a table of `bias`, `threshold` and `weights`. Without them the rules' sum decides.

    Raises KeyError for weights without a threshold.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._bias = float(table.get("bias", 0.0))
        self._weights = {str(name): float(weight) for name, weight in table.get("weights", {}).items()}
        self._accept = float(table["threshold"]) if self._weights else _ACCEPT

    def weigh(self, name: str, shown: Collection[str], total: float) -> tuple[float, float]:
        """Return how far a name is above what accepts it, and how sure it is, 0 to 1. total: the rules' sum.

        From -1 below 0 on a neighbour in a list may accept it. The name itself is for who overrides this.
        """
        del name
        if not self._weights:
            sure = max(0.0, min(total / _CERTAIN, 1.0))
            return (total - _ACCEPT) / (_ACCEPT - _WAIT), sure
        weights = self._weights
        logit = self._bias + sum(weights[sign] for sign in shown if sign in weights)
        ahead, sure = (logit - self._accept) / _LISTED, probability(logit)
        if total >= _PLAIN:
            return max(ahead, 0.0), max(sure, min(total / _CERTAIN, 1.0))
        return ahead, sure
