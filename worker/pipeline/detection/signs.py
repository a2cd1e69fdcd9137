"""What the words of a name and the words around it say of its being an organisation.

Theory: whose name a capital is, the text tells by what comes right before ("le fonds X", "auprès de X"), right after
(", spécialiste de", "signe") or inside ("X Energy"). Each sign has a weight; a name whose signs are strong enough over
all its occurrences is an organisation. Known exception: names of products that sign contracts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from worker.pipeline.detection import cues, whereabouts
from worker.pipeline.detection.candidates import PRODUCT, Run
from worker.pipeline.detection.listed import Layout, capital, is_verb
from worker.pipeline.detection.mentions import OrgType
from worker.pipeline.detection.vocabulary import Vocabulary

# How words begin whose "dans" leads to a firm.
_INTO = (
    "invest", "particip", "capital", "mis", "plac", "part", "mett", "inject", "vers", "milliard", "million", "md",
    "apport",
)  # fmt: skip
# What follows a common noun without article at the head of a title.
_COMPLEMENTS = cues.PREPOSITIONS | cues.OBJECT_AFTER | frozenset(("et", "ou", "ia", "sans", "tres", "trop"))
_EXPLAINING = frozenset(("le", "la", "l", "un", "une", "ce", "cet", "cette"))
_PLACES = frozenset(
    ("ville", "village", "commune", "capitale", "banlieue", "prefecture", "cite", "bourg", "bourgade", "station",
     "quartier", "region", "province", "ile", "port", "zone", "petite", "grande", "meme", "autre", "an", "annee",
     "mois", "semaine"),
)  # fmt: skip
# What an apposition to a thing begins with: "X, le campus de", "X, son supercalculateur".
_THINGS = frozenset(
    ("campus", "projet", "programme", "modele", "modeles", "supercalculateur", "puce", "puces", "processeur", "commune",
     "ville", "village", "parc", "quartier", "plateau"),
)  # fmt: skip
# Pronouns before a verb that are articles before a noun.
_OBJECTS = frozenset(("l", "le", "la", "les", "se", "s"))
_MODALS = frozenset(
    ("a", "ont", "avait", "aura", "va", "vont", "doit", "veut", "compte", "pourrait", "devrait", "aurait"),
)
# Words of a description before the comma and the name; what such a description begins with.
_DESCRIPTION = 8
_INTRODUCING = frozenset(("un", "une", "le", "la", "l", "cette", "cet", "ce", "son", "sa", "leur", "ex", "jeune"))
# Words between a name and its verb that an insertion may have.
_INSERTED = 14
_PLURAL = re.compile(r"[^iaouys]s$")
# "la SNCF", "l'Urssaf": names of bodies take an article, other names do not.
_ACRONYM = re.compile(r"[A-Z]{3,6}$")
_CAMEL = re.compile(r"[a-zà-ÿ][A-Z]|[A-Z]{2}[a-z]{2}|[A-Za-z]{2}\d|\d[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Signs:
    """What one occurrence says: a weight for being an organisation, its type and country where told.

    parts: what the words of the name, those before and those after add to the weight, where all were looked at.
    """

    weight: float
    type: OrgType = OrgType.UNKNOWN
    country: str = ""
    introduced: bool = False
    parts: tuple[float, ...] = ()


class Judge:
    """Weighs the signs of one run after another in one text."""

    def __init__(self, layout: Layout, vocabulary: Vocabulary) -> None:
        self._layout = layout
        self._words = layout.words
        self._vocabulary = vocabulary
        capitals = set(self._words.capitals)
        self.lower = {folded for index, folded in enumerate(self._words.folds) if index not in capitals}

    def signs(self, run: Run) -> Signs:
        """Return what the name itself and the words around this occurrence say."""
        if whereabouts.is_dateline(self._layout, self._vocabulary, run):
            return Signs(-6.0)
        if whereabouts.is_located(self._layout, self._vocabulary, run):
            return Signs(-6.0)
        if whereabouts.is_source(self._layout, run):
            return Signs(-3.5)
        before, after = self._before(run), self._after(run)
        parts = (self._inside(run), before.weight, after.weight)
        kind = next((s.type for s in (before, after) if s.type is not OrgType.UNKNOWN), OrgType.UNKNOWN)
        return Signs(
            sum(parts),
            kind if kind is not OrgType.UNKNOWN else self._suffix_type(run),
            run.country or before.country or after.country,
            before.introduced or after.introduced,
            parts,
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
        many, camel = len(folds) > 1, any(_CAMEL.search(raw) for raw in raws)
        if many:
            suffixed = any(folded in vocabulary.suffixes for folded in folds[1:])
            weight += (3 * suffixed + 3 * (folds[0] in vocabulary.heads)) or 1.0
        if PRODUCT.match(raws[0]):
            weight -= 0 if many else 4
        elif camel:
            weight += 1.5
        weight -= self._elsewhere(folds, weight)
        if self._layout.opens[run.first] and not many:
            weight -= 6 if folds[0] in self.lower and not _CAMEL.search(raws[0]) else 1
        return weight

    def _elsewhere(self, folds: list[str], weight: float) -> float:
        """Return what speaks for a product, a place, an event or a person in the words of the name itself."""
        vocabulary, against = self._vocabulary, 0.0
        product = folds[0].rstrip("0123456789") in vocabulary["products"]
        if product or all(folded in vocabulary["products"] for folded in folds):
            against += 4 if weight < 3 else 2
        if all(folded in vocabulary["places"] for folded in folds) or " ".join(folds) in vocabulary["places"]:
            against += 8
        if any(folded in vocabulary["place_words"] for folded in folds):
            # "Garonne Cloud" is a firm of the place.
            against += 2 if folds[-1] in vocabulary.suffixes else 5
        if " ".join(folds) in vocabulary.towns:
            against += 3.5
        if len(folds) == 1 and folds[0] in vocabulary["first_names"]:
            against += 3
        if any(folded in vocabulary["events"] or folded in vocabulary["people_words"] for folded in folds):
            against += 3
        return against

    def _before(self, run: Run) -> Signs:
        words, layout, vocabulary = self._words, self._layout, self._vocabulary
        if not layout.adjoins(run.first - 1):
            return self._explains(run)
        folded = words.folds[run.first - 1]
        if folded in vocabulary["titles"]:
            return Signs(-8)
        if folded in cues.CALLED:
            return self._called(run)
        described = self._described(run)
        if described is not None:
            return described
        if folded in cues.DETERMINERS and _ACRONYM.match(words.raw[run.first]) and run.after - run.first == 1:
            return Signs(1.0)
        if folded in cues.DETERMINERS:
            return Signs(0.0 if words.folds[run.first] in vocabulary.heads else -2.0)
        return Signs(self._preposition(run, folded))

    def _explains(self, run: Run) -> Signs:
        """Weigh a name behind its description and a comma: "un fonds de Porto, X, complète", "l'emprunteuse, X, a"."""
        words, layout, last = self._words, self._layout, run.first - 1
        if last < 1 or layout.sentence[last] != layout.sentence[run.first] or words.gap(last).strip() != ",":
            return Signs(0)
        closed = run.after >= len(words) or words.gap(run.after - 1).strip()[:1] in (",", ".", ")", ";", ":")
        country = ""
        for index in range(last, max(-1, last - _DESCRIPTION), -1):
            if index < last and not layout.adjoins(index):
                break
            named = capital(words.raw[index]) and not layout.opens[index]
            if named and words.fold_at(index - 1) not in ("de", "d", "du"):
                break
            country = country or self._vocabulary.nationalities.get(words.folds[index], "")
            found = self._vocabulary.descriptor_at(words.folds, index)
            if found and found[1] <= last + 1:
                led = layout.adjoins(index - 1) and words.folds[index - 1] in _INTRODUCING
                return self._introduced(found[1], last + 1, country, index) if closed and led else Signs(0)
            plain = self._vocabulary.fits_between(words.folds[index]) or words.folds[index] == "ainsi"
            if not (plain or named):
                # A verb or another noun: the name behind the comma is the next of a list, or another's.
                return Signs(0)
        return Signs(0)

    def _called(self, run: Run) -> Signs:
        """Weigh "le bailleur s'appelle X": what X is, the noun tells."""
        words = self._words
        for index in range(run.first - 2, max(-1, run.first - 9), -1):
            if not self._layout.adjoins(index):
                break
            found = self._vocabulary.descriptor_at(words.folds, index)
            if found:
                return self._introduced(found[1], found[1], "", index)
            if words.folds[index] in ("dernier", "derniere"):
                return Signs(3.0)
        return Signs(0)

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
                thing = Signs(0.0 if folded in cues.MADE else -5.0)
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
            if last in cues.SITES:
                return -3.0
            counted = bool(earlier) and PRODUCT.match(words.raw[run.first - 2]) is not None
            told = (
                counted
                or last in cues.OF_ORGANISATIONS
                or last in cues.MADE
                or last in self._vocabulary["products"]
                or is_verb(last)
            )
            return 2.0 if told else 0.5
        if folded == "a":
            return 2.0 if any(word.startswith(cues.DATIVES) for word in earlier) else -1.0
        if folded in ("entre", "et", "que", "qu", "selon", "pour", "ou"):
            return 1.0
        if folded == "sur":
            return 2.0 if any(word.startswith(("mis", "pari", "tabl")) for word in earlier) else 0.0
        if folded == "dans":
            return 2.0 if any(word.startswith(_INTO) for word in earlier) else -1.0
        if folded in ("en", "vers", "depuis", "pres", "du", "des", "au"):
            return -3.0 if folded == "en" else -1.0
        if is_verb(folded):
            return 2.0
        return -0.5 if folded in cues.SAYS else 0.0

    def _after(self, run: Run) -> Signs:
        words = self._words
        if run.after >= len(words) or self._layout.sentence[run.after] != self._layout.sentence[run.first]:
            return Signs(0)
        gap, folded = words.gap(run.after - 1), words.folds[run.after]
        if self._titled(run):
            return Signs(3.0)
        if self._layout.adjoins(run.after - 1):
            return self._verb(run, folded)
        if gap.strip() == "," and folded in ("qui", "dont", "lequel", "laquelle"):
            return Signs(3.0 if self._layout.opens[run.first] else 1.5)
        if gap.strip() == ":" and self._listed(run):
            return Signs(3.0)
        enclosed = run.first > 0 and gap.strip() == "," == words.gap(run.first - 1).strip(" \u00a0)")
        if enclosed and folded in cues.CLITICS and self._layout.adjoins(run.after):
            folded = words.folds[run.after + 1]
        if enclosed and (folded in cues.AUXILIARIES or is_verb(folded)):
            return Signs(2.0)
        apposed = self._apposed(run, gap) if gap.strip() in (",", "(", "–", "—", "-", ", «") else Signs(0)
        if not apposed.weight and gap.strip() == "," and self._acts_behind(run):
            return Signs(2.5)
        return apposed

    def _verb(self, run: Run, folded: str) -> Signs:
        """Weigh the verb of which the name may be the subject."""
        if self._layout.adjoins(run.first - 1) and self._words.folds[run.first - 1] in cues.PREPOSITIONS:
            return Signs(0)
        after = run.after
        while after < run.after + 2 and self._words.folds[after] in cues.CLITICS and self._layout.adjoins(after):
            after += 1
        folded = self._words.folds[after]
        if after == run.after and folded in _OBJECTS and self._layout.adjoins(after):
            # "X les construira": but an article comes before a noun.
            following = self._words.folds[after + 1]
            folded = following if is_verb(following) else folded
        if is_verb(folded):
            return Signs(3.0 if self._layout.opens[run.first] else 2.0)
        if folded in cues.AUXILIARIES:
            plain = run.after - run.first == 2 and self._inside(run) <= 0.5
            return Signs(1.0 if plain else 3.0 if self._layout.opens[run.first] else 2.0)
        return Signs(0)

    def _acts_behind(self, run: Run) -> bool:
        """True for a name at the head of a sentence whose verb follows an insertion: "X, à l'étroit, leur réserve"."""
        words, layout = self._words, self._layout
        if not layout.opens[run.first]:
            return False
        for index in range(run.after, min(run.after + _INSERTED, len(words) - 1)):
            if layout.sentence[index + 1] != layout.sentence[run.first]:
                return False
            if words.gap(index).strip() == ",":
                after = index + 1
                while after < index + 3 and words.folds[after] in cues.CLITICS and layout.adjoins(after):
                    after += 1
                return is_verb(words.folds[after]) or words.folds[after] in _MODALS
        return False

    def _titled(self, run: Run) -> bool:
        """True for a bare name at the head of the title: a common noun there would take an article or a complement."""
        if run.first or not self._layout.opens[0] or run.after - run.first > 1:
            return False
        gap, folded = self._words.gap(0), self._words.folds[1]
        plural = _PLURAL.search(self._words.folds[0]) is not None
        return gap.strip() in ("", ",") and folded not in _COMPLEMENTS and not plural

    def _listed(self, run: Run) -> bool:
        """True for the head of an item in a list: "- X : 50 000 puces"."""
        words = self._words
        before = words.text[words.ends[run.first - 1] if run.first else 0 : words.starts[run.first]]
        dashed = "\n" in before and before.rstrip(" \u00a0")[-1:] in ("-", "–", "—", "•", "*")
        return dashed and words.raw[run.after][:1].isdigit()

    def _apposed(self, run: Run, gap: str) -> Signs:
        words, vocabulary, country = self._words, self._vocabulary, ""
        for index in range(run.after, min(run.after + 5, len(words))):
            folded = words.folds[index]
            if index > run.after and not self._layout.adjoins(index - 1):
                return Signs(0)
            country = country or vocabulary.nationalities.get(folded, "")
            if folded in vocabulary["titles"]:
                # "X, associé à Y" is no partner of a firm.
                return Signs(0.0 if words.fold_at(index + 1) in ("a", "au", "aux") else -7.0)
            found = vocabulary.descriptor_at(words.folds, index)
            if found:
                signs = self._appositive(found[1], index, country)
                return signs if signs.weight or "(" not in gap else Signs(3.0)
            if folded in cues.PARTICIPLES:
                return Signs(3.0, country=country)
            if folded in _THINGS:
                return Signs(-4.0)
            if index == run.after + 1 and self._explained(index):
                return Signs(2.0, country=country)
            if folded not in cues.BEFORE_NOUN and folded not in vocabulary.nationalities:
                return Signs(1.0 if "(" in gap and capital(words.raw[index]) else 0.0)
        return Signs(0)

    def _explained(self, index: int) -> bool:
        """True for ", le cousin de" and ", l'essaimage de": a thing or a body explained by a noun that no list holds;
        neither a person's trade nor a place's kind."""
        words, vocabulary = self._words, self._vocabulary
        folded = words.folds[index]
        if words.folds[index - 1] not in _EXPLAINING or capital(words.raw[index]) or folded in vocabulary["titles"]:
            return False
        return folded not in vocabulary["place_words"] and folded not in _PLACES

    def _appositive(self, after: int, noun: int, country: str) -> Signs:
        """Weigh ", spécialiste du cloud": but ", le fonds Y" names the next of a list."""
        words, vocabulary, index = self._words, self._vocabulary, after
        while index < len(words) and self._layout.adjoins(index - 1) and vocabulary.fits_between(words.folds[index]):
            country = country or vocabulary.nationalities.get(words.folds[index], "")
            index += 1
        named = index < len(words) and self._layout.adjoins(index - 1) and capital(words.raw[index])
        if named and words.folds[index - 1] not in ("de", "d", "du", "des", "la", "l", "en"):
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
