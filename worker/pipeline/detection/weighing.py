"""How likely a gathered flow is the article's news: trained models over what is said of it and who its parties are.

Syntax proposes and never decides alone: how the flow is said, where, how its parties' trades fit, how central they are
to the article and what speaks for another reading of the same pair. A regression rules out what is hopeless and holds
for what the labels seldom show; boosted trees (`forest`) see what holds only together, and hear what the words around
the two parties say (`contexts`), which know what no list of verbs does. Weights: `flows` in config/detector.json.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from worker.errors import ConfigError, Fault
from worker.model import Kind
from worker.pipeline.detection import kinds
from worker.pipeline.detection.contexts import Contexts
from worker.pipeline.detection.document import BACKGROUND, Document, Sentence
from worker.pipeline.detection.entities import Mention, OrgType
from worker.pipeline.detection.forest import Forest
from worker.pipeline.detection.frames import Candidate
from worker.pipeline.detection.logistic import probability
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.quantities import Dimension
from worker.pipeline.detection.rivals import Rivals
from worker.pipeline.detection.roles import Cast
from worker.pipeline.detection.rows import Rows, are_written
from worker.pipeline.detection.standing import Standing

if TYPE_CHECKING:
    from worker.pipeline.detection.flows import Gathered

_HOW = (
    "said", "turned", "mutual", "joint", "alone", "clitic", "carried", "listed", "pool", "founder", "beside", "open",
)  # fmt: skip
# Readings in which a frame links the parties; below this weight none really does.
_FRAMED = ("said", "mutual", "clitic", "listed", "pool", "alone", "founder", "turned")
_WEAK = 0.2
# What the regression finds as unlikely as this the trees need not be asked about; and where it finds a flow no likelier
# than the last of these, what the first trees find hopeless the others need not (2026-11-30: neither loses any of 1,070
# flows kept, none of 2,421 is gained). No single feature of the regression may outvote the trees.
_HOPELESS, _SURE, _HOPELESS_TREES, _DOUBTED = -3.25, 10.0, -3.0, 1.0
# What each counts: the trees alone are as right on the labels of others (0.3 for the regression, cross-validated), and
# wrong on the plainest sentences, which the labels lack.
_PLAIN, _TREES = 0.4, 0.6
# The feature that tells the trees what the words around both parties say.
SAID = "said"
_SPREAD = 2.0
# What words say of flows of any kind.
ANY = "any"
_PLACE = {"title": 1.25, "summary": 1.1}
_LEAD, _BODY = 1.0, 0.75
_MEANS = frozenset((Kind.COMPUTE, Kind.CHIPS, Kind.SITE, Kind.POWER))
_HALF, _WHOLE = 50.0, 100.0
# Features whose worth differs from kind to kind.
_CROSSED = (
    *(f"how.{how}" for how in _HOW), "objects", "share", "raw", "central.least", "central.payer", "central.payee",
    "title", "lead", "recalled", "sized", "majority", "fixed", "fixed otherwise",
)  # fmt: skip
_KIND_NAMES = {kind: f"kind.{kind.value}" for kind in Kind}
_PRIOR_NAMES = {kind: f"prior.{kind.value}" for kind in Kind}
_CROSSED_NAMES = {kind: tuple((name, f"{kind.value}*{name}") for name in _CROSSED) for kind in Kind}
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


@dataclass(frozen=True)
class Reading:
    """One article as the weighing sees it: tones, how its parties stand, its words as of `subject.features`, what it is
    about, who may pay whom."""

    modes: Mapping[int, Mode]
    standing: Standing
    words: Mapping[str, float]
    logits: Mapping[str, float]
    central: Mapping[str, float]
    cast: Cast
    contexts: Contexts

    @cached_property
    def priors(self) -> Mapping[str, float]:
        """The logits of what the article is about, as features of each of its flows."""
        return {f"prior.{name}": logit for name, logit in self.logits.items()}

    @cached_property
    def top(self) -> float:
        """The logit of the likeliest kind."""
        return max(self.logits[kind.value] for kind in Kind)


def features(one: Gathered, rivals: Rivals, reading: Reading) -> dict[str, float]:
    """Return the features of a flow, most between 0 and 3."""
    result = {**_saying(one, reading.modes), **rivals.features(one), **_parties(one, reading.central)}
    result |= reading.standing.features(one)
    result |= reading.cast.features(one.payer, one.payee, one.kind)
    result |= _between(one, result)
    # Of the features that say which of several things it is, only the one that holds is given; the others are 0.
    result[_KIND_NAMES[one.kind]] = 1.0
    result["option"] = float(one.option)
    result |= reading.priors
    result["prior"] = result[_PRIOR_NAMES[one.kind]]
    result["prior.gap"] = result["prior"] - reading.top
    result |= {crossed: result[name] for name, crossed in _CROSSED_NAMES[one.kind] if result[name]}
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


def _between(one: Gathered, told: Mapping[str, float]) -> dict[str, float]:
    """Return the trades of both parties, and how they stand to each other: trees compare no two features."""
    payer, payee = one.types
    return {
        **({f"type.payer.{payer}": 1.0} if one.payer else {}),
        **({f"type.payee.{payee}": 1.0} if one.payee else {}),
        "between.trade": kinds.gap(payer, payee),
        "between.first": told["payee.first"] - told["payer.first"],
        "between.rank": told["payee.rank"] - told["payer.rank"],
        "between.central": told["central.payer"] - told["central.payee"],
    }


def _vague(mention: Mention) -> bool:
    return mention.via in ("pronoun", "definite", "unnamed", "person")


class Weigher:
    """The trained models for flows. A table without them (in training) gives a rough guess by `raw`.

    Raises ConfigError for trees that were not trained to hear the words.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.bias = float(table.get("bias", -2.0))
        self.threshold = float(table.get("threshold", 0.4))
        self.weights = {str(name): float(value) for name, value in table.get("weights", {}).items()} or {"raw": 3.0}
        self.forest = Forest(table["forest"]) if "forest" in table else None
        self.said = Said(table["said"]) if "said" in table else None
        if self.forest is not None and not self.forest.asks(SAID):
            shipped = "the file that comes with this version"
            raise ConfigError((Fault("detector.json", "flows", "weights of another version", shipped),))

    def weigh(self, one: Gathered, contexts: Contexts) -> float:
        """Return the probability that a flow is the article's news. one: with its features."""
        weights = self.weights
        plain = self.bias + sum(weights[name] * value for name, value in one.features.items() if name in weights)
        if self.forest is None or self.said is None or plain < _HOPELESS:
            return probability(plain)
        said = self.said.logit(contexts.words(one.payer, one.payee), one.kind)
        hopeless = _HOPELESS_TREES if plain < _DOUBTED else -math.inf
        trees = self.forest.logit({**one.features, SAID: said}, hopeless=hopeless)
        return probability(_PLAIN * min(plain, _SURE) + _TREES * trees)


class Said:
    """What the words around two parties say of a flow of each kind.

    table: `bias`; `kinds`, "any" among them; `weights` by word as of `Rows`, one for each kind.

    Raises ConfigError for weights of another version, and, when a word is first met, for a row that is none.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._bias = float(table["bias"])
        self._places = {str(name): place for place, name in enumerate(table.get("kinds", ()))}
        rows = table.get("weights", {})
        if ANY not in self._places or not are_written(rows):
            shipped = "the file that comes with this version"
            raise ConfigError((Fault("detector.json", "said", "weights of another version", shipped),))
        self._rows = Rows(rows, len(self._places))

    def logit(self, words: frozenset[str], kind: Kind) -> float:
        """Return the logit of a flow of a kind between two parties with these words around them."""
        wanted = (self._places[ANY], self._places.get(kind.value))
        total = sum(weight for word in sorted(words) for place, weight in self._rows.of(word) if place in wanted)
        return self._bias + share_of(words) * total


def share_of(words: frozenset[str]) -> float:
    """Return what each of so many words counts: parties differ in how often they are named."""
    return _SPREAD / math.sqrt(len(words)) if words else 0.0
