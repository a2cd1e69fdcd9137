"""poll_feeds: fetch what is due, keep what is new, decide when to come back."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from worker.errors import FetchError, ParseError, ParserBusy, StoreError
from worker.model import Cause, Entry, FeedState
from worker.pipeline import feeds
from worker.ports import Fetcher, Response
from worker.steps.parts import BATCH, ODD_S, POISON, Parts, Ring, rings, suspects
from worker.steps.politeness import HostBusy, place_at, rest, spare
from worker.text import host_of, one_line

log = logging.getLogger("gigawatch.poll")

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
_DAY, _FORTNIGHT = timedelta(days=1), timedelta(days=14)
# What new items in a flood are compared with: several times what a document holds.
_COMPARED_WITH = 1_000
# What is kept of the summary of an entry that a flood brought and that is not read.
_FLOOD_SUMMARY = 200
_STATUS = {
    401: Cause.FORBIDDEN,
    403: Cause.FORBIDDEN,
    404: Cause.NOT_FOUND,
    410: Cause.GONE,
    429: Cause.RATE_LIMITED,
    451: Cause.FORBIDDEN,
}


def tick(parts: Parts) -> tuple[Ring, ...]:
    """Return the feeds that are due, those of one host in one ring, so that its turns need no waiting elsewhere."""
    now = parts.clock.now()
    ids = parts.store.ready("poll", now=now, limit=20 * BATCH["poll"], quiet_s=parts.policy.quiet_s)
    parts.store.beat("tick", now)
    # What the others bring is rung for when their task ends, so those that kept it waiting last time go by themselves.
    prompt: dict[str, list[str]] = defaultdict(list)
    slow: dict[str, list[str]] = defaultdict(list)
    for state in parts.store.feeds_by_id(ids):
        by_host = slow if state.cause is Cause.TIMEOUT else prompt
        by_host[host_of(address_of(state))].append(state.feed.id)
    size = parts.policy.poll_batch
    return tuple(
        ring
        for by_host in (prompt, slow)
        for ring in rings("poll", [feed_id for host in by_host.values() for feed_id in host], size)
    )


def address_of(state: FeedState) -> str:
    """Return where the feed is fetched: its own address, or the one it moved to for good."""
    return state.moved_to if state.moved_to and state.moved_seen >= feeds.MOVES_TO_BELIEVE else state.feed.url


def poll(parts: Parts, ids: Sequence[str]) -> tuple[Ring, ...]:
    """Poll those of `ids` that are due and free; returns the entries whose pages are to be read."""
    poisoned = _poisoned(parts, ids)
    for state in poisoned.values():
        if parts.claim("poll", state.feed.id):
            message = "the document took its reader down again and again; it is tried again in six hours"
            _save_failure(parts, state, feeds.PollOutcome(Cause.CRASHED, message))
    healthy = [feed_id for feed_id in ids if feed_id not in poisoned]
    alone = suspects(parts, "poll", healthy)
    states = parts.store.feeds_by_id([feed_id for feed_id in healthy if feed_id not in alone])
    return (*rings("read", asyncio.run(_poll_all(parts, states))), *rings("poll", alone, 1))


def _poisoned(parts: Parts, ids: Sequence[str]) -> dict[str, FeedState]:
    """Return the feeds whose documents took their reader down: three times, or once more where they did so before."""
    often = parts.store.crashed("poll", ids, times=POISON)
    cut_off = parts.store.feeds_by_id(parts.store.crashed("poll", ids, times=1))
    return {one.feed.id: one for one in cut_off if one.feed.id in often or one.cause is Cause.CRASHED}


async def _poll_all(parts: Parts, states: Sequence[FeedState]) -> list[int]:
    deadline = parts.later(parts.policy.work_s)
    by_host: dict[str, list[FeedState]] = defaultdict(list)
    for state in states:
        by_host[host_of(address_of(state))].append(state)
    async with parts.fetcher() as fetcher:
        found = await asyncio.gather(
            *(_poll_host(parts, fetcher, host, group, deadline) for host, group in by_host.items())
        )
    return [entry_id for group in found for entry_id in group]


async def _poll_host(
    parts: Parts, fetcher: Fetcher, host: str, states: Sequence[FeedState], deadline: datetime
) -> list[int]:
    found: list[int] = []
    for state in states:
        try:
            async with place_at(parts, host, deadline=deadline):
                if parts.claim("poll", state.feed.id):
                    found += await _poll_one(parts, fetcher, state)
        except HostBusy as busy:
            parts.store.defer("poll", state.feed.id, now=parts.clock.now(), until=busy.until)
        except ParserBusy as busy:
            parts.store.postpone("poll", state.feed.id, until=parts.later(ODD_S), error=str(busy), counted=False)
        except StoreError:
            raise
        except Exception as error:
            # One feed's oddity must not cost its neighbours' polls; the count of attempts bounds the repeats.
            log.exception("polling %s failed", state.feed.id)
            until = parts.later(ODD_S)
            parts.store.postpone("poll", state.feed.id, until=until, error=repr(error), crashed=True)
    return found


async def _poll_one(parts: Parts, fetcher: Fetcher, state: FeedState) -> list[int]:
    headers = feeds.conditions(state, parts.clock.now())
    try:
        address = address_of(state)
        response = await fetcher.get(address, accept=ACCEPT, headers=headers, limit=parts.policy.feed_bytes)
        spare(parts, address, response)
        return await _take_in(parts, state, response, conditional=bool(headers))
    except FetchError as error:
        outcome = feeds.PollOutcome(Cause(error.cause), str(error), retry_after_s=error.retry_after)
    except ParseError as error:
        outcome = feeds.PollOutcome(Cause(error.cause), str(error))
    _save_failure(parts, state, outcome)
    return []


async def _take_in(parts: Parts, state: FeedState, response: Response, *, conditional: bool) -> list[int]:
    now = parts.clock.now()
    retry_after, max_age = feeds.hints(response.headers, now)
    outcome = feeds.PollOutcome(Cause.OK, retry_after_s=retry_after, max_age_s=max_age, moved_to=response.permanent_url)
    if response.status == 304 and conditional:
        _save_unchanged(parts, state, outcome)
        return []
    if response.status != 200:
        _refused(parts, state, response, outcome)
        return []
    body_hash = hashlib.blake2b(response.body, digest_size=16).hexdigest()
    if body_hash == state.body_hash and state.cause in (Cause.OK, Cause.SILENT):
        _save_unchanged(parts, _with_validators(state, response, now), outcome)
        return []
    parsed = await parts.parser.feed(
        response.body, feed=state.feed, content_type=response.content_type, base=response.url, now=now
    )
    if not parsed.entries:
        # Its validators would let the next answer say that a document which is no good has not changed.
        message = f"{response.url} is a feed without a single entry"
        _save_failure(parts, state, replace(outcome, cause=Cause.EMPTY, message=message))
        return []
    outcome = replace(
        outcome, document=True, ttl_s=parsed.ttl_s, skip_hours=parsed.skip_hours, skip_days=parsed.skip_days
    )
    read = replace(_with_validators(state, response, now), body_hash=body_hash)
    return _keep(parts, state, read, outcome, parsed.entries)


def _keep(
    parts: Parts, before: FeedState, read: FeedState, outcome: feeds.PollOutcome, entries: Sequence[Entry]
) -> list[int]:
    """Save what a document brought; `before` and `read` are the feed's state without and with its validators."""
    now = parts.clock.now()
    gate = parts.detector().gate
    passed = frozenset(entry.guid for entry in entries if gate(entry.title, entry.summary).passed)
    oldest = now - parts.policy.recent
    old = frozenset(entry.guid for entry in entries if entry.published is not None and entry.published < oldest)
    first = before.last_success_at is None
    again, flooded = frozenset[str](), False
    if not first:
        unknown = parts.store.unknown(read.feed, entries, passed=passed)
        new = {guid for guid, is_new in unknown.items() if is_new}
        if new and feeds.is_suspect(len(unknown), len(entries)):
            known = parts.store.latest_entries(read.feed.id, limit=_COMPARED_WITH)
            again = feeds.again([entry for entry in entries if entry.guid in new], known)
            new -= again
        habit = _habit(parts, read.feed.id, now) if new else feeds.Habit()
        flooded = feeds.is_flood(len(new), len(new & (passed - old)), habit)
        if flooded:
            message = f"{len(new)} new entries at once, {habit.new + habit.held} within a day before"
            outcome = replace(outcome, cause=Cause.FLOOD, message=message)
            if feeds.is_too_much(habit):
                _save_failure(parts, before, replace(outcome, message=f"{message}; nothing more of it is kept"))
                return []
    wanted = passed - old
    judged = [(_bounded(entry, flooded and entry.guid not in wanted), entry.guid in wanted) for entry in entries]
    state = _after(parts, read, outcome)
    saved = parts.store.save_poll(state, judged, now=now, backlog=first or flooded, old=passed & old, again=again)
    return list(saved.to_read)


