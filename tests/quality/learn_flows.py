"""Learn which candidates of an article are its flows: a regression that rules out and has its part, words around both
parties, and trees over all features and over what the words say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sklearn.model_selection import GroupKFold

from tests.quality import learn_words
from tests.quality.boosting import grow
from tests.quality.fitting import Strength, fit
from worker.model import Kind
from worker.pipeline.detection.weighing import SAID, Said

STRENGTH = Strength(0.02)
# What makes a flow is a matter of several signs together, and its examples are many.
_TREES, _LEAVES, _LEAST, _CALM = 900, 40, 6, 1.0
_SEED = 20261125
# Trees learn how far to trust the words by what these say of articles that they did not learn from.
_PARTS = 4


class Example(NamedTuple):
    """A candidate: its news, its features, whether the label has it, what it counts, its kind, the words around its
    parties, and whether it is of a copy with other names."""

    news: int
    values: Mapping[str, float]
    label: bool
    share: float
    kind: str
    words: frozenset[str]
    copy: bool


def train(examples: Sequence[Example], *, light: bool = False) -> dict[str, Any]:
    """Return the three models, the first alone where `light`."""
    values, labels = [one.values for one in examples], [one.label for one in examples]
    shares = [one.share for one in examples]
    plain = fit(values, labels, STRENGTH, shares)
    if light:
        return plain
    judged = [{**one.values, SAID: said} for one, said in zip(examples, _held_out(examples), strict=True)]
    forest = grow(judged, labels, shares, seed=_SEED, trees=_TREES, leaves=_LEAVES, least=_LEAST, calm=_CALM)
    return {**plain, "forest": forest, "said": _of_words(examples)}


def _held_out(examples: Sequence[Example]) -> list[float]:
    """Return what the words say of each example by weights that did not see its news."""
    said = [0.0] * len(examples)
    for learnt, held in GroupKFold(_PARTS).split(examples, groups=[one.news for one in examples]):
        model = Said(_of_words([examples[place] for place in learnt]))
        for place in held:
            one = examples[place]
            said[place] = model.logit(one.words, Kind(one.kind))
    return said


def _of_words(examples: Sequence[Example]) -> dict[str, Any]:
    # A copy has the same words; it would only count its article twice.
    return learn_words.fit([(one.words, one.kind, one.label) for one in examples if not one.copy])
