"""Forms of French verbs, folded (no accents), from the lemma. Irregular ones are listed in lexicon.toml.

Only what the third person, the participles and the infinitive need: news is told in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_ER = "er e es ent a erent ait aient ant era eront erait eraient"
_ER_PAST = "e ee es ees"
_IR = "ir it issent issait issaient issant ira iront irait iraient irent"
_IR_PAST = "i ie is ies"
_RE = "re ent ait aient ant ra ront rait raient it irent"
_RE_PAST = "u ue us ues"


@dataclass(frozen=True, slots=True)
class Form:
    """One form. `past` where it can be a past participle, `conditional` where it is the conditional."""

    word: str
    past: bool = False
    conditional: bool = False


def forms(lemma: str, irregular: Mapping[str, Iterable[str]]) -> tuple[Form, ...]:
    """Return the folded forms of a folded infinitive. In an irregular list a trailing `*` marks a past participle.

    Raises KeyError for a verb that is neither regular nor listed.
    """
    if lemma in irregular:
        listed = list(irregular[lemma])
        return tuple(_form(word.rstrip("*"), word.endswith("*")) for word in (lemma, *listed))
    if lemma.endswith("er"):
        return _regular(lemma[:-2], _ER, _ER_PAST, softened=lemma.endswith("ger"))
    if lemma.endswith("ir"):
        return _regular(lemma[:-2], _IR, _IR_PAST)
    if lemma.endswith("dre"):
        return (*_regular(lemma[:-2], _RE, _RE_PAST), _form(lemma[:-2], False))
    raise KeyError(lemma)


def _regular(stem: str, endings: str, past: str, *, softened: bool = False) -> tuple[Form, ...]:
    found: dict[str, Form] = {}
    for ending in endings.split():
        soft = "e" if softened and ending[0] == "a" else ""
        found[stem + soft + ending] = _form(stem + soft + ending, False)
        if stem.endswith("y") and ending[0] == "e" and ending != "er":
            # payer: paie, paiera; both spellings stand in the press.
            found[stem[:-1] + "i" + ending] = _form(stem[:-1] + "i" + ending, False)
    for ending in past.split():
        found[stem + ending] = Form(stem + ending, past=True)
    return tuple(found.values())


def _form(word: str, past: bool) -> Form:
    return Form(word, past, conditional=word.endswith(("rait", "raient")))
