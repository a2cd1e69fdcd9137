"""Runs of capitalised words that may be names, and what the words around each say of it.

Theory: French does not capitalise common nouns, so a capital inside a sentence is a name; whose name it is, the text
tells by what comes right before ("le fonds X", "auprès de X"), right after (", spécialiste de", "signe") or inside
("X Energy"). Each sign has a weight; a name whose signs sum to ACCEPT over all its occurrences is an organisation.
Known exceptions: titles in capitals throughout (skipped), names of products that sign contracts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from worker.pipeline.detection.listed import Layout, capital, is_verb
from worker.pipeline.detection.mentions import OrgType
from worker.pipeline.detection.vocabulary import Vocabulary

_JOINTS = frozenset((" ", "\u00a0", "\u202f", "-", "&", " & ", "'", "’"))
_DOMAINS = frozenset(("ai", "io", "com", "cloud", "energy", "tech", "net", "fr", "eu", "xyz"))
_CONNECTORS = frozenset(("de", "du", "des", "d", "la", "of", "the"))
_AMOUNT = re.compile(r"\d+(?:M|Md|Mds|MW|GW|G|k|K|Go|To|nm|GHz|W|kW|h|e|er|ère|ème|x|th|ko|V|mm|[A-Z])\d*$")
_PRODUCT = re.compile(r"(?:[A-Z]{1,4}|[A-Z][a-z]{0,2})\d{1,4}[A-Za-z]{0,2}$|v\d")
_CAMEL = re.compile(r"[a-zà-ÿ][A-Z]|[A-Z]{2,}[a-z]{2,}|[A-Za-z]{2,}\d|\d[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Run:
    """Words `first` to `after` (exclusive), all written as a name; `country` of an adjective stripped from its front."""

    first: int
    after: int
    country: str = ""


@dataclass(frozen=True, slots=True)
class Signs:
    """What one occurrence says: a weight for being an organisation, its type and country where told."""

    weight: float
    type: OrgType = OrgType.UNKNOWN
    country: str = ""
    introduced: bool = False


def runs(layout: Layout, vocabulary: Vocabulary, taken: list[bool]) -> list[Run]:
    """Return the capitalised runs outside the words already `taken`."""
    found: list[Run] = []
    shouted, free = _shouted(layout), 0
    for index in layout.words.capitals:
        if index < free or taken[index] or layout.sentence[index] in shouted:
            continue
        if not _begins(layout, vocabulary, index):
            continue
        free = _extend(layout, vocabulary, taken, index)
        run = _trim(layout, vocabulary, Run(index, free))
        if run is not None:
            found.append(run)
    return found


def _shouted(layout: Layout) -> set[int]:
    """Return the sentences that are mostly capitals, where capitals tell nothing."""
    raws = layout.words.raw
    if sum(len(raws[index]) > 3 and raws[index].isupper() for index in layout.words.capitals) < 4:
        return set()
    totals: dict[int, list[int]] = {}
    for raw, sentence in zip(raws, layout.sentence, strict=True):
        if len(raw) > 3:
            counts = totals.setdefault(sentence, [0, 0])
            counts[0] += raw.isupper()
            counts[1] += 1
    return {number for number, (upper, total) in totals.items() if total >= 4 and upper > total * 0.6}


def _begins(layout: Layout, vocabulary: Vocabulary, index: int) -> bool:
    raw, folded = layout.words.raw[index], layout.words.folds[index]
    if not capital(raw) or len(raw) == 1 or _AMOUNT.match(raw):
        return False
    if folded in vocabulary["acronyms"] and not _named_acronym(layout, vocabulary, index):
        return False
    if folded in vocabulary["months"] or folded in _CONNECTORS or folded in ("le", "les", "l", "un", "une"):
        return False
    if not layout.opens[index]:
        return True
    if folded in vocabulary["starters"]:
        # "Data Horizon lève" begins with an ordinary word that is part of the name.
        named = folded in vocabulary.suffixes and layout.adjoins(index) and _continues(layout, vocabulary, index + 1)
        return named and layout.words.gap(index) == " "
    return not folded.endswith("ment")


def _named_acronym(layout: Layout, vocabulary: Vocabulary, index: int) -> bool:
    """True for "GPU Cloud" or "AI Labs", where common letters open a name."""
    words = layout.words
    if not layout.adjoins(index) or words.gap(index) != " ":
        return False
    return capital(words.raw[index + 1]) and words.folds[index + 1] in vocabulary.suffixes


def _extend(layout: Layout, vocabulary: Vocabulary, taken: list[bool], first: int) -> int:
    words = layout.words
    after = first + 1
    while after < len(words) and not taken[after] and layout.sentence[after] == layout.sentence[first]:
        gap = words.gap(after - 1)
        if gap == "." and words.folds[after] in _DOMAINS:
            after += 1
            continue
        again = words.folds[after] == words.folds[first]
        step = _step(layout, vocabulary, first, after) if gap in _JOINTS and not again else 0
        if not step or taken[after + step - 1]:
            break
        after += step
    return after


def _step(layout: Layout, vocabulary: Vocabulary, first: int, after: int) -> int:
    """Return how many words from `after` on belong to the name that began at `first`."""
    words = layout.words
    if _continues(layout, vocabulary, after):
        return 0 if words.gap(after - 1) in "'’" and words.folds[after - 1] not in ("o", "l", "d") else 1
    if words.folds[first] not in vocabulary.heads:
        return 0
    for step in (1, 2):
        if after + step >= len(words) or words.folds[after + step - 1] not in _CONNECTORS:
            return 0
        if _continues(layout, vocabulary, after + step):
            return step + 1
    return 0


def _continues(layout: Layout, vocabulary: Vocabulary, index: int) -> bool:
    raw, folded = layout.words.raw[index], layout.words.folds[index]
    if not capital(raw) or _AMOUNT.match(raw) or _PRODUCT.match(raw):
        return False
    if folded in vocabulary["months"] or _is_ticker(layout, index):
        return False
    return folded in vocabulary.suffixes or folded not in vocabulary["acronyms"]


def _is_ticker(layout: Layout, index: int) -> bool:
    """True for a share's code with its exchange: "OWL.N"."""
    words = layout.words
    if index + 1 >= len(words) or words.gap(index) != ".":
        return False
    return words.raw[index].isupper() and words.raw[index + 1].isupper() and len(words.raw[index + 1]) <= 2


