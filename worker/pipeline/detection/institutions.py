"""Institutions named by what they are: "le ministère danois de la Santé", "le CHU de Brumath", "la papeterie Bruyas".

Theory: French names public bodies, hospitals, ports, old works and mutual societies by a common noun with its
complement, and the noun is part of the name. The nouns stand in [institutions] of companies.toml; after the first full
form the bare noun with a definite article means the same body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from worker.pipeline.detection import cues
from worker.pipeline.detection.listed import Layout, capital
from worker.pipeline.detection.mentions import Mention, OrgType
from worker.pipeline.detection.vocabulary import Vocabulary

_LINKS = frozenset(("de", "du", "des", "d", "la", "l", "le", "les", "en"))
_INNER = frozenset(("de", "du", "des", "d", "la", "l", "le", "les", "et", "sur", "en"))
_DEFINITE = frozenset(("le", "la", "l", "du", "au", "ce", "cet", "cette"))
_ADJECTIVES = frozenset(
    ("regional", "regionale", "departemental", "departementale", "universitaire", "national", "nationale", "federal",
     "federale", "cantonal", "cantonale", "public", "publique", "autonome", "maritime", "mixte", "intercommunal",
     "intercommunale", "municipal", "municipale", "central", "centrale", "general", "generale", "hospitalier",
     "hospitaliere", "urbaine", "industriel", "industrielle", "populaire", "mutuelle", "delegue"),
)  # fmt: skip
_OFFICES = frozenset(("ministere", "secretariat", "agence", "direction"))
# Without the noun "Tokyo" is the place.
_PLACED = frozenset(("universite", "region", "ville", "canton", "province", "hopital", "clinique"))
_AND, _FOR = frozenset(("et",)), frozenset(("pour",))
_SIDES = frozenset(("ouest", "est", "nord", "sud"))
# What follows "de" or "et" and is no noun of a name: "d'ici 2027", "de plus", "d'un côté", "et aux banques".
_NO_NOUNS = cues.PREPOSITIONS | frozenset(
    ("un", "une", "son", "sa", "ses", "leur", "leurs", "ce", "cet", "cette", "ces", "ici", "abord", "plus", "moins",
     "nouveau", "ailleurs", "ordre", "maniere", "facon", "facto", "quoi", "demain", "apres", "part", "cote", "suite",
     "dizaines", "centaines", "milliers", "millions", "milliards", "a", "au", "aux", "y", "en", "qui", "que", "dont",
     "ou"),
)  # fmt: skip
_ARTICLES = frozenset(("le", "la", "l", "les"))
_OF = frozenset(("de", "du", "des", "d"))
_PURPOSES = frozenset(("developpement", "investissement", "reserve", "participation"))
_ADJECTIVE_END = re.compile(
    r"(?:aise?s?|oise?s?|aine?s?|ienn?e?s?|peen(?:ne)?s?|iques?|ales?|elles?|eux|euses?|ives?|aires?)$"
)
_MOST_ADJECTIVES = 2
_MOST_WORDS = 7
# "Office | d'investissement | du régime | de pensions | du Canada"
_MOST_PARTS = 4


def find(layout: Layout, vocabulary: Vocabulary, taken: Sequence[bool]) -> list[tuple[int, int, Mention]]:
    """Return (first word, word after, mention) of every institution outside the words `taken`."""
    nouns = vocabulary.institutions
    if nouns.keys().isdisjoint(layout.words.folds):
        return []
    found: list[tuple[int, int, Mention]] = []
    named: dict[tuple[str, ...], tuple[str, OrgType]] = {}
    free = 0
    for index, folded in enumerate(layout.words.folds):
        if index < free or folded not in nouns or taken[index]:
            continue
        made = _at(layout, vocabulary, taken, index, named)
        if made is not None:
            found.append(made)
            free = made[1]
    starts: dict[str, list[int]] = {}
    for index in layout.words.capitals:
        starts.setdefault(layout.words.folds[index], []).append(index)
    called: dict[str, str] = {}
    for first, after, mention in found:
        if mention.name not in called:
            called[mention.name] = _bare(layout, vocabulary, starts, first, after)
    return [(first, after, replace(one, name=called[one.name] or one.name)) for first, after, one in found]


def _bare(layout: Layout, vocabulary: Vocabulary, starts: Mapping[str, list[int]], first: int, after: int) -> str:
    """Return "Kerlouan" for "la foncière Kerlouan" where the text names it without the noun too, else "".

    starts: the words in capitals by what they are.
    """
    words = layout.words
    name = next((index for index in range(first + 1, after) if capital(words.raw[index])), after)
    plain = all(word in vocabulary.nationalities for word in words.folds[first + 1 : name])
    if name == after or not plain or capital(words.raw[first]) or words.folds[first] in _PLACED:
        return ""
    key, noun = words.folds[name:after], words.folds[first]
    alone = any(
        words.folds[index : index + len(key)] == key and noun not in words.folds[max(0, index - 3) : index]
        for index in starts.get(key[0], ())
        if not first <= index < after
    )
    return words.text[words.starts[name] : words.ends[after - 1]] if alone else ""


def _at(
    layout: Layout,
    vocabulary: Vocabulary,
    taken: Sequence[bool],
    index: int,
    named: dict[tuple[str, ...], tuple[str, OrgType]],
) -> tuple[int, int, Mention] | None:
    words = layout.words
    for noun, kind in vocabulary.institutions[words.folds[index]]:
        after = index + len(noun)
        if tuple(words.folds[index:after]) != noun:
            continue
        proper = capital(words.raw[index]) and not layout.opens[index]
        if noun in vocabulary.titled_institutions and not proper:
            continue
        end = _end(layout, vocabulary, taken, after, noun in vocabulary.bare_institutions)
        if proper and (end == after or not capital(words.raw[end - 1])):
            end = _described(layout, taken, end, whole=noun in vocabulary.whole_institutions)
        before = words.fold_at(index - 1) if layout.adjoins(index - 1) else ""
        if end > after:
            name = words.text[words.starts[index] : words.ends[end - 1]]
            named.setdefault(noun, (name, kind))
            return index, end, Mention(words.starts[index], words.ends[end - 1], name, name, kind, False, "apposition")
        if noun in named and before in _DEFINITE:
            name, kind = named[noun]
            surface = words.text[words.starts[index] : words.ends[after - 1]]
            return (
                index,
                after,
                Mention(words.starts[index], words.ends[after - 1], surface, name, kind, False, "definite"),
            )
        return None
    return None


def _end(layout: Layout, vocabulary: Vocabulary, taken: Sequence[bool], after: int, bare: bool) -> int:
    """Return the word after an institution's name, `after` where no name follows the noun."""
    words, index = layout.words, after
    skipped = 0
    proper = capital(words.raw[after - 1])
    while index < len(words) and layout.adjoins(index - 1) and skipped < _MOST_ADJECTIVES:
        plain = words.folds[index] not in _ADJECTIVES and words.folds[index] not in vocabulary.nationalities
        if plain and not (proper and _ADJECTIVE_END.search(words.folds[index])):
            break
        index, skipped = index + 1, skipped + 1
    # "la police danoise" is one body; "la foncière britannique" means one that has a name.
    told = index if skipped and not bare and words.folds[index - 1] in vocabulary.nationalities else after
    linked = index
    while linked < len(words) and layout.adjoins(linked - 1) and words.folds[linked] in _LINKS:
        linked += 1
    if linked == index and not bare:
        return told
    if linked >= len(words) or not layout.adjoins(linked - 1) or not capital(words.raw[linked]):
        return told
    if taken[linked] or words.folds[linked] in vocabulary["acronyms"] or words.raw[linked][0].isdigit():
        return told
    end = _capitals(layout, linked, taken, after + _MOST_WORDS)
    # "le ministère de la Sécurité publique", "... de l'Enseignement supérieur"
    if (
        words.folds[after - 1] in _OFFICES
        and end < len(words)
        and layout.adjoins(end - 1)
        and _is_office_s(words.folds[end])
    ):
        end += 1
    return max(end, told)


