"""Which quantity belongs to which flow.

Theory: a quantity belongs to the flow whose words stand nearest before or around it in its sentence; what a sentence
without parties says of "the contract" belongs to the article's first flow of a fitting kind. Each quantity has one
owner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from worker.model import Bound, Kind
from worker.pipeline.detection.document import Document, Sentence
from worker.pipeline.detection.frames import Candidate
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.quantities import Dimension, Quantity

if TYPE_CHECKING:
    from worker.pipeline.detection.flows import Gathered

_FIELD = {
    Dimension.MONEY: "amount",
    Dimension.POWER: "megawatts",
    Dimension.CHIPS: "chips",
    Dimension.YEARS: "years",
}
# Which measures make sense for which kinds; a purchase of shares has no megawatts of its own.
_FITS = {
    Dimension.MONEY: frozenset(Kind) - {Kind.PARTNERSHIP},
    Dimension.POWER: frozenset((Kind.COMPUTE, Kind.CHIPS, Kind.SITE, Kind.POWER)),
    Dimension.CHIPS: frozenset((Kind.COMPUTE, Kind.CHIPS)),
    Dimension.YEARS: frozenset((Kind.COMPUTE, Kind.CHIPS, Kind.SITE, Kind.POWER)),
}
_DEAL_WORDS = frozenset(
    [
        "contrat",
        "accord",
        "entente",
        "bail",
        "transaction",
        "operation",
        "montant",
        "valeur",
        "facture",
        "enveloppe",
        "commande",
        "engagement",
        "pret",
        "emprunt",
        "credit",
        "partenariat",
        "tranche",
        "duree",
        "convention",
        "marche",
        "prix",
        "cheque",
        "somme",
        "ticket",
        "cout",
        "total",
    ]
)


# What a reading's figure is worth: one that only stands near two parties may be another flow's.
_SURE = {
    "said": 1.0,
    "clitic": 1.0,
    "listed": 1.0,
    "turned": 0.9,
    "mutual": 0.95,
    "alone": 0.9,
    "carried": 0.75,
    "beside": 0.6,
}
# Words after a quantity among which its object stands.
_OBJECT = 8
# A claim weaker than this is a guess.
_LEAST = 0.2


@dataclass
class Amounts:
    """The numbers of one flow and where each stands."""

    amount: float | None = None
    currency: str | None = None
    megawatts: float | None = None
    chips: float | None = None
    years: float | None = None
    bound: Bound = Bound.EXACT
    sources: dict[str, tuple[Sentence, Quantity]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Bid:
    score: float
    owner: int
    sentence: Sentence
    quantity: Quantity


def best_amounts(
    document: Document, kept: Sequence[Gathered], modes: Mapping[int, Mode]
) -> dict[tuple[str, str, Kind, bool], Amounts]:
    """Share the quantities of an article out among its flows."""
    bids = sorted(_bids(document, kept, modes), key=lambda bid: -bid.score)
    found = [Amounts() for _ in kept]
    taken: set[int] = set()
    values: set[tuple[str, float]] = set()
    for bid in bids:
        name = _FIELD[bid.quantity.dimension]
        value = bid.quantity.value
        if value is None or bid.quantity.start in taken or getattr(found[bid.owner], name) is not None:
            continue
        if (name, value) in values and name in ("amount", "chips"):
            # The same figure told again belongs to its first owner.
            continue
        taken.add(bid.quantity.start)
        values.add((name, value))
        _give(found[bid.owner], name, bid)
    return {one.key: amounts for one, amounts in zip(kept, found, strict=True)}


def _give(amounts: Amounts, name: str, bid: _Bid) -> None:
    setattr(amounts, name, bid.quantity.value)
    amounts.sources[name] = (bid.sentence, bid.quantity)
    if name == "amount":
        amounts.currency = bid.quantity.unit or None
        amounts.bound = bid.quantity.bound
    elif name == "megawatts" and amounts.amount is None:
        amounts.bound = bid.quantity.bound


def _bids(document: Document, kept: Sequence[Gathered], modes: Mapping[int, Mode]) -> list[_Bid]:
    found: list[_Bid] = []
    for sentence in document.sentences:
        mode = modes[sentence.number]
        weight = _place(sentence) * (1.0 - 0.8 * mode.recalled)
        for quantity in sentence.quantities:
            if quantity.role or quantity.value is None or quantity.dimension not in _FIELD:
                continue
            for owner, one in enumerate(kept):
                if one.kind not in _FITS[quantity.dimension]:
                    continue
                share = _claim(document, sentence, quantity, one, owner, mode)
                if share * weight >= _LEAST:
                    found.append(_Bid(share * weight, owner, sentence, quantity))
    return found


def _place(sentence: Sentence) -> float:
    return {"title": 1.2, "summary": 1.1}.get(sentence.part, 1.0 if sentence.paragraph == 0 else 0.85)


def _claim(document: Document, sentence: Sentence, quantity: Quantity, one: Gathered, owner: int, mode: Mode) -> float:
    """Return how strongly a flow claims a quantity, 0 to 1."""
    word = document.word_at(quantity.start)
    own = [candidate for candidate in one.said if candidate.sentence is sentence]
    if own:
        said = max(_nearness(document, candidate, word) * _SURE.get(candidate.how, 0.5) for candidate in own)
        return said * _fitting(sentence, one.kind, word)
    if one.option != mode.option:
        return 0.0
    names = {mention.name for mention in sentence.mentions if mention.name}
    parties = {one.payer, one.payee} - {""}
    if names & parties:
        return 0.35 if names <= parties else 0.2
    near = any(abs(candidate.sentence.number - sentence.number) <= 2 for candidate in one.said)
    said_so = _DEAL_WORDS.intersection(document.words.folds[sentence.first : sentence.after])
    if not names and (said_so or sentence.part == "summary") and owner <= 1:
        return 0.3 if near else 0.18
    return 0.0


def _nearness(document: Document, candidate: Candidate, word: int) -> float:
    """Return 1 for a quantity right after the words of a flow, less with distance and for one before them."""
    hit = candidate.hit
    if candidate.how in ("beside", "listed", "central"):
        places = [document.word_at(m.start) for m in (candidate.payer, candidate.payee) if m is not None]
        places = [place for place in places if candidate.sentence.first <= place < candidate.sentence.after]
        nearest = min((abs(word - place) for place in places), default=20)
        return 1.0 / (1.0 + nearest / 10)
    if hit.first <= word <= hit.last:
        return 1.0
    distance = word - hit.last if word > hit.last else hit.first - word
    text = document.text[document.words.ends[min(hit.last, word)] : document.words.starts[max(hit.first, word)]]
    parted = 0.6 if ";" in text or " : " in text or "\u00a0: " in text else 1.0
    return (1.0 if word > hit.last else 0.8) * parted / (1.0 + distance / 12)


def _fitting(sentence: Sentence, kind: Kind, word: int) -> float:
    """Return how the objects right after a quantity ("de puces", "de capacité") speak for a flow's kind."""
    objects = sentence.objects or {}
    near = {name for name, places in objects.items() for first, _ in places if 0 < first - word <= _OBJECT}
    if not near:
        return 1.0
    return 1.15 if kind.value in near else 0.75
