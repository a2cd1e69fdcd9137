"""What speaks for and against a quantity's belonging to a flow: the features of the trained trees.

Theory: where the quantity stands, the words around it, who is named right before and after it, and how near the words
of the flow are. `claim` among them is the rule of thumb that decides
where nothing is trained.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from worker.model import Kind
from worker.pipeline.detection import numerals
from worker.pipeline.detection.document import Document, Sentence
from worker.pipeline.detection.entities import Mention
from worker.pipeline.detection.frames import Candidate
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.quantities import Dimension, Quantity
from worker.pipeline.detection.wording import stem

if TYPE_CHECKING:
    from worker.pipeline.detection.flows import Gathered

_DEAL_WORDS = frozenset(
    [
        "contrat", "accord", "entente", "bail", "transaction", "operation", "montant", "valeur", "facture", "enveloppe",
        "commande", "engagement", "pret", "emprunt", "credit", "partenariat", "tranche", "duree", "convention",
        "marche", "prix", "cheque", "somme", "ticket", "cout", "total",
    ]
)  # fmt: skip
# What a reading's figure is worth: one that only stands near two parties may be another flow's.
_SURE = {
    "said": 1.0,
    "clitic": 1.0,
    "listed": 1.0,
    "pool": 1.0,
    "turned": 0.9,
    "mutual": 0.95,
    "alone": 0.9,
    "carried": 0.75,
    "beside": 0.6,
}
# Words after a quantity among which its object stands.
_OBJECT = 8
# Words on each side of a quantity that tell what it is a size of.
_WINDOW = 4
# Words between a quantity and an organisation that stands close.
_CLOSE = 6


# "il figure parmi ses actionnaires, avec 3 milliards": the worth of a stake that is held already.
_STAKE = re.compile(
    r"\b(?:parmi (?:ses|les|leurs) (?:\w+ )?(?:actionnaires|investisseurs)"
    r"|(?:figure|présent) (?:déjà )?(?:à son|au) capital)\b[^.;:]{0,40}$",
    re.IGNORECASE,
)


# "lève 433 millions", "un tour de table record de 1,4 milliard": what all the investors of a round bring together.
_ROUND = re.compile(
    r"\b(?:(?:tour|cycle|levée|augmentation|série)\b[^.;:,\d]{0,40}\s(?:de|d['’]|à|pour)\s?(?:[\w'’]+\s){0,3}"
    r"|(?:lèv(?:e|ent)|lev(?:é|ait|er|era|erait)|recueill\w+|boucl\w+)\s(?:[\w'’]+\s){0,3})$",
    re.IGNORECASE,
)
# Characters before a sum in which a round is named.
_ROUND_BEFORE = 80


def is_stake(document: Document, sentence: Sentence, quantity: Quantity) -> bool:
    """Whether a sum is what somebody's shares in a party are worth, which is the amount of no flow but of shares."""
    return bool(_STAKE.search(document.text, sentence.start, quantity.start))


def common(document: Document, sentence: Sentence, quantity: Quantity, mode: Mode) -> dict[str, float]:
    """What a quantity's place and the words around it say, whoever claims it."""
    first, last = document.word_at(quantity.start), document.word_at(quantity.end - 1)
    folds = document.words.folds
    result = {
        "title": float(sentence.part == "title"),
        "summary": float(sentence.part == "summary"),
        "lead": float(sentence.is_lead),
        "body": min(sentence.paragraph, 6) / 3 if sentence.part == "text" else 0.0,
        "recalled": mode.recalled,
        "comment": float(mode.comment),
        "deal words": float(bool(_DEAL_WORDS.intersection(folds[sentence.first : sentence.after]))),
        "many": min(sum(q.dimension is quantity.dimension for q in sentence.quantities) - 1, 3) / 2,
        f"bound:{quantity.bound.value}": 1.0,
        "size": math.log10(max(quantity.value or 1.0, 1.0)) / 6,
        "round": float(_is_of_a_round(document, sentence, quantity)),
    }
    for other in sentence.quantities:
        if other.dimension is not quantity.dimension:
            result[f"with {other.dimension.value}"] = 1.0
    for distance, word in enumerate(reversed(folds[max(sentence.first, first - _WINDOW) : first])):
        result[f"before:{_token(word)}"] = 1.0 - 0.15 * distance
    for distance, word in enumerate(folds[last + 1 : min(sentence.after, last + 1 + _WINDOW)]):
        result[f"after:{_token(word)}"] = 1.0 - 0.15 * distance
    return result


