"""A whole runtime over a real store, a real site and a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.inline import InlineParser
from tests.steps.site import Site
from worker import runtime, steps
from worker.model import ChannelKind, Feed, Recipient, Rule
from worker.runtime import Runtime
from worker.settings import Settings
from worker.steps import Parts, Ring

RULE = Rule("tout", ("journal",))
JOURNAL = Recipient("journal", ChannelKind.CONSOLE, "-")


class HandClock:
    """A clock that stands still until it is moved, and knows no chance."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def jitter(self) -> float:
        return 0.0

    def move(self, **amount: float) -> None:
        self.time += timedelta(**amount)


@dataclass
class Desk:
    """What a test of the steps works with."""

    runtime: Runtime
    clock: HandClock
    site: Site
    log: Path

    @property
    def parts(self) -> Parts:
        return self.runtime.parts

    def follow(self, *paths: str) -> None:
        """Subscribe to feeds of the site, by path."""
        feeds = [Feed(path.strip("/"), path, self.site.url + path, house=path) for path in paths]
        self.runtime.store.sync_feeds(feeds, self.clock.now())

    def run(self, *rings: Ring) -> list[Ring]:
        """Do the work of `rings` and of all that follows from it; returns every ring that was made on the way."""
        made: list[Ring] = []
        waiting = list(rings)
        while waiting:
            ring = waiting.pop(0)
            made.append(ring)
            waiting += getattr(steps, ring.step)(self.parts, ring.ids)
        return made

    def round(self) -> list[Ring]:
        """Do one tick and one sweep with all that follows."""
        return [*self.run(*steps.tick(self.parts)), *self.run(*steps.sweep(self.parts))]

    def told(self) -> str:
        """Return what the console's log holds."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as opened:
        yield opened


@pytest.fixture
def desk(load_settings: Callable[..., Settings], database_url: str, site: Site, tmp_path: Path) -> Iterator[Desk]:
    """A runtime on each database; the console is the only recipient."""
    base = load_settings(
        store={"url": database_url},
        fetch={"allow": [site.address, site.address.replace("127.0.0.1", "localhost")]},
        polling={"host_gap": 0},
    )
    settings = replace(base, rules=(RULE,), recipients={"journal": JOURNAL})
    clock = HandClock()
    built = runtime.build(settings, clock=clock, parser=InlineParser())
    built.store.migrate()
    yield Desk(built, clock, site, tmp_path / "data" / "alerts.log")
    built.close()