def _is_office_s(folded: str) -> bool:
    return folded in _ADJECTIVES or folded == "superieur" or folded.endswith(("ique", "iques", "elle", "elles", "aire"))


def _described(layout: Layout, taken: Sequence[bool], after: int, *, whole: bool) -> int:
    """Return the word after "cantonale vaudoise" or "ouest-africaine de développement" behind a capital noun, and after
    any complement ("d'aménagement de la Blaise") where it is part of the `whole` name."""
    words, index = layout.words, _past_adjectives(layout, taken, after)
    purpose = words.folds[index : index + 2]
    purposed = len(purpose) == 2 and layout.adjoins(index) and purpose[0] in ("de", "d") and purpose[1] in _PURPOSES
    if index > after and purposed:
        return index + 2
    if index > after and layout.adjoins(index - 1) and words.folds[index] in _FOR:
        # "la Banque nationale pour les serveurs", but "le Haut-Commissariat pour la numérisation".
        return index
    for part in range(_MOST_PARTS if whole else 0):
        end = _past_complement(layout, taken, index, joined=part > 0)
        if end == index:
            break
        index = end
    return index


def _past_adjectives(layout: Layout, taken: Sequence[bool], after: int) -> int:
    words, index = layout.words, after
    while index < min(len(words), after + 3) and layout.adjoins(index - 1) and not taken[index]:
        # "est" is a side of the world in "est-africaine" alone.
        side = words.folds[index] in _SIDES and words.gap(index) != "-"
        if side or capital(words.raw[index]) or not _is_adjective(words.folds[index]):
            break
        index += 1
    return index