def _trim(layout: Layout, vocabulary: Vocabulary, run: Run) -> Run | None:
    """Strip what introduces a name at the head of a sentence or a title: "L'Américain X", "Opérateur X"."""
    folds, first, country = layout.words.folds, run.first, ""
    while first < run.after - 1:
        described = vocabulary.descriptor_at(folds, first) if layout.opens[first] else None
        if folds[first] in vocabulary.nationalities:
            country = vocabulary.nationalities[folds[first]]
            first += 1
        elif described and described[1] < run.after and folds[first] not in vocabulary.heads:
            first = described[1]
        else:
            break
    single = run.after - first == 1
    if single and (folds[first] in vocabulary.nationalities or folds[first] in vocabulary["acronyms"]):
        return None
    return Run(first, run.after, country)


class Judge:
    """Weighs the signs of one run after another in one text."""

    def __init__(self, layout: Layout, vocabulary: Vocabulary) -> None:
        self._layout = layout
        self._words = layout.words
        self._vocabulary = vocabulary
        capitals = set(self._words.capitals)
        self._lower = {folded for index, folded in enumerate(self._words.folds) if index not in capitals}

    def signs(self, run: Run) -> Signs:
        """Return what the name itself and the words around this occurrence say."""
        before, after = self._before(run), self._after(run)
        weight = self._inside(run) + before.weight + after.weight
        kind = next((s.type for s in (before, after) if s.type is not OrgType.UNKNOWN), OrgType.UNKNOWN)
        return Signs(
            weight,
            kind if kind is not OrgType.UNKNOWN else self._suffix_type(run),
            run.country or before.country or after.country,
            before.introduced or after.introduced,
        )

    def _suffix_type(self, run: Run) -> OrgType:
        folds, vocabulary = self._words.folds[run.first : run.after], self._vocabulary
        if folds[0] in vocabulary.heads and vocabulary.heads[folds[0]] is not OrgType.UNKNOWN:
            return vocabulary.heads[folds[0]]
        for folded in reversed(folds[1:]):
            if vocabulary.suffixes.get(folded, OrgType.UNKNOWN) is not OrgType.UNKNOWN:
                return vocabulary.suffixes[folded]
        return _type_inside(self._words.raw[run.first])

    def _inside(self, run: Run) -> float:
        raws, folds = self._words.raw[run.first : run.after], self._words.folds[run.first : run.after]
        vocabulary, weight = self._vocabulary, 0.0
        many = len(folds) > 1
        if many and any(folded in vocabulary.suffixes for folded in folds[1:]):
            weight += 3
        if many and folds[0] in vocabulary.heads:
            weight += 3
        if many and weight == 0:
            weight += 0.5
        if any(_CAMEL.search(raw) for raw in raws) and not _PRODUCT.match(raws[0]):
            weight += 1.5
        if not many and _PRODUCT.match(raws[0]):
            weight -= 4
        if folds[0].rstrip("0123456789") in vocabulary["products"] or all(
            folded in vocabulary["products"] for folded in folds
        ):
            weight -= 4 if weight < 3 else 2
        if all(folded in vocabulary["places"] for folded in folds) or " ".join(folds) in vocabulary["places"]:
            weight -= 8
        if any(folded in vocabulary["place_words"] for folded in folds):
            weight -= 5
        if any(folded in vocabulary["events"] or folded in vocabulary["people_words"] for folded in folds):
            weight -= 3
        if self._layout.opens[run.first] and not many:
            weight -= 6 if folds[0] in self._lower and not _CAMEL.search(raws[0]) else 1
        return weight

    def _before(self, run: Run) -> Signs:
        words, layout, vocabulary = self._words, self._layout, self._vocabulary
        if not layout.adjoins(run.first - 1):
            return Signs(0)
        folded = words.folds[run.first - 1]
        if folded in vocabulary["titles"]:
            return Signs(-8)
        described = self._described(run)
        if described is not None:
            return described
        if folded in _DETERMINERS:
            return Signs(0.0 if words.folds[run.first] in vocabulary.heads else -2.0)
        return Signs(self._preposition(run, folded))

    def _described(self, run: Run) -> Signs | None:
        """Look back for the noun that introduces the name; None where there is none."""
        words, vocabulary, country = self._words, self._vocabulary, ""
        if words.folds[run.first - 1] in ("titre", "action", "titres", "actions"):
            return Signs(2.5)
        thing: Signs | None = None
        for index in range(run.first - 1, max(-1, run.first - 10), -1):
            if not self._layout.adjoins(index):
                return thing
            folded = words.folds[index]
            country = country or vocabulary.nationalities.get(folded, "")
            found = vocabulary.descriptor_at(words.folds, index)
            if found and found[1] <= run.first and not self._is_complement(found[1], run.first):
                return self._introduced(found[1], run.first, country, index)
            if thing is None and folded in vocabulary["other_nouns"] and not self._is_complement(index + 1, run.first):
                thing = Signs(0.0 if folded in _MADE else -5.0)
            if index == run.first - 1 and folded in vocabulary.nationalities:
                alone = words.fold_at(index - 1) in ("l", "le", "la", "du", "au", "d")
                if alone:
                    return Signs(3, OrgType.UNKNOWN, country, True)
            if thing is None and not vocabulary.fits_between(folded):
                return None
            if thing is not None and folded not in ("de", "d", "des") and not vocabulary.fits_between(folded):
                return thing
        return thing

    def _is_complement(self, after: int, first: int) -> bool:
        last = self._words.folds[first - 1]
        return first > after and last in ("de", "d", "du", "des", "la", "l", "le", "les", "en", "a", "au", "pour")

    def _introduced(self, after: int, first: int, country: str, noun: int) -> Signs:
        found = self._vocabulary.descriptor_at(self._words.folds, noun)
        topic = self._vocabulary.topic(self._words.folds, after, first)
        guess = found[0].guess if found else OrgType.UNKNOWN
        if found and topic is not OrgType.UNKNOWN and (not found[0].types or topic in found[0].types):
            guess = topic
        return Signs(4.5, guess, country, True)

    def _preposition(self, run: Run, folded: str) -> float:
        words = self._words
        earlier = words.folds[max(0, run.first - 9) : run.first - 1]
        if folded in ("chez", "avec", "par", "aupres"):
            return 2.0
        if folded == "de" or folded == "d":
            last = earlier[-1] if earlier else ""
            if last in _SITES:
                return -3.0
            told = last in _OF_ORGANISATIONS or last in _MADE or last in self._vocabulary["products"] or is_verb(last)
            return 2.0 if told else 0.5
        if folded == "a":
            return 2.0 if any(word.startswith(_DATIVES) for word in earlier) else -1.0
        if folded in ("entre", "et", "que", "qu", "selon", "pour", "ou"):
            return 1.0
        if folded == "sur":
            return 2.0 if any(word.startswith(("mis", "pari", "tabl")) for word in earlier) else 0.0
        if folded == "dans":
            return (
                2.0
                if any(word.startswith(("invest", "particip", "capital", "mis", "plac", "part")) for word in earlier)
                else -1.0
            )
        if folded in ("en", "vers", "depuis", "pres", "du", "des", "au"):
            return -3.0 if folded == "en" else -1.0
        if is_verb(folded):
            return 2.0
        return -0.5 if folded in _SAYS else 0.0

    def _after(self, run: Run) -> Signs:
        words = self._words
        if run.after >= len(words) or self._layout.sentence[run.after] != self._layout.sentence[run.first]:
            return Signs(0)
        gap, folded = words.gap(run.after - 1), words.folds[run.after]
        if self._layout.adjoins(run.after - 1):
            if self._layout.adjoins(run.first - 1) and words.folds[run.first - 1] in _PREPOSITIONS:
                return Signs(0)
            if folded in _CLITICS and self._layout.adjoins(run.after):
                folded = words.folds[run.after + 1]
            if is_verb(folded):
                return Signs(3.0 if self._layout.opens[run.first] else 2.0)
            if folded in _AUXILIARIES:
                plain = run.after - run.first == 2 and self._inside(run) <= 0.5
                return Signs(1.0 if plain else 3.0 if self._layout.opens[run.first] else 2.0)
            return Signs(0)
        enclosed = run.first > 0 and gap.strip() == "," == words.gap(run.first - 1).strip(" \u00a0)")
        if enclosed and (folded in _AUXILIARIES or is_verb(folded)):
            return Signs(2.0)
        if gap.strip() in (",", "(", "–", "—", "-", ", «"):
            return self._apposed(run, gap)
        return Signs(0)

    def _apposed(self, run: Run, gap: str) -> Signs:
        words, vocabulary, country = self._words, self._vocabulary, ""
        for index in range(run.after, min(run.after + 5, len(words))):
            folded = words.folds[index]
            if index > run.after and not self._layout.adjoins(index - 1):
                return Signs(0)
            country = country or vocabulary.nationalities.get(folded, "")
            if folded in vocabulary["titles"]:
                return Signs(-7)
            found = vocabulary.descriptor_at(words.folds, index)
            if found:
                return self._appositive(found[1], index, country)
            if folded in _PARTICIPLES:
                return Signs(2.0, country=country)
            if folded not in _BEFORE_NOUN and folded not in vocabulary.nationalities:
                return Signs(1.0 if "(" in gap and capital(words.raw[index]) else 0.0)
        return Signs(0)

    def _appositive(self, after: int, noun: int, country: str) -> Signs:
        """Weigh ", spécialiste du cloud": but ", le fonds Y" names the next of a list."""
        words, vocabulary, index = self._words, self._vocabulary, after
        while index < len(words) and self._layout.adjoins(index - 1) and vocabulary.fits_between(words.folds[index]):
            country = country or vocabulary.nationalities.get(words.folds[index], "")
            index += 1
        if index < len(words) and self._layout.adjoins(index - 1) and capital(words.raw[index]):
            if words.folds[index - 1] not in ("de", "d", "du", "des", "la", "l", "en"):
                return Signs(0)
        signs = self._introduced(after, min(len(words), max(index, after) + 2), country, noun)
        return Signs(4.0, signs.type, country, True)


