"""Which words of a text are taken by listed organisations, once the words around have been asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from worker.pipeline.detection import cues
from worker.pipeline.detection.mentions import Mention, OrgType, Words, parted
from worker.pipeline.detection.registry import Company, Registry, Term
from worker.pipeline.detection.vocabulary import Vocabulary

SPACES = frozenset((" ", "\u00a0", "\u202f"))


@dataclass(frozen=True, slots=True)
class Claim:
    """Words `first` to `after` (exclusive) say a listed organisation."""

    first: int
    after: int
    term: Term


@dataclass(frozen=True, slots=True)
class Placed:
    """A mention with the words that it covers."""

    first: int
    after: int
    mention: Mention


def placed_at(words: Words, first: int, after: int, mention: Mention, via: str) -> Placed:
    """Return words that stand for an organisation that is mentioned elsewhere. via: how they were understood."""
    start, end = words.starts[first], words.ends[after - 1]
    return Placed(
        first, after, replace(mention, start=start, end=end, surface=words.text[start:end], via=via, sure=1.0)
    )


class Layout:
    """The words of a text with the sentence of each, and which of them open one."""

    def __init__(self, words: Words, sentences: Sequence[tuple[int, int]]) -> None:
        self.words = words
        self.sentence: list[int] = []
        self.opens: list[bool] = []
        current, previous, end = 0, -1, 0
        ends = [stop for _, stop in sentences]
        for start, stop in zip(words.starts, words.ends, strict=True):
            while current < len(ends) and start >= ends[current]:
                current += 1
            self.sentence.append(current)
            quoted = start - end > 1 and _OPENING.search(words.text, end, start) is not None
            self.opens.append(current != previous or quoted)
            previous, end = current, stop

        self.inside = frozenset(words.raw[index] for index in words.capitals if not self.opens[index])

    def adjoins(self, index: int) -> bool:
        """True where word `index` and the next stand in one sentence with only a space or an apostrophe between."""
        if index < 0 or index + 1 >= len(self.words) or self.sentence[index] != self.sentence[index + 1]:
            return False
        return self.words.gap(index) in _NEAR


# Legal forms, and the arm that invests for a group.
_FORMS = frozenset(
    ("group", "groupe", "holding", "holdings", "corp", "corporation", "inc", "ltd", "llc", "plc", "sa", "se", "ag",
     "nv", "ventures", "limited", "incorporated", "company", "asa"),
)  # fmt: skip
_NAME_ARTICLES = frozenset(("le", "la", "les", "the"))
_COMPLEMENTS = frozenset(("de", "du", "des", "d"))
_OTHER_TRADES = (OrgType.ENERGY, OrgType.BANK, OrgType.FUND)
_SHORT = 4
# "Mme", "Dr": what is so short before a name is no part of one.
_TITLE = 4
# "Ses concurrents" are no satellites of SES, nor "Son prix" the Finnish bank.
_OWNERS = frozenset(("ses", "son", "mes", "on", "ces", "des", "les", "sur", "par", "pas", "est", "ici", "car", "age"))
# "L'État" is France's; "le même État", "chaque État", "d'État" are not.
_OTHER_STATES = frozenset(
    ("un", "une", "des", "d", "cite", "meme", "cet", "chaque", "autre", "deux", "plusieurs", "premier")
)
_OPENING = re.compile('[«"“•\n]')
_AHEAD = (
    "era", "erait", "eront", "eraient", "ira", "irait", "iront", "iraient", "dra", "drait", "dront", "draient", "trait",
)  # fmt: skip
_NO_FUTURE = frozenset(("camera", "extrait", "portrait", "attrait", "retrait", "contrait", "abstrait", "traitrait"))
_NEAR = frozenset((" ", "\u00a0", "\u202f", "'", "’", "-"))


def capital(raw: str) -> bool:
    """True for a word written as names are: a capital anywhere."""
    return raw[0].isupper() or not (raw.islower() or raw.isdigit())


def claims(layout: Layout, registry: Registry, vocabulary: Vocabulary) -> list[Claim]:
    """Return the listed organisations in order, the longest wherever two begin at one word."""
    words = layout.words
    found: list[Claim] = []
    doubted: list[Claim] = []
    free = 0
    for index in registry.beginnings(words):
        match = registry.match_at(words, index) if index >= free else None
        if match and _begins_another(layout, registry, vocabulary, index, match[1]):
            continue
        if match and _holds(layout, vocabulary, Claim(index, match[1], match[0])):
            free = _with_form(layout, match)
            found.append(Claim(index, free, match[0]))
        elif match and _may_be_named(layout, vocabulary, Claim(index, match[1], match[0])):
            doubted.append(Claim(index, match[1], match[0]))
    named = {claim.term.company.name for claim in found}
    # A word that may be a firm's name is it where the text names the firm otherwise too: "Moonshot, l'éditeur de Kimi".
    found += [claim for claim in doubted if claim.term.company.name in named]
    found.sort(key=lambda claim: claim.first)
    longer = _parts_of_longer(layout, vocabulary, found)
    return [claim for claim in found if claim.term.company.name not in longer] if longer else found


def _begins_another(layout: Layout, registry: Registry, vocabulary: Vocabulary, first: int, after: int) -> bool:
    """Whether a name with its article, words `first` to `after` (exclusive), begins another: "La Caisse" does in "La
    Caisse des Dépôts" and "La Caisse de prévoyance", "La Poste" does not in "La Poste de Belfort"."""
    words = layout.words
    if words.folds[first] not in _NAME_ARTICLES or after == first + 1:
        return False
    longer, head = registry.match_at(words, first + 1), words.folds[first + 1] in vocabulary.heads
    linked = head and layout.adjoins(after - 1) and words.folds[after] in _COMPLEMENTS
    return linked or (longer is not None and longer[1] > after)


