"""Plays the month: moves the clock from round to round, changes the site as feeds do, and runs the real steps."""

from __future__ import annotations

import html
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime

from tests.month.script import PARIS, Script, Shown
from tests.steps.conftest import Desk
from tests.steps.site import Answer, page
from worker import steps
from worker.model import Feed

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 31)
# Feeds are polled at noon, and late in the evening where there is news; held alerts may leave at seven and at eight.
NOON, NIGHT, DAWN, MORNING = time(12), time(22, 30), time(7), time(8)
_ITEMS = 8


class Player:
    """Brings the news of a script to a desk, day by day."""

    def __init__(self, desk: Desk, script: Script) -> None:
        self.desk, self.script = desk, script
        self.waiting = list(script.shown)
        self.items: dict[str, list[Shown]] = defaultdict(list)
        self.polls = 0

    def play(self) -> None:
        """Play all thirty days."""
        self._open()
        day = FIRST
        while day <= LAST:
            for moment in (DAWN, MORNING):
                self._move(day, moment)
                self._sweep()
            for moment in (NOON, NIGHT):
                self._move(day, moment)
                if self._publish():
                    self._poll()
                    self._sweep()
            day += timedelta(days=1)

    def settle(self) -> None:
        """Ask every feed once more when all has been told, two days in a row."""
        for days in (1, 2):
            self._move(LAST + timedelta(days=days), NOON)
            self._poll()
            self._sweep()

    def _open(self) -> None:
        """Poll every feed for the first time while it shows old news alone: what a first poll finds is no alert."""
        for name in self.script.feeds:
            self._serve(name)
        for path, article in self.script.pages.items():
            body = page(html.escape(article.title), [html.escape(one) for one in article.text.split("\n\n")])
            self.desk.site.answers[path] = Answer(body, headers={"Content-Type": "text/html; charset=utf-8"})
        feeds = [
            Feed(name, row["name"], f"{self.desk.site.url}/{name}.xml", country=row["country"], house=row["house"])
            for name, row in self.script.feeds.items()
        ]
        self._move(FIRST - timedelta(days=1), NOON)
        self.desk.runtime.store.sync_feeds(feeds, self.desk.clock.now())
        self._poll()

    def _move(self, day: date, moment: time) -> None:
        self.desk.clock.time = datetime.combine(day, moment, PARIS).astimezone(UTC)

    def _publish(self) -> int:
        """Put what was published by now into the feeds; returns how many items."""
        now = self.desk.clock.now()
        due = [item for item in self.waiting if item.at <= now]
        self.waiting = self.waiting[len(due) :]
        for item in due:
            kept = [one for one in self.items[item.feed] if one.guid != item.guid]
            self.items[item.feed] = [item, *kept][:_ITEMS]
        for name in {item.feed for item in due}:
            self._serve(name)
        return len(due)

    def _serve(self, name: str) -> None:
        base = self.desk.site.url
        rows = "".join(_item(base, one) for one in self.items[name])
        title = html.escape(self.script.feeds[name]["name"])
        old = (
            f"<item><title>Les archives de {title} en ligne</title><guid>archives-{name}</guid>"
            f"<link>{base}/{name}/nos-archives-sont-en-ligne.html</link>"
            f"<description>Trente ans de numéros à feuilleter.</description>"
            f"<pubDate>{format_datetime(datetime(2026, 2, 20, 8, tzinfo=UTC))}</pubDate></item>"
        )
        document = f"<rss version='2.0'><channel><title>{title}</title>{rows}{old}</channel></rss>"
        headers = {"Content-Type": "application/rss+xml"}
        self.desk.site.answers[f"/{name}.xml"] = Answer(document.encode(), headers=headers)

    def _poll(self) -> None:
        self.polls += 1
        self.desk.run(*steps.tick(self.desk.parts))

    def _sweep(self) -> None:
        self.desk.run(*steps.sweep(self.desk.parts))


def _item(base: str, item: Shown) -> str:
    return (
        f"<item><title>{html.escape(item.title)}</title><guid isPermaLink='false'>{item.guid}</guid>"
        f"<link>{html.escape(base + item.path)}</link><description>{html.escape(item.summary)}</description>"
        f"<pubDate>{format_datetime(item.published)}</pubDate></item>"
    )
