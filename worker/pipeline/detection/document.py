"""An article as detection reads it: one text of title, summary and body, cut into sentences, with what stands in
each."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from worker.model import Article, Span
from worker.pipeline.detection import clauses, entities, quantities
from worker.pipeline.detection.entities import Mention, Registry
from worker.pipeline.detection.lexicon import MEASURE, MONEY, SHARE, Hit, Lexicon
from worker.pipeline.detection.likeness import Names
from worker.pipeline.detection.mentions import Words
from worker.pipeline.detection.quantities import Dimension, Quantity
from worker.pipeline.detection.ranking import Referents

# Beyond this nothing of a news article is its news; the cost of what a page may hold stays bounded.
LONGEST = 200_000
_BREAK = "\n\n"
# One character with the marks that combine with it; the one at most is bounded, as nothing in French has more.
_LETTER = re.compile(r"(?s).[\u0300-\u036f]{0,8}")
_WARRANTS = frozenset(("bons", "warrants", "bsa", "souscription"))
_MOST_MENTIONS, _MOST_HITS = 80, 60
# From here on a sentence of the body tells older news: what it says is no sign of what the article is about.
BACKGROUND = 0.9
_MARKS = {Dimension.MONEY: MONEY, Dimension.POWER: MEASURE, Dimension.CHIPS: MEASURE, Dimension.PERCENT: SHARE}


class Token(NamedTuple):
    """A stem, or what stands for a name or a size; `name` is the organisation that is meant, "" for none."""

    word: str
    name: str


@dataclass
class Sentence:
    """Characters `start` to `end` of the document, words `first` to `after` (exclusive)."""

    start: int
    end: int
    first: int
    after: int
    part: str
    number: int
    paragraph: int = 0
    mentions: list[Mention] = field(default_factory=list)
    quantities: list[Quantity] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    # Read when asked for.
    objects: dict[str, list[tuple[int, int]]] | None = None
    tokens: tuple[Token, ...] | None = None
    # Whether it speaks of warrants.
    rights: bool = False

    @property
    def is_lead(self) -> bool:
        """Whether it is of the title, the summary or the first paragraph of the body."""
        return self.part != "text" or self.paragraph == 0


@dataclass
class Document:
    """The whole article. `offsets` are where each part begins in `text`."""

    text: str
    words: Words
    offsets: tuple[tuple[str, int, int], ...]
    published: datetime | None
    sentences: list[Sentence]
    places: dict[str, list[int]] = field(default_factory=dict)

    def span(self, start: int, end: int) -> Span:
        """Return characters of the document as characters of the article's part that holds them."""
        for part, begin, stop in self.offsets:
            if begin <= start < stop or (start == begin == stop):
                return self._stored(part, start - begin, min(end, stop) - begin)
        part, begin, stop = self.offsets[-1]
        return self._stored(part, max(start - begin, 0), max(min(end, stop) - begin, 0))

    def _stored(self, part: str, start: int, end: int) -> Span:
        places = self.places.get(part)
        return Span(part, places[start], places[end]) if places else Span(part, start, end)

    def word_at(self, offset: int) -> int:
        """Return the first word that ends after `offset`."""
        return bisect_right(self.words.ends, offset)


def build(
    article: Article,
    registry: Registry,
    lexicon: Lexicon,
    referents: Referents | None = None,
    likeness: Names | None = None,
) -> Document:
    """Read an article into a document. referents, likeness: as of `entities.find`."""
    parts = [("title", article.title), ("summary", article.summary), ("text", article.text[:LONGEST])]
    text, offsets = "", []
    places: dict[str, list[int]] = {}
    for name, value in parts:
        if not unicodedata.is_normalized("NFC", value):
            value, places[name] = _composed(value)
        if text and value:
            text += _BREAK
        offsets.append((name, len(text), len(text) + len(value)))
        text += value
    words = Words(text)
    document = Document(text, words, tuple(offsets), article.published, _sentences(text, words, offsets), places)
    spans = [(sentence.start, sentence.end) for sentence in document.sentences]
    mentions = entities.find(
        text, registry=registry, sentences=spans, words=words, referents=referents, likeness=likeness
    )
    _place(document.sentences, mentions)
    starts = [sentence.start for sentence in document.sentences]
    for quantity in quantities.find(text):
        number = bisect_right(starts, quantity.start) - 1
        if number >= 0:
            document.sentences[number].quantities.append(quantity)
    marked = list(words.folds)
    for sentence in document.sentences:
        for quantity in sentence.quantities:
            mark = _MARKS.get(quantity.dimension)
            if mark:
                marked[min(document.word_at(quantity.start), len(marked) - 1)] = mark
        # A sentence that says more is a table or endless; to link all its parts would cost the square of its length.
        del sentence.mentions[_MOST_MENTIONS:]
        sentence.rights = bool(_WARRANTS.intersection(words.folds[sentence.first : sentence.after]))
        if sentence.mentions:
            sentence.hits = lexicon.hits(marked, words.raw, sentence.first, sentence.after)[:_MOST_HITS]
    return document


def _composed(text: str) -> tuple[str, list[int]]:
    """Return a text whose accents stand apart with each letter in one piece, and where each of its characters stood."""
    made: list[str] = []
    places: list[int] = []
    for match in _LETTER.finditer(text):
        piece = unicodedata.normalize("NFC", match.group())
        made.append(piece)
        places += [match.start()] * len(piece)
    return "".join(made), [*places, len(text)]


def _sentences(text: str, words: Words, offsets: Sequence[tuple[str, int, int]]) -> list[Sentence]:
    found: list[Sentence] = []
    for part, begin, stop in offsets:
        breaks = [match.start() + begin for match in re.finditer(r"\n\s*\n", text[begin:stop])]
        for start, end in clauses.sentences(text[begin:stop]):
            start, end = start + begin, end + begin
            first, after = bisect_right(words.ends, start), bisect_right(words.starts, end - 1)
            paragraph = bisect_right(breaks, start)
            found.append(Sentence(start, end, first, after, part, len(found), paragraph))
    return found


def _place(sentences: Sequence[Sentence], mentions: Sequence[Mention]) -> None:
    starts = [sentence.start for sentence in sentences]
    for mention in mentions:
        number = bisect_right(starts, mention.start) - 1
        if number >= 0 and mention.start < sentences[number].end:
            sentences[number].mentions.append(mention)