def _may_be_named(layout: Layout, vocabulary: Vocabulary, claim: Claim) -> bool:
    """Whether a word that is a firm's name too is written as one, and as no part of another name."""
    term, words = claim.term, layout.words
    if not (term.company.ambiguous and len(term.words) == 1 and term.via in ("name", "alias")):
        return False
    joined = layout.adjoins(claim.first - 1) and capital(words.raw[claim.first - 1])
    return (
        capital(words.raw[claim.first])
        and not joined
        and term.company.type is not OrgType.STATE
        and not _near_misses(layout, term.company, claim)
        and not _is_longer(layout, vocabulary, claim)
    )


def _parts_of_longer(layout: Layout, vocabulary: Vocabulary, found: Sequence[Claim]) -> frozenset[str]:
    """Return the listed organisations that a text has only behind one and the same capitalised word, twice or more:
    another firm's name ends as theirs."""
    words = layout.words
    before: dict[str, list[str]] = {}
    for claim in found:
        word, known = claim.first - 1, claim.term.via in ("name", "alias") and claim.after - claim.first == 1
        joined = known and layout.adjoins(word) and words.gap(word) == " " and words.raw[word][0].isupper()
        before.setdefault(claim.term.company.name, []).append(words.folds[word] if joined else "")
    taken = {words.folds[claim.after - 1] for claim in found}
    return frozenset(
        name
        for name, told in before.items()
        if len(told) > 1 and told[0] and len(set(told)) == 1 and told[0] not in taken and _is_own(told[0], vocabulary)
    )


def _is_own(folded: str, vocabulary: Vocabulary) -> bool:
    """Whether a word before a firm's name may be part of another name: no title, trade, country, product or time."""
    if len(folded) <= _TITLE or folded.endswith(("ment", "di")) or vocabulary.descriptor_at((folded,), 0):
        return False
    ordinary = ("acronyms", "starters", "products", "months", "titles")
    return not (
        folded in vocabulary.heads
        or folded in vocabulary.nationalities
        or any(folded in vocabulary[name] for name in ordinary)
    )


def _with_form(layout: Layout, match: tuple[Term, int]) -> int:
    """Return the word after a name and what the list leaves out behind it: "Soluna Global Holdings", "AMD Ventures"."""
    term, after = match
    while term.via in ("name", "alias") and layout.adjoins(after - 1) and layout.words.gap(after - 1) in SPACES:
        # "Nscale Global Holdings", but not "Brookfield Global Transition Fund".
        step = 2 if layout.words.folds[after] == "global" and layout.adjoins(after) else 1
        if layout.words.folds[after + step - 1] not in _FORMS or not capital(layout.words.raw[after]):
            break
        after += step
    return after


