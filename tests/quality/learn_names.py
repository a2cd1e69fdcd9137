"""Learn which capitals are the names of organisations that an article deals with: those that its labelled flows name.

Bystanders count as no such name, though they are organisations too: what is asked is whom a flow may be between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from tests.quality.corpus import article_of
from worker.pipeline import scoring
from worker.pipeline.detection.document import build
from worker.pipeline.detection.lexicon import Lexicon
from worker.pipeline.detection.likeness import Names
from worker.pipeline.detection.registry import Registry

FOLDS = 6
# How freely weights may grow: by cross-validation.
_FREEDOM = 1.0
# A sign that fewer names show teaches nothing; a smaller weight would only fill the file.
_RARE, _SMALL = 3, 0.05
# So many of the labelled names shall be accepted: what is missed here no later part can find.
_KEPT = 0.95
# Fewer letters begin many a name by chance.
_LEAST = 4


class Choice(NamedTuple):
    """One unlisted name of an article: its signs, and whether a labelled flow names it."""

    article: str
    shown: frozenset[str]
    label: bool


class Teacher(Names):
    """Answers by the rules, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__({})
        self.choices: list[Choice] = []
        self._article = ""
        self._wanted: frozenset[str] = frozenset()

    def begin(self, article: str, wanted: Iterable[str]) -> None:
        """Take up an article. wanted: the folded names of its flows."""
        self._article, self._wanted = article, frozenset(wanted)

    def weigh(self, name: str, shown: Collection[str], total: float) -> tuple[float, float]:
        """Keep the name, unless it is a part of a labelled one, of which nothing can be said."""
        folded = scoring.fold_name(name) or ""
        label = folded in self._wanted
        if label or not any(_is_part(folded, other) for other in self._wanted):
            self.choices.append(Choice(self._article, frozenset(shown), label))
        return super().weigh(name, shown, total)


def _is_part(folded: str, other: str) -> bool:
    """Whether a name is a part of another or holds it: "Vornis" and "Vornis Suisse"."""
    short, long = sorted((folded, other), key=len)
    return len(short) >= _LEAST and (long.startswith(short) or long.endswith(short))


def read(deals: Iterable[dict[str, Any]], registry: Registry, lexicon: Lexicon) -> list[Choice]:
    """Return the unlisted names of labelled deals."""
    teacher = Teacher()
    for row in deals:
        parties = (flow[side] for flow in row["flows"] for side in ("payer", "payee"))
        teacher.begin(row["id"], (scoring.fold_name(one) or "" for one in parties if one))
        build(article_of(row), registry, lexicon, likeness=teacher)
    return teacher.choices


def train(choices: Sequence[Choice]) -> dict[str, Any]:
    """Return bias, weights and threshold; print the cross-validated figures."""
    labels = np.array([choice.label for choice in choices])
    guessed = np.zeros(len(choices))
    for learnt, held in GroupKFold(FOLDS).split(choices, groups=[choice.article for choice in choices]):
        made = fit([choices[place] for place in learnt])
        weights = made["weights"]
        for place in held:
            guessed[place] = made["bias"] + sum(weights.get(sign, 0.0) for sign in choices[place].shown)
    ranked = np.sort(guessed[labels])
    threshold = float(ranked[int(len(ranked) * (1 - _KEPT))])
    accepted = guessed >= threshold
    precision, recall = labels[accepted].mean(), labels[accepted].sum() / labels.sum()
    print(f"cross-validated names: precision {precision:.3f} recall {recall:.3f} of {labels.sum()} at {threshold:.2f}")
    return fit(choices) | {"threshold": round(threshold, 3)}


def fit(choices: Sequence[Choice]) -> dict[str, Any]:
    """Return bias and weights."""
    counts = Counter(sign for choice in choices for sign in choice.shown)
    places = {sign: place for place, sign in enumerate(sorted(s for s, count in counts.items() if count >= _RARE))}
    cells = [(row, places[sign]) for row, choice in enumerate(choices) for sign in choice.shown if sign in places]
    rows, columns = zip(*cells, strict=True)
    table = csr_matrix((np.ones(len(cells)), (rows, columns)), shape=(len(choices), len(places)))
    model = LogisticRegression(C=_FREEDOM, solver="liblinear")
    model.fit(table, np.array([choice.label for choice in choices]))
    weights = {sign: round(float(model.coef_[0][place]), 3) for sign, place in places.items()}
    kept = {sign: weight for sign, weight in weights.items() if abs(weight) >= _SMALL}
    return {"bias": round(float(model.intercept_[0]), 4), "weights": kept}
