"""Descriptions and pronouns carried back to the organisation that they mean.

Theory: a French news text names an organisation once and then varies ("la start-up", "le groupe", "elle"). What the
words themselves ask for is read here; which organisation fits is chosen in antecedents. Known exceptions: descriptions
of persons and things by "il" and "elle", which no rule here can tell; readers of `via` may weigh pronouns less.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from worker.pipeline.detection import cues
from worker.pipeline.detection.antecedents import History, Seen, Wanted
from worker.pipeline.detection.listed import Layout, capital, is_verb
from worker.pipeline.detection.mentions import Mention, OrgType
from worker.pipeline.detection.vocabulary import Descriptor, Vocabulary

_OWN_NAMES = frozenset(("name", "alias", "shape", "apposition"))
_ADJECTIVE = re.compile(r"(?:aise?|oise?|ienne?|aine?)$")
_GENDERS = {"il": "m", "elle": "f", "celui": "m", "celle": "f", "dernier": "m", "derniere": "f"}


@dataclass(frozen=True, slots=True)
class Placed:
    """A mention with the words that it covers."""

    first: int
    after: int
    mention: Mention


class Resolver:
    """Walks once through a text and returns the mentions that stand for a name."""

    def __init__(
        self,
        layout: Layout,
        vocabulary: Vocabulary,
        countries: Mapping[str, str],
        before: Iterable[Mention],
        persons: Iterable[int] = (),
    ) -> None:
        """Begin a walk. countries: of the organisations by name; persons: words at which people are named."""
        self._layout, self._words, self._vocabulary = layout, layout.words, vocabulary
        self._history = History(before, countries)
        self._at: dict[int, Placed] = {}
        self._ends: dict[int, Placed] = {}
        self._extra: list[Placed] = []
        self._persons: dict[int, list[int]] = {}
        for word in persons:
            self._persons.setdefault(layout.sentence[word], []).append(word)

    def resolve(self, named: Sequence[Placed]) -> list[Placed]:
        """Return `named` with descriptions, pronouns and unnamed parties added, in order."""
        self._at = {placed.first: placed for placed in named}
        self._ends = {placed.after - 1: placed for placed in named}
        kept = dict(self._at)
        watched = _PRONOUNS | self._vocabulary.descriptor_beginnings | self._vocabulary.nationalities.keys()
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
        found = self._vocabulary.descriptor_at(self._words.folds, placed.first)
        described = placed.mention.via in ("definite", "metonym") and found
        gender = found[0].gender if found and described else _GENDERS.get(self._words.folds[placed.first], "")
        sentence = self._layout.sentence[placed.first]
        self._history.add(Seen(placed.mention, sentence, self._leads(placed.first, placed.after), gender))

    def _leads(self, first: int, after: int) -> bool:
        """True for a mention without a preposition and in no list."""
        before = first - 1
        if before < 0 or self._layout.sentence[before] != self._layout.sentence[first]:
            return True
        if not self._layout.adjoins(before):
            listed = before in self._ends and (after in self._at or self._words.fold_at(after) in ("et", "ou"))
            return ":" not in self._words.gap(before) and not listed
        folded = self._words.folds[before]
        if folded in ("le", "la", "l") and self._layout.adjoins(before - 1):
            folded = self._words.folds[before - 1]
        return folded not in cues.OBJECT_AFTER

    def _read(self, index: int) -> tuple[Placed | None, int | None]:
        folded = self._words.folds[index]
        if folded in _PRONOUNS:
            return self._pronoun(index, folded), None
        found = self._vocabulary.descriptor_at(self._words.folds, index)
        if found:
            return self._described(index, found[1], found[0])
        return self._countryman(index), None

    # --- descriptions ---

    def _countryman(self, index: int) -> Placed | None:
        """Read "le Coréen" and "l'Allemande": the organisation of that country that was named last."""
        country = self._vocabulary.nationalities.get(self._words.folds[index], "")
        before = index - 1
        if not country or not self._words.raw[index][0].isupper() or not self._layout.adjoins(before):
            return None
        if self._words.folds[before] not in ("le", "la", "l"):
            return None
        following = index + 1
        if self._layout.adjoins(index) and (following in self._at or capital(self._words.raw[following])):
            # "L'Américain Oracle", "le Français Jean Dupont"
            return None
        mention = self._history.of_country(country)
        return self._place(index, index + 1, mention, "definite") if mention else None

    def _described(self, noun: int, after: int, descriptor: Descriptor) -> tuple[Placed | None, int | None]:
        determiner, country = self._determiner(noun)
        end, introduced = self._complement(after)
        country = country or self._country(after, end)
        if introduced is not None:
            self._history.learn_country(self._at[introduced].mention.name, country)
            return None, None
        if determiner is not None and self._words.folds[determiner] in cues.DEFINITE:
            named = self._named_behind(determiner, end, descriptor)
            if named is not None:
                return self._place(noun, after, named.mention, "definite"), None
        owner = self._at.get(end) if self._layout.adjoins(end - 1) else None
        if owner and self._stands_for(owner, noun) and self._determined(determiner):
            return self._merged(noun, owner), owner.first
        if determiner is None or self._is_apposition(determiner):
            return None, None
        first_word = self._words.folds[determiner]
        if self._words.folds[noun] in cues.NEW_THINGS and first_word not in cues.INDEFINITE:
            return None, None
        if self._words.folds[noun] == "maison" and (after - noun > 1 or not self._layout.opens[determiner]):
            return None, None
        if first_word in cues.INDEFINITE:
            return self._unnamed(noun, after, determiner, descriptor), None
        wanted = self._wanted(descriptor, after, country)
        excluded = {owner.mention.name} if owner and end > after else set()
        mention = self._antecedent(noun, determiner, wanted, descriptor, excluded)
        if mention and wanted.prefer is not OrgType.UNKNOWN and not descriptor.relation:
            self._history.types.setdefault(mention.name, wanted.prefer)
        return (self._place(noun, after, mention, "definite") if mention else None), None

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
        while index < len(self._words) and self._layout.adjoins(index - 1):
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
        mention = self._span(noun, after, "", kind, "unnamed")
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

    def _antecedent(
        self, noun: int, determiner: int, wanted: Wanted, descriptor: Descriptor, excluded: set[str]
    ) -> Mention | None:
        sentence = self._layout.sentence[noun]
        subject = self._history.subject(sentence)
        if self._says(determiner):
            return self._history.leading(sentence, Wanted(country=wanted.country))
        before = self._words.fold_at(determiner - 1)
        contracted = self._words.folds[determiner] in ("du", "au")
        governed = self._layout.adjoins(determiner - 1) and before not in cues.CONJUNCTIONS
        is_object = contracted or governed or self._words.folds[determiner] in cues.OWN
        if subject and (is_object or descriptor.relation):
            excluded = excluded | {subject.name}
        if not wanted.types and not descriptor.relation and not is_object:
            found = self._history.leading(sentence, wanted)
            if found and found.name not in excluded:
                return found
        if not wanted.types and before == "dans" and governed:
            # One invests "dans la société": the young firm, not its rich partners.
            wanted = replace(wanted, prefer=OrgType.LAB)
        found = self._history.nearest(wanted, frozenset(excluded))
        open_choice = found and not subject and not is_object and not descriptor.relation
        young = wanted.prefer is OrgType.LAB and found and self._history.type_of(found) is not OrgType.LAB
        if found and open_choice and (young or self._history.type_of(found) is OrgType.UNKNOWN):
            # No type tells the parties apart: then the subject is meant, unless it is known to be another thing.
            lead = self._history.leading(sentence, Wanted(country=wanted.country))
            if lead and lead.name not in excluded and self._history.type_of(lead) is OrgType.UNKNOWN:
                return lead
        return found

    def _says(self, determiner: int) -> bool:
        """True where the description is the speaker after its verb: ", énumère le groupe", "a indiqué la société"."""
        before = determiner - 1
        folded = self._words.fold_at(before)
        if not self._layout.adjoins(before) or folded in cues.OBJECT_AFTER or folded in cues.CONJUNCTIONS:
            return False
        parted = before > 0 and any(mark in self._words.gap(before - 1) for mark in ',»"”')
        return folded in cues.SAID or (parted and folded.endswith(("e", "t", "it")))

    # --- pronouns ---

    def _pronoun(self, index: int, folded: str) -> Placed | None:
        words = self._words
        following = words.fold_at(index + 1)
        if folded in ("celui", "celle"):
            if following != "ci":
                return None
            return self._last(index, index + 2, "m" if folded == "celui" else "f")
        if folded in ("dernier", "derniere"):
            stands = words.fold_at(index - 1) in ("ce", "cette") and self._layout.adjoins(index - 1)
            verbal = not self._layout.adjoins(index) or following in cues.VERBS_AFTER or is_verb(following)
            return self._last(index, index + 1, "m" if folded == "dernier" else "f") if stands and verbal else None
        before = words.gap(index - 1) if index else ""
        if (
            before.endswith("-")
            or words.gap(index).startswith("-")
            or ("," in before and words.gap(index).startswith(","))
        ):
            return None
        if folded == "il" and self._is_impersonal(index):
            return None
        sentence = self._layout.sentence[index]
        if self._means_other(index, folded):
            return None
        reported = words.fold_at(index - 1) in ("que", "qu")
        mention = self._history.reporter(sentence) if reported else None
        mention = mention or self._history.agreeing(sentence, "m" if folded == "il" else "f")
        return self._place(index, index + 1, mention, "pronoun") if mention else None

    def _means_other(self, index: int, folded: str) -> bool:
        """True where the subject before is a person without a firm, or a thing of the pronoun's gender."""
        sentence = self._layout.sentence[index]
        if any(person < index for person in self._persons.get(sentence, ())):
            return not self._history.leads_in(sentence)
        if self._history.leads_in(sentence):
            return False
        before = sentence - 1
        if before in self._persons:
            return not self._history.leads_in(before)
        return self._layout.opens[index] and self._thing_leads(before, folded)

    def _thing_leads(self, sentence: int, pronoun: str) -> bool:
        """True for a sentence that begins "Le contrat" and names no organisation as a subject, before "Il"."""
        words, first = self._words, bisect_left(self._layout.sentence, sentence)
        if first + 1 >= len(words) or self._layout.sentence[first] != sentence or self._history.leads_in(sentence):
            return False
        articles = ("le", "ce", "un") if pronoun == "il" else ("la", "cette", "une")
        named = self._vocabulary.descriptor_at(words.folds, first + 1) is not None
        return words.folds[first] in articles and len(words.folds[first + 1]) > 2 and not named

    def _is_impersonal(self, index: int) -> bool:
        words = self._words
        following = [words.fold_at(index + step) for step in (1, 2, 3, 4)]
        while following and following[0] in ("ne", "n", "nous", "vous", "en", "leur", "lui", "se", "s"):
            following = following[1:]
        if following[:1] and following[0] in cues.IMPERSONAL:
            return True
        return following[0] in ("est", "etait", "sera", "serait", "devient", "devenait") and any(
            word in cues.IMPERSONAL_ADJECTIVES for word in following[1:3]
        )

    def _last(self, index: int, after: int, gender: str) -> Placed | None:
        mention = self._history.last(self._layout.sentence[index], gender)
        return self._place(index, after, mention, "pronoun") if mention else None

    # --- making mentions ---

    def _place(self, first: int, after: int, mention: Mention, via: str) -> Placed:
        made = self._span(first, after, mention.name, mention.type, via)
        return Placed(first, after, replace(made, known=mention.known))

    def _span(self, first: int, after: int, name: str, kind: OrgType, via: str) -> Mention:
        start, end = self._words.starts[first], self._words.ends[after - 1]
        return Mention(start, end, self._words.text[start:end], name, kind, False, via)


_PRONOUNS = frozenset(("il", "elle", "celui", "celle", "dernier", "derniere"))