def _is_of_a_round(document: Document, sentence: Sentence, quantity: Quantity) -> bool:
    start = max(sentence.start, quantity.start - _ROUND_BEFORE)
    return quantity.dimension is Dimension.MONEY and bool(_ROUND.search(document.text, start, quantity.start))


def _token(word: str) -> str:
    """Return what a word is to a quantity beside it: a number is one whatever it says, and however it is written."""
    return "#" if word[:1].isdigit() or word in numerals.NAMES else stem(word)


def _beside(document: Document, sentence: Sentence, quantity: Quantity, one: Gathered) -> dict[str, float]:
    """What the organisations named right before and after a quantity say: "ING prête 190, la BGK le solde"."""
    first, last = document.word_at(quantity.start), document.word_at(quantity.end - 1)
    before = [mention for mention in sentence.mentions if mention.name and mention.end <= quantity.start]
    after = [mention for mention in sentence.mentions if mention.name and mention.start >= quantity.end]
    found: dict[str, float] = {}
    for mention in before[-1:]:
        found[f"{_role(mention, one)} before"] = 1.0 / (1.0 + (first - document.word_at(mention.end - 1)) / _CLOSE)
    for mention in after[:1]:
        found[f"{_role(mention, one)} after"] = 1.0 / (1.0 + (document.word_at(mention.start) - last) / _CLOSE)
    start = before[-1].end if before else sentence.start
    found["same between"] = float(
        any(
            start <= other.start < quantity.start and other.dimension is quantity.dimension
            for other in sentence.quantities
        )
    )
    if not before and sentence.number:
        earlier = [mention for mention in document.sentences[sentence.number - 1].mentions if mention.name]
        if earlier:
            found["spoken of"] = -1.0 if _role(earlier[-1], one) == "other" else 1.0
    return found


def _role(mention: Mention, one: Gathered) -> str:
    return "payer" if mention.name == one.payer else "payee" if mention.name == one.payee else "other"


def own(
    document: Document, sentence: Sentence, quantity: Quantity, one: Gathered, owner: int, mode: Mode
) -> dict[str, float]:
    """What speaks for one flow's claim."""
    word = document.word_at(quantity.start)
    here = [candidate for candidate in one.said if candidate.sentence is sentence]
    names = {mention.name for mention in sentence.mentions if mention.name}
    parties = {one.payer, one.payee} - {""}
    near = min((abs(candidate.sentence.number - sentence.number) for candidate in one.said), default=9)
    result = {
        "claim": 0.0 if quantity.role else _claim(document, sentence, quantity, one, owner, mode) * _own_news(mode),
        "said here": float(bool(here)),
        "nearness": max((_nearness(document, c, word) for c in here), default=0.0),
        "parties here": len(names & parties) / max(len(parties), 1),
        "others here": min(len(names - parties), 3) / 2,
        "nobody here": float(not names),
        "distance": min(near, 6) / 3,
        "option alike": float(one.option == mode.option),
        "option": float(one.option),
        "weight": one.weight,
        "fitting": _fitting(sentence, one.kind, word),
        f"kind:{one.kind.value}": 1.0,
        f"role:{quantity.role or 'none'}": 1.0,
        f"role:{quantity.role or 'none'}:{one.kind.value}": 1.0,
        "as said": float(not quantity.role),
    }
    for how in {candidate.how for candidate in here}:
        result[f"how:{how}"] = 1.0
    return result | _beside(document, sentence, quantity, one)


def _own_news(mode: Mode) -> float:
    return 1.0 - 0.8 * mode.recalled


def _claim(document: Document, sentence: Sentence, quantity: Quantity, one: Gathered, owner: int, mode: Mode) -> float:
    """Return how strongly a flow claims a quantity, 0 to 1."""
    word = document.word_at(quantity.start)
    here = [candidate for candidate in one.said if candidate.sentence is sentence]
    if here:
        said = max(_nearness(document, candidate, word) * _SURE.get(candidate.how, 0.5) for candidate in here)
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
    if candidate.how in ("beside", "listed", "pool"):
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
