"""`gigawatch alerts enable`, and how the lists show recipients to whom nothing is sent any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import exits, screen, session
from worker.cli.faults_told import told
from worker.cli.phrases import phrase
from worker.errors import UsageError

if TYPE_CHECKING:
    from worker.model import RecipientState
    from worker.runtime import Runtime


def enable(
    context: typer.Context,
    recipient: Annotated[str, typer.Argument(metavar="RECIPIENT", help=phrase("alerts.disabled_one"))],
) -> None:
    with session.of(context).opened() as runtime:
        known = {*runtime.settings.recipients, *(state.id for state in runtime.store.recipient_states())}
        if recipient not in known:
            names = ", ".join(sorted(known)) or "-"
            raise UsageError(phrase("alerts.unknown_recipient", name=recipient, known=names))
        done = runtime.store.enable_recipient(recipient)
    screen.say("alerts.enabled" if done else "alerts.was_enabled", name=recipient)
    raise typer.Exit(exits.OK if done else exits.FAILED)


def disabled(runtime: Runtime) -> tuple[RecipientState, ...]:
    """Return those to whom nothing is sent any more."""
    return tuple(state for state in runtime.store.recipient_states() if state.disabled_at is not None)


def resting(runtime: Runtime) -> tuple[str, ...]:
    """Return on one line each who is left alone for a while, until when and why."""
    from worker.pipeline import recipients

    now = runtime.clock.now()
    return tuple(
        phrase("alerts.rests", name=state.id, when=screen.when(state.rests_until), reason=told(state.reason))
        for state in runtime.store.recipient_states()
        if recipients.rests(state, now)
    )


def line(state: RecipientState, word: Callable[[str], str] = told) -> str:
    """Return on one line who is disabled, since when and why, the reason as `word` puts it."""
    return phrase("alerts.disabled", name=state.id, when=screen.when(state.disabled_at), reason=word(state.reason))
