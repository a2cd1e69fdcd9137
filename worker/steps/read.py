"""read_articles: from an entry to the text that will be judged."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from worker.errors import BlockedAddress, FetchError, ParseError, ParserBusy, StoreError
from worker.model import Article, Cause, FeedState
from worker.pipeline import articles, feeds
from worker.ports import Fetcher, OpenEntry, Robots
from worker.steps.parts import ODD_S, POISON, Parts, Ring, rings, suspects
from worker.steps.politeness import HostBusy, PoliteFetcher, place_at, rest, spare
from worker.text import host_of, is_web_address

log = logging.getLogger("gigawatch.read")

ACCEPT = "text/html, application/xhtml+xml;q=0.9"

# A page that does not answer is asked again soon and few times: its feed text can be judged, and minutes count.
RETRY_S = (45.0, 240.0)
# Nor is a host waited for that wants to be left alone for longer than this, in seconds.
PATIENCE_S = 900.0
_TRANSIENT = {Cause.DNS, Cause.CONNECT, Cause.TIMEOUT, Cause.SERVER_ERROR, Cause.TLS}
_STATUS = {401: Cause.PAYWALL, 402: Cause.PAYWALL, 403: Cause.FORBIDDEN, 404: Cause.NOT_FOUND, 410: Cause.GONE,
           429: Cause.RATE_LIMITED, 451: Cause.FORBIDDEN}  # fmt: skip

_WHY = {Cause.ROBOTS: "closed to robots by its site's robots.txt, or that could not be had"}


class PageUnavailable(Exception):
    """The page gave no text, for `cause`. Never leaves this step: the feed's own text takes the page's place."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.value)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class _Round:
    parts: Parts
    fetcher: Fetcher
    robots: Robots
    deadline: datetime


def read(parts: Parts, ids: Sequence[int]) -> tuple[Ring, ...]:
    """Read the pages of those of `ids` that are due and free; returns the articles to be judged."""
    alone = suspects(parts, "read", ids)
    alive = []
    for one in parts.store.open_entries([key for key in ids if key not in alone]):
        if one.crashes < POISON:
            alive.append(one)
        elif parts.claim("read", one.entry.id):
            parts.store.quarantine("read", one.entry.id, error=f"reading it failed {POISON} times without an outcome")
    return (*rings("judge", asyncio.run(_read_all(parts, alive))), *rings("read", alone, 1))


async def _read_all(parts: Parts, opened: Sequence[OpenEntry]) -> list[str]:
    # Also of feeds that were given up or renamed meanwhile: what they brought is known and would not come again.
    ids = [one.entry.feed_id for one in opened]
    states = {state.feed.id: state for state in parts.store.feeds_by_id(ids, removed=True)}
    deadline = parts.later(parts.policy.work_s)
    by_host: dict[str, list[OpenEntry]] = defaultdict(list)
    for one in opened:
        by_host[host_of(one.entry.url)].append(one)
    async with parts.fetcher() as fetcher:
        robots = parts.robots(PoliteFetcher(parts, fetcher, deadline))
        turn = _Round(parts, fetcher, robots, deadline)
        found = await asyncio.gather(*(_read_host(turn, group, states) for group in by_host.values()))
    return [article_id for group in found for article_id in group]


async def _read_host(turn: _Round, group: Sequence[OpenEntry], states: dict[str, FeedState]) -> list[str]:
    store, clock = turn.parts.store, turn.parts.clock
    found: list[str] = []
    for one in group:
        state = states.get(one.entry.feed_id)
        if state is None or one.entry.id is None:
            store.quarantine("read", one.entry.id, error="its feed is no longer followed")
            continue
        try:
            read_in = await _read_one(turn, one, state)
        except HostBusy as busy:
            store.defer("read", one.entry.id, now=clock.now(), until=busy.until)
            continue
        except ParserBusy as busy:
            store.postpone("read", one.entry.id, until=turn.parts.later(ODD_S), error=str(busy), counted=False)
            continue
        except StoreError:
            raise
        except Exception as error:
            log.exception("reading %s failed", one.entry.url)
            store.postpone("read", one.entry.id, until=turn.parts.later(ODD_S), error=repr(error), crashed=True)
            continue
        if read_in is None:
            continue
        article, why = read_in
        if store.save_article(one.entry.id, article, now=clock.now(), backlog=one.backlog, why=why):
            found.append(article.id)
    return found


