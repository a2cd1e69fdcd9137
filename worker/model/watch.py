"""What gigawatch notices about itself: feeds that fell silent, and the canary that shows that the whole way is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from worker.model.press import Cause

# The name of the canary's feed, rule and recipient. No configured name holds a colon, so it can be nobody else's.
CANARY = "gigawatch:canary"


class TroubleKind(StrEnum):
    """What went wrong: a feed that cannot be fetched, brings nothing new, brings far too much, or whose pages lost
    their text; many feeds at once; the canary. Or who hears nothing: a recipient that keeps failing, is disabled, or
    whose alerts were given up. Or a disk with little room left."""

    FETCH = "fetch"
    SILENT = "silent"
    FLOOD = "flood"
    NO_TEXT = "no_text"
    OUTAGE = "outage"
    CANARY = "canary"
    RECIPIENT = "recipient"
    FAILING = "failing"
    GIVEN_UP = "given_up"
    DISK = "disk"


class Stage(StrEnum):
    """How far the canary came before it was missed: not polled, stopped by the first sieve, its page not read, not
    judged, judged without an alert, not delivered."""

    POLL = "poll"
    SIEVE = "sieve"
    READ = "read"
    JUDGE = "judge"
    ALERT = "alert"
    DELIVER = "deliver"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One silence, worth one alert when it begins and, where its end is news, one when it ends.

    `key` names what is silent, the same over time; `names` are the feeds concerned (of `total`), or the recipient (and
    `total` how many of its alerts), or the disk's folder with its host (and `total` the megabytes left on it);
    `feed_id` is the feed where it is one; `stage` is the canary's; `detail` is what the fault itself said; `found_at`
    is when it was found, where it matters how long ago it was told.
    """

    key: str
    kind: TroubleKind
    since: datetime
    cause: Cause = Cause.OK
    names: tuple[str, ...] = ()
    total: int = 0
    feed_id: str = ""
    stage: Stage | None = None
    detail: str = ""
    found_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """A trouble that the store remembers; not yet `raised` where it only waits to have lasted long enough."""

    trouble: Trouble
    raised: bool


@dataclass(frozen=True, slots=True)
class CanaryRun:
    """One planted article: it must arrive before `due_at`. `stage` and `detail` say where it was missed."""

    id: str
    planted_at: datetime
    due_at: datetime
    arrived_at: datetime | None = None
    stage: Stage | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PageRead:
    """How the reading of one article's page ended; `origin` and `limits` as in Article."""

    origin: str
    limits: Cause
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """The open work of one step, in rows: due and free, under a lease, due later, held until a time or a digest, set
    aside for a person. `oldest` is since when the first of those that wait is due."""

    waiting: int = 0
    leased: int = 0
    later: int = 0
    held: int = 0
    set_aside: int = 0
    oldest: datetime | None = None