def _type_inside(raw: str) -> OrgType:
    folded = raw.lower()
    for ending, kind in _ENDINGS:
        if folded.endswith(ending) and len(folded) > len(ending) + 1 and raw[-len(ending)].isupper():
            return kind
    return OrgType.UNKNOWN


_ENDINGS = (
    ("cloud", OrgType.NEOCLOUD), ("compute", OrgType.NEOCLOUD), ("bank", OrgType.BANK), ("energy", OrgType.ENERGY),
    ("power", OrgType.ENERGY), ("grid", OrgType.ENERGY), ("capital", OrgType.FUND), ("semi", OrgType.CHIPS),
    ("labs", OrgType.LAB), ("datacenter", OrgType.DATACENTER), ("telecom", OrgType.TELECOM), ("silicon", OrgType.CHIPS),
)  # fmt: skip
# Makers' names follow these as often as products' do ("des GPU Nvidia").
_MADE = frozenset(
    "puces gpu gpus cartes serveurs accelerateurs processeurs systemes racks tpu reacteurs outils modeles".split()
)
_AUXILIARIES = frozenset(
    "a va vont ont avait aura s se n ne doit vient compte veut est et serait aurait devrait pourrait pourra qui dont lui"
    " pret prete figure reste dispose affirme assure indique precise estime table espere entend peut promet".split()
)
_OF_ORGANISATIONS = frozenset(
    "capital actionnaire actionnaires client cliente clients fournisseur filiale part parts titre action actions"
    " contrat rachat acquisition patron pdg dirigeant dirigeants fondateur fondatrice aupres partenaire dette services offre cote loin propriete controle"
    " branche maison mere investissement cours porte parole directeur directrice president presidente equipes ingenieurs salaries commande commandes"
    " engagement engagements cession reprise entree introduction plateforme nom noms majoritaire minoritaire prise tour".split()
)
_DATIVES = (
    "vend", "fourn", "loue", "loua", "livr", "verse", "prete", "confi", "command", "achet", "reserv", "accord", "apport", "octro",
    "propos", "pai", "paye", "garanti", "prom", "rachet", "rach", "facture", "attribu", "remet", "remis", "emprunt", "cession", "vente",
    "donn", "offr", "alli", "associ", "adoss", "adress", "permet", "appartien", "cede", "ceder",
)  # fmt: skip
_CLITICS = frozenset("en y lui leur n ne".split())
_DETERMINERS = frozenset("le la l les un une ces cette ce aux".split())
_PREPOSITIONS = frozenset("a au aux de d du des en dans chez vers pres depuis sur".split())
_SITES = frozenset(
    "site campus ville commune port centre region usine zone quartier parc village plaine secteur bassin maire mairie".split()
)
_SAYS = frozenset(
    "explique resume souligne indique precise ajoute note estime affirme declare glisse juge observe lance analyse reconnait insiste rappelle raconte conclut"
    " commente".split()
)
_PARTICIPLES = frozenset(
    "fonde fondee cree creee base basee cote cotee specialise specialisee filiale issu issue soutenu soutenue detenu detenue dirige dirigee"
    " installe installee ne nee lance lancee connu connue presente presentee".split()
)
_BEFORE_NOUN = frozenset(
    "l le la un une autre ce cette notre premier premiere ex ancien ancienne principal principale jeune grand grande petit petite nouveau nouvelle"
    " deuxieme numero plus gros grosse futur future celebre discret discrete puissant seul des les son sa".split()
)
