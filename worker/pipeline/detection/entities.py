"""Organisations in a text: listed ones by their terms, others by shape and by what the text says of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from worker.pipeline.detection import institutions, people, shortened, tickers
from worker.pipeline.detection.candidates import Run, runs
from worker.pipeline.detection.coreference import Resolver
from worker.pipeline.detection.likeness import Names
from worker.pipeline.detection.listed import Claim, Layout, Placed, capital, claims
from worker.pipeline.detection.mentions import Mention, OrgType, Words
from worker.pipeline.detection.ranking import Referents
from worker.pipeline.detection.registry import Registry
from worker.pipeline.detection.unknown import Named, Unknown
from worker.pipeline.detection.vocabulary import Vocabulary

# How a mention that stands in the name's own words was found.
_OWN_WORDS = frozenset(("shape", "apposition"))
_COMPLEMENT = re.compile(r"\s(?:d['’]|de la |de l['’]|du |des |de )[A-ZÀ-Ý][\w-]+")

__all__ = ["Mention", "OrgType", "Registry", "find"]


def find(
    text: str,
    *,
    registry: Registry,
    sentences: Sequence[tuple[int, int]],
    known_before: Sequence[Mention] = (),
    words: Words | None = None,
    referents: Referents | None = None,
    likeness: Names | None = None,
) -> tuple[Mention, ...]:
    """Return the mentions of organisations in `text`, sorted, none overlapping another; offsets point into `text`.

    sentences: (start, end) of each sentence; known_before: mentions of earlier parts (title, summary) that short forms,
    descriptions and pronouns may mean; words: those of `text`, if they are known; referents,
    likeness: the trained weights of what descriptions mean and of which capitals are names (default: rules alone). The
    more text one call sees, the surer unlisted names are.
    """
    words = words or Words(text)
    layout, vocabulary = Layout(words, sentences), registry.vocabulary
    codes = tickers.words_of(words)
    said = [claim for claim in claims(layout, registry, vocabulary) if claim.first not in codes]
    listed = _without_vague(layout, registry, said, known_before)
    taken = [index in codes for index in range(len(words))] if codes else [False] * len(words)
    for claim in listed:
        taken[claim.first : claim.after] = [True] * (claim.after - claim.first)
    bodies = institutions.find(layout, vocabulary, taken)
    for first, after, _ in bodies:
        taken[first:after] = [True] * (after - first)
    persons, rest = people.split(layout, vocabulary, runs(layout, vocabulary, taken))
    unknown = Unknown(layout, vocabulary, likeness or Names({}))
    unknown.remember((*known_before, *(mention for _, _, mention in bodies)))
    surnames = frozenset(person.surname for person in persons) | {
        words.folds[claim.after - 1] for claim in listed if claim.term.via == "person"
    }
    called = surnames | {words.folds[person.run.first] for person in persons}
    parts = shortened.find(layout, registry, listed, rest, called)
    for claim in parts:
        taken[claim.first : claim.after] = [True] * (claim.after - claim.first)
    listed += parts
    rest = [run for run in rest if not taken[run.first]]
    unknown.judge(rest, taken, surnames)
    for person in persons:
        taken[person.run.first : person.run.after] = [True] * (person.run.after - person.run.first)
    placed = [Placed(c.first, c.after, registry.mention(words, c.first, c.after, c.term)) for c in listed]
    placed.extend(Placed(first, after, mention) for first, after, mention in bodies)
    countries = {name: registry.country_of(name) for name in {item.mention.name for item in placed}}
    for mention in known_before:
        countries.setdefault(mention.name, registry.country_of(mention.name))
    for run, named in unknown.occurrences(taken):
        placed.append(Placed(run.first, run.after, _unlisted(words, run.first, run.after, named)))
        countries.setdefault(named.name, named.country)
    placed.extend(_speakers(layout, registry, persons, placed, taken))
    placed.sort(key=lambda item: item.first)
    spoken = {item.first for item in placed}
    alone = [person.run.first for person in persons if person.run.first not in spoken]
    alone += [run.first for run in rest if _is_first_name(layout, vocabulary, run) and run.first not in spoken]
    resolved = Resolver(layout, vocabulary, countries, known_before, alone, referents).resolve(placed)
    return _completed(text, [item.mention for item in resolved], vocabulary)


def _completed(text: str, mentions: list[Mention], vocabulary: Vocabulary) -> tuple[Mention, ...]:
    """Give unlisted names the complement that they never stand without ("Vent d'Iroise", "Forges de la Meuse").

    What is said once may be where a firm is, or whose it is: there the complement must be no town, country, person or
    other firm.

    A complement that comes and goes ("Nordlys de Bergen", then "Nordlys") says where a firm is, not what it is called.
    """
    tails: dict[str, set[str]] = {}
    for mention in mentions:
        if mention.via in _OWN_WORDS and mention.surface == mention.name:
            found = _COMPLEMENT.match(text, mention.end)
            tails.setdefault(mention.name, set()).add(found.group() if found else "")
    whole = {name: tail for name, (tail, *others) in ((n, sorted(t)) for n, t in tails.items()) if tail and not others}
    counts = Counter(mention.name for mention in mentions if mention.via in _OWN_WORDS)
    starts = [mention.start for mention in mentions if mention.known or mention.via == "person"]
    result: list[Mention] = []
    taken = 0
    for mention in mentions:
        if mention.start < taken:
            continue
        tail = whole.get(mention.name, "") if not mention.known else ""
        if tail and counts[mention.name] == 1:
            other = any(mention.end <= start < mention.end + len(tail) for start in starts)
            tail = "" if other or _is_elsewhere(tail, vocabulary) else tail
        name = mention.name + tail.replace("’", "'") if tail else mention.name
        end = mention.end + len(tail) if tail and mention.via in _OWN_WORDS else mention.end
        taken = end
        result.append(replace(mention, end=end, surface=text[mention.start : end], name=name))
    return tuple(result)


def _is_elsewhere(tail: str, vocabulary: Vocabulary) -> bool:
    """Whether a complement is a place or a person: "de Bergen", "du Texas", "de Yann"."""
    words = Words(tail)
    names = [words.folds[index] for index in words.capitals]
    lists = ("places", "place_words", "first_names")
    return " ".join(names) in vocabulary.towns or any(
        name in vocabulary.towns or name in vocabulary.nationalities or any(name in vocabulary[one] for one in lists)
        for name in names
    )


def _without_vague(
    layout: Layout, registry: Registry, listed: list[Claim], known_before: Iterable[Mention]
) -> list[Claim]:
    """Drop phrases such as "le géant des puces" where the text may mean another than the listed one.

    They hold where their organisation is named too, or where no other organisation is.
    """

    def name(claim: Claim) -> str:
        return claim.term.company.group or claim.term.company.name

    firm = [claim for claim in listed if not _is_vague(claim)]
    names = {name(claim) for claim in firm} | {mention.name for mention in known_before if mention.name}
    kept = []
    for claim in listed:
        described = registry.vocabulary.descriptor_at(layout.words.folds, claim.first)
        if not _is_vague(claim) or name(claim) in names or not described:
            kept.append(claim)
    return kept


def _is_first_name(layout: Layout, vocabulary: Vocabulary, run: Run) -> bool:
    return run.after - run.first == 1 and layout.words.folds[run.first] in vocabulary["first_names"]


def _is_vague(claim: Claim) -> bool:
    return claim.term.via == "metonym" and not any(capital(word) for word in claim.term.raw)


def _unlisted(words: Words, first: int, after: int, named: Named) -> Mention:
    start, end = words.starts[first], words.ends[after - 1]
    via = "apposition" if named.introduced else "shape"
    return Mention(start, end, words.text[start:end], named.name, named.type, False, via, named.sure)


def _speakers(
    layout: Layout, registry: Registry, persons: Sequence[people.Person], placed: Sequence[Placed], taken: list[bool]
) -> list[Placed]:
    """Return the mentions that persons make of the firm they speak for, by full name and later by surname."""
    at = {index: item.mention for item in placed for index in range(item.first, item.after)}
    names = {index: mention.name for index, mention in at.items()}
    firms = people.firms(layout, registry.vocabulary, persons, names)
    for item in placed:
        if item.mention.via == "person":
            firms.setdefault(layout.words.folds[item.after - 1], item.mention.name)
    types = {mention.name: mention for mention in at.values()}
    words, found, covered = layout.words, [], set(names)
    spans = [(person.run.first, person.run.after, person.surname) for person in persons]
    spans += [
        (index, index + 1, folded)
        for index, folded in enumerate(words.folds)
        if folded in firms and not taken[index] and capital(words.raw[index])
    ]
    for first, after, surname in spans:
        if surname not in firms or any(index in covered for index in range(first, after)):
            continue
        covered.update(range(first, after))
        owner = types[firms[surname]]
        start, end = words.starts[first], words.ends[after - 1]
        mention = Mention(start, end, words.text[start:end], owner.name, owner.type, owner.known, "person")
        found.append(Placed(first, after, mention))
    return found
