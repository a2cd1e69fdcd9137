"""Pronouns, and adjectives that stand without their noun: "elle", "celui-ci", "le second", "le Coréen".

Theory: such words tell gender, number or country and nothing else; the rest is where they stand. Whether a person or a
thing was the subject before is told here, whom they mean is chosen in `ranking`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping

from worker.pipeline.detection import cues
from worker.pipeline.detection.antecedents import History
from worker.pipeline.detection.listed import Layout, Placed, capital, is_verb, placed_at
from worker.pipeline.detection.ranking import Anaphor, Wanted
from worker.pipeline.detection.vocabulary import Vocabulary

GENDERS = {"il": "m", "elle": "f", "celui": "m", "celle": "f", "dernier": "m", "derniere": "f"}
PRONOUNS = frozenset(GENDERS)
ORDINALS = frozenset(("premier", "premiere", "second", "seconde"))
_STEM = 5
# Words behind a subject within which its verb is looked for.
_REACH = 4


class Pronouns:
    """Those of one text."""

    def __init__(self, layout: Layout, vocabulary: Vocabulary, history: History, persons: Iterable[int]) -> None:
        """Begin a text. persons: words at which people are named."""
        self._layout, self._words, self._vocabulary, self._history = layout, layout.words, vocabulary, history
        # The first word at which a sentence names a person.
        self._persons: dict[int, int] = {}
        for word in sorted(persons):
            self._persons.setdefault(layout.sentence[word], word)

    def pronoun(self, index: int) -> Placed | None:
        """Read "il", "elle", "celui-ci" or "ce dernier" at a word."""
        words, folded = self._words, self._words.folds[index]
        following = words.fold_at(index + 1)
        if folded in ("celui", "celle"):
            if following != "ci":
                return None
            return self._stand(index, index + 2, "ce", "m" if folded == "celui" else "f")
        if folded in ("dernier", "derniere"):
            stands = words.fold_at(index - 1) in ("ce", "cette") and self._layout.adjoins(index - 1)
            verbal = not self._layout.adjoins(index) or following in cues.VERBS_AFTER or is_verb(following)
            return (
                self._stand(index, index + 1, "ce", "m" if folded == "dernier" else "f") if stands and verbal else None
            )
        before = words.gap(index - 1) if index else ""
        if (
            before.endswith("-")
            or words.gap(index).startswith("-")
            or ("," in before and words.gap(index).startswith(","))
        ):
            return None
        if folded == "il" and self._is_impersonal(index):
            return None
        return self._stand(index, index + 1, folded, "m" if folded == "il" else "f")

    def ordinal(self, index: int) -> Placed | None:
        """Read "le premier" and "la seconde", of two organisations named before."""
        words, folded = self._words, self._words.folds[index]
        if not self._layout.adjoins(index - 1) or words.folds[index - 1] not in ("le", "la", "du", "au"):
            return None
        following = words.fold_at(index + 1)
        verbal = following in cues.VERBS_AFTER or (is_verb(following) and following not in cues.NOUNS_TOO)
        if self._layout.adjoins(index) and not verbal and following not in cues.AFTER_NOUN | cues.LIGHT:
            return None
        kind = "first" if folded.startswith("prem") else "second"
        return self._stand(index, index + 1, kind, "f" if folded in ("premiere", "seconde") else "m")

    def _stand(self, first: int, after: int, kind: str, gender: str, country: str = "") -> Placed | None:
        """Return a pronoun, or an adjective without its noun, with the organisation that it means."""
        sentence = self._layout.sentence[first]
        signs = ["opens" if self._layout.opens[first] else "inside"]
        before = self._words.fold_at(first - 1)
        if before in ("que", "qu") and not self._layout.opens[first]:
            signs.append("reported")
        if self._persons.get(sentence, first) < first:
            signs.append("person here")
        elif sentence - 1 in self._persons:
            signs.append("person before")
        if self._thing_leads(sentence - 1, gender):
            signs.append("thing before")
        if self._thing_leads(sentence, gender):
            signs.append("thing here")
        verb = verb_after(self._layout, after)
        if verb:
            signs.append(f"v:{verb}")
        wanted = Wanted(country=country)
        mention = self._history.choose(Anaphor(kind, first, sentence, "", gender, wanted, tuple(signs)))
        via = "pronoun" if self._words.folds[first] in PRONOUNS else "definite"
        return placed_at(self._words, first, after, mention, via) if mention else None

    def countryman(self, index: int, at: Mapping[int, Placed]) -> Placed | None:
        """Read "le Coréen" and "l'Allemande": an organisation of that country. at: the names by their first words."""
        words = self._words
        country = self._vocabulary.nationalities.get(words.folds[index], "")
        before = index - 1
        if not country or not self._layout.adjoins(before) or words.folds[before] not in ("le", "la", "l"):
            return None
        following = index + 1
        if self._layout.adjoins(index) and (following in at or capital(words.raw[following])):
            # "L'Américain Oracle", "le Français Jean Dupont"
            return None
        if words.raw[index].islower() and not self._is_somebody(index):
            return None
        return self._stand(index, index + 1, "countryman", "f" if words.folds[index].endswith("e") else "m", country)

    def _is_somebody(self, index: int) -> bool:
        """Whether an adjective of nationality without a noun is no language: "il parle le coréen"."""
        words = self._words
        if not self._layout.adjoins(index):
            return words.fold_at(index - 2) in cues.OBJECT_AFTER
        following = words.folds[index + 1]
        return following in cues.VERBS_AFTER or following in cues.BEFORE_VERB or is_verb(following)

    def _thing_leads(self, sentence: int, gender: str) -> bool:
        """True for a sentence that begins "Le contrat" and names no organisation as a subject, before "Il"."""
        words, first = self._words, bisect_left(self._layout.sentence, sentence)
        if first + 1 >= len(words) or self._layout.sentence[first] != sentence or self._history.leads_in(sentence):
            return False
        articles = ("le", "ce", "un") if gender == "m" else ("la", "cette", "une")
        named = self._vocabulary.noun_at(words.folds, first + 1) is not None
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


def verb_after(layout: Layout, after: int) -> str:
    """Return the stem of the word behind a subject, over clitics and auxiliaries."""
    words = layout.words
    for index in range(after, min(after + _REACH, len(words))):
        if not layout.adjoins(index - 1):
            return ""
        folded = words.folds[index]
        if folded not in cues.LIGHT:
            return folded[:_STEM]
    return ""
