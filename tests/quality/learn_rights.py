"""Learn by which words a sentence tells a right to more: those that hold the size of a labelled option, against all
others with a number in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from tests.quality.corpus import article_of
from tests.quality.parallel import each
from worker.pipeline.detection import Detector, rights
from worker.pipeline.detection.document import Document, Sentence
from worker.pipeline.detection.quantities import Dimension

FOLDS = 8
_FREEDOM = 0.5
# Rights are few among many sentences with numbers.
_SHARE = 4.0
_RARE, _SMALL = 3, 0.02
_LIMITS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
_SIZES = {"amount": Dimension.MONEY, "megawatts": Dimension.POWER, "chips": Dimension.CHIPS}
_SHARES = ("equity", "acquisition")
_CLOSE = 0.005


class Example(NamedTuple):
    """One sentence with a number: its news, its signs, whether it tells a right."""

    news: int
    signs: frozenset[str]
    label: bool


def read(reader: Detector, rows: Sequence[dict[str, Any]]) -> list[Example]:
    """Return the sentences of the articles that are deals."""
    deals = [row for row in rows if row["deal"] == "yes"]
    found = each(lambda place: list(_examples(reader, deals[place])), range(len(deals)))
    return [one for listed in found for one in listed]


def _examples(reader: Detector, row: dict[str, Any]) -> Iterator[Example]:
    document, reading = reader.read(article_of(row))
    options = [flow for flow in row["flows"] if flow["status"] == "option"]
    firm = [flow for flow in row["flows"] if flow["status"] != "option"]
    found = [any(_holds(document, one, flow) for one in document.sentences) for flow in options]
    for sentence in document.sentences:
        numbered = any(word[:1].isdigit() for word in document.words.folds[sentence.first : sentence.after])
        if sentence.part == "title" or reading.modes[sentence.number].recalled > rights.RECALLED or not numbered:
            continue
        told = [flow for flow in options if _holds(document, sentence, flow)]
        label = bool(told) and not (
            len(sentence.quantities) < 2 and any(_holds(document, sentence, flow) for flow in firm)
        )
        # Shares are another matter; and where an option has no size, any sentence may tell it.
        unsure = not all(found) if not label else told[0]["kind"] in _SHARES
        if not unsure:
            told_by = rights.signs(document, sentence, reading.modes[sentence.number])
            yield Example(row["news"], frozenset(told_by), label)


def _holds(document: Document, sentence: Sentence, flow: dict[str, Any]) -> bool:
    """Whether a sentence names a size of a flow, with its unit or, "60 de plus", without."""
    for field, dimension in _SIZES.items():
        value = flow[field]
        if not value:
            continue
        measured = [q.value for q in sentence.quantities if q.dimension is dimension and q.value]
        if any(abs(one - value) <= _CLOSE * value for one in measured):
            return True
        plain = f"{int(value):,}".replace(",", "[ .\u00a0\u202f]?")
        if re.search(rf"(?<!\d){plain}(?!\d)", document.text[sentence.start : sentence.end]):
            return True
    return False


def train(examples: Sequence[Example]) -> dict[str, Any]:
    """Return the table of the weights; print the cross-validated figures."""
    scores = np.zeros(len(examples))
    labels = np.array([one.label for one in examples])
    for learnt, held in GroupKFold(FOLDS).split(examples, groups=[one.news for one in examples]):
        made = _fit([examples[place] for place in learnt])
        for place in held:
            weights = made["weights"]
            scores[place] = made["bias"] + sum(weights[sign] for sign in examples[place].signs if sign in weights)
    tried = {}
    for limit in _LIMITS:
        told = scores > np.log(limit / (1 - limit))
        hits = int((told & labels).sum())
        precision, recall = hits / max(int(told.sum()), 1), hits / max(int(labels.sum()), 1)
        tried[limit] = 2 * precision * recall / max(precision + recall, 1e-9), precision, recall
    limit = max(tried, key=lambda one: tried[one][0])
    print("cross-validated rights: F1 {:.3f} precision {:.3f} recall {:.3f} at {}".format(*tried[limit], limit))
    return {**_fit(examples), "threshold": round(float(np.log(limit / (1 - limit))), 3)}


def _fit(examples: Sequence[Example]) -> dict[str, Any]:
    counts = Counter(sign for one in examples for sign in one.signs)
    places = {sign: place for place, sign in enumerate(sorted(s for s, count in counts.items() if count >= _RARE))}
    cells = [(row, places[sign]) for row, one in enumerate(examples) for sign in sorted(one.signs) if sign in places]
    rows, columns = zip(*cells, strict=True)
    table = csr_matrix((np.ones(len(cells)), (rows, columns)), shape=(len(examples), len(places)))
    model = LogisticRegression(C=_FREEDOM, max_iter=2_000, solver="liblinear")
    labels = [one.label for one in examples]
    model.fit(table, labels, sample_weight=[_SHARE if label else 1.0 for label in labels])
    weights = {sign: round(float(model.coef_[0][place]), 3) for sign, place in places.items()}
    kept = {sign: weight for sign, weight in weights.items() if abs(weight) >= _SMALL}
    return {"bias": round(float(model.intercept_[0]), 4), "weights": kept}
