"""What the demo's newsroom will publish, and what must come of it. Read from config/demo/newsroom.toml, data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import tomli

from worker.errors import ConfigError, Fault
from worker.model import AlertType

OPEN, FORBIDDEN, ROBOTS = "open", "forbidden", "robots"
RESERVED = "reserve/"
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


@dataclass(frozen=True, slots=True)
class Outlet:
    """One publisher and its feed: `format` is rss2, atom, rdf or json."""

    id: str
    name: str
    house: str
    format: str
    charset: str

    @property
    def feed_path(self) -> str:
        return f"/{self.id}/{'feed.json' if self.format == 'json' else 'feed.xml'}"


@dataclass(frozen=True, slots=True)
class Piece:
    """One article. `page` says how its page answers; `story` is "" for a look-alike; `flows` is what a reader finds."""

    id: str
    outlet: str
    wave: int
    story: str
    title: str
    summary: str
    text: str
    author: str
    page: str = OPEN
    hours_ago: float = 0.0
    flows: tuple[Mapping[str, Any], ...] = ()
    published: datetime | None = None

    @property
    def path(self) -> str:
        folder = RESERVED if self.page == ROBOTS else ""
        return f"/{self.outlet}/{folder}{self.id}.html"

    def dated(self, now: datetime) -> Piece:
        """Return the piece as published `hours_ago` before `now`, the day's French name put where the text asks."""
        published = (now - timedelta(hours=self.hours_ago)).replace(microsecond=0)
        day = _DAYS[published.weekday()]
        words = {"{jour}": day, "{Jour}": day.capitalize()}

        def put(value: str) -> str:
            for mark, word in words.items():
                value = value.replace(mark, word)
            return value

        return replace(self, published=published, title=put(self.title), summary=put(self.summary), text=put(self.text))


@dataclass(frozen=True, slots=True)
class Planted:
    """One deal that must come out: the webhook types each recipient must get for it, in order; the loop's parties.

    Where a deal closes a loop, each of its alerts changes an edge of that loop: as many `loop.closed` come as well.
    """

    id: str
    name: str
    alerts: tuple[str, ...]
    loop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """The whole play."""

    outlets: tuple[Outlet, ...]
    stories: tuple[Planted, ...]
    pieces: tuple[Piece, ...]

    @property
    def waves(self) -> int:
        """The number of the last wave."""
        return max(piece.wave for piece in self.pieces)

    def wave(self, number: int) -> tuple[Piece, ...]:
        """Return the pieces of one wave, in the order of the file."""
        return tuple(piece for piece in self.pieces if piece.wave == number)

    def expected_by(self, wave: int) -> dict[str, int]:
        """Return how many alerts each story must have brought a recipient once `wave` has been read."""
        result = {}
        for story in self.stories:
            first = min(piece.wave for piece in self.pieces if piece.story == story.id)
            updated = [piece.wave for piece in self.pieces if piece.story == story.id and len(story.alerts) > 1]
            due = int(first <= wave) + int(bool(updated) and max(updated) <= wave)
            result[story.id] = min(due, len(story.alerts))
        return result


def load(path: Path) -> Script:
    """Read a script from a TOML file. Raises ConfigError where it is not one."""
    try:
        table = tomli.loads(path.read_text(encoding="utf-8"))
        return Script(
            outlets=tuple(Outlet(**row) for row in table["outlet"]),
            stories=tuple(_planted(row) for row in table["story"]),
            pieces=tuple(_piece(row) for row in table["article"]),
        )
    except OSError as error:
        raise ConfigError((Fault(str(path), "", f"cannot be read: {error.strerror}"),)) from error
    except (tomli.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError((Fault(str(path), "", f"is not a newsroom script: {error}"),)) from error


def _planted(row: Mapping[str, Any]) -> Planted:
    loop = tuple(row.get("loop", ()))
    told = [AlertType.LOOP.value] * len(row["alerts"]) if loop else []
    return Planted(row["id"], row["name"], (*row["alerts"], *told), loop)


def _piece(row: Mapping[str, Any]) -> Piece:
    values = dict(row)
    values["text"] = str(values["text"]).strip()
    values["flows"] = tuple(values.get("flows", ()))
    return Piece(**values)
