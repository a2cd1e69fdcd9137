"""`gigawatch alerts ...`: what was sent, a test of each way out, and another try for what failed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import exits, periods, screen, session
from worker.cli.faults_told import told
from worker.cli.phrases import phrase
from worker.cli.recipients import disabled, line, resting
from worker.cli.screen import Column
from worker.cli.usage import Commands
from worker.errors import DeliveryError, UsageError
from worker.text import one_line

if TYPE_CHECKING:
    from worker.model import Receipt, Recipient
    from worker.ports import AlertRow
    from worker.runtime import Runtime

app = Commands(no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help=phrase("option.json"))]

_ANSWER = 300  # characters of what a receiver said
_STATES = ("open", "held", "bundled", "done", "dead", "muted")


@app.command("list", help=phrase("alerts.list"))
def list_alerts(
    context: typer.Context,
    state: Annotated[str, typer.Option("--state", help=phrase("alerts.state"))] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help=phrase("option.limit"))] = 50,
    as_json: Json = False,
) -> None:
    if state and state not in _STATES:
        raise UsageError(phrase("alerts.unknown_state", state=state, known=", ".join(_STATES)))
    with session.of(context).opened() as runtime:
        rows = runtime.store.alerts(limit=limit, state=state or None)
        off, alone = disabled(runtime), resting(runtime)
    if as_json:
        names = {one.id for one in off}
        screen.emit([{**_record(row), "disabled": row.alert.recipient_id in names} for row in rows])
        return
    columns = (
        Column("column.id", style="dim", width=8),
        Column("column.created"),
        Column("column.recipient", ratio=1),
        Column("column.state"),
        Column("column.tries", right=True),
        Column("column.subject", ratio=3),
    )
    shown = [
        (
            row.alert.id[:8], screen.when(row.alert.created_at),
            f"{row.alert.recipient_id} ({row.alert.channel.value})",
            phrase(f"alert.{row.state}"), str(row.attempts),
            row.alert.subject + (f"  [{one_line(told(row.last_error), 80)}]" if row.last_error else ""),
        )
        for row in rows
    ]  # fmt: skip
    screen.table(columns, shown)
    for one in off:
        screen.fault(line(one))
    for said in alone:
        screen.fault(said)


def _record(row: AlertRow) -> dict[str, Any]:
    alert = row.alert
    return {
        "id": alert.id, "type": alert.type.value, "rule": alert.rule_id, "recipient": alert.recipient_id,
        "channel": alert.channel.value, "subject": alert.subject, "story": alert.story_id, "state": row.state,
        "attempts": row.attempts, "created_at": alert.created_at, "next_attempt_at": row.next_attempt_at,
        "sent_at": row.sent_at, "last_error": row.last_error,
    }  # fmt: skip


@app.command("test", help=phrase("alerts.test"))
def send_test(
    context: typer.Context,
    recipient: Annotated[str, typer.Argument(metavar="[RECIPIENT]", help=phrase("alerts.recipient"))] = "",
    as_json: Json = False,
) -> None:
    here = session.of(context)
    known = here.settings.recipients
    if recipient and recipient not in known:
        names = ", ".join(sorted(known)) or "-"
        raise UsageError(phrase("alerts.unknown_recipient", name=recipient, known=names))
    chosen = [known[recipient]] if recipient else list(known.values())
    with here.runtime() as runtime:
        results = [(one, _send(runtime, one)) for one in chosen]
    records = [
        {"recipient": one.id, "channel": one.channel.value, "ok": ok, "answer": answer} for one, (ok, answer) in results
    ]
    if as_json:
        screen.emit(records)
    else:
        columns = (
            Column("column.recipient"),
            Column("column.channel"),
            Column("column.state"),
            Column("column.answer", ratio=1),
        )
        rows = [
            (one.id, one.channel.value, phrase("doctor.ok" if ok else "doctor.fault"), told(answer))
            for one, (ok, answer) in results
        ]
        screen.table(columns, rows)
    raise typer.Exit(exits.OK if all(one["ok"] for one in records) else exits.FAILED)


def _send(runtime: Runtime, recipient: Recipient) -> tuple[bool, str]:
    """Send a made-up deal as a test, at once and past the outbox: the operator waits for the receiver's own answer."""
    from worker.pipeline.messages import sample
    from worker.ports import AlertRow
    from worker.steps.deliver import send

    draft = sample.draft(recipient, runtime.clock.now(), runtime.settings.general.language)
    row = AlertRow(runtime.messages.compose(draft), "open", 1, None, None, "")

    async def deliver() -> Receipt:
        async with runtime.fetcher() as fetcher:
            return await send(runtime.parts, runtime.channels(fetcher), row, recipient)

    try:
        receipt = asyncio.run(deliver())
    except DeliveryError as error:
        said = one_line(error.response, _ANSWER)
        return False, str(error) if not said or said in str(error) else f"{error} · {said}"
    # The relay's answer begins with the status already.
    said = one_line(receipt.response, _ANSWER)
    return True, said if said.startswith(receipt.status) else f"{receipt.status} {said}".strip()


@app.command("retry", help=phrase("alerts.retry"))
def retry(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help=phrase("alerts.ids"))] = None,
    everything: Annotated[bool, typer.Option("--all", help=phrase("alerts.all"))] = False,
    recipient: Annotated[str, typer.Option("--recipient", help=phrase("alerts.retry_recipient"))] = "",
    since: Annotated[str, typer.Option("--since", help=phrase("alerts.retry_since"))] = "",
    until: Annotated[str, typer.Option("--until", help=phrase("alerts.retry_until"))] = "",
) -> None:
    if [bool(ids), everything, bool(recipient or since or until)].count(True) != 1:
        raise UsageError(phrase("alerts.which"))
    with session.of(context).opened() as runtime:
        now = runtime.clock.now()
        wanted = _matching(runtime, ids or []) if ids else None
        first, last = periods.start(since, now), periods.start(until, now)
        count = runtime.store.retry_alerts(wanted, now, recipient=recipient, since=first, until=last)
    screen.say("alerts.retried", count=count)
    raise typer.Exit(exits.OK if count or everything else exits.FAILED)


def _matching(runtime: Runtime, prefixes: list[str]) -> list[str]:
    dead = [row.alert.id for row in runtime.store.alerts(limit=10_000, state="dead")]
    found = []
    for prefix in prefixes:
        matches = [alert_id for alert_id in dead if alert_id.startswith(prefix)]
        if len(matches) != 1:
            raise UsageError(phrase("alerts.unknown_id", id=prefix, count=len(matches)))
        found += matches
    return found
