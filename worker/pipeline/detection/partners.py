"""Partners who share a role: the banks of one loan, the investors of one round, the founders of one joint venture.

Theory: French news names a pool or a joint venture by a handful of nouns, in a sentence with all its members; what each
member pays to, another sentence says. Known exceptions: a venture's own name, told by the noun right beside it, and
advisers named in the same sentence, whom the weighing leaves out by their place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.model import Kind
from worker.pipeline.detection import kinds
from worker.pipeline.detection.document import BACKGROUND, Document, Sentence
from worker.pipeline.detection.entities import Mention, OrgType
from worker.pipeline.detection.frames import Candidate
from worker.pipeline.detection.lexicon import Lexicon
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.pairs import distinct, hit_at, is_line
from worker.pipeline.detection.quantities import Dimension
from worker.pipeline.detection.readings import sentence_objects

_POOLED, _ALONE = 0.8, 0.5
_BORROWERS = 2
# Words between a sum and whoever gives it.
_NEAR = 9
# Words between the noun for a venture and its name: "X, coentreprise détenue", "la coentreprise, baptisée X".
_NAMED = 4
_MOST_FOUNDERS = 6
_MOST_INVESTORS = 12


def lenders(
    document: Document, lexicon: Lexicon, said: Sequence[Candidate], main: Sequence[Mention]
) -> list[Candidate]:
    """Return candidates for banks that a sentence lists as a pool, or names beside a sum where a loan is told.

    said: what the frames say, by which the borrower is known; main: the article's main parties, who borrow otherwise.
    """
    borrowers = _borrowers(said, main)
    lending = any(one.kind is Kind.DEBT and one.hit.frame.kind is Kind.DEBT for one in said)
    pool = lexicon.phrases["partners"].get("pool")
    found: list[Candidate] = []
    for sentence in document.sentences:
        names = {mention.name for mention in borrowers}
        banks = [m for m in distinct(sentence) if m.type in kinds.FINANCIERS and m.name not in names]
        if not banks or not borrowers:
            continue
        pooled = len(banks) >= 2 and (
            "debt" in sentence_objects(document, sentence, lexicon)
            or bool(pool and pool.find(document.words.folds, sentence.first, sentence.after))
        )
        for rank, bank in enumerate(banks):
            if pooled or (lending and bank.type is OrgType.BANK and _has_sum(document, sentence, bank)):
                weight = _POOLED if pooled else _ALONE
                hit = hit_at(document.word_at(bank.start))
                found += [
                    Candidate(bank, one, Kind.DEBT, weight / (1 + place), sentence, hit, rank, "pool")
                    for place, one in enumerate(borrowers)
                ]
    return found


def _borrowers(said: Sequence[Candidate], main: Sequence[Mention]) -> list[Mention]:
    """Return who may borrow, the likeliest first: whom a word of lending says to, then a main party that is no bank."""
    worth: dict[str, float] = {}
    first: dict[str, Mention] = {}
    for one in said:
        lent = one.kind is Kind.DEBT and one.hit.frame.kind is Kind.DEBT and one.how in ("said", "alone", "clitic")
        if lent and one.payee is not None and one.payee.name and one.payee.type is not OrgType.BANK:
            worth[one.payee.name] = worth.get(one.payee.name, 0.0) + one.weight
            first.setdefault(one.payee.name, one.payee)
    told = [first[name] for name in sorted(worth, key=lambda name: -worth[name])]
    others = [m for m in main if m.type not in kinds.FINANCIERS and m.name not in worth]
    return [*told, *others][:_BORROWERS]


def investors(
    document: Document, lexicon: Lexicon, modes: Mapping[int, Mode], main: Sequence[Mention]
) -> list[Candidate]:
    """Return equity candidates for those named in a sentence about a round, or beside a sum, where a firm raises money.

    main: the article's main parties, among whom the firm that raises is.
    """
    fresh = [one for one in document.sentences if modes[one.number].recalled < BACKGROUND]
    raiser = _raiser(fresh, main)
    words = lexicon.phrases["partners"].get("round")
    if raiser is None or words is None:
        return []
    found: list[Candidate] = []
    for sentence in fresh:
        others = [mention for mention in distinct(sentence) if mention.name != raiser.name]
        if not 0 < len(others) <= _MOST_INVESTORS:
            continue
        told = bool(words.find(document.words.folds, sentence.first, sentence.after))
        # A line for each investor has its figure; a sentence that names them all may tell all the rest of the news.
        how = "listed" if is_line(document, sentence) else "pool"
        for rank, one in enumerate(others):
            if told or _has_sum(document, sentence, one):
                weight, hit = _POOLED if told else _ALONE, hit_at(document.word_at(one.start))
                found.append(Candidate(one, raiser, Kind.EQUITY, weight, sentence, hit, rank, how))
    return found


def _raiser(fresh: Sequence[Sentence], main: Sequence[Mention]) -> Mention | None:
    """Return the main party that raises money: the first of them that a sentence with a word of it names."""
    named = {
        mention.name
        for sentence in fresh
        if any(hit.frame.kind is Kind.EQUITY and hit.frame.subject == "payee" for hit in sentence.hits)
        for mention in sentence.mentions
    }
    return next((one for one in main if one.name in named and one.type not in kinds.FINANCIERS), None)


def _has_sum(document: Document, sentence: Sentence, party: Mention) -> bool:
    """Whether a sum of money stands near a party."""
    place = document.word_at(party.start)
    return any(
        abs(document.word_at(quantity.start) - place) <= _NEAR
        for quantity in sentence.quantities
        if quantity.dimension is Dimension.MONEY and not quantity.role
    )


def founders(
    document: Document, lexicon: Lexicon, modes: Mapping[int, Mode], main: Sequence[Mention]
) -> list[Candidate]:
    """Return candidates for the founders of a joint venture that builds sites: each pays, nobody named is paid."""
    words = lexicon.phrases["partners"].get("venture")
    fresh = [one for one in document.sentences if modes[one.number].recalled < BACKGROUND]
    if words is None or not any("site" in sentence_objects(document, one, lexicon) for one in fresh):
        return []
    found: list[Candidate] = []
    for sentence in fresh:
        places = words.find(document.words.folds, sentence.first, sentence.after)
        if not places:
            continue
        told = [m for m in distinct(sentence) if not _is_venture(document, m, places)]
        weight = _POOLED
        if len(told) < 2:
            told, weight = [m for m in main[:2] if not _is_venture(document, m, places)], _ALONE
        if 2 <= len(told) <= _MOST_FOUNDERS:
            for rank, mention in enumerate(told):
                inside = sentence.start <= mention.start < sentence.end
                hit = hit_at(document.word_at(mention.start) if inside else places[0][0])
                found.append(Candidate(mention, None, Kind.SITE, weight, sentence, hit, rank, "founder"))
    return found


def _is_venture(document: Document, mention: Mention, places: Sequence[tuple[int, int]]) -> bool:
    """Whether a name is the venture's own: unlisted, right beside the noun for it."""
    if mention.known:
        return False
    first, last = document.word_at(mention.start), document.word_at(mention.end - 1)
    return any(0 < first - after <= _NAMED or 0 < before - last <= 1 for before, after in places)
