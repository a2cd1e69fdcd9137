"""When a feed brings its old items in new clothes, or more than a newsroom writes.

Theory: a site that changes its system serves what it served before under new guids, addresses, dates and corrected
titles. The keys of `identity` know most of it again. Where half of a document comes under new guids, the rest of it is
compared with what the feed brought lately, and one that says nothing else is no news. What is still too much then is
held and told in one piece, and the operator is told of it: a feed that was taken over must not flood readers, queue or
store.

Known exceptions: an item whose title and summary were both rewritten is new; so is one whose first version had other
names or figures. A wire that the gate lets through more than two hundred times a day is held on its first days.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from worker.model import Entry
from worker.text import words

# Items under new guids at once from which on they are compared; half of the document, or it is a busy day.
_COMPARED, _SHARE = 10, 0.5
# Of the words of two items, and of their summaries, the part that both have; of items with hardly a summary nearly all,
# for there "signe" or "annule" is one word of fifteen.
_ALIKE, _ALIKE_SUMMARY, _ALIKE_BARE = 0.6, 0.8, 0.85
_SUMMARY = 6
# Figures, and words as long as this, find what an item may be like; of those found, so many are compared.
_LONG_WORD, _CLOSEST = 4, 8
# Figures, and words with a capital that do not open a sentence: what makes one contract another.
_TELLING = re.compile(r"\d[\d.,]*|(?<=[^\s.!?:«»“”|] )[A-ZÀ-ÖØ-Þ][\w-]+")

# A document of a feed that is read several times a day has fewer new items, but after weeks of absence.
_AT_ONCE = 50
_OPENED_A_DAY, _NEW_A_DAY = 200, 500
_TIMES, _MOST_A_DAY = 3.0, 1_000
# Held entries within a day after which nothing more of the feed is kept.
_HELD_A_DAY = 1_000


@dataclass(frozen=True, slots=True)
class Habit:
    """How many entries a feed brought within the last day: `new` in all, `opened` by the gate, `held` in floods and in
    a first poll (not among the others); `usual` and `usual_opened` are the means of the fourteen days before."""

    new: int = 0
    opened: int = 0
    held: int = 0
    usual: float = 0.0
    usual_opened: float = 0.0


@dataclass(frozen=True, slots=True)
class _Bag:
    """The words of an item, of its summary, and those that tell it from others."""

    whole: frozenset[str]
    summary: frozenset[str]
    telling: frozenset[str]

    @classmethod
    def of(cls, entry: Entry) -> _Bag:
        summary = frozenset(words(entry.summary))
        found = _TELLING.findall(f"{entry.title}. {entry.summary}")
        return cls(summary.union(words(entry.title)), summary, frozenset(word for one in found for word in words(one)))

    def says_no_more(self, other: _Bag) -> bool:
        """Whether this is `other` again."""
        if not self.telling <= other.whole:
            return False
        if min(len(self.summary), len(other.summary)) < _SUMMARY:
            return _share(self.whole, other.whole) >= _ALIKE_BARE
        alike = _share(self.summary, other.summary) >= _ALIKE_SUMMARY
        return alike and _share(self.whole, other.whole) >= _ALIKE


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def is_suspect(unknown: int, shown: int) -> bool:
    """Whether so many unknown guids of those that a document shows may be old items under new ones."""
    return unknown >= _COMPARED and unknown >= _SHARE * shown


def again(fresh: Sequence[Entry], known: Sequence[Entry]) -> frozenset[str]:
    """Return the guids of those of `fresh` that say what one of `known` said: most of its words, no other names or
    figures."""
    bags = [_Bag.of(one) for one in known]
    places: dict[str, list[int]] = defaultdict(list)
    for place, bag in enumerate(bags):
        for word in bag.whole:
            if len(word) >= _LONG_WORD or word.isdigit():
                places[word].append(place)
    found = set()
    for one in fresh:
        bag = _Bag.of(one)
        near = Counter(place for word in bag.whole for place in places.get(word, ()))
        if any(bag.says_no_more(bags[place]) for place, _ in near.most_common(_CLOSEST)):
            found.add(one.guid)
    return frozenset(found)


def is_flood(new: int, opened: int, habit: Habit) -> bool:
    """Whether a poll that brings `new` entries, `opened` of them by the gate, is more than the feed's own habit."""
    return (
        new > _AT_ONCE
        or habit.new + new > _limit(_NEW_A_DAY, habit.usual)
        or habit.opened + opened > _limit(_OPENED_A_DAY, habit.usual_opened)
    )


def is_too_much(habit: Habit) -> bool:
    """Whether so much was held within a day that nothing more is to be kept."""
    return habit.held >= _HELD_A_DAY


def _limit(least: int, usual: float) -> float:
    return max(least, min(_TIMES * usual, _MOST_A_DAY))
