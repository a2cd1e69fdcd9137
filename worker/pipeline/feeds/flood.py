"""When a feed brings its old items in new clothes, or more than a newsroom writes.

Theory: a site that changes its system serves what it served before under new guids, addresses, dates and corrected
titles. The keys of `identity` know most of it again. Where many items are new at once, each is compared with what the
feed brought lately, and one that says nothing else is no news. What is still too much then is held and told in one
piece, and the operator is told of it: a feed that was taken over must not flood readers, queue or store.

Known exceptions: an item whose title and summary were both rewritten is new; so is one whose first version had other
names or figures. A wire that the gate lets through more than two hundred times a day is held on its first days.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from worker.model import Entry
from worker.text import fold, words

# New items at once from which on they are compared; half of the document, or it is a busy day.
_COMPARED, _SHARE = 10, 0.5
# Of the words of both items, the part that both have.
_ALIKE = 0.6
# Words as long as this find what an item may be like; of those found, so many are compared.
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


def is_suspect(new: int, shown: int) -> bool:
    """Whether so many new items of those that a document shows are to be compared with what the feed brought before."""
    return new >= _COMPARED and new >= _SHARE * shown


def again(fresh: Sequence[Entry], known: Sequence[Entry]) -> frozenset[str]:
    """Return the guids of those of `fresh` that say what one of `known` said: most of its words, no other names or
    figures."""
    bags = [_bag(one) for one in known]
    places: dict[str, list[int]] = defaultdict(list)
    for place, bag in enumerate(bags):
        for word in bag:
            if len(word) >= _LONG_WORD:
                places[word].append(place)
    found = set()
    for one in fresh:
        bag = _bag(one)
        near = Counter(place for word in bag for place in places.get(word, ()))
        if any(_is_like(one, bag, bags[place]) for place, _ in near.most_common(_CLOSEST)):
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


def _bag(entry: Entry) -> frozenset[str]:
    return frozenset((*words(entry.title), *words(entry.summary)))


def _is_like(one: Entry, bag: frozenset[str], other: frozenset[str]) -> bool:
    if len(bag & other) < _ALIKE * len(bag | other):
        return False
    telling = (word for found in _TELLING.findall(f"{one.title}. {one.summary}") for word in words(fold(found)))
    return all(word in other for word in telling)
