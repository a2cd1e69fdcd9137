"""`gigawatch healthcheck` for containers, `gigawatch status` for people: which parts live, and why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import exits, health, screen, session, vitals
from worker.cli.faults_told import told
from worker.cli.health import OK, View
from worker.cli.phrases import phrase
from worker.cli.screen import Column
from worker.cli.vitals import Part, Role
from worker.errors import BrokerUnavailable, StoreError
from worker.pipeline.liveness import Health

if TYPE_CHECKING:
    from worker.model import Backlog, FeedState

# Longer than any step's own pause; what waits longer waits for a part that does not come.
_LONGEST_WAIT = timedelta(minutes=5)
_NAMES = 4


def healthcheck(
    context: typer.Context,
    role: Annotated[Role, typer.Option("--role", help=phrase("healthcheck.role"))] = Role.ALL,
    as_json: Annotated[bool, typer.Option("--json", help=phrase("option.json"))] = False,
    max_age: Annotated[float, typer.Option("--max-age", min=0, help=phrase("healthcheck.max_age"))] = 0,
) -> None:
    with vitals.opened(session.of(context).settings) as look:
        faults, missing, age = _well(look, role, max_age)
    if as_json:
        screen.emit({"ok": not faults + missing, "role": role, "age_s": age, "faults": faults + missing})
    else:
        for text in faults + missing:
            screen.fault(told(text))
        if not faults + missing:
            screen.say("healthcheck.ok", age=f"{age:.0f}")
    raise typer.Exit(exits.DOWN if faults else exits.FAILED if missing else exits.OK)


def _well(view: View, role: Role, max_age: float = 0) -> tuple[list[str], list[str], float | None]:
    """Return what is down, what has not happened in time, and the age of the last sign of life in seconds."""
    faults, age = vitals.faults(view, role, max_age=max_age)
    faults = [*health.no_room(view), *faults]
    missing: list[str] = []
    if role is Role.ALL:
        try:
            missing = health.missing(view)
        except StoreError as error:
            faults += [] if str(error) in faults else [str(error)]
    return faults, missing, age


def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help=phrase("option.json"))] = False,
) -> None:
    with vitals.opened(session.of(context).settings) as look:
        faults, missing, _ = _well(look, Role.ALL)
        parts = tuple(_parts(look))
        now = look.clock.now()
    if as_json:
        screen.emit({"ok": not faults + missing, "faults": faults + missing, "parts": [asdict(one) for one in parts]})
    else:
        columns = (
            Column("column.part", style="bold"), Column("column.state"), Column("column.since", right=True),
            Column("column.detail", ratio=1),
        )  # fmt: skip
        screen.table(
            columns,
            [
                (_name(one.name), phrase(f"part_is.{one.health}"), screen.since(one.since, now), told(one.detail))
                for one in parts
            ],
        )
        for text in missing:
            screen.fault(told(text))
        screen.say("status.well" if not faults + missing else "status.unwell", count=len(faults + missing))
    raise typer.Exit(exits.DOWN if faults else exits.FAILED if missing else exits.OK)


def _name(part: str) -> str:
    kind, _, name = part.partition(":")
    return phrase(f"part.{name}") if kind == "step" else " ".join([phrase(f"part.{kind}"), name]).strip()


def _parts(view: View) -> Iterator[Part]:
    yield _disk(view)
    yield _broker(view)
    try:
        view.store.ping()
        heartbeats = view.store.heartbeats()
    except StoreError as error:
        # Everything else is written in it.
        off = Part("store", Health.OFF, None, phrase("doctor.embedded_off"))
        yield off if view.store.absent else Part("store", Health.DOWN, None, str(error))
        return
    from worker.settings.loading import mask_address

    latest = max(heartbeats.values(), default=None)
    yield Part("store", Health.UP, latest, mask_address(view.settings.database_url))
    yield from vitals.lives(view)
    now = view.clock.now()
    for step, backlog in view.store.backlogs(now).items():
        yield _queue(step, backlog, now)
    yield from _recipients(view)
    yield _feeds(view)
    yield _canary(view)


def _disk(view: View) -> Part:
    found = health.disk(view)
    how = {health.OK: Health.UP, health.FAULT: Health.DOWN}.get(found.state, Health.LATE)
    return Part("disk", how, None, found.detail)


def _broker(view: View) -> Part:
    try:
        found = vitals.broker(view.settings)
    except BrokerUnavailable as error:
        return Part("broker", Health.DOWN, _last_work(view), str(error))
    return Part("broker", Health.UP if found.state == OK else Health.OFF, None, found.detail)


def _last_work(view: View) -> datetime | None:
    try:
        return view.store.heartbeats().get("tick")
    except StoreError:
        return None


def _queue(step: str, backlog: Backlog, now: datetime) -> Part:
    counts = {
        "waiting": backlog.waiting, "leased": backlog.leased, "later": backlog.later, "held": backlog.held,
        "set_aside": backlog.set_aside,
    }  # fmt: skip
    detail = ", ".join(phrase(f"backlog.{name}", count=count) for name, count in counts.items() if count)
    late = backlog.oldest is not None and now - backlog.oldest > _LONGEST_WAIT
    return Part(f"step:{step}", Health.LATE if late else Health.UP, backlog.oldest, detail or phrase("backlog.none"))


def _recipients(view: View) -> Iterator[Part]:
    states = {state.id: state for state in view.store.recipient_states()}
    for name in {**view.settings.recipients, **states}:
        state = states.get(name)
        recipient = view.settings.recipients.get(name)
        channel = recipient.channel.value if recipient is not None else phrase("status.unknown_recipient")
        if state is None:
            yield Part(f"recipient:{name}", Health.UP, None, channel)
        elif state.disabled_at is not None:
            yield Part(f"recipient:{name}", Health.OFF, state.disabled_at, f"{channel}: {state.reason}")
        else:
            detail = phrase("status.failing", channel=channel)
            yield Part(f"recipient:{name}", Health.LATE, state.failing_since, detail)


def _feeds(view: View) -> Part:
    states = view.store.feeds()
    failing = [state for state in states if state.failures and not state.feed.paused]
    since = min((state.last_success_at for state in failing if state.last_success_at is not None), default=None)
    detail = phrase("feeds.sum", feeds=len(states), faulty=len(failing))
    if failing:
        detail = phrase("vitals.of", part=detail, detail=_listed(failing))
    polled = [state for state in states if state.polls]
    health_is = Health.UP if not failing else Health.DOWN if len(failing) == len(polled) else Health.LATE
    return Part("feeds", health_is, since, detail)


def _listed(states: list[FeedState]) -> str:
    shown = [f"{state.feed.id} ({phrase('cause.' + state.cause.value)})" for state in states[:_NAMES]]
    return ", ".join([*shown, *(["…"] if len(states) > _NAMES else [])])


def _canary(view: View) -> Part:
    found = health.canary(view)
    runs = view.store.canary_runs(limit=1)
    how = {health.OK: Health.UP, health.FAULT: Health.DOWN}.get(found.state, Health.OFF)
    return Part("canary", how, runs[0].planted_at if runs else None, found.detail)
