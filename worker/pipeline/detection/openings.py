"""What no frame says and no sentence holds together, but the article may mean: other kinds and ways of the parties that
were read, the main parties with each other or with somebody unnamed, and those whose roles fit.

Theory: a verb that no list holds, or holds in another sense, leaves its parties with the wrong kind or apart; how they
stand and what the article is about by all its words may know better. Such candidates weigh nothing by themselves.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from worker.model import Kind
from worker.pipeline.detection.document import BACKGROUND, Document
from worker.pipeline.detection.entities import Mention, OrgType
from worker.pipeline.detection.frames import Candidate
from worker.pipeline.detection.lexicon import Lexicon
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.pairs import hit_at
from worker.pipeline.detection.readings import sentence_objects, unfit
from worker.pipeline.detection.roles import Cast

# Kinds whose logit lies further below that of the article's likeliest kind are left out.
_NEAR = 2.5
# Of so many main parties each may deal with somebody unnamed.
_LEADING = 3
# A text that reads more pairs than this is a list; the surest are enough.
_PAIRS = 40
_BUYERS = frozenset((OrgType.LAB, OrgType.CLOUD, OrgType.NEOCLOUD, OrgType.BANK))
Key = tuple[str, str, Kind]


def opened(
    document: Document,
    found: Sequence[Candidate],
    main: Sequence[Mention],
    logits: Mapping[str, float],
    *,
    lexicon: Lexicon,
    modes: Mapping[int, Mode],
) -> list[Candidate]:
    """Return candidates of weight 0 besides those found. main: the article's main parties, the first the surest.

    What a kind moves must be named in a sentence of one of its parties, or a verb that says the kind: that a supplier
    often invests in its client is no news.
    """
    top = max(logits[kind.value] for kind in Kind)
    likely = [kind for kind in Kind if logits[kind.value] >= top - _NEAR]
    made: dict[Key, Candidate] = {}
    spoken = _spoken(document, lexicon, modes)
    starts = [sentence.start for sentence in document.sentences]
    known = {_key(one.payer, one.payee, one.kind) for one in found}
    for payer, payee in _ways(found, main):
        for kind in likely:
            key = _key(payer, payee, kind)
            said = any(kind in spoken.get(name, ()) for name in key[:2])
            if said and not _sells_none(payee, kind) and key not in known and key not in made:
                made[key] = _candidate(document, starts, payer, payee, kind)
    return list(made.values())


def by_roles(document: Document, found: Sequence[Candidate], cast: Cast, modes: Mapping[int, Mode]) -> list[Candidate]:
    """Return candidates of weight 0, besides those found, for the flows that the parties' roles make thinkable."""
    first: dict[str, Mention] = {}
    for sentence in document.sentences:
        if modes[sentence.number].recalled < BACKGROUND:
            for mention in sentence.mentions:
                first.setdefault(mention.name, mention)
    known = {_key(one.payer, one.payee, one.kind) for one in found}
    starts = [sentence.start for sentence in document.sentences]
    made: list[Candidate] = []
    for payer, payee, kind in cast.pairs():
        turned = kind is Kind.PARTNERSHIP and (payee, payer, kind) in known
        fits = not turned and not unfit(first[payer], first[payee]) and not _sells_none(first[payee], kind)
        if (payer, payee, kind) not in known and fits:
            known.add((payer, payee, kind))
            made.append(_candidate(document, starts, first[payer], first[payee], kind))
    return made


def _sells_none(payee: Mention | None, kind: Kind) -> bool:
    """Whether a guess would have electricity bought from who buys it himself."""
    return kind is Kind.POWER and payee is not None and payee.type in _BUYERS


def _spoken(document: Document, lexicon: Lexicon, modes: Mapping[int, Mode]) -> Mapping[str, set[Kind]]:
    """Return the kinds that the sentences of each organisation speak of, old news left out."""
    found: dict[str, set[Kind]] = {}
    for sentence in document.sentences:
        if not sentence.mentions or modes[sentence.number].recalled >= BACKGROUND:
            continue
        kinds = {Kind(name) for name in sentence_objects(document, sentence, lexicon)}
        kinds |= {hit.frame.kind for hit in sentence.hits if hit.frame.kind is not None}
        for mention in sentence.mentions:
            if mention.name:
                found.setdefault(mention.name, set()).update(kinds)
    return found


def _ways(found: Sequence[Candidate], main: Sequence[Mention]) -> Iterator[tuple[Mention | None, Mention | None]]:
    pairs: dict[frozenset[str], tuple[float, Mention, Mention]] = {}
    for read in found:
        if read.payer is not None and read.payee is not None and read.payer.name and read.payee.name:
            key = frozenset((read.payer.name, read.payee.name))
            weight, payer, payee = pairs.get(key, (0.0, read.payer, read.payee))
            pairs[key] = max(weight, read.weight), payer, payee
    for _, payer, payee in sorted(pairs.values(), key=lambda pair: -pair[0])[:_PAIRS]:
        yield payer, payee
        yield payee, payer
    for place, one in enumerate(main):
        for other in main[place + 1 :]:
            if not unfit(one, other):
                yield one, other
                yield other, one
    for one in main[:_LEADING]:
        yield one, None
        yield None, one


def _key(payer: Mention | None, payee: Mention | None, kind: Kind) -> Key:
    return (payer.name if payer else "", payee.name if payee else "", kind)


def _candidate(
    document: Document, starts: Sequence[int], payer: Mention | None, payee: Mention | None, kind: Kind
) -> Candidate:
    # The later of both names has the other before it, as a pronoun would.
    here = max((one for one in (payer, payee) if one is not None), key=lambda one: one.start)
    sentence = document.sentences[bisect_right(starts, here.start) - 1]
    return Candidate(payer, payee, kind, 0.0, sentence, hit_at(document.word_at(here.start)), how="open")
