"""From evidence to a verdict: a logistic model over a few readable features; each is a reason for or against.

Beside it stand boosted trees over the same features, for what holds only together: one more reason. Weights are in
config/detector.json, made by tests/quality/train.py. The score is a probability.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from worker.errors import ConfigError, Fault
from worker.model import Kind, Reason
from worker.pipeline.detection.document import Document, Sentence
from worker.pipeline.detection.entities import OrgType
from worker.pipeline.detection.flows import Gathered, leading_names
from worker.pipeline.detection.forest import Forest
from worker.pipeline.detection.lexicon import Lexicon
from worker.pipeline.detection.logistic import probability
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.quantities import Dimension
from worker.pipeline.detection.subject import DEAL
from worker.pipeline.detection.weighing import Reading

_SUPPLIERS = frozenset(
    (OrgType.CHIPS, OrgType.CLOUD, OrgType.NEOCLOUD, OrgType.DATACENTER, OrgType.ENERGY, OrgType.SYSTEMS)
)
_OF_AI = frozenset((OrgType.LAB, OrgType.NEOCLOUD))
_PER_THOUSAND = 160.0
_CERTAIN = 4.0
# As sure as this, a supplier's stake in its user is told.
_STAKE = 0.9
# Readings in which a frame links the parties; below this weight none really does.
_FRAMED = ("said", "mutual", "clitic", "listed", "pool", "alone")
_WEAK = 0.3
_MEANS = ("compute", "chips", "power", "site")
# What the trees count beside the single features, and the name of the reason that they give.
TREES, TOGETHER = 0.5, "together"


def features(
    document: Document, kept: Sequence[Gathered], found: Sequence[Gathered], reading: Reading, lexicon: Lexicon
) -> dict[str, float]:
    """Return the features of an article, most between 0 and 3."""
    modes = reading.modes
    head = [sentence for sentence in document.sentences if sentence.part != "text"]
    lead = [sentence for sentence in document.sentences if sentence.is_lead]
    result = {**_subject(document, head, lexicon), **_sizes(lead), **_tone(lead, modes)}
    result |= _lookalikes(document, lead, lexicon)
    result |= _flows(document, kept or found[:1], bool(kept), lexicon)
    names = leading_names(document)
    result["words.deal"] = max(-_CERTAIN, min(_CERTAIN, reading.logits[DEAL]))
    result["parties.lead"] = min(len(names), 4) / 2
    return result


def _count(document: Document, phrases: Any, sentences: Sequence[Sentence]) -> int:
    """Return how often phrases stand in sentences that follow one another."""
    if not sentences:
        return 0
    return len(phrases.find(document.words.folds, sentences[0].first, sentences[-1].after))


def _subject(document: Document, head: Sequence[Sentence], lexicon: Lexicon) -> dict[str, float]:
    size = max(len(document.words), 60) / _PER_THOUSAND
    result = {}
    for name, phrases in lexicon.phrases["domain"].items():
        total = _count(document, phrases, document.sentences)
        result[f"{name}.all"] = min(math.log1p(total / size), 3.0)
        result[f"{name}.head"] = min(_count(document, phrases, head), 3) / 1.5
    result["both.head"] = float(result["ai.head"] > 0 and result["means.head"] > 0)
    trades = {mention.type for sentence in document.sentences for mention in sentence.mentions}
    # The firms and the goods themselves tell the subject where the words do not: a lab is AI, and so is who rents out
    # accelerators, or buys them; a loan to a data centre need not be.
    told = trades & _OF_AI or _count(document, lexicon.phrases["objects"]["chips"], document.sentences)
    result["no.ai"] = float(result["ai.all"] == 0 and not told)
    result["no.means"] = float(result["means.all"] == 0 and not trades & _SUPPLIERS)
    result["lab"] = float(OrgType.LAB in trades)
    result["supplier"] = float(bool(trades & _SUPPLIERS))
    return result


def _sizes(lead: Sequence[Sentence]) -> dict[str, float]:
    held = [q for one in lead for q in one.quantities]
    plain = {q.dimension for q in held if not q.role}
    roles = {q.role for q in held if q.role}
    return {
        "money.lead": float(Dimension.MONEY in plain),
        "power.lead": float(Dimension.POWER in plain),
        "chips.lead": float(Dimension.CHIPS in plain),
        "years.lead": float(Dimension.YEARS in plain),
        "valuation.lead": float("valuation" in roles),
        "results.lead": float(bool(roles & {"revenue", "result", "capex"})),
    }


def _tone(lead: Sequence[Sentence], modes: Mapping[int, Mode]) -> dict[str, float]:
    tones = [modes[one.number] for one in lead]
    return {
        "official.lead": float(any(tone.official for tone in tones)),
        "rumour.lead": float(any(tone.talks or tone.conditional or tone.sourced for tone in tones)),
        "recall.lead": max((tone.recalled for tone in tones), default=0.0),
        "comment.lead": float(any(tone.comment for tone in tones)),
    }


def _lookalikes(document: Document, lead: Sequence[Sentence], lexicon: Lexicon) -> dict[str, float]:
    size = max(len(document.words), 60) / _PER_THOUSAND
    result = {}
    for name, phrases in lexicon.phrases["lookalike"].items():
        result[f"like.{name}"] = min(math.log1p(_count(document, phrases, document.sentences) / size), 2.5)
        result[f"like.{name}.lead"] = min(_count(document, phrases, lead), 3) / 1.5
    return result


def _flows(document: Document, flows: Sequence[Gathered], firm: bool, lexicon: Lexicon) -> dict[str, float]:
    names = (
        "weight",
        "second",
        "title",
        "said",
        "mutual",
        "objects",
        "software",
        "central",
        "sized",
        "recalled",
        "several",
        "bare",
        "partial",
    )
    result = {f"flow.{name}": 0.0 for name in names}
    result |= {"flow.kept": float(firm), "pair.trade": 0.0, "pair.lab": 0.0, "pair.unknown": 0.0}
    result |= {"equity.supplier": 0.0, "equity.plain": 0.0, "debt": 0.0, "stake": 0.0}
    if not flows:
        return result
    best = max(flows, key=lambda one: one.weight)
    own = best.features
    result["flow.weight"] = best.weight
    result["flow.second"] = sorted((one.weight for one in flows), reverse=True)[1] if len(flows) > 1 else 0.0
    result["flow.several"] = float(len(flows) > 1)
    result["flow.title"] = max(one.weight * one.features["title"] for one in flows)
    result["flow.said"] = max(max(one.features["how.said"], one.features["how.clitic"]) for one in flows)
    framed = max(max(one.features[f"how.{how}"] for how in _FRAMED) for one in flows)
    result["flow.bare"] = float(framed < _WEAK)
    result["flow.partial"] = float(all(not (one.payer and one.payee) for one in flows))
    result["flow.mutual"] = own["how.mutual"]
    result["flow.central"], result["flow.sized"] = own["central.least"], own["sized"]
    result["flow.recalled"] = own["recalled"]
    said = {one.number: one for flow in flows for one in (candidate.sentence for candidate in flow.said)}
    means = sum(len(one.objects.get(name, ())) for one in said.values() if one.objects for name in _MEANS)
    result["flow.objects"] = min(means / len(said), 3.0)
    software = sum(_count(document, lexicon.phrases["lookalike"]["software"], (one,)) for one in said.values())
    result["flow.software"] = min(software / len(said), 2.0)
    types = {mention.type for one in flows for said in one.said for mention in (said.payer, said.payee) if mention}
    result["pair.trade"] = float(bool(types & _SUPPLIERS))
    result["pair.lab"] = float(OrgType.LAB in types)
    result["pair.unknown"] = float(OrgType.UNKNOWN in types)
    capital = [one for one in flows if one.kind in (Kind.EQUITY, Kind.ACQUISITION)]
    supplied = [one for one in capital if set(one.types) & _SUPPLIERS]
    result["equity.supplier"], result["equity.plain"] = float(bool(supplied)), float(bool(capital) and not supplied)
    result["debt"] = float(any(one.kind is Kind.DEBT for one in flows))
    stakes = [one for one in capital if one.features["equity.user"] and one.features["title"] and one.payee]
    result["stake"] = float(any(one.weight >= _STAKE for one in stakes))
    return result


class Scorer:
    """The trained weights. Raises ConfigError for a file that is not one."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        try:
            self.bias = float(table["bias"])
            self.threshold = float(table["threshold"])
            self.weights = {str(name): float(weight) for name, weight in table["weights"].items()}
            self.forest = Forest(table["forest"]) if "forest" in table else None
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            expected = "bias, threshold and weights, as tests/quality/train.py writes them"
            raise ConfigError((Fault("detector.json", str(error), "missing or not a number", expected),)) from error

    def score(self, values: Mapping[str, float]) -> tuple[float, tuple[Reason, ...]]:
        """Return the probability of a deal and the reasons, the strongest first."""
        share = 1.0 if self.forest is None else 1.0 - TREES
        parts = {name: share * self.weights.get(name, 0.0) * value for name, value in values.items()}
        if self.forest is not None:
            parts[TOGETHER] = TREES * self.forest.logit(values)
        logit = share * self.bias + sum(parts.values())
        reasons = [
            Reason(name, round(part, 3), f"{values.get(name, part):.2f}")
            for name, part in parts.items()
            if abs(part) > 0.02
        ]
        reasons.sort(key=lambda reason: -abs(reason.weight))
        return probability(logit), tuple(reasons)
