"""One feed or page fetched and read while the operator waits, with the cause where that fails."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from worker.errors import FetchError, ParseError
from worker.model import Cause, Feed, FeedState, ParsedFeed
from worker.ports import Response

if TYPE_CHECKING:
    from worker.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Trial:
    """What one poll of a feed would have brought. `status` is None where no answer came; `after` is its next state."""

    feed: Feed
    status: int | None
    address: str
    content_type: str
    size: int
    cause: Cause
    message: str
    parsed: ParsedFeed | None
    after: FeedState
    date: str = ""

    @property
    def ok(self) -> bool:
        return self.cause is Cause.OK


def get(runtime: Runtime, url: str, *, limit: int) -> Response:
    """Fetch `url` through the guarded client. Raises FetchError."""
    from worker.steps.poll import ACCEPT

    async def fetch() -> Response:
        async with runtime.fetcher() as client:
            return await client.get(url, accept=ACCEPT, limit=limit)

    return asyncio.run(fetch())


def attempt(runtime: Runtime, feed: Feed, *, now: datetime) -> Trial:
    """Fetch and read a feed once, storing nothing; whatever goes wrong is in the trial, with its cause."""
    from worker.pipeline import feeds

    answer: Response | None = None
    parsed: ParsedFeed | None = None
    cause, message, retry_after = Cause.OK, "", None
    try:
        answer = get(runtime, feed.url, limit=runtime.settings.fetch.feed_bytes)
        if answer.status != 200:
            cause, message = _cause_of(answer.status), f"{answer.url} answered {answer.status}"
        else:
            parsed = feeds.parse(answer.body, feed=feed, content_type=answer.content_type, base=answer.url, now=now)
            cause = Cause.OK if parsed.entries else Cause.EMPTY
    except FetchError as error:
        cause, message, retry_after = Cause(error.cause), str(error), error.retry_after
    except ParseError as error:
        cause, message = Cause(error.cause), str(error)
    hint, max_age = feeds.hints(answer.headers, now) if answer else (None, None)
    outcome = feeds.PollOutcome(
        cause, message, new=len(parsed.entries) if parsed else 0, retry_after_s=retry_after or hint, max_age_s=max_age,
        ttl_s=parsed.ttl_s if parsed else None, skip_hours=parsed.skip_hours if parsed else frozenset(),
        skip_days=parsed.skip_days if parsed else frozenset(), gone=cause is Cause.GONE,
    )  # fmt: skip
    recent = [entry.published for entry in parsed.entries if entry.published][:50] if parsed else []
    limits = runtime.parts.policy.limits
    after = feeds.after_poll(FeedState(feed), outcome, now=now, jitter=0.0, recent=recent, limits=limits)
    return Trial(
        feed=feed, status=answer.status if answer else None, address=answer.url if answer else feed.url,
        content_type=answer.content_type if answer else "", size=len(answer.body) if answer else 0, cause=cause,
        message=message, parsed=parsed, after=after, date=answer.headers.get("date", "") if answer else "",
    )  # fmt: skip


# The same words as the daemon's own polls use.
_CAUSES = {
    401: Cause.FORBIDDEN,
    403: Cause.FORBIDDEN,
    404: Cause.NOT_FOUND,
    410: Cause.GONE,
    429: Cause.RATE_LIMITED,
    451: Cause.FORBIDDEN,
}


def _cause_of(status: int) -> Cause:
    return _CAUSES.get(status, Cause.SERVER_ERROR if status >= 500 else Cause.HTTP_ERROR)
