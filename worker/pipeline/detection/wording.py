"""The words that link two parties of a sentence, as features of the flow between them.

Theory: what stands between two names, right before the first and right after the second says more often than any
grammar of ours whether they deal, which way and in what; training finds the words that matter, so that a verb which the
lexicon lacks still counts where labelled articles use it. Words are cut to stems of six letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from worker.model import Kind
from worker.pipeline.detection.document import Document, Sentence
from worker.pipeline.detection.entities import Mention
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.quantities import Dimension

_STEM = 6
_ARTICLES = frozenset(("le", "la", "l", "les", "un", "une", "d", "qu"))
_CAPITAL = frozenset((Kind.EQUITY, Kind.DEBT, Kind.ACQUISITION))
_SIZES = {Dimension.MONEY: "#money", Dimension.POWER: "#power", Dimension.CHIPS: "#chips", Dimension.YEARS: "#years"}
# Beyond this two names of a sentence say little of each other.
_REACH = 24
_BEFORE, _AFTER = 3, 4


def stem(word: str) -> str:
    """Return a folded word cut to its stem."""
    return word[:_STEM]


class Wording:
    """The words of one document, each sentence read once."""

    def __init__(self, document: Document, modes: Mapping[int, Mode]) -> None:
        self._document = document
        self._modes = modes
        self._tokens: dict[int, list[str]] = {}
        self._links: dict[tuple[int, str, str], tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._alone: dict[str, dict[str, float]] = {}
        head = [one for one in document.sentences if one.part != "text"]
        self._head = sorted({token for one in head for token in self._of(one) if token and token[0] not in "@#"})

    def bag(self) -> frozenset[str]:
        """Return the stems of all words as "word:...", those of title and summary again as "head:..."."""
        every = {f"word:{token}" for one in self._document.sentences for token in self._of(one) if token}
        head = {token for one in self._document.sentences if one.part != "text" for token in self._of(one) if token}
        return frozenset(every | {f"head:{token}" for token in head})

    def features(self, payer: str, payee: str, kind: Kind) -> dict[str, float]:
        """Return the features of a flow; "" for a party that is not named. Each value is 0 to 1."""
        found: dict[str, float] = {}
        side = "cap" if kind in _CAPITAL else "tie" if kind is Kind.PARTNERSHIP else "means"
        for sentence in self._document.sentences:
            weight = 1.0 - 0.85 * self._modes[sentence.number].recalled
            ordered, plain = self._link(sentence, payer, payee)
            for name in ordered:
                key = f"{side}:{name}"
                if found.get(key, 0.0) < weight:
                    found[key] = weight
            for name in plain:
                key = f"{kind.value}:{name}"
                if found.get(key, 0.0) < weight:
                    found[key] = weight
        for token in self._head:
            found[f"{kind.value}:head:{token}"] = 1.0
        for role, name in (("payer", payer), ("payee", payee)):
            if name:
                for token, weight in self._around(name).items():
                    found[f"{side}:{role}~{token}"] = weight
        return found

    def _around(self, name: str) -> dict[str, float]:
        """Return the words beside the mentions of one party anywhere in the article."""
        if name not in self._alone:
            found: dict[str, float] = {}
            for sentence in self._document.sentences:
                weight = 1.0 - 0.85 * self._modes[sentence.number].recalled
                for mention in sentence.mentions:
                    if mention.name == name:
                        for token in self._beside(sentence, mention):
                            found[token] = max(found.get(token, 0.0), weight)
            self._alone[name] = found
        return self._alone[name]

    def _beside(self, sentence: Sentence, mention: Mention) -> Iterator[str]:
        first, last = self._place(mention)
        tokens, base = self._of(sentence), sentence.first
        before = [token for token in tokens[max(0, first - base - 3) : first - base] if token]
        after = [token for token in tokens[last + 1 - base : last + 7 - base] if token][:4]
        yield from (f"{token}|" for token in before[-2:])
        yield from (f"|{token}" for token in after)

    def _link(self, sentence: Sentence, payer: str, payee: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        key = (sentence.number, payer, payee)
        if key not in self._links:
            self._links[key] = self._read(sentence, payer, payee)
        return self._links[key]

    def _read(self, sentence: Sentence, payer: str, payee: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if payer and payee:
            pair = _nearest(sentence, payer, payee)
            if pair is None:
                return (), ()
            return self._between(sentence, *pair)
        mention = next((m for m in sentence.mentions if m.name == (payer or payee)), None)
        if mention is None:
            return (), ()
        role = "payer" if payer else "payee"
        first, last = self._place(mention)
        tokens = self._of(sentence)
        before = tokens[max(0, first - sentence.first - _BEFORE) : first - sentence.first]
        after = tokens[last + 1 - sentence.first : last + 1 - sentence.first + 2 * _AFTER]
        ordered = [f"{role}:before:{token}" for token in before if token]
        ordered += [f"{role}:after:{token}" for token in after if token]
        return tuple(ordered), tuple(f"near:{token}" for token in (*before, *after) if token)

    def _between(self, sentence: Sentence, payer: Mention, payee: Mention) -> tuple[tuple[str, ...], tuple[str, ...]]:
        forward = payer.start < payee.start
        one, other = (payer, payee) if forward else (payee, payer)
        first, left = self._place(one)
        right, last = self._place(other)
        if right - left > _REACH:
            return (), ()
        sign = ">" if forward else "<"
        tokens, base = self._of(sentence), sentence.first
        between = [t for t in tokens[left + 1 - base : right - base] if t]
        before = [t for t in tokens[max(0, first - base - _BEFORE) : first - base] if t]
        after = [t for t in tokens[last + 1 - base : last + 1 - base + _AFTER] if t]
        ordered = [f"{sign}{token}" for token in between]
        ordered += [f"{sign}before:{token}" for token in before] + [f"{sign}after:{token}" for token in after]
        if before:
            ordered.append(f"{sign}open:{before[-1]}")
        if between:
            ordered += [f"{sign}first:{between[0]}", f"{sign}last:{between[-1]}"]
            ordered += [f"{sign}{x}_{y}" for x, y in zip(between, between[1:], strict=False)]
        else:
            ordered.append(f"{sign}touch")
        for hit in sentence.hits:
            where = "between" if left < hit.first < right else "before" if hit.first < first else "after"
            ordered.append(f"{sign}frame:{where}:{hit.frame.name}{':noun' if hit.noun else ''}")
        return tuple(ordered), tuple(f"near:{token}" for token in (*before, *between, *after))

    def _place(self, mention: Mention) -> tuple[int, int]:
        return self._document.word_at(mention.start), self._document.word_at(mention.end - 1)

    def _of(self, sentence: Sentence) -> list[str]:
        if sentence.number not in self._tokens:
            self._tokens[sentence.number] = list(self._read_tokens(sentence))
        return self._tokens[sentence.number]

    def _read_tokens(self, sentence: Sentence) -> Iterator[str]:
        document = self._document
        inside: dict[int, str] = {}
        for quantity in sentence.quantities:
            first = document.word_at(quantity.start)
            for word in range(first, document.word_at(quantity.end - 1) + 1):
                inside[word] = ""
            inside[first] = _SIZES.get(quantity.dimension, "#share")
        for mention in sentence.mentions:
            first, last = self._place(mention)
            for word in range(first, last + 1):
                inside[word] = ""
            inside[first] = f"@{mention.type.value}" if mention.via not in ("pronoun", "definite") else "@it"
        for word in range(sentence.first, sentence.after):
            if word in inside:
                yield inside[word]
                continue
            folded = document.words.folds[word]
            yield "" if folded in _ARTICLES or folded[:1].isdigit() else stem(folded)


def _nearest(sentence: Sentence, payer: str, payee: str) -> tuple[Mention, Mention] | None:
    """Return the mentions of two parties that stand closest in a sentence."""
    best: tuple[int, Mention, Mention] | None = None
    for one in (m for m in sentence.mentions if m.name == payer):
        for other in (m for m in sentence.mentions if m.name == payee):
            gap = max(one.start, other.start) - min(one.end, other.end)
            if best is None or gap < best[0]:
                best = gap, one, other
    return best[1:] if best else None
