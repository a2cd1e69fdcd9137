"""When a recipient is sent nothing any more: at its own word, or where nothing has reached it for days."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from worker.errors import DeliveryError
from worker.model import CANARY, ChannelKind, GivenUp, RecipientState, Trouble, TroubleKind

# Every delivery failed for so long: as Svix and others that send webhooks have it.
GIVEN_UP = timedelta(days=5)
# Two failures so far apart and no success between them are no chance; until he is given up somebody can still put it
# right.
_FAILING = timedelta(hours=1)
# The longest pause between two attempts is a day and a fifth. After a longer one nothing was due, and a recipient to
# whom nothing was sent has refused nothing: the count begins again.
_PAUSE = timedelta(days=2)
# One that keeps us waiting in vain, or asks for a pause, is left alone with all that is meant for it: as long as it has
# failed already, within these bounds (a minute is Svix's), or as long as it asks. Then one alert shows how it is.
_IN_VAIN_S = 5.0
_REST = (timedelta(minutes=1), timedelta(minutes=15))
_LONGEST_ASKED = timedelta(hours=1)


def after_failure(
    state: RecipientState,
    channel: ChannelKind,
    error: DeliveryError,
    *,
    now: datetime,
    waited_s: float = 0.0,
    factor: float = 1.0,
) -> RecipientState:
    """Return a recipient's state after a failed delivery to it; `disabled_at` is set where it was the last one.

    `waited_s` is how long the attempt took, in seconds. `factor` scales the days and the rest, as it does the schedule.
    """
    if error.disable:
        return replace(
            state, failed_at=now, failing_since=state.failing_since or now, disabled_at=now, reason=str(error)
        )
    if not _is_the_recipients(channel, error):
        return state
    interrupted = state.failed_at is not None and now - state.failed_at > _PAUSE * factor
    since = now if state.failing_since is None or interrupted else state.failing_since
    given_up = now - since >= GIVEN_UP * factor
    return replace(
        state,
        failing_since=since,
        failed_at=now,
        disabled_at=now if given_up else None,
        reason=str(error),
        rests_until=_rest(error, now=now, failing=now - since, waited_s=waited_s, factor=factor) or state.rests_until,
    )


def rests(state: RecipientState, now: datetime) -> bool:
    """Return whether a recipient is to be left alone at `now`. One whose rest is over is sent one alert at a time until
    it takes one."""
    return state.rests_until is not None and state.rests_until > now and state.disabled_at is None


def troubles(
    states: Sequence[RecipientState],
    given_up: Iterable[GivenUp],
    *,
    retried: Collection[str],
    now: datetime,
    factor: float = 1.0,
) -> list[Trouble]:
    """Return what the operator is to be told: who keeps failing, who is disabled, and to whom alerts were given up
    though he is not. Only those in `retried` have alerts that are tried again. `factor` scales the time, as it does the
    schedule."""
    off = {
        state.id: Trouble(
            f"recipient/{state.id}",
            TroubleKind.RECIPIENT,
            state.disabled_at,
            names=(state.id,),
            detail=state.reason,
        )
        for state in states
        if state.disabled_at is not None
    }
    lost = {
        one.recipient_id: Trouble(
            f"given_up/{one.recipient_id}",
            TroubleKind.GIVEN_UP,
            one.since,
            names=(one.recipient_id,),
            total=one.count,
            detail=one.error,
        )
        for one in given_up
        if one.recipient_id not in off and one.recipient_id != CANARY
    }
    failing = (
        Trouble(
            f"failing/{state.id}",
            TroubleKind.FAILING,
            state.failing_since,
            names=(state.id,),
            detail=state.reason,
            found_at=now,
        )
        for state in states
        # Alerts that were given up are told of already, and only what is tried again can be said to be.
        if state.failing_since is not None
        and state.id in retried
        and state.id not in off
        and state.id not in lost
        and _keeps_failing(state, now=now, factor=factor)
    )
    return [*off.values(), *failing, *lost.values()]


def _keeps_failing(state: RecipientState, *, now: datetime, factor: float) -> bool:
    if state.failing_since is None or state.failed_at is None or now - state.failed_at > _PAUSE * factor:
        return False
    return state.failed_at - state.failing_since >= _FAILING * factor


def _rest(
    error: DeliveryError, *, now: datetime, failing: timedelta, waited_s: float, factor: float
) -> datetime | None:
    if error.retry_after is not None:
        return now + min(timedelta(seconds=error.retry_after), _LONGEST_ASKED)
    if waited_s < _IN_VAIN_S:
        return None
    least, most = (bound * factor for bound in _REST)
    return now + max(least, min(failing, most))


def _is_the_recipients(channel: ChannelKind, error: DeliveryError) -> bool:
    """False where the way out is our own: the console, and a mail relay that did not refuse this very address."""
    if channel is ChannelKind.CONSOLE:
        return False
    return error.permanent or channel is not ChannelKind.EMAIL
