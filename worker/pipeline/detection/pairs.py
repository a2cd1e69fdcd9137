"""Parties that stand together without a frame that links them: titles without verbs, words that nobody foresaw.

Theory: where a sentence names a buyer's trade and a seller's trade beside an object of computing, or two firms beside
words of capital or debt, they deal with each other more often than chance. Such pairs weigh less than what a frame
says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from worker.model import Kind
from worker.pipeline.detection import kinds
from worker.pipeline.detection.document import Document, Sentence
from worker.pipeline.detection.entities import Mention, OrgType
from worker.pipeline.detection.frames import Candidate
from worker.pipeline.detection.lexicon import Frame, Hit, Lexicon
from worker.pipeline.detection.quantities import Dimension
from worker.pipeline.detection.readings import directions, sentence_objects, unfit

_SIZES = frozenset((Dimension.MONEY, Dimension.POWER, Dimension.CHIPS))
_CAPITAL = (Kind.EQUITY, Kind.DEBT, Kind.ACQUISITION)
BESIDE = Frame("à côté", None, "either", "", frozenset(), frozenset(), 0.5)
# Sentences that name more firms than this list them; they do not deal with each other.
_MANY = 5
_FOCUS = 3
_FRAMED = frozenset(("said", "clitic", "mutual"))
# What follows the party of a line: a count, with or without its unit, which the heading may hold.
_COUNT = re.compile(r"\s*[:,(]\s*(?:environ |près de |plus de |quelque |jusqu['’]à )?\d")
_MARK = re.compile(r"\s*(?:[-–—•*]|\d[./)])\s*")
_ARTICLE = re.compile(r"(?:l[ea’']\s?|les\s)?$")


def focus(document: Document, most: int = _FOCUS) -> tuple[Mention, ...]:
    """Return the article's main parties, at most so many, the one that its opening names most and first before the
    others."""
    weights: dict[str, float] = {}
    first: dict[str, Mention] = {}
    for sentence in document.sentences:
        share = {"title": 3.0, "summary": 2.0}.get(sentence.part, 1.0 if sentence.paragraph == 0 else 0.2)
        for mention in sentence.mentions:
            if mention.name and mention.type is not OrgType.MEDIA:
                first.setdefault(mention.name, mention)
                weights[mention.name] = weights.get(mention.name, 0.0) + share
    ordered = sorted(weights, key=lambda name: -weights[name])
    return tuple(first[name] for name in ordered[:most])


def beside(document: Document, lexicon: Lexicon) -> list[Candidate]:
    """Return weak candidates for parties named together in one sentence."""
    found: list[Candidate] = []
    for sentence in document.sentences:
        named = distinct(sentence)
        if not 2 <= len(named) <= _MANY:
            continue
        objects = {name: float(len(places)) for name, places in sentence_objects(document, sentence, lexicon).items()}
        sized = any(q.dimension in _SIZES and not q.role for q in sentence.quantities)
        said = {kind for kind in _CAPITAL if any(hit.frame.kind is kind for hit in sentence.hits)}
        if not (sized or objects or said):
            continue
        weight = (0.5 + 0.25 * sized + 0.25 * bool(objects)) / (len(named) - 1)
        for place, one in enumerate(named):
            for other in named[place + 1 :]:
                if not unfit(one, other):
                    found += _pair(document, sentence, (one, other), objects, weight)
                    found += _capital(document, sentence, (one, other), said, weight)
    return found


def listed(document: Document, lexicon: Lexicon, main: Sequence[Mention]) -> list[Candidate]:
    """Return candidates of the lines of a list: a party, a colon or comma and a size, the other party in the
    heading."""
    found: list[Candidate] = []
    for sentence in document.sentences:
        named = distinct(sentence)
        if not named or not _begins_line(document, sentence, named[0]):
            continue
        if not _COUNT.match(document.text, named[0].end):
            continue
        objects = {name: float(len(places)) for name, places in sentence_objects(document, sentence, lexicon).items()}
        other = next((mention for mention in main if not unfit(mention, named[0])), None)
        if other is not None:
            pair = _pair(document, sentence, (named[0], other), objects, 1.0)
            found += [replace(candidate, how="listed") for candidate in pair]
    return found


def is_line(document: Document, sentence: Sentence) -> bool:
    """Return whether a sentence begins as a line of a list does."""
    return _MARK.match(document.text, sentence.start, sentence.end) is not None


def _begins_line(document: Document, sentence: Sentence, mention: Mention) -> bool:
    mark = _MARK.match(document.text, sentence.start, mention.start)
    return mark is not None and _ARTICLE.match(document.text[mark.end() : mention.start]) is not None


def distinct(sentence: Sentence) -> list[Mention]:
    """Return the first mention of each organisation of a sentence that may be a party."""
    named: dict[str, Mention] = {}
    for mention in sentence.mentions:
        if mention.name and mention.type is not OrgType.MEDIA:
            named.setdefault(mention.name, mention)
    return list(named.values())


def _pair(
    document: Document,
    sentence: Sentence,
    pair: tuple[Mention, Mention],
    objects: Mapping[str, float],
    weight: float,
) -> Iterator[Candidate]:
    for payer, payee, likely in directions(*pair):
        if payer.type in kinds.FINANCIERS and not {"debt", "equity"} & objects.keys():
            return
        here = pair[1] if sentence.start <= pair[1].start < sentence.end else pair[0]
        hit = hit_at(document.word_at(here.start))
        for kind, share in kinds.ranked(None, payer.type, payee.type, objects):
            yield Candidate(payer, payee, kind, weight * share * likely, sentence, hit, how="beside")


def _capital(
    document: Document, sentence: Sentence, pair: tuple[Mention, Mention], said: set[Kind], weight: float
) -> Iterator[Candidate]:
    """Shares, loans and takeovers say their kind but not who gives: the order of the words comes first."""
    one, other = pair
    hit = hit_at(document.word_at(other.start))
    for kind in sorted(said):
        yield Candidate(one, other, kind, weight, sentence, hit, how="beside")
        yield Candidate(other, one, kind, weight * 0.7, sentence, hit, how="beside")


def hit_at(word: int) -> Hit:
    """Return the hit of no frame at a word, by its number: where a reading that no verb says is shown."""
    return Hit(word, word, BESIDE, noun=True, past=False, conditional=False)


def unsilenced(near: Sequence[Candidate], framed: Sequence[Candidate]) -> list[Candidate]:
    """Return what only stands near, without what a frame of the same sentence reads otherwise for the same parties."""
    read: dict[tuple[int, frozenset[str]], set[tuple[str, str, Kind]]] = {}
    for one in framed:
        if one.how in _FRAMED and one.payer is not None and one.payee is not None:
            parties = frozenset((one.payer.name, one.payee.name))
            read.setdefault((one.sentence.number, parties), set()).add((one.payer.name, one.payee.name, one.kind))
    kept = []
    for one in near:
        payer, payee = (mention.name if mention else "" for mention in (one.payer, one.payee))
        said = read.get((one.sentence.number, frozenset((payer, payee))))
        if said is None or (payer, payee, one.kind) in said:
            kept.append(one)
    return kept
