"""How likely a gathered flow is the article's news: a logistic model over what its sentences say and who its parties
are.

Syntax proposes and never decides alone: how the flow is said, where, how its parties' trades fit, how central they are
to the article and what speaks for another reading of the same pair. Weights: `flows` in config/detector.json, trained.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from worker.model import Kind
from worker.pipeline.detection import kinds
from worker.pipeline.detection.document import BACKGROUND, Document, Sentence
from worker.pipeline.detection.entities import Mention, OrgType
from worker.pipeline.detection.frames import Candidate
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.quantities import Dimension
from worker.pipeline.detection.rivals import Rivals
from worker.pipeline.detection.standing import Standing

if TYPE_CHECKING:
    from worker.pipeline.detection.flows import Gathered

_HOW = ("said", "turned", "mutual", "joint", "alone", "clitic", "carried", "listed", "founder", "beside")
# Readings in which a frame links the parties; below this weight none really does.
_FRAMED = ("said", "mutual", "clitic", "listed", "alone", "founder", "turned")
_WEAK = 0.2
_PLACE = {"title": 1.25, "summary": 1.1}
_LEAD, _BODY = 1.0, 0.75
_MEANS = frozenset((Kind.COMPUTE, Kind.CHIPS, Kind.SITE, Kind.POWER))
_HALF, _WHOLE = 50.0, 100.0
# Features whose worth differs from kind to kind.
_CROSSED = (
    *(f"how.{how}" for how in _HOW), "objects", "share", "raw", "central.least", "central.payer", "central.payee",
    "title", "lead", "recalled", "sized", "majority", "fixed", "fixed otherwise",
)  # fmt: skip
_SIZES = frozenset((Dimension.MONEY, Dimension.POWER, Dimension.CHIPS))
_USERS = frozenset((OrgType.LAB, OrgType.NEOCLOUD, OrgType.DATACENTER))
_CLIENTS = frozenset((OrgType.LAB, OrgType.SOFTWARE, OrgType.CLOUD, OrgType.UNKNOWN))
_SUPPLIERS = frozenset((OrgType.CHIPS, OrgType.CLOUD, OrgType.NEOCLOUD, OrgType.DATACENTER, OrgType.SYSTEMS))


def worth(candidate: Candidate, mode: Mode) -> float:
    """Return what a candidate counts: frame and syntax, where it stands, own news or recall, deed or comment."""
    sentence = candidate.sentence
    place = _PLACE.get(sentence.part, _LEAD if sentence.paragraph == 0 else _BODY)
    return candidate.weight * place * (1.0 - 0.85 * mode.recalled) * (0.6 if mode.comment else 1.0)


def shares(document: Document, modes: Mapping[int, Mode]) -> dict[str, float]:
    """Return how central each organisation is to the article, 1 for the most central."""
    found: dict[str, float] = {}
    for sentence in document.sentences:
        if modes[sentence.number].recalled >= BACKGROUND:
            continue
        share = {"title": 2.0, "summary": 1.5}.get(sentence.part, 1.0 if sentence.paragraph == 0 else 0.4)
        for name in {mention.name for mention in sentence.mentions if mention.name}:
            found[name] = found.get(name, 0.0) + share
    most = max(found.values(), default=1.0)
    return {name: value / most for name, value in found.items()}


@dataclass(frozen=True, slots=True)
class Reading:
    """One article as the weighing sees it: tones, how its parties stand, what it is about."""

    modes: Mapping[int, Mode]
    standing: Standing
    logits: Mapping[str, float]
    central: Mapping[str, float]


def features(one: Gathered, rivals: Rivals, reading: Reading) -> dict[str, float]:
    """Return the features of a flow, most between 0 and 3."""
    result = {**_saying(one, reading.modes), **rivals.features(one), **_parties(one, reading.central)}
    result |= reading.standing.features(one)
    result |= {f"kind.{kind.value}": float(one.kind is kind) for kind in Kind}
    result["option"] = float(one.option)
    result["prior"] = reading.logits[one.kind.value]
    result["prior.gap"] = result["prior"] - max(reading.logits[kind.value] for kind in Kind)
    result |= {f"{one.kind.value}*{name}": result[name] for name in _CROSSED if result[name]}
    return result


def _saying(one: Gathered, modes: Mapping[int, Mode]) -> dict[str, float]:
    best = dict.fromkeys(_HOW, 0.0)
    for said in one.said:
        best[said.how] = max(best[said.how], worth(said, modes[said.sentence.number]))
    plain = [said for said in one.said if said.how not in ("beside", "joint", "carried")]
    own = [said for said in one.said if modes[said.sentence.number].recalled < 0.4]
    result = {f"how.{name}": value for name, value in best.items()}
    capital = float(one.kind not in _MEANS)
    result |= {f"capital.{name}": best[name] * capital for name in ("said", "mutual", "carried", "beside")}
    result["raw"] = math.log1p(one.raw)
    result["sentences"] = math.log1p(len({said.sentence.number for said in one.said}))
    result["title"] = float(any(said.sentence.part == "title" for said in plain))
    result["head"] = float(any(said.sentence.part != "text" for said in plain))
    result["lead"] = float(any(said.sentence.is_lead for said in plain))
    result["recalled"] = min(modes[said.sentence.number].recalled for said in one.said)
    framed = max(best[name] for name in _FRAMED)
    result["bare"] = float(framed < _WEAK)
    result["bare.head"] = float(framed < _WEAK and any(said.sentence.part == "title" for said in one.said))
    result["comment"] = float(all(modes[said.sentence.number].comment for said in one.said))
    result["sized"] = float(any(q.dimension in _SIZES and not q.role for said in own for q in said.sentence.quantities))
    named = [_object_share(said, one.kind) for said in one.said]
    result["objects"] = max(named, default=0.0)
    kinded = [(said, worth(said, modes[said.sentence.number])) for said in one.said if said.hit.frame.kind is not None]
    # A verb of lending says itself that it is a loan; what else it might mean besides is a guess.
    result["fixed"] = max((value for said, value in kinded if said.hit.frame.kind is one.kind), default=0.0)
    result["fixed otherwise"] = max(
        (value for said, value in kinded if said.hit.frame.kind is not one.kind), default=0.0
    )
    result["majority"] = float(any(_majority(said.sentence) for said in plain))
    carried = [said for said in one.said if said.how in ("carried", "clitic")]
    result["carried.weight"] = max((said.hit.frame.weight for said in carried), default=0.0)
    lone = any(len({m.name for m in said.sentence.mentions if m.name}) == 1 for said in carried)
    result["carried.alone"] = float(lone)
    result["objects.first"] = float(any(share >= 0.5 for share in named))
    return result


def _majority(sentence: Sentence) -> bool:
    """Whether a sentence names a share of more than a half."""
    return any(q.dimension is Dimension.PERCENT and q.value and _HALF < q.value <= _WHOLE for q in sentence.quantities)


def _object_share(said: Candidate, kind: Kind) -> float:
    objects = said.sentence.objects or {}
    total = sum(len(places) for places in objects.values())
    return len(objects.get(kind.value, ())) / total if total else 0.0


def _parties(one: Gathered, central: Mapping[str, float]) -> dict[str, float]:
    payer, payee = one.types
    mentions = [m for said in one.said for m in (said.payer, said.payee) if m is not None]
    means = one.kind in _MEANS
    known = OrgType.UNKNOWN not in (payer, payee) and bool(one.payer and one.payee)
    named = [central.get(name, 0.0) for name in (one.payer, one.payee) if name]
    # A supplier hands its client rights to its own shares: the client is the one who may become a shareholder.
    warrants = any(said.sentence.rights for said in one.said)
    return {
        "central.payer": central.get(one.payer, 0.0),
        "central.payee": central.get(one.payee, 0.0),
        "central.least": min(named, default=0.0),
        "null.payer": float(not one.payer),
        "null.payee": float(not one.payee),
        "unknown.payer": float(payer is OrgType.UNKNOWN and bool(one.payer)),
        "unknown.payee": float(payee is OrgType.UNKNOWN and bool(one.payee)),
        "shape": float(any(m.via == "shape" for m in mentions)),
        "vague": sum(_vague(m) for m in mentions) / max(len(mentions), 1),
        "trade.kind": float(means and one.kind is kinds.kind_of(None, payer, payee, {})),
        "trade.means": kinds.distance(payer, payee) if means and known else 0.0,
        "trade.same": float(payer is payee and known),
        "trade.financier": float(payer in kinds.FINANCIERS),
        "trade.paid_financier": float(payee in kinds.FINANCIERS),
        "warrants.client": float(one.kind is Kind.EQUITY and warrants and payee in _SUPPLIERS and payer in _CLIENTS),
        "warrants.supplier": float(one.kind is Kind.EQUITY and warrants and payer in _SUPPLIERS and payee in _CLIENTS),
        "equity.user": float(one.kind is Kind.EQUITY and payer in _SUPPLIERS and payee in _USERS),
        "debt.bank": float(one.kind is Kind.DEBT and payer in kinds.FINANCIERS),
        "state.payer": float(payer is OrgType.STATE),
        "state.payee": float(payee is OrgType.STATE),
    }


def _vague(mention: Mention) -> bool:
    return mention.via in ("pronoun", "definite", "unnamed", "person")


class Weigher:
    """The trained weights for flows. A table without them (in training) gives a rough guess by `raw`."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.bias = float(table.get("bias", -2.0))
        self.threshold = float(table.get("threshold", 0.4))
        self.weights = {str(name): float(value) for name, value in table.get("weights", {}).items()} or {"raw": 3.0}

    def weigh(self, values: Mapping[str, float]) -> float:
        """Return the probability that a flow is the article's news."""
        weights = self.weights
        logit = self.bias + sum(weights[name] * value for name, value in values.items() if name in weights)
        return 1.0 / (1.0 + math.exp(-max(min(logit, 30.0), -30.0)))