def _habit(parts: Parts, feed_id: str, now: datetime) -> feeds.Habit:
    day = parts.store.brought(feed_id, since=now - _DAY, before=now)
    usual = parts.store.brought(feed_id, since=now - _DAY - _FORTNIGHT, before=now - _DAY)
    return feeds.Habit(
        day["new"], day["opened"], day["held"], usual["new"] / _FORTNIGHT.days, usual["opened"] / _FORTNIGHT.days
    )


def _bounded(entry: Entry, cut: bool) -> Entry:
    return replace(entry, summary=one_line(entry.summary, _FLOOD_SUMMARY)) if cut else entry


def _with_validators(state: FeedState, response: Response, now: datetime) -> FeedState:
    etag, last_modified = response.headers.get("etag"), response.headers.get("last-modified")
    return replace(state, etag=etag, last_modified=last_modified, whole_at=now)


def _refused(parts: Parts, state: FeedState, response: Response, outcome: feeds.PollOutcome) -> None:
    status = response.status
    cause = _STATUS.get(status, Cause.SERVER_ERROR if status >= 500 else Cause.HTTP_ERROR)
    if cause is Cause.RATE_LIMITED:
        outcome = replace(outcome, retry_after_s=rest(parts, response.url, address_of(state), outcome.retry_after_s))
    message = f"{response.url} answered {status}"
    _save_failure(parts, state, replace(outcome, cause=cause, message=message, gone=cause is Cause.GONE))


def _after(parts: Parts, state: FeedState, outcome: feeds.PollOutcome) -> FeedState:
    return feeds.after_poll(
        state,
        outcome,
        now=parts.clock.now(),
        jitter=parts.clock.jitter(),
        recent=parts.store.recent_times(state.feed.id),
        limits=parts.policy.limits,
    )


def _save_unchanged(parts: Parts, state: FeedState, outcome: feeds.PollOutcome) -> None:
    recent = parts.store.recent_times(state.feed.id)
    if feeds.is_silent(state, recent, parts.clock.now()):
        outcome = replace(outcome, cause=Cause.SILENT)
    parts.store.save_feed_state(_after(parts, state, outcome))


def _save_failure(parts: Parts, state: FeedState, outcome: feeds.PollOutcome) -> None:
    parts.store.save_feed_state(_after(parts, state, outcome))
