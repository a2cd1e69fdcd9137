"""Learn whom descriptions and pronouns mean, from articles in which every such place is labelled by hand.

Labels: referents.ndjson, one article a line, `referents` a list of (start, end, name or null), characters of the
document that detection builds of title, summary and body.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize  # type: ignore[import-untyped]
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from sklearn.model_selection import GroupKFold

from tests.quality.corpus import REFERENTS, article_of, rows_of
from worker.pipeline import scoring
from worker.pipeline.detection.document import build
from worker.pipeline.detection.lexicon import Lexicon
from worker.pipeline.detection.likeness import Names
from worker.pipeline.detection.mentions import Words
from worker.pipeline.detection.ranking import Anaphor, Choosable, Referents, signs
from worker.pipeline.detection.registry import Registry

FOLDS = 8
# How strongly weights are drawn to 0: by cross-validation.
_CALM = 3.0
# A sign that fewer answers show teaches nothing; a smaller weight would only fill the file.
_RARE, _SMALL = 3, 0.01


class Choice(NamedTuple):
    """One place: its article, nobody and each organisation that it may mean, and the name of the right one of these."""

    article: str
    told: Sequence[Choosable]
    right: str
    anaphor: Anaphor


class Teacher(Referents):
    """Answers by the labels, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__({})
        self.choices: list[Choice] = []
        self._article = ""
        self._labels: list[tuple[int, int, str]] = []

    def begin(self, article: str, text: str, labels: Iterable[tuple[int, int, str | None]]) -> None:
        """Take up an article. text: as detection builds it."""
        words = Words(text)
        self._article = article
        self._labels = []
        for start, end, name in labels:
            inside = [place for place in range(len(words)) if start <= words.starts[place] < end]
            if inside:
                self._labels.append((inside[0], inside[-1], scoring.fold_name(name) or ""))

    def choose(self, anaphor: Anaphor, told: Iterable[Choosable]) -> str:
        """Return the labelled name, "" where nothing is labelled."""
        label = next((name for first, last, name in self._labels if first <= anaphor.place <= last), None)
        if label is None:
            return ""
        known = list(told)
        right = next((one.name for one in known if scoring.fold_name(one.name) == label), "") if label else ""
        self.choices.append(Choice(self._article, known, right, anaphor))
        return right


def read(rows: Mapping[str, dict[str, Any]], registry: Registry, lexicon: Lexicon, likeness: Names) -> list[Choice]:
    """Return every labelled place. rows: the articles by their ids; labels of others are left out."""
    teacher = Teacher()
    for label in (one for one in rows_of(REFERENTS) if one["id"] in rows):
        article = article_of(rows[label["id"]])
        teacher.begin(article.id, build(article, registry, lexicon, likeness=likeness).text, label["referents"])
        build(article, registry, lexicon, teacher, likeness)
    return teacher.choices


def train(choices: Sequence[Choice]) -> dict[str, float]:
    """Return the weights of the signs; print the cross-validated figures."""
    hits = told = wanted = 0
    for learnt, held in GroupKFold(FOLDS).split(choices, groups=[choice.article for choice in choices]):
        made = Referents(_fit([choices[place] for place in learnt]))
        for place in held:
            choice = choices[place]
            found = made.choose(choice.anaphor, choice.told)
            told, wanted = told + bool(found), wanted + bool(choice.right)
            hits += bool(found) and found == choice.right
    precision, recall = hits / max(told, 1), hits / max(wanted, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    print(f"cross-validated referents: F1 {f1:.3f} precision {precision:.3f} recall {recall:.3f} of {wanted}")
    return _fit(choices)


def _fit(choices: Sequence[Choice]) -> dict[str, float]:
    """Return the weights under which the right answers are likeliest, all answers of a place competing."""
    answers = [signs(choice.anaphor, one) for choice in choices for one in choice.told]
    counts = Counter(sign for found in answers for sign in set(found))
    places = {sign: place for place, sign in enumerate(sorted(s for s, count in counts.items() if count >= _RARE))}
    cells = [(row, places[sign]) for row, found in enumerate(answers) for sign in found if sign in places]
    rows, columns = zip(*cells, strict=True)
    table = csr_matrix((np.ones(len(cells)), (rows, columns)), shape=(len(answers), len(places)))
    turned = table.T.tocsr()
    sizes = [len(choice.told) for choice in choices]
    starts = np.cumsum([0, *sizes[:-1]])
    home = np.repeat(np.arange(len(choices)), sizes)
    names = ([one.name for one in choice.told] for choice in choices)
    right = starts + np.array([told.index(choice.right) for told, choice in zip(names, choices, strict=True)])

    def loss(weights: Any) -> tuple[float, Any]:
        scores = table @ weights
        top = np.maximum.reduceat(scores, starts)
        parts = np.exp(scores - top[home])
        totals = np.add.reduceat(parts, starts)
        error = parts / totals[home]
        error[right] -= 1
        value = -(scores[right] - top - np.log(totals)).sum() + 0.5 * _CALM * weights @ weights
        return float(value), turned @ error + _CALM * weights

    found = minimize(loss, np.zeros(len(places)), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    weights = {sign: round(float(found[place]), 3) for sign, place in places.items()}
    return {sign: weight for sign, weight in weights.items() if abs(weight) >= _SMALL}
