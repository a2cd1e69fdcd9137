"""What an article is about, by all its words: how likely it tells a deal, and flows of which kinds.

Theory: a deal may be told by verbs that no list holds, but it is hardly told without the words of its trade: racks,
rent, shares, lenders, reactors. A logistic model over the stems of the words, names left out (each stands as the trade
of its organisation), weighs them all. What is far from any deal shows by its words as they stand already, before
anything is read closely. Weights: `subject` in config/detector.json, trained.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from typing import Any

from worker.errors import ConfigError, Fault
from worker.model import Article, Kind
from worker.pipeline.detection.document import LONGEST, Document
from worker.pipeline.detection.mentions import Words
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.rows import Rows, are_written
from worker.pipeline.detection.wording import bag, plain_bag

DEAL = "deal"
# Shorter texts are little but names, which as they stand say nothing; to read them closely costs little.
LONG = 800
# Texts differ in length: each word of a long one weighs less.
_SCALE = 3.0
_UNSAID = -4.0


def features(document: Document, modes: Mapping[int, Mode]) -> dict[str, float]:
    """Return the words of an article as features; those of title and summary count as such besides."""
    return _shared(bag(document, modes))


def plain_features(article: Article) -> dict[str, float]:
    """Return the words of a long article as features, before anything is known of its names and sizes: a twentieth of
    the work."""
    parts = (f"{article.title}\n{article.summary}", article.text[:LONGEST])
    head, body = (Words(unicodedata.normalize("NFC", part)) for part in parts)
    return _shared(plain_bag(head.folds, body.folds))


def is_long(article: Article) -> bool:
    """Whether an article's words as they stand tell what it is about."""
    return len(article.text) >= LONG


def _shared(found: frozenset[str]) -> dict[str, float]:
    share = _SCALE / math.sqrt(len(found)) if found else 0.0
    return dict.fromkeys(found, share)


class Subject:
    """The trained weights: for "deal" `bias` and `weights` by word, for the kinds `names`, a `bias` each and `weights`
    by word as of `Rows`. Without them all is open.

    floor: below this logit of "deal" an article is none, whatever its sentences say; plain_floor: the same for
    `plain_features`.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.floor = float(table.get("floor", -math.inf))
        self.plain_floor = float(table.get("plain_floor", -math.inf))
        deal, found = table.get(DEAL, {}), table.get("kinds", {})
        self._trained = bool(deal)
        self._bias = float(deal.get("bias", 0.0))
        self._weights: Mapping[str, float] = deal.get("weights", {})
        self._names = [str(name) for name in found.get("names", ())]
        self._biases = [float(bias) for bias in found.get("bias", ())]
        rows = found.get("weights", {})
        written = len(self._names) == len(self._biases) and are_written(rows)
        if not written or (deal and not found):
            shipped = "the file that comes with this version"
            raise ConfigError((Fault("detector.json", "subject", "weights of another version", shipped),))
        self._rows = Rows(rows, len(self._names))

    def logits(self, values: Mapping[str, float]) -> dict[str, float]:
        """Return the logit of "deal" and of each kind, by the features of an article."""
        unsaid = dict.fromkeys((kind.value for kind in Kind), _UNSAID if self._trained else 0.0)
        kinds = dict(zip(self._names, self._rows.totals(self._biases, values), strict=True))
        return {DEAL: self.deal(values), **unsaid, **kinds}

    def deal(self, values: Mapping[str, float]) -> float:
        """Return the logit of "deal", by the features of an article."""
        weights = self._weights
        return self._bias + sum(weights[word] * value for word, value in values.items() if word in weights)