def _past_complement(layout: Layout, taken: Sequence[bool], index: int, *, joined: bool) -> int:
    """Return the word after a complement that begins at a word ("de la Blaise", "pour la science"), `index` where none
    does. joined: "et placement", "et des technologies" go on with the last one."""
    words, place = layout.words, index

    def at(others: frozenset[str]) -> bool:
        return place < len(words) and layout.adjoins(place - 1) and words.folds[place] in others

    also = joined and at(_AND)
    place += also
    of, purpose = at(_OF), at(_FOR)
    place += of or purpose
    bare = place
    while at(_LINKS):
        place += 1
    # "pour la science" is what it is for, "pour financer" tells on.
    if not (of or also or (purpose and place > bare)):
        return index
    if place >= len(words) or not layout.adjoins(place - 1) or taken[place] or words.folds[place] in _NO_NOUNS:
        return index
    if not words.raw[place][0].isalpha() or (also and capital(words.raw[place])):
        # "la Caisse de dépôt et Desjardins" are two.
        return index
    while layout.adjoins(place) and words.gap(place) == "-":
        place += 1
        if taken[place]:
            return index
    return _past_adjectives(layout, taken, place + 1)


def _is_adjective(folded: str) -> bool:
    return folded in _ADJECTIVES or folded in ("ouest", "est", "nord", "sud") or bool(_ADJECTIVE_END.search(folded))


def _capitals(layout: Layout, first: int, taken: Sequence[bool], most: int) -> int:
    words, after = layout.words, first + 1
    while after < min(len(words), most) and layout.adjoins(after - 1) and not taken[after]:
        step = next(_steps(layout, after), 0)
        if not step:
            break
        after += step
    return after


def _steps(layout: Layout, index: int) -> Iterator[int]:
    """Yield how many words from `index` on continue a name: a capital, or small words before one."""
    words = layout.words
    if words.raw[index] == "s" and words.gap(index - 1) in "'’":
        yield 1
        return
    for step in (1, 2, 3):
        last = index + step - 1
        if last >= len(words) or not layout.adjoins(last - 1):
            return
        if capital(words.raw[last]) and not words.raw[last][0].isdigit():
            # "la commune de X et Y": without a link of its own the second name is another body.
            if step > 1 and (
                words.folds[last - 1] == "et" or (words.folds[index] == "et" and words.folds[index + 1] in _ARTICLES)
            ):
                return
            yield step
            return
        if words.folds[last] not in _INNER:
            return
