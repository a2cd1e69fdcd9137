"""Words of a text and the organisations said by them: the values that every part of detection shares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from worker.text import fold


class OrgType(StrEnum):
    """What an organisation does in the market for computing power."""

    LAB = "lab"
    CLOUD = "cloud"
    NEOCLOUD = "neocloud"
    CHIPS = "chips"
    SYSTEMS = "systems"
    DATACENTER = "datacenter"
    ENERGY = "energy"
    FUND = "fund"
    BANK = "bank"
    TELECOM = "telecom"
    STATE = "state"
    SOFTWARE = "software"
    MEDIA = "media"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Mention:
    """Characters `start` to `end` name one organisation. Determiners stay outside: "la [start-up]", "d'[OpenAI]".

    surface: the words themselves; name: the organisation meant, a brand resolved to the group that signs, "" where the
    text names nobody ("un [hyperscaler]"); known: listed in companies.toml; via: how it was found: "name", "alias",
    "brand", "metonym", "person", "shape", "apposition", "definite", "pronoun" or "unnamed"; sure: how much speaks for a
    name that no list has being an organisation's, 0 to 1.
    """

    start: int
    end: int
    surface: str
    name: str
    type: OrgType
    known: bool
    via: str
    sure: float = 1.0


_WORD = re.compile(r"\be&(?!\w)|[^\W_]+")


@lru_cache(maxsize=16384)
def _fold_word(word: str) -> str:
    return word.lower() if word.isascii() else fold(word)


def parted(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of a text and their folded forms, without their places."""
    raw = tuple(_WORD.findall(text))
    return raw, tuple(_fold_word(word) for word in raw)


class Words:
    """The words of a text: runs of letters and digits, with their places and their folded forms.

    `gap(i)` is what stands between word i and the next one; `capitals` are the words written as names are.
    """

    __slots__ = ("capitals", "ends", "folds", "raw", "starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        spans = [match.span() for match in _WORD.finditer(text)]
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]
        self.raw = [text[start:end] for start, end in spans]
        self.folds = [_fold_word(word) for word in self.raw]
        self.capitals = [index for index, word in enumerate(self.raw) if not (word.islower() or word.isdigit())]

    def __len__(self) -> int:
        return len(self.raw)

    def gap(self, index: int) -> str:
        """Return the characters between word `index` and the next; all that is left after the last word."""
        following = self.starts[index + 1] if index + 1 < len(self.starts) else len(self.text)
        return self.text[self.ends[index] : following]

    def fold_at(self, index: int) -> str:
        """Return the folded word at `index`, "" outside the text."""
        return self.folds[index] if 0 <= index < len(self.folds) else ""
