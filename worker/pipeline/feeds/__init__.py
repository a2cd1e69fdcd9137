"""Feeds: from a body to entries, and from a poll's outcome to the next poll.

`documents` reads XML feeds (`prepared` for feedparser; by `plain` where that fails), `jsonfeed` JSON ones, `strangers`
says what else stands there, `entries` cleans what was found, `identity` says when two items are one, `polling` when to
come back, `flood` what is too much, `discovery` which feeds a page names.
"""

from worker.pipeline.feeds.discovery import find_feeds
from worker.pipeline.feeds.documents import parse
from worker.pipeline.feeds.flood import Habit, again, is_flood, is_suspect, is_too_much
from worker.pipeline.feeds.identity import house_of, keys
from worker.pipeline.feeds.polling import (
    MOVES_TO_BELIEVE,
    PollLimits,
    PollOutcome,
    after_poll,
    conditions,
    hints,
    is_silent,
)

__all__ = [
    "MOVES_TO_BELIEVE",
    "Habit",
    "PollLimits",
    "PollOutcome",
    "after_poll",
    "again",
    "conditions",
    "find_feeds",
    "hints",
    "house_of",
    "is_flood",
    "is_silent",
    "is_suspect",
    "is_too_much",
    "keys",
    "parse",
]
