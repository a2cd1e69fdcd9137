"""Descriptions and pronouns carried back to the organisation that they mean.

Theory: a French news text names an organisation once and then varies ("la start-up", "le groupe", "elle"). What a
description asks for is read here, pronouns in `pronouns`; which organisation is meant, or none, is chosen in
`antecedents`. One choice in four is wrong: readers of `via` may weigh these mentions less.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from worker.pipeline.detection import cues
from worker.pipeline.detection.antecedents import History, Seen
from worker.pipeline.detection.listed import Layout, Placed, is_verb, placed_at
from worker.pipeline.detection.mentions import Mention, OrgType
from worker.pipeline.detection.pronouns import GENDERS, ORDINALS, PRONOUNS, Pronouns, verb_after
from worker.pipeline.detection.ranking import Anaphor, Referents, Wanted
from worker.pipeline.detection.vocabulary import Descriptor, Vocabulary

_OWN_NAMES = frozenset(("name", "alias", "shape", "apposition"))
# Words within which a description introduces a name: "la jeune pousse américaine X".
_INTRODUCED = 5
# No complement is longer: "l'opérateur de centres de données pour l'intelligence artificielle né à Lyon".
_COMPLEMENT = 15
_ADJECTIVE = re.compile(r"(?:aise?|oise?|ienne?|aine?)$")


class Resolver:
    """Walks once through a text and returns the mentions that stand for a name."""

    def __init__(
        self,
        layout: Layout,
        vocabulary: Vocabulary,
        countries: Mapping[str, str],
        before: Iterable[Mention],
        persons: Iterable[int] = (),
        referents: Referents | None = None,
    ) -> None:
        """Begin a walk. countries: of the organisations by name; persons: words at which people are named."""
        self._layout, self._words, self._vocabulary = layout, layout.words, vocabulary
        self._history = History(before, countries, referents or Referents({}))
        self._at: dict[int, Placed] = {}
        self._ends: dict[int, Placed] = {}
        self._extra: list[Placed] = []
        self._pronouns = Pronouns(layout, vocabulary, self._history, persons)

    def resolve(self, named: Sequence[Placed]) -> list[Placed]:
        """Return `named` with descriptions, pronouns and unnamed parties added, in order."""
        self._at = {placed.first: placed for placed in named}
        self._ends = {placed.after - 1: placed for placed in named}
        kept = dict(self._at)
        watched = PRONOUNS | ORDINALS | self._vocabulary.noun_beginnings | self._vocabulary.nationalities.keys()
        free = 0
        for index, folded in enumerate(self._words.folds):
            if index < free or not (index in kept or folded in watched):
                continue
            placed = kept.get(index)
            if placed:
                self._see(placed)
                free = placed.after
                continue
            made, dropped = self._read(index)
            if dropped is not None:
                kept.pop(dropped, None)
            if made:
                self._extra.append(made)
                self._see(made)
                free = made.after
        found = sorted([*kept.values(), *self._extra], key=lambda placed: placed.first)
        return [self._typed(placed) for placed in found] if self._history.types else found

    def _typed(self, placed: Placed) -> Placed:
        """Give an unlisted name the type that a description of it told."""
        mention = placed.mention
        if mention.known or mention.type is not OrgType.UNKNOWN or mention.name not in self._history.types:
            return placed
        return replace(placed, mention=replace(mention, type=self._history.types[mention.name]))

    def _see(self, placed: Placed) -> None:
        found = self._vocabulary.noun_at(self._words.folds, placed.first)
        described = placed.mention.via in ("definite", "metonym") and found
        gender = found[0].gender if found and described else GENDERS.get(self._words.folds[placed.first], "")
        sentence = self._layout.sentence[placed.first]
        leads = self._leads(placed.first, placed.after)
        verb = verb_after(self._layout, placed.after) if leads else ""
        led = self._preposition(placed.first)
        self._history.add(Seen(placed.mention, sentence, leads, gender, verb, led))

    def _leads(self, first: int, after: int) -> bool:
        """True for a mention without a preposition and in no list."""
        before = first - 1
        if before < 0 or self._layout.sentence[before] != self._layout.sentence[first]:
            return True
        if not self._layout.adjoins(before):
            listed = before in self._ends and (after in self._at or self._words.fold_at(after) in ("et", "ou"))
            return ":" not in self._words.gap(before) and not listed
        return not self._preposition(first)

    def _preposition(self, first: int) -> str:
        """Return the preposition before a mention, over the description that introduces it: "avec la start-up X"."""
        before = first - 1
        if not self._layout.adjoins(before):
            return ""
        nouns = (noun for noun in range(before, max(before - _INTRODUCED, -1), -1) if self._ends_by(noun, first))
        noun = next(nouns, None)
        determiner = self._determiner(noun)[0] if noun is not None else None
        before = before if determiner is None else determiner
        folds = self._words.folds
        if folds[before] in ("le", "la", "l", "un", "une") and self._layout.adjoins(before - 1):
            before -= 1
        return folds[before] if folds[before] in cues.OBJECT_AFTER else ""

    def _ends_by(self, noun: int, first: int) -> bool:
        """Whether a description that begins at a word ends before another, with nothing but words between."""
        found = self._vocabulary.noun_at(self._words.folds, noun)
        return (
            found is not None and found[1] <= first and all(self._layout.adjoins(word) for word in range(noun, first))
        )

    def _read(self, index: int) -> tuple[Placed | None, int | None]:
        folded = self._words.folds[index]
        if folded in PRONOUNS:
            return self._pronouns.pronoun(index), None
        if folded in ORDINALS:
            return self._pronouns.ordinal(index), None
        found = self._vocabulary.noun_at(self._words.folds, index)
        if found:
            return self._described(index, found[1], found[0])
        return self._pronouns.countryman(index, self._at), None

    def _described(self, noun: int, after: int, descriptor: Descriptor) -> tuple[Placed | None, int | None]:
        determiner, country = self._determiner(noun)
        end, introduced = self._complement(after)
        country = country or self._country(after, end)
        if introduced is not None:
            self._history.learn_country(self._at[introduced].mention.name, country)
            self._history.call(self._at[introduced].mention.name, " ".join(self._words.folds[noun:after]))
            return None, None
        if determiner is not None and self._words.folds[determiner] in cues.DEFINITE:
            named = self._named_behind(determiner, end, descriptor)
            if named is not None:
                return placed_at(self._words, noun, after, named.mention, "definite"), None
        owner = self._at.get(end) if self._layout.adjoins(end - 1) else None
        if owner and self._stands_for(owner, noun) and self._determined(determiner):
            return self._merged(noun, owner), owner.first
        if determiner is None or self._is_apposition(determiner):
            owner = self._ends.get((noun if determiner is None else determiner) - 1)
            if owner is not None and self._words.gap(owner.after - 1).strip() in (",", "(", "–", "—"):
                self._history.call(owner.mention.name, " ".join(self._words.folds[noun:after]))
            return None, None
        first_word = self._words.folds[determiner]
        if self._words.folds[noun] in cues.NEW_THINGS and first_word not in cues.INDEFINITE:
            return None, None
        if first_word in cues.INDEFINITE:
            return self._unnamed(noun, after, determiner, descriptor), None
        wanted = self._wanted(descriptor, after, country)
        excluded = frozenset((owner.mention.name,)) if owner and end > after else frozenset[str]()
        anaphor = self._noun(noun, after, determiner, descriptor, wanted, excluded)
        mention = self._history.choose(anaphor)
        # "L'éditeur des livres Belin" is no maker of models: a complement of no known topic leaves the trade open.
        told = "complement" not in anaphor.signs or len(wanted.types) == 1
        if mention and told and wanted.prefer is not OrgType.UNKNOWN and not descriptor.relation:
            self._history.types.setdefault(mention.name, wanted.prefer)
        return (placed_at(self._words, noun, after, mention, "definite") if mention else None), None

    def _noun(
        self, noun: int, after: int, determiner: int, descriptor: Descriptor, wanted: Wanted, excluded: frozenset[str]
    ) -> Anaphor:
        folds = self._words.folds
        sentence, article = self._layout.sentence[noun], folds[determiner]
        before = self._words.fold_at(determiner - 1)
        governed = article in ("du", "au")
        if self._layout.adjoins(determiner - 1) and before not in cues.CONJUNCTIONS:
            governed = governed or before in cues.OBJECT_AFTER
        signs = ["governed" if governed else "free"]
        if self._layout.opens[determiner]:
            signs.append("opens")
        if article in cues.OWN:
            signs.append("own")
        elif article in ("ce", "cet", "cette"):
            signs.append("this")
        if self._says(determiner):
            signs.append("says")
        if before in ("de", "d") or article == "du":
            signs.append("of")
        if determiner + 1 < noun:
            signs.append("adjective")
        following = self._words.fold_at(after) if self._layout.adjoins(after - 1) else "."
        if following in ("de", "d", "du", "des"):
            signs.append("complement")
        elif following in cues.VERBS_AFTER or is_verb(following):
            signs.append("acts")
        return Anaphor(
            "relation" if descriptor.relation else "noun",
            noun,
            sentence,
            " ".join(folds[noun:after]),
            descriptor.gender,
            wanted,
            tuple(signs),
            excluded,
        )

    def _determiner(self, noun: int) -> tuple[int | None, str]:
        """Return the determiner's word before a noun, over at most three adjectives, and a nationality among them."""
        country = ""
        for index in range(noun - 1, max(-1, noun - 5), -1):
            if not self._layout.adjoins(index):
                return None, country
            folded = self._words.folds[index]
            if folded in cues.DEFINITE or folded in cues.INDEFINITE:
                return index, country
            country = country or self._vocabulary.nationalities.get(folded, "")
            if folded not in cues.ADJECTIVES_BEFORE and not country:
                return None, country
        return None, country

    def _determined(self, determiner: int | None) -> bool:
        return determiner is None or self._words.folds[determiner] in cues.DEFINITE

    def _complement(self, after: int) -> tuple[int, int | None]:
        """Return where the words that belong to a description end, and the name that it introduces there, if any."""
        index = after
        while index < min(len(self._words), after + _COMPLEMENT) and self._layout.adjoins(index - 1):
            if index in self._at:
                last = self._words.folds[index - 1]
                linked = index > after and last in cues.LINKS
                return index, (None if linked else index)
            if not (self._vocabulary.fits_between(self._words.folds[index]) or self._words.folds[index] in cues.LINKS):
                break
            index += 1
        return index, None

    def _named_behind(self, determiner: int, end: int, descriptor: Descriptor) -> Placed | None:
        """Return the name that explains a description: "son propriétaire, X, a signé", "le bailleur s'appelle X"."""
        words, sentence = self._words, self._layout.sentence
        if end >= len(words) or sentence[end] != sentence[end - 1]:
            return None
        called = words.folds[end : end + 2]
        if len(called) == 2 and called[0] in ("s", "se") and called[1] in cues.CALLED:
            named = self._at.get(end + 2)
            return named if named and sentence[end + 2] == sentence[end] else None
        placed = self._at.get(end) if words.gap(end - 1).strip() == "," else None
        if placed is None or placed.after >= len(words) or placed.mention.via not in _OWN_NAMES:
            return None
        # "Selon l'entreprise, X, Y et Z livreront" names others.
        led = self._layout.adjoins(determiner - 1) and (
            words.folds[determiner - 1] in cues.OBJECT_AFTER or words.folds[determiner - 1] in cues.ADVERBIAL
        )
        listed = placed.after in self._at or words.folds[placed.after] in ("et", "ou")
        fitting = (OrgType.UNKNOWN, *(descriptor.types or (placed.mention.type,)))
        misfit = placed.mention.type not in fitting and words.folds[determiner] not in cues.OWN
        closed = words.gap(placed.after - 1).strip() == ","
        return placed if closed and not (led or listed or misfit) else None

    def _stands_for(self, owner: Placed, noun: int) -> bool:
        """True for "le créateur de [ChatGPT]", "la start-up de [Sam Altman]", "la maison mère de [Facebook]"."""
        if owner.first == noun or not owner.mention.known:
            return False
        folds = self._words.folds
        relational = folds[noun] in cues.OTHERS
        if relational:
            return False
        if folds[noun] == "proprietaire" or (folds[noun] == "maison" and self._words.fold_at(noun + 1) == "mere"):
            return owner.mention.via in ("alias", "brand") or owner.mention.name != owner.mention.surface
        return owner.mention.via in ("brand", "person")

    def _merged(self, noun: int, owner: Placed) -> Placed:
        start = self._words.starts[noun]
        surface = self._words.text[start : owner.mention.end]
        return Placed(noun, owner.after, replace(owner.mention, start=start, surface=surface, via="metonym"))

    def _is_apposition(self, determiner: int) -> bool:
        """True for ", le fabricant de puces" right after a name, but not after "Selon X, le groupe"."""
        last = determiner - 1
        if last < 0 or self._words.gap(last).strip() not in (",", "(", "–", "—"):
            return False
        owner = self._ends.get(last)
        if owner is None:
            return False
        indefinite = self._words.folds[determiner] in cues.INDEFINITE
        return indefinite or self._words.fold_at(owner.first - 1) not in cues.ADVERBIAL

    def _unnamed(self, noun: int, after: int, determiner: int, descriptor: Descriptor) -> Placed | None:
        before = self._words.fold_at(determiner - 1) if self._layout.adjoins(determiner - 1) else ""
        if before in cues.COPULAS or self._words.folds[noun] in cues.NOT_PARTIES:
            return None
        if after in self._at and self._words.gap(after - 1).strip() in (":", ",", "("):
            return None
        kind = self._vocabulary.topic(self._words.folds, after, after + 5)
        kind = kind if kind in descriptor.types or not descriptor.types else descriptor.prefer
        start, end = self._words.starts[noun], self._words.ends[after - 1]
        mention = Mention(start, end, self._words.text[start:end], "", kind, False, "unnamed")
        return Placed(noun, after, mention)

    def _wanted(self, descriptor: Descriptor, after: int, country: str) -> Wanted:
        end = after
        while end < min(len(self._words), after + 7) and self._layout.adjoins(end - 1):
            end += 1
        told = after
        while told < after + 2 and _ADJECTIVE.search(self._words.fold_at(told)):
            # "la jeune pousse nantaise de la vidéo générative"
            told += 1
        linked = self._words.fold_at(told) in ("de", "d", "du", "des", "en", "americain", "europeen") or country
        topic = self._vocabulary.topic(self._words.folds, after, end) if linked else OrgType.UNKNOWN
        if topic is not OrgType.UNKNOWN and (not descriptor.types or topic in descriptor.types):
            return Wanted((topic,), topic, country)
        return Wanted(descriptor.types, descriptor.prefer, country)

    def _country(self, after: int, end: int) -> str:
        for index in range(after, min(len(self._words), max(end, after + 1))):
            country: str = self._vocabulary.nationalities.get(self._words.folds[index], "")
            if country and self._layout.adjoins(index - 1):
                return country
        return ""

    def _says(self, determiner: int) -> bool:
        """True where the description is the speaker after its verb: ", énumère le groupe", "a indiqué la société"."""
        before = determiner - 1
        folded = self._words.fold_at(before)
        if not self._layout.adjoins(before) or folded in cues.OBJECT_AFTER or folded in cues.CONJUNCTIONS:
            return False
        parted = before > 0 and any(mark in self._words.gap(before - 1) for mark in ',»"”')
        return folded in cues.SAID or (parted and folded.endswith(("e", "t", "it")))
