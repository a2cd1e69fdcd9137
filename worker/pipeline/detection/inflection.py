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
_DOUBLING = ("et", "el")


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
        listed = [_form(word.rstrip("*"), word.endswith("*")) for word in (lemma, *irregular[lemma])]
        known = {form.word for form in listed}
        return (*listed, *{form.word: form for form in _derived(listed) if form.word not in known}.values())
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
        if stem.endswith(_DOUBLING) and ending[0] == "e" and ending != "er":
            # jeter: jette, jettera; a doubled form that a verb lacks is no word, so it does no harm.
            found[stem + stem[-1] + ending] = _form(stem + stem[-1] + ending, False)
    for ending in past.split():
        found[stem + ending] = Form(stem + ending, past=True)
    return tuple(found.values())


def _derived(listed: Iterable[Form]) -> Iterable[Form]:
    """Return what follows from listed forms: the future's other forms from one, the participle's from the masculine."""
    for form in listed:
        if form.word.endswith("ra"):
            yield from (_form(form.word[:-1] + ending, False) for ending in ("ont", "ait", "aient"))
        if form.past and not form.word.endswith(("e", "es")):
            plural = "" if form.word.endswith("s") else "s"
            yield from (Form(form.word + ending, past=True) for ending in ("e", plural, "es"))


def _form(word: str, past: bool) -> Form:
    return Form(word, past, conditional=word.endswith(("rait", "raient")))
