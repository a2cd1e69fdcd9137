"""Agency texts that many houses print: a copy takes over what was judged of the text before.

A copy has nearly the body of an article judged before: another title, a lead of the house's own, the last paragraph
cut. What follows up on a story shares whole paragraphs too, so likeness alone does not do. An article is no copy, and
is read by the detector, where what it has of its own brings a figure or a turn (annulé, démenti...) that the other
lacks, where a sentence that proves a flow was changed, where it does not name the parties, and where its title speaks
of something else, as over the same few lines of a paywall. Known exception: a change told in plain words without figure
("le fournisseur quitte la table") in a new title over an old text passes for a copy; the house's next text will tell
it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from worker import text
from worker.model import Article, Evidence, Flow, Reason, Span, Verdict

# Of the runs of four words of both texts, the part that both have. Measured on 142 labelled articles of about 200 words
# (2026-11-28): copies with a lead added and the last fifth cut have at least 0.64, follow-ups that share half of their
# paragraphs at most 0.36, other articles of the same story 0.02.
LEAST = 0.55
# Which part of its runs a copy may have of its own: 200 words of new text over the whole old one are an article.
_MOST_OWN = 0.3
# Which part of the title's longer words must stand in the other article.
_TITLE = 0.5
_LONG_WORD, _STEM = 4, 5
# So few new words in a row were changed inside a sentence: a figure among them counts wherever else it may stand.
_EDIT = 8
# A sentence of which so many runs of words stand in the copy was changed there, not cut.
_CHANGED = 0.4

_TOKEN = re.compile(r"\d{1,3}(?: \d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?|[a-z]+")
_NUMERAL = re.compile(
    r"\d.*|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante"
    r"|cinquante|soixante|cents?|mille|(?:dem|double|triple|quadruple)\w*|(?:diz|vingt|trent|cent)aines?"
)
_TURN = re.compile(
    r"(?:annul|renonc|abandonn|suspen[ds]|romp|rupture|resili|dement|deni|contest|invers|report(?:e|er|ee|ent)s?$|gele|refus"
    r"|rejet|echou|echec|interdi|bloqu|retir|retrait|revoi|revis|revu|rabot|renegoci|elargi|etend|finalement|caduc).*"
)
# One for one, so that offsets hold: houses differ in apostrophes and spaces.
_TYPOGRAPHY = str.maketrans({"’": "'", "‘": "'", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\n": " ", "\t": " "})


def resemblance(left: str, right: str) -> float:
    """Return the Jaccard similarity of two texts, 0 to 1, over their runs of four words."""
    mine, other = set(_shingles(left)), set(_shingles(right))
    return len(mine & other) / len(mine | other) if mine and other else 0.0


def taken_over(article: Article, original: Article, verdict: Verdict) -> Verdict | None:
    """Return the verdict on `original` as it holds of `article`, its evidence moved; None where that is no copy of it.

    Evidence whose sentence the copy lacks is dropped, reasons lose their places, and a reason "copy" without weight
    names the original.
    """
    known, mine = set(_shingles(original.text)), _shingles(article.text)
    own = set(mine)
    if not known or not own or len(known & own) < LEAST * len(known | own) or len(own - known) > _MOST_OWN * len(own):
        return None
    if not _says_nothing_else(article, original, _news(article.text, mine, known)):
        return None
    if not _names_the_same(verdict.flows, article, original):
        return None
    flows = []
    for flow in verdict.flows:
        moved = _moved(flow, article, own)
        if moved is None:
            return None
        flows.append(moved)
    reasons = tuple(replace(reason, span=None) for reason in verdict.reasons if reason.code != "copy")
    named = Reason("copy", 0.0, original.url or original.title)
    return replace(verdict, flows=tuple(flows), reasons=(*reasons, named))


def _shingles(value: str) -> list[str]:
    return text.shingles(text.words(value))


def _news(body: str, grams: Sequence[str], known: set[str]) -> list[list[str]]:
    """Return the runs of words of `body` that stand in no run of four that is known."""
    words = text.words(body)
    covered = [False] * len(words)
    size = len(words) - len(grams) + 1
    for at, gram in enumerate(grams):
        if gram in known:
            covered[at : at + size] = [True] * size
    runs = groupby(zip(words, covered, strict=True), key=lambda pair: pair[1])
    return [[word for word, _ in run] for old, run in runs if not old]


def _says_nothing_else(article: Article, original: Article, news: Sequence[Sequence[str]]) -> bool:
    """True where an article's title, summary and own words bring no figure and no turn that the other lacks, and its
    title speaks of the same."""
    whole = f"{original.title} {original.summary} {original.text}"
    # Both ways of cutting: the words of `news` have lost their commas.
    told = {*_TOKEN.findall(text.fold(whole)), *text.words(whole)}
    own = [word for run in news for word in run] + _TOKEN.findall(text.fold(f"{article.title} {article.summary}"))
    edits = [word for run in news if len(run) <= _EDIT for word in run]
    if any(_tells(word) for word in edits) or any(_tells(word) for word in own if word not in told):
        return False
    long = [word for word in text.words(article.title) if len(word) >= _LONG_WORD]
    stems = {word[:_STEM] for word in told}
    return sum(word[:_STEM] in stems for word in long) >= _TITLE * len(long)


def _names_the_same(flows: Iterable[Flow], article: Article, original: Article) -> bool:
    """True where an article names every party that the other names: the same words and figures with other names, as in
    texts written by form, are another deal."""
    mine, other = (f" {' '.join(text.words(f'{one.title} {one.summary} {one.text}'))} " for one in (article, original))
    names = {f" {' '.join(text.words(name))} " for flow in flows for name in flow.parties}
    return all(name in mine for name in names if name in other)


def _tells(word: str) -> bool:
    return bool(_NUMERAL.fullmatch(word) or _TURN.fullmatch(word))


def _moved(flow: Flow, article: Article, own: set[str]) -> Flow | None:
    """Return a flow with its evidence where it stands in `article`; None where nothing there proves it, or a sentence
    that does was changed."""
    kept: list[Evidence] = []
    for proof in flow.evidence:
        found = _found(proof, article)
        if found is not None:
            kept.append(found)
        elif proof.span.part == "text" and _is_changed(proof.sentence, own):
            return None
    return replace(flow, evidence=tuple(kept)) if kept or not flow.evidence else None


def _is_changed(sentence: str, own: set[str]) -> bool:
    grams = _shingles(sentence)
    return bool(grams) and sum(gram in own for gram in grams) >= _CHANGED * len(grams)


@dataclass(frozen=True, slots=True)
class _Place:
    part: str
    start: int


def _found(proof: Evidence, article: Article) -> Evidence | None:
    """Return a proof with the offsets and the words of `article`, None where its sentence does not stand there."""
    inside = proof.sentence_span.start <= proof.span.start and proof.span.end <= proof.sentence_span.end
    place = _place(proof.sentence, article, first=proof.sentence_span.part) if inside else None
    if place is None:
        return None
    shift = place.start - proof.sentence_span.start
    span, around = (Span(place.part, one.start + shift, one.end + shift) for one in (proof.span, proof.sentence_span))
    part = _part(article, place.part)
    return replace(
        proof, span=span, quote=part[span.start : span.end], sentence=part[around.start : around.end],
        sentence_span=around,
    )  # fmt: skip


def _place(sentence: str, article: Article, *, first: str) -> _Place | None:
    wanted = sentence.translate(_TYPOGRAPHY)
    parts: Iterable[str] = dict.fromkeys((first, "text", "title", "summary"))
    for part in parts:
        start = _part(article, part).translate(_TYPOGRAPHY).find(wanted) if wanted.strip() else -1
        if start >= 0:
            return _Place(part, start)
    return None


def _part(article: Article, name: str) -> str:
    return {"title": article.title, "summary": article.summary, "text": article.text}[name]
