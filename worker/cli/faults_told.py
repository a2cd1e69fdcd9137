"""Faults of a configuration and errors of every part, in the language of the command line.

Inside, gigawatch speaks English: in errors, logs and what programs read. A person is told the same in the language
in use. Each sentence is known by its shape, which is its English in the phrase table; one that is not known stays as
it is, and what others say within a known one (a database, a relay, a site) stands in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from worker.cli import phrases
from worker.cli.phrases import phrase
from worker.cli.wording_documents import DOCUMENT_WORDS
from worker.cli.wording_errors import ERROR_WORDS, FOREIGN_WORDS
from worker.cli.wording_faults import FAULT_WORDS
from worker.errors import ConfigError, Fault, GigawatchError

_Words = tuple[Mapping[str, tuple[str, str]], ...]

_FIELD = re.compile(r"\{(\w+)\}")
# Sentences nest by an address before them and advice behind; none of ours nests half as deep.
_DEEPEST = 8
# What may stand for a field; for all others, anything.
_PATTERNS = {
    "address": r"(?:https?|file)://.+?",
    "store": r"[a-z][a-z0-9+]*://.*?",
    "host": r"[0-9a-f.:]+",
    "error": r"[A-Z]\w*",
    "media": r"[\w.+/-]*",
    "cause": "|".join(re.escape(english) for _, english in FOREIGN_WORDS.values() if "{" not in english),
    "count": r"[\d,]+",
    "limit": r"-?\d[\d.,e+-]*",
    "size": r"[\d.]+",
    "free": r"[\d.]+",
}
_PARTS: _Words = (FAULT_WORDS, FOREIGN_WORDS)
_SENTENCES: _Words = (ERROR_WORDS, DOCUMENT_WORDS, FOREIGN_WORDS)


def told(said: Fault | GigawatchError | str) -> str:
    """Return what went wrong in the language in use: a fault, an error, or the text of one that was kept."""
    if phrases.language() == "en":
        return str(said)
    if isinstance(said, Fault):
        return _fault(said)
    if isinstance(said, ConfigError):
        return "\n".join(map(_fault, said.faults))
    return _known(str(said), _SENTENCES) or str(said)


def quoted(text: str) -> str:
    """Return what a system or a site said, in the language in use or else in quotes, to stand within a phrase."""
    return text if phrases.language() == "en" else _known(text, _SENTENCES) or phrase("told.foreign", text=text)


def _fault(fault: Fault) -> str:
    parts = {"where": fault.where, "name": fault.key, "problem": fault.problem, "expected": fault.expected}
    shown = {name: _known(part, _PARTS) or part for name, part in parts.items()}
    place = phrase("told.place", **shown) if fault.key else shown["where"]
    return phrase("told.expected" if fault.expected else "told.fault", place=place, **shown)


def _known(text: str, words: _Words, depth: int = 0) -> str:
    """Return `text` in the language in use, "" where it has no known shape."""
    if depth == _DEEPEST:
        return ""
    for table in words:
        for key, (_, english) in table.items():
            # Most are told apart without their pattern, which takes long to make ready.
            if all(piece in text for piece in _literals(english)) and (found := _pattern(english).fullmatch(text)):
                values = {name: _value(name, part, words, depth + 1) for name, part in found.groupdict().items()}
                if all(values.values()):
                    return phrase(key, **values)
    return ""


def _value(name: str, text: str, words: _Words, depth: int) -> str:
    """Return what stands for a field: a sentence in it is told, too. "" where it must be one that is known."""
    if name == "sure":
        return _known(text, words, depth)
    if name in ("why", "rest", "more", "cause"):
        return _known(text, words, depth) or (phrase("told.foreign", text=text) if name == "why" else text)
    if name == "count":
        return text.replace(",", "\u202f")
    return text.replace(".", phrase("unit.decimal")) if name in ("size", "free") else text


@cache
def _literals(english: str) -> tuple[str, ...]:
    return tuple(piece for piece in _FIELD.split(english)[::2] if piece)


@cache
def _pattern(english: str) -> re.Pattern[str]:
    pieces = _FIELD.split(english)
    made = (
        f"(?P<{part}>{_PATTERNS.get(part, '.+?')})" if at % 2 else re.escape(part) for at, part in enumerate(pieces)
    )
    return re.compile("".join(made), re.DOTALL)
