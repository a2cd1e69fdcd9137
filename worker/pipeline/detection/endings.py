"""Words by which a deal is called off or does not come about.

Theory: French says it in three ways: by a verb that means just that, in whatever form ("renonçait", "a décommandé"), by
a set expression ("mettre un terme", "tourner le dos"), and by refusing what the deal would have been ("n'achètera
finalement pas"), which any verb of a deal can do in the future or the conditional. An infinitive or a future of the
first two is a threat, not an end; a present participle tells what goes along with other news.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from worker.errors import Fault
from worker.pipeline.detection.inflection import forms
from worker.text import fold, words

_LISTS = (
    "verbs", "expressions", "refused", "lapsed", "agreements", "goods", "qualified", "otherwise", "times",
    "at_any_time", "within", "whole",
)  # fmt: skip
# Words that may stand between those of an expression: adverbs, articles, possessives.
_GAP = 3
_NEGATIONS = ("ne", "n")
_REFUSALS = ("pas", "plus", "jamais", "point")
# Pronouns and the like between "ne" and its verb; adverbs between the verb and "pas".
_BEFORE, _AFTER = 3, 3
# Words between what calls off and its object.
_TO_OBJECT = 6
_OWN = frozenset(("son", "sa", "ses", "leur", "leurs"))
_DETERMINERS = frozenset(
    ("l", "la", "le", "les", "au", "aux", "un", "une", "du", "des", "d", "de", "ce", "cet", "cette", "ces", "sur")
)
# No object stands behind these.
_ELSEWHERE = frozenset(("avec", "chez", "pour", "et", "qui", "que", "qu", "apres", "faute", "dans", "en", "par", "ou"))
_PRONOUNS = ("s", "se")
_IS = frozenset(("sera", "seront", "serait", "seraient", "est", "sont"))
_SOON = 10
_TO_COME = ("a", "ont", "ait", "aient")


class Endings:
    """The lists of one lexicon: `verbs` and `expressions` by infinitive, `refused` by third person, mostly future,
    `lapsed` by participle; `qualified`, `otherwise`, `times`, `within` and `whole` are words, `at_any_time` stems."""

    def __init__(self, table: Mapping[str, Any], irregular: Mapping[str, Iterable[str]], faults: list[Fault]) -> None:
        for name in _LISTS if table else ():
            if not table.get(name):
                faults.append(
                    Fault("lexicon.toml", f"endings.{name}", "the list is missing or empty", "words, in quotes")
                )
        self._patterns: dict[str, list[tuple[tuple[str, ...], bool]]] = {}
        for name in ("verbs", "expressions"):
            for phrase in table.get(name, ()):
                self._add(str(phrase), irregular, faults)
        self._refused = frozenset(
            form
            for listed in table.get("refused", ())
            for word in (fold(str(listed)),)
            for form in ((word, f"{word[:-1]}ont", f"{word}it", f"{word}ient") if word.endswith("ra") else (word,))
        )
        self._agreements = frozenset(fold(str(word)) for word in table.get("agreements", ()))
        self._goods = frozenset(fold(str(word)) for word in table.get("goods", ()))
        self._qualified, self._otherwise, self._times, self._within, self._whole = (
            frozenset(fold(str(word)) for word in table.get(name, ()))
            for name in ("qualified", "otherwise", "times", "within", "whole")
        )
        self._at_any_time = tuple(fold(str(stem)) for stem in table.get("at_any_time", ()))
        self._lapsed = frozenset(
            f"{fold(str(listed))}{ending}" for listed in table.get("lapsed", ()) for ending in ("", "e", "s", "es")
        )

    def _add(self, phrase: str, irregular: Mapping[str, Iterable[str]], faults: list[Fault]) -> None:
        parts = words(phrase)
        reflexive = parts[0] in _PRONOUNS
        verb, *rest = parts[1:] if reflexive else parts
        try:
            found = forms(verb, irregular)
        except KeyError:
            expected = f'its forms under [irregular]: "{verb}" = ["...", "..."]'
            faults.append(Fault("lexicon.toml", "endings", f"no rule for the verb {verb!r} of {phrase!r}", expected))
            return
        for form in found:
            if (
                form.word != verb
                and not form.word.endswith("ant")
                and not _is_to_come(form.word, verb, regular=verb not in irregular)
            ):
                self._patterns.setdefault(form.word, []).append((tuple(rest), reflexive))

    def found(self, folds: Sequence[str]) -> tuple[int, ...]:
        """Return where a sentence, given by its folded words, says that something is called off."""
        return tuple(index for index in range(len(folds)) if self._at(folds, index))

    def refusals(self, folds: Sequence[str]) -> tuple[int, ...]:
        """Return where it says that something will not come about."""
        if "mais" in folds:
            # "ne louera pas 4,5 gigawatts, mais 6"
            return ()
        return tuple(index for index, word in enumerate(folds) if word in _NEGATIONS and self._refuses(folds, index))

    def is_of_a_deal(self, folds: Sequence[str], index: int) -> bool:
        """Return whether what the words at `index` call off may be a deal: an agreement, another's goods, an amount, a
        name, or nothing that is said."""
        if "y" in folds[max(0, index - 2) : index]:
            # "y met fin": to what was told before.
            return True
        owned = determined = False
        for word in folds[index + 1 : index + 1 + _TO_OBJECT]:
            if word in self._whole or (word in _ELSEWHERE and not determined):
                return True
            if not determined and word in self._agreements:
                # "renonce à acheter", "fin de contrat"
                return True
            if word in _OWN or word in _DETERMINERS:
                owned, determined = owned or word in _OWN, True
            elif determined and word not in self._within:
                # Chips have numbers for names.
                figure = any(character.isdigit() for character in word)
                return figure or word in self._agreements or (word in self._goods and not owned)
        return True

    def _at(self, folds: Sequence[str], index: int) -> bool:
        for rest, reflexive in self._patterns.get(folds[index], ()):
            if reflexive and not any(word in _PRONOUNS for word in folds[max(0, index - 3) : index]):
                continue
            if _follows(folds, index, rest) and not is_negated(folds, index):
                return True
        return False

    def _refuses(self, folds: Sequence[str], index: int) -> bool:
        for verb in range(index + 1, min(index + 1 + _BEFORE, len(folds))):
            passive = folds[verb] in _IS
            if folds[verb] not in self._refused and not passive:
                continue
            for place in range(verb + 1, min(verb + 1 + _AFTER, len(folds))):
                if folds[place] in _REFUSALS:
                    following = folds[place + 1 : place + 3]
                    if passive:
                        return any(word in self._lapsed for word in following)
                    object_of = folds[place + 1 : place + 4]
                    if not self._qualified.isdisjoint(following[:1]) or not self._otherwise.isdisjoint(object_of):
                        return False
                    # "n'achètera pas de GPU avant 2027" is a question of time, but a contract of this year may lapse.
                    soon = folds[place : place + _SOON]
                    late = not self._times.isdisjoint(soon) or ("a", "temps") in pairwise(soon)
                    return folds[verb].startswith(self._at_any_time) or not late
        return False


def _is_to_come(form: str, verb: str, *, regular: bool) -> bool:
    """Whether a form is of the future or the conditional; of "retirer" the imperfect ends in "rait" as well."""
    if regular:
        return form in {verb.removesuffix("e") + ending for ending in _TO_COME}
    return form.endswith(tuple(f"r{ending}" for ending in _TO_COME))


def _follows(folds: Sequence[str], index: int, rest: Sequence[str]) -> bool:
    at = index
    for word in rest:
        for following in range(at + 1, min(at + 2 + _GAP, len(folds))):
            if folds[following] == word:
                at = following
                break
        else:
            return False
    return True


def is_negated(folds: Sequence[str], index: int) -> bool:
    """Whether "ne" or "sans" stands before a word: "n'a pas renoncé" ends nothing, nor does "en rupture avec"."""
    return folds[index - 1 : index] == ["en"] or any(
        word in (*_NEGATIONS, "sans") for word in folds[max(0, index - 3) : index]
    )