def _holds(layout: Layout, vocabulary: Vocabulary, claim: Claim) -> bool:
    words, term = layout.words, claim.term
    raw = words.raw[claim.first]
    if term.via == "metonym":
        return not (term.raw[0][0].isupper() and _is_place(layout, vocabulary, claim))
    if not capital(raw) and (raw != term.raw[0] or term.company.ambiguous) and (len(raw) < 5 or term.company.ambiguous):
        return False
    if term.words[0] in _NAME_ARTICLES and not capital(words.raw[claim.first + 1]):
        # "Le Monde" is a newspaper, "Le monde" is not.
        return False
    if _near_misses(layout, term.company, claim):
        return False
    if term.via == "person":
        return all(capital(words.raw[index]) for index in range(claim.first, claim.after) if len(words.raw[index]) > 2)
    if _is_longer(layout, vocabulary, claim):
        return False
    if _only_opens(layout, claim) or (term.raw[0].isupper() and raw.istitle() and term.words[0] in _OWNERS):
        return False
    if term.company.ambiguous and len(term.words) == 1:
        return _is_name(layout, vocabulary, claim)
    return not _is_first_name(layout, vocabulary, claim)


def _is_place(layout: Layout, vocabulary: Vocabulary, claim: Claim) -> bool:
    """True for a capital that is a town: "à Ottawa", "le laboratoire d'Ottawa", not "l'aide d'Ottawa"."""
    before, folds = claim.first - 1, layout.words.folds
    if not layout.adjoins(before):
        return False
    if folds[before] in ("de", "d") and layout.adjoins(before - 1):
        return any(
            found and found[1] == before
            for found in (vocabulary.descriptor_at(folds, index) for index in range(max(0, before - 3), before))
        )
    return folds[before] in cues.LOCATIVES


def _near_misses(layout: Layout, company: Company, claim: Claim) -> bool:
    words = layout.words
    if company.not_after and words.fold_at(claim.first - 1) in company.not_after:
        return True
    return bool(company.not_before) and any(
        words.fold_at(index) in company.not_before for index in (claim.after, claim.after + 1)
    )


def _is_longer(layout: Layout, vocabulary: Vocabulary, claim: Claim) -> bool:
    """True for another organisation whose name holds a listed one: "X Energy", "Nuage Bleu" for Bleu."""
    words, after = layout.words, claim.after
    followed = claim.term.via in ("name", "alias") and layout.adjoins(after - 1) and words.gap(after - 1) in SPACES
    if followed and _is_branch(words.raw[after], words.folds[after], vocabulary):
        return True
    if followed and claim.term.company.regional and _has_region(layout, vocabulary, after):
        return True
    if followed and _ends_otherwise(claim.term, words.raw[after], words.folds[after], vocabulary):
        return True
    if len(claim.term.words) > 1:
        return False
    if claim.term.company.ambiguous and _ends_as_firm(layout, vocabulary, after):
        return True
    before = claim.first - 1
    if not claim.term.company.ambiguous or not layout.adjoins(before) or layout.opens[before]:
        return False
    folded = words.folds[before]
    plain = folded not in vocabulary.nationalities and folded not in vocabulary["acronyms"]
    return words.raw[before][0].isupper() and plain and words.gap(before) == " "


def _is_branch(raw: str, folded: str, vocabulary: Vocabulary) -> bool:
    """True for a word that makes another firm of a firm's name: "Samsung SDS", "Lloyds Capital", "Helion Minds"."""
    if not raw[0].isupper() or folded in vocabulary["acronyms"] or folded in vocabulary["products"]:
        return False
    return folded in vocabulary["branches"] or vocabulary.suffixes.get(folded) in _OTHER_TRADES


def _has_region(layout: Layout, vocabulary: Vocabulary, after: int) -> bool:
    """True behind "la Caisse d'Épargne" before "Bretagne" and "de Bretagne", not before "M." and "SAFER"."""
    words = layout.words
    place = after + 1 if words.folds[after] in _COMPLEMENTS and layout.adjoins(after) else after
    raw, folded = words.raw[place], words.folds[place]
    named = raw[0].isupper() and raw[1:].islower() and not is_verb(folded)
    return named and not any(folded in vocabulary[one] for one in ("titles", "first_names", "acronyms"))


def _ends_otherwise(term: Term, raw: str, folded: str, vocabulary: Vocabulary) -> bool:
    """True for "Helion Data", where the list has "Helion" as what is said for "Helion Energy"."""
    whole = parted(term.company.name)[1]
    short = term.via == "alias" and len(whole) > len(term.words) and whole[: len(term.words)] == term.words
    ends = folded in vocabulary.suffixes and folded not in vocabulary["acronyms"] and folded not in _FORMS
    return short and ends and raw[0].isupper()


