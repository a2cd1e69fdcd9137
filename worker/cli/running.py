"""`up`, `worker`, `beat`, `migrate`: the parts that run."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import screen, session
from worker.cli.faults_told import told
from worker.cli.phrases import phrase
from worker.errors import UsageError

if TYPE_CHECKING:
    from worker.settings import Settings


def up(context: typer.Context) -> None:
    from worker import supervisor

    here = session.of(context)
    settings = here.settings
    with contextlib.suppress(OSError):
        screen.warnings(settings.warnings)
    _tell("up.starting", data=settings.general.data, feeds=len(settings.feeds))
    code = supervisor.run(
        settings,
        on_ready=lambda seconds: _tell("up.ready", seconds=f"{seconds:.1f}"),
        on_event=_say,
        environ=here.environ,
    )
    _tell("up.stopped")
    raise typer.Exit(code)


def _say(text: str) -> None:
    _tell("up.event", text=told(text))


def _tell(key: str, **values: object) -> None:
    # Where the log lies on a disk that is full, the daemon still runs.
    with contextlib.suppress(OSError):
        screen.remark(key, **values)


def _broker_url(settings: Settings) -> str:
    """The configured broker, else the embedded one of a `gigawatch up` on the same data folder."""
    from worker.adapters.broker import EmbeddedBroker

    return settings.broker.url or EmbeddedBroker(settings.general.data).url


def _odd_said(context: typer.Context) -> Settings:
    """Return the settings, after saying what is odd in them; a part of `up` leaves that to it."""
    from worker import supervisor

    settings = session.of(context).settings
    if supervisor.CHILD not in os.environ:
        screen.warnings(settings.warnings)
    return settings


def worker(
    context: typer.Context,
    queues: Annotated[str, typer.Option(metavar="NAME,...", help=phrase("worker.queues"))] = "",
    concurrency: Annotated[int, typer.Option(min=0, max=64, help=phrase("worker.concurrency"))] = 0,
) -> None:
    from worker import celery_app, tasks

    settings = _odd_said(context)
    names = tuple(name.strip() for name in queues.split(",") if name.strip())
    for name in names:
        if name not in celery_app.QUEUES:
            raise UsageError(phrase("worker.unknown_queue", name=name, known=", ".join(celery_app.QUEUES)))
    code = tasks.run_worker(
        settings,
        _broker_url(settings),
        concurrency=concurrency or settings.worker.concurrency,
        queues=names or celery_app.QUEUES,
    )
    raise typer.Exit(code)


def beat(context: typer.Context) -> None:
    from worker import tasks

    settings = _odd_said(context)
    raise typer.Exit(tasks.run_beat(settings, _broker_url(settings)))


def migrate(context: typer.Context) -> None:
    from worker.adapters.clock import SystemClock

    here = session.of(context)
    with here.opened() as runtime:
        runtime.store.sync_feeds(here.settings.feeds, SystemClock().now())
        screen.say("migrate.done", revision=runtime.store.schema_version(), feeds=len(here.settings.feeds))
