"""lexicon.toml as look-ups over the folded words of a text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worker.errors import ConfigError, Fault
from worker.model import Kind
from worker.pipeline.detection.endings import Endings
from worker.pipeline.detection.inflection import Form, forms
from worker.text import fold, words

_ROLES = ("payer", "payee", "either", "")
# Words that may stand between the words of an expression: articles, adjectives and amounts vary.
_GAP = 3
# No word of a text can be one of these.
MONEY = "<montant>"
MEASURE = "<mesure>"
SHARE = "<pourcent>"
_SIZES = {"montant": MONEY, "mesure": MEASURE, "pourcent": SHARE}
_PRONOUNS = ("s", "se", "soi")
_PARTICIPLES = ("é", "ée", "és", "ées", "É", "ÉE", "ÉS", "ÉES")
# Behind these a form of a verb is a noun: "un montant", "cette offre". "Le" and "la" are pronouns as well.
_DETERMINERS = frozenset(("du", "ce", "cet", "cette", "ces", "son", "sa", "ses", "quelque", "chaque"))
_ONE = frozenset(("un", "une"))
# "L'un fournit", "quelqu'un loue", "dont un signé": there "un" is a pronoun.
_BEFORE_PRONOUN = frozenset(("l", "quelqu", "dont", "chac"))
# Behind these too where it ends as "montant" does, but "en les louant".
_OBJECTS = frozenset(("le", "la", "l", "au", "aux", "les", "leur", "leurs", "de", "d"))
# Countries and bodies whose names hold a participle.
_UNITED = frozenset((("etats", "unis"), ("arabes", "unis"), ("royaume", "uni"), ("nations", "unies")))
_SECTIONS = ("objects", "domain", "cues", "lookalike", "gate")
# Sections that a lexicon of the user's own, made for an earlier version, may lack.
_LATER = ("partners",)


@dataclass(frozen=True, slots=True)
class Frame:
    """One family of words. `kind` is None where object and parties decide it."""

    name: str
    kind: Kind | None
    subject: str
    object: str
    payer: frozenset[str]
    payee: frozenset[str]
    weight: float
    bought: Kind | None = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """Words `first` to `last` (inclusive) say `frame`. `noun`: said by a noun; `past`: by what can be a participle."""

    first: int
    last: int
    frame: Frame
    noun: bool
    past: bool
    conditional: bool


@dataclass(frozen=True, slots=True)
class _Pattern:
    rest: tuple[str, ...]
    frame: Frame
    noun: bool
    past: bool
    conditional: bool
    accented: bool = False
    reflexive: bool = False


class Phrases:
    """Fixed phrases of folded words, found anywhere in a text."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for phrase in phrases:
            parts = words(phrase)
            if parts:
                self._by_first.setdefault(parts[0], []).append(parts)
        for group in self._by_first.values():
            group.sort(key=len, reverse=True)

    def at(self, folds: Sequence[str], index: int) -> int:
        """Return how many words of `folds` from `index` are a phrase of this list, 0 for none."""
        for parts in self._by_first.get(folds[index], ()):
            if tuple(folds[index : index + len(parts)]) == parts:
                return len(parts)
        return 0

    def find(self, folds: Sequence[str], start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
        """Return (first, last) word of every phrase between words `start` and `end`, none overlapping."""
        known = self._by_first
        stop = len(folds) if end is None else min(end, len(folds))
        # Most sentences hold no phrase of most lists: comparing sets is many times quicker than asking word by word.
        if known.keys().isdisjoint(folds[start:stop]):
            return []
        found: list[tuple[int, int]] = []
        after = start
        for index in [index for index in range(start, stop) if folds[index] in known]:
            length = self.at(folds, index) if index >= after else 0
            if length and index + length <= stop:
                found.append((index, index + length - 1))
                after = index + length
        return found


class Lexicon:
    """The whole file, checked. Raises ConfigError with every fault."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        faults: list[Fault] = []
        irregular = {
            fold(verb): tuple(fold(form.rstrip("*")) + "*" * form.endswith("*") for form in listed)
            for verb, listed in table.get("irregular", {}).items()
        }
        self.phrases: dict[str, dict[str, Phrases]] = {}
        for section in (*_SECTIONS, *_LATER):
            lists = table.get(section, {} if section in _LATER else None)
            if not isinstance(lists, Mapping):
                faults.append(Fault("lexicon.toml", section, "missing", f"a table [{section}] of word lists"))
                continue
            self.phrases[section] = {name: Phrases(listed) for name, listed in lists.items()}
        self.endings = Endings(table.get("endings", {}), irregular, faults)
        listed = table.get("attribution", {}).get("words", ())
        self.attribution = frozenset(fold(str(word)) for word in listed)
        self._patterns: dict[str, list[_Pattern]] = {}
        # Many expressions begin with the same verb.
        self._forms: dict[str, tuple[Form, ...]] = {}
        for number, row in enumerate(table.get("frame", ())):
            self._read_frame(row, f"frame[{number}]", irregular, faults)
        if not self._patterns:
            faults.append(Fault("lexicon.toml", "frame", "missing", "at least one [[frame]]"))
        if faults:
            raise ConfigError(tuple(faults))
        self._forms.clear()
        for group in self._patterns.values():
            group.sort(key=lambda pattern: len(pattern.rest), reverse=True)

    def _read_frame(
        self, row: Mapping[str, Any], place: str, irregular: Mapping[str, Iterable[str]], faults: list[Fault]
    ) -> None:
        kind = row.get("kind", "")
        for key in ("subject", "object"):
            if row.get(key, "") not in _ROLES:
                faults.append(Fault("lexicon.toml", f"{place}.{key}", f"unknown role {row[key]!r}", "payer or payee"))
        if kind and kind not in Kind.__members__.values():
            expected = ", ".join(Kind)
            faults.append(Fault("lexicon.toml", f"{place}.kind", f"unknown kind {kind!r}", expected))
            return
        frame = Frame(
            name=str(row.get("name", place)),
            kind=Kind(kind) if kind else None,
            subject=row.get("subject", "either"),
            object=row.get("object", ""),
            payer=frozenset(fold(word) for word in row.get("payer", ())),
            payee=frozenset(fold(word) for word in row.get("payee", ())),
            weight=float(row.get("weight", 0.5)),
            bought=Kind(row["bought"]) if row.get("bought") else None,
            alone=bool(row.get("alone", False)),
        )
        for verb in (*row.get("verbs", ()), *row.get("expressions", ())):
            self._add_verb(verb, frame, place, irregular, faults)
        for noun in row.get("nouns", ()):
            first, *rest = words(noun)
            self._add(first, _Pattern(tuple(rest), frame, noun=True, past=False, conditional=False))

    def _add_verb(
        self, phrase: str, frame: Frame, place: str, irregular: Mapping[str, Iterable[str]], faults: list[Fault]
    ) -> None:
        parts = words(phrase)
        pronoun = parts[:1] if parts[0] in ("s", "se") else ()
        verb, *rest = parts[len(pronoun) :]
        try:
            found = self._forms.get(verb) or forms(verb, irregular)
        except KeyError:
            expected = f'its forms under [irregular]: "{verb}" = ["...", "..."]'
            faults.append(Fault("lexicon.toml", place, f"no rule for the verb {verb!r} of {phrase!r}", expected))
            return
        self._forms[verb] = found
        # "réserve" and "réservé" are one when folded; the text's own accent tells them apart.
        accented = verb.endswith("er") and verb not in irregular
        sizes = tuple(_SIZES.get(word, word) for word in rest)
        made: dict[tuple[bool, bool], _Pattern] = {}
        for form in found:
            kind = form.past, form.conditional
            if kind not in made:
                made[kind] = _Pattern(sizes, frame, False, *kind, accented, bool(pronoun))
            self._add(form.word, made[kind])

    def _add(self, word: str, pattern: _Pattern) -> None:
        self._patterns.setdefault(word, []).append(pattern)

    def is_verb(self, word: str) -> bool:
        """Return whether a folded word is a form of a verb of deals."""
        return any(not pattern.noun for pattern in self._patterns.get(word, ()))

    def hits(self, folds: Sequence[str], raw: Sequence[str], start: int, end: int) -> list[Hit]:
        """Return what words `start` to `end` (exclusive) say, in order; of each frame the longest pattern at a word.

        `folds` has MONEY in the place of the first word of every amount of money, MEASURE in that of a power or a
        number of chips, SHARE in that of a percentage; `raw` are the words as written.
        """
        found: list[Hit] = []
        for index in range(start, end):
            said: set[str] = set()
            patterns = self._patterns.get(folds[index], ())
            noun = bool(patterns) and index > start and _is_noun(folds, raw, index, start)
            for pattern in patterns:
                if noun and not pattern.noun and not (pattern.past and folds[index - 1] in _ONE):
                    continue
                if pattern.frame.name in said or (pattern.reflexive and not _reflexive(folds, index, start)):
                    continue
                last = _last(folds, index, end, pattern.rest)
                if last >= 0:
                    said.add(pattern.frame.name)
                    past = pattern.past and (not pattern.accented or raw[index].endswith(_PARTICIPLES))
                    found.append(Hit(index, last, pattern.frame, pattern.noun, past, pattern.conditional))
        return _outermost(found)


def _is_noun(folds: Sequence[str], raw: Sequence[str], index: int, start: int) -> bool:
    """Whether a word that may be a form of a verb is none: "un montant", "le montant", "les États-Unis"."""
    before, word = folds[index - 1], folds[index]
    if (before, word) in _UNITED:
        return True
    if not raw[index - 1].islower() and index - 1 > start:
        # "SES achète", "Brindal SA loue".
        return False
    earlier = folds[index - 2] if index - 2 >= start else ""
    if before in _ONE:
        return earlier not in _BEFORE_PRONOUN
    return before in _DETERMINERS or (word.endswith("ant") and before in _OBJECTS and earlier != "en")


def _reflexive(folds: Sequence[str], index: int, start: int) -> bool:
    """Whether "se" stands right before word `index`: "s'offre", "s'est déjà offert", "se l'offrir"."""
    return any(word in _PRONOUNS for word in folds[max(start, index - 3) : index])


def _outermost(hits: Sequence[Hit]) -> list[Hit]:
    """Drop what is said inside a longer expression: in "signer un chèque" the cheque says more than the signing."""
    kept: list[Hit] = []
    first = last = -1
    for hit in sorted(hits, key=lambda one: (one.first, -one.last)):
        inside = hit.last <= last and (hit.first, hit.last) != (first, last)
        begins_inside = hit.noun and first < hit.first <= last
        if not inside and not begins_inside:
            kept.append(hit)
            if hit.last > last:
                first, last = hit.first, hit.last
    return kept


def _last(folds: Sequence[str], index: int, end: int, rest: tuple[str, ...]) -> int:
    """Return the word where `rest` ends if it follows word `index` in order, with short gaps; -1 if it does not."""
    at = index
    for word in rest:
        for following in range(at + 1, min(at + 2 + _GAP, end)):
            if folds[following] == word:
                at = following
                break
        else:
            return -1
    return at
