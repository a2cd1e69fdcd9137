"""Every field of every flow points at words of the stored article that hold it, over the whole corpus."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import pytest

from tests.quality.conftest import Judged
from tests.quality.corpus import article_of, rows_of
from worker.model import Article, Evidence, Flow
from worker.pipeline.detection import Detector, naming
from worker.pipeline.detection.quantities import Dimension, Quantity, find

pytestmark = pytest.mark.quality

SLICES = sorted(Path(__file__).resolve().parent.glob("*.jsonl"))
MEASURES = {
    "amount": Dimension.MONEY,
    "megawatts": Dimension.POWER,
    "chips": Dimension.CHIPS,
    "years": Dimension.YEARS,
}


class Seen:
    """An article as the detector reads it."""

    def __init__(self, detector: Detector, article: Article) -> None:
        self.document, _ = detector.read(article)
        self.names = naming.called(self.document)

    @cached_property
    def quantities(self) -> Sequence[Quantity]:
        """Return those of the whole article: "410 millions" in its text are dollars where the title speaks of them."""
        return find(self.document.text)


def cut(article: Article, proof: Evidence) -> str:
    stored: str = getattr(article, proof.span.part)
    return stored[proof.span.start : proof.span.end]


def faults(seen: Seen, article: Article, flow: Flow) -> list[str]:
    """Return what of a flow its evidence does not show."""
    proofs = {proof.field: proof for proof in flow.evidence}
    found = [name for name in ("payer", "payee") if getattr(flow, name) and name not in proofs]
    found += [f"{name} unproved" for name in MEASURES if getattr(flow, name) is not None and name not in proofs]
    found += [] if "kind" in proofs else ["kind"]
    for name, proof in proofs.items():
        words = cut(article, proof)
        around: str = getattr(article, proof.sentence_span.part)
        sentence = around[proof.sentence_span.start : proof.sentence_span.end]
        if not words.strip() or words != proof.quote or sentence != proof.sentence:
            found.append(f"{name}: {words!r} is not {proof.quote!r}")
        elif not proof.sentence_span.start <= proof.span.start < proof.span.end <= proof.sentence_span.end:
            found.append(f"{name}: outside its sentence")
        elif name in ("payer", "payee") and not _names(seen, proof, getattr(flow, name)):
            found.append(f"{name}: {words!r} does not name {getattr(flow, name)}")
        elif name in MEASURES and not _holds(seen, getattr(flow, name), proof, MEASURES[name]):
            found.append(f"{name}: {getattr(flow, name)} is not in {sentence!r}")
    return found


def _names(seen: Seen, proof: Evidence, party: str) -> bool:
    """Whether a mention that stands at a proof names the party, by its own words where the article has any."""
    document, names = seen.document, seen.names
    mentions = [one for sentence in document.sentences for one in sentence.mentions]
    said = [one for one in mentions if names.get(one.name, one.name) == party]
    own = [one for one in said if one.via not in ("pronoun", "definite")]
    return any(document.span(one.start, one.end) == proof.span for one in own or said)


def _holds(seen: Seen, value: float, proof: Evidence, dimension: Dimension) -> bool:
    """Whether the quantity that the reader finds at a proof's place has the value."""
    read = [
        one.value
        for one in seen.quantities
        if one.dimension is dimension and one.value is not None and seen.document.span(one.start, one.end) == proof.span
    ]
    return any(math.isclose(one, value, rel_tol=0.005) for one in read)


@pytest.mark.parametrize("path", SLICES, ids=lambda path: path.stem)
def test_the_words_that_prove_a_field_hold_it(judged: Judged, path: Path) -> None:
    seen = 0
    wrong: dict[str, list[str]] = {}
    for row in rows_of(path):
        article = article_of(row)
        told = judged.of(path)[article.id].flows
        whole = Seen(judged.detector, article) if told else None
        for flow in told:
            assert whole is not None
            seen += 1
            if found := faults(whole, article, flow):
                wrong.setdefault(row["id"], []).extend(found)
    assert seen > 0
    assert wrong == {}
