"""When a recipient is sent nothing any more: at its own word, or where nothing has reached it for days."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from worker.errors import DeliveryError
from worker.model import ChannelKind, RecipientState

# Every delivery failed for so long: as Svix and others that send webhooks have it.
GIVEN_UP = timedelta(days=5)
# The longest pause between two attempts is a day and a fifth. After a longer one nothing was due, and a recipient to
# whom nothing was sent has refused nothing: the count begins again.
_PAUSE = timedelta(days=2)


def after_failure(
    state: RecipientState, channel: ChannelKind, error: DeliveryError, *, now: datetime
) -> RecipientState:
    """Return a recipient's state after a failed delivery to it; `disabled_at` is set where it was the last one."""
    if error.disable:
        return replace(
            state, failed_at=now, failing_since=state.failing_since or now, disabled_at=now, reason=str(error)
        )
    if not _is_the_recipients(channel, error):
        return state
    interrupted = state.failed_at is not None and now - state.failed_at > _PAUSE
    since = now if state.failing_since is None or interrupted else state.failing_since
    given_up = now - since >= GIVEN_UP
    return replace(state, failing_since=since, failed_at=now, disabled_at=now if given_up else None, reason=str(error))


def _is_the_recipients(channel: ChannelKind, error: DeliveryError) -> bool:
    """False where the way out is our own: the console, and a mail relay that did not refuse this very address."""
    if channel is ChannelKind.CONSOLE:
        return False
    return error.permanent or channel is not ChannelKind.EMAIL