async def _read_one(turn: _Round, one: OpenEntry, state: FeedState) -> tuple[Article, str] | None:
    """Return the article, from the page or from the feed, and why not from the page; None where it is not this worker's
    turn, or not yet time."""
    parts = turn.parts
    if one.crashes == POISON - 1:
        # It is the page that takes workers down, most likely: what the feed says of it may be judged all the same.
        if not parts.claim("read", one.entry.id):
            return None
        why = f"{one.entry.url}: reading it failed {one.crashes} times without an outcome"
        return articles.from_feed(one.entry, feed=state.feed, limits=Cause.CRASHED), why
    try:
        closed = await _closed(turn, one.entry.url)
        async with place_at(parts, host_of(one.entry.url) if closed is None else "", deadline=turn.deadline):
            if not parts.claim("read", one.entry.id):
                return None
            if closed is not None:
                raise closed
            return await _page(turn, one, state), ""
    except PageUnavailable as error:
        words = _WHY.get(error.cause, error.cause.value)
        cause, why = error.cause, f"{one.entry.url}: {words}" if one.entry.url else "the feed names no page"
    except (FetchError, ParseError) as error:
        cause, why = Cause(error.cause), str(error)
    except HostBusy as busy:
        # A wait that somebody else's requests cause is never so long: this host answered 429.
        if busy.until <= parts.later(PATIENCE_S) or not parts.claim("read", one.entry.id):
            raise
        cause, why = Cause.RATE_LIMITED, f"{one.entry.url}: its site asked to be left alone"
    if cause in _TRANSIENT and one.attempts < len(RETRY_S):
        until = parts.later(RETRY_S[one.attempts])
        parts.store.postpone("read", one.entry.id, until=until, error=why)
        return None
    return articles.from_feed(one.entry, feed=state.feed, limits=cause), why


async def _closed(turn: _Round, url: str) -> PageUnavailable | BlockedAddress | None:
    """Return why the page at `url` is not even asked for, None where it may be."""
    if not is_web_address(url):
        return PageUnavailable(Cause.NOT_FOUND)
    try:
        return None if await turn.robots.allowed(url) else PageUnavailable(Cause.ROBOTS)
    except BlockedAddress as error:
        return error


async def _page(turn: _Round, one: OpenEntry, state: FeedState) -> Article:
    parts = turn.parts
    response = await turn.fetcher.get(one.entry.url, accept=ACCEPT, limit=parts.policy.page_bytes)
    spare(parts, one.entry.url, response)
    elsewhere = host_of(response.url) != host_of(one.entry.url)
    if elsewhere and not await turn.robots.allowed(response.url):
        # A redirector's leave is not the publisher's: the page is let go unread.
        raise PageUnavailable(Cause.ROBOTS)
    if response.status != 200:
        status = response.status
        if status == 429:
            rest(parts, response.url, one.entry.url, feeds.hints(response.headers, parts.clock.now())[0])
        raise PageUnavailable(_STATUS.get(status, Cause.SERVER_ERROR if status >= 500 else Cause.HTTP_ERROR))
    article = await parts.parser.article(
        response.body, entry=one.entry, feed=state.feed, url=response.url, content_type=response.content_type
    )
    # A page may say any date; one of tomorrow would stand above all others, and date every flow that it tells.
    return replace(article, published=min(article.published, parts.clock.now()) if article.published else None)