def _only_opens(layout: Layout, claim: Claim) -> bool:
    """True for "Ses" at the head of a sentence, where the list has "SES": a word of few letters in another case."""
    listed, raw = claim.term.raw[0], layout.words.raw[claim.first]
    short = len(claim.term.words) == 1 and listed.isupper() and len(listed) <= _SHORT
    return short and not raw.isupper() and layout.opens[claim.first]


def _ends_as_firm(layout: Layout, vocabulary: Vocabulary, after: int) -> bool:
    """True where capitals go on to a firm's last word: "Lumen Sud SA"."""
    words, index = layout.words, after
    while index < min(after + 4, len(words)) and layout.adjoins(index - 1) and capital(words.raw[index]):
        index += 1
    last = words.fold_at(index - 1)
    return index > after and last in vocabulary.suffixes and last not in vocabulary["acronyms"]


def _is_first_name(layout: Layout, vocabulary: Vocabulary, claim: Claim) -> bool:
    """True for "Claude Dupont", where a brand is a person's first name, and "Tim Dupont", where the list has "TIM"."""
    raw, listed = layout.words.raw[claim.first], claim.term.raw[0]
    respelled = listed.isupper() and raw.istitle() and claim.term.words[0] in vocabulary["first_names"]
    personal = claim.term.via == "brand" or respelled
    if not personal or claim.after - claim.first > 1 or not layout.adjoins(claim.after - 1):
        return False
    following = layout.words.raw[claim.after]
    folded = layout.words.folds[claim.after]
    return following[0].isupper() and folded not in vocabulary["products"] and not is_verb(folded)


def _is_name(layout: Layout, vocabulary: Vocabulary, claim: Claim) -> bool:
    """Tell a name from the ordinary word: capitals, no article before, no longer name around it."""
    words = layout.words
    raw = words.raw[claim.first]
    if not capital(raw):
        return False
    before = words.fold_at(claim.first - 1) if layout.adjoins(claim.first - 1) else ""
    if claim.term.company.type == "state":
        other = before in _OTHER_STATES or _is_another_state(layout, vocabulary, claim.after)
        return not other
    if before in cues.ARTICLES or (before in vocabulary.heads and words.raw[claim.first - 1][0].isupper()):
        return False
    if layout.adjoins(claim.after - 1):
        following, folded = words.raw[claim.after], words.folds[claim.after]
        if capital(following) and (folded in vocabulary.suffixes or _goes_on(layout, vocabulary, claim.after)):
            return False
    if not layout.opens[claim.first]:
        return True
    return _opens_as_name(layout, claim)


def _is_another_state(layout: Layout, vocabulary: Vocabulary, after: int) -> bool:
    """True behind "l'État" in "l'État de Washington", "l'État nippon", "l'État fédéral"."""
    words = layout.words
    if not layout.adjoins(after - 1):
        return False
    if words.folds[after] in ("de", "du", "d"):
        return layout.adjoins(after) and capital(words.raw[after + 1])
    own = vocabulary.nationalities.get(words.folds[after], "FR")
    return own != "FR" or words.folds[after] in ("federal", "membre")


def _goes_on(layout: Layout, vocabulary: Vocabulary, after: int) -> bool:
    """True where an ordinary word is the first of a longer name: "Lumen Arctic", but not "Orange AI"."""
    raw, folded = layout.words.raw[after], layout.words.folds[after]
    plain = folded not in vocabulary["products"] and folded not in vocabulary["acronyms"] and not raw[0].isdigit()
    return raw[0].isupper() and raw[1:].islower() and plain and not layout.opens[after] and not is_verb(folded)


def _opens_as_name(layout: Layout, claim: Claim) -> bool:
    """A sentence may begin with the ordinary word: it is a name before a verb or a mark, or where it comes again."""
    words = layout.words
    if claim.after >= len(words) or not layout.adjoins(claim.after - 1):
        return True
    if words.folds[claim.after] in cues.AFTER_SUBJECT or is_verb(words.folds[claim.after]):
        return True
    return words.raw[claim.first] in layout.inside


def is_verb(folded: str) -> bool:
    """True for a folded word that begins as the verbs of transactions do, or ends as a future or a conditional."""
    if folded.startswith(cues.VERBS):
        return not folded.endswith(cues.NOT_VERBS)
    return len(folded) > 5 and folded.endswith(_AHEAD) and folded not in _NO_FUTURE
