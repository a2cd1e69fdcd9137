"""`gigawatch doctor`: is everything there, and what to do if not."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import exits, fetching, health, quarantine, screen, session, vitals
from worker.cli.faults_told import quoted, told
from worker.cli.health import FAULT, NOTE, OK, Finding
from worker.cli.phrases import phrase
from worker.cli.recipients import disabled, line
from worker.cli.screen import Column
from worker.errors import ConfigError, FetchError, GigawatchError, StoreError
from worker.text import one_line

if TYPE_CHECKING:
    from worker.model import Feed, Recipient
    from worker.runtime import Runtime
    from worker.settings import Settings

_CLOCK_OFF_S = 60.0
_NAMES = 3
# What of a finding is not told to programs.
_OURS = ("code", "told")


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help=phrase("option.json"))] = False,
    offline: Annotated[bool, typer.Option("--offline", help=phrase("doctor.offline"))] = False,
) -> None:
    here = session.of(context)
    findings = list(_findings(here, offline=offline))
    if as_json:
        screen.emit([{key: value for key, value in asdict(one).items() if key not in _OURS} for one in findings])
    else:
        columns = (Column("column.check", style="bold"), Column("column.state"), Column("column.detail", ratio=1))
        rows = []
        for one in findings:
            rows.append((phrase(f"check.{one.check}"), phrase(f"doctor.{one.state}"), one.told or told(one.detail)))
            if one.todo:
                rows.append(("", "→", one.todo))
        screen.table(columns, rows)
    raise typer.Exit(max((one.code for one in findings), default=exits.OK))


def _findings(here: session.Session, *, offline: bool) -> Iterator[Finding]:
    try:
        settings = here.settings
    except ConfigError as error:
        for fault in error.faults:
            yield Finding("config", FAULT, str(fault), phrase("doctor.fix_config"), exits.USAGE, told(fault))
        return
    files = settings.config_files["gigawatch.toml"]
    yield Finding("config", OK, phrase("doctor.config", folder=files.parent, feeds=len(settings.feeds)))
    for warning in settings.warnings:
        yield Finding("config", NOTE, str(warning), told=told(warning))
    with here.runtime() as runtime:
        yield _guard("detector", phrase("doctor.fix_config"), lambda: _detector(runtime))
        yield health.disk(runtime)
        yield _guard("store", phrase("doctor.fix_store"), lambda: _store(runtime))
        yield _guard("broker", phrase("doctor.fix_broker"), lambda: vitals.broker(settings))
        yield _guard("daemon", phrase("doctor.fix_daemon"), lambda: _daemon(runtime))
        yield from _recipients(runtime)
        yield from _quarantine(runtime)
        yield _guard("canary", phrase("doctor.fix_daemon"), lambda: health.canary(runtime))
        yield _guard("silence", phrase("doctor.fix_daemon"), lambda: health.silences(runtime))
        if offline:
            return
        yield _guard("smtp", phrase("doctor.fix_smtp"), lambda: _smtp(settings))
        for recipient in settings.recipients.values():
            if recipient.channel.value == "webhook":
                yield _endpoint(runtime, recipient)
        yield from _feed_and_clock(runtime)


def _guard(check: str, todo: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except GigawatchError as error:
        return Finding(check, FAULT, str(error), todo, exits.code_of(error), told(error))


def _detector(runtime: Runtime) -> Finding:
    runtime.detector.gate("", "")
    return Finding(
        "detector", OK, phrase("doctor.detector", companies=len(runtime.settings.companies.get("company", ())))
    )


def _store(runtime: Runtime) -> Finding:
    from worker.adapters.store.migrate import head
    from worker.runtime import database_url
    from worker.settings.loading import mask_address

    runtime.store.ping()
    address = mask_address(database_url(runtime.settings))
    revision = runtime.store.schema_version()
    if revision is None:
        return Finding("store", NOTE, phrase("doctor.no_tables", address=address), phrase("doctor.migrate"))
    if revision != head():
        shown = phrase("doctor.other_tables", address=address, revision=revision, wanted=head())
        return Finding("store", NOTE, shown, phrase("doctor.migrate"))
    return Finding("store", OK, f"{address} ({revision})")


def _daemon(runtime: Runtime) -> Finding:
    if runtime.store.schema_version() is None:
        return Finding("daemon", NOTE, phrase("doctor.never_ran"), phrase("doctor.run_up"))
    now = runtime.clock.now()
    last = runtime.store.heartbeats().get("tick")
    if last is None:
        return Finding("daemon", NOTE, phrase("doctor.never_ran"), phrase("doctor.run_up"))
    detail = phrase("doctor.last_tick", ago=screen.since(last, now))
    if (now - last).total_seconds() > vitals.allowed_tick_s(runtime.settings):
        return Finding("daemon", NOTE, detail, phrase("doctor.run_up"))
    counts = runtime.store.counts()
    dead = counts.get("dead", 0)
    if dead:
        return Finding("daemon", FAULT, phrase("doctor.dead", count=dead), phrase("doctor.retry"), exits.FAILED)
    return Finding("daemon", OK, detail)


def _recipients(runtime: Runtime) -> Iterator[Finding]:
    """Name who is disabled; a store that cannot be asked has its own finding."""
    try:
        off = disabled(runtime) if runtime.store.schema_version() else ()
    except StoreError:
        return
    for state in off:
        todo = phrase("doctor.fix_recipient", name=state.id)
        yield Finding("recipient", FAULT, line(state, str), todo, exits.FAILED, line(state))


def _quarantine(runtime: Runtime) -> Iterator[Finding]:
    """Name what was set aside; a store that cannot be asked has its own finding."""
    try:
        known = runtime.store.schema_version() is not None
        count = runtime.store.quarantined_count() if known else 0
        first = runtime.store.quarantined(_NAMES) if count else ()
    except StoreError:
        return
    if count:
        names = ", ".join(f"{quarantine.name(one)[:12]} ({one_line(one.title, 40)})" for one in first)
        more = ", …" if count > len(first) else ""
        detail = phrase("doctor.quarantined", count=count, names=names + more)
        yield Finding("quarantine", NOTE, detail, phrase("doctor.fix_quarantine"))


def _smtp(settings: Settings) -> Finding:
    smtp = settings.smtp
    if not smtp.host:
        return Finding("smtp", NOTE, phrase("doctor.no_smtp"))
    place = f"{smtp.host}:{smtp.port} ({smtp.security})"
    try:
        secured = ssl.create_default_context()
        if smtp.security == "tls":
            relay: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=smtp.timeout_s, context=secured)
        else:
            relay = smtplib.SMTP(smtp.host, smtp.port, timeout=smtp.timeout_s)
        with relay:
            relay.ehlo()
            if smtp.security == "starttls":
                relay.starttls(context=secured)
                relay.ehlo()
            if smtp.user:
                relay.login(smtp.user, smtp.password.get_secret_value())
            relay.noop()
    except (OSError, smtplib.SMTPException) as error:
        said = phrase("vitals.of", part=place, detail=quoted(str(error)))
        return Finding("smtp", FAULT, f"{place}: {error}", phrase("doctor.fix_smtp"), exits.FAILED, said)
    return Finding("smtp", OK, place)


def _endpoint(runtime: Runtime, recipient: Recipient) -> Finding:
    """Reach a webhook's server without posting anything to it: any answer short of a server error will do.

    A receiver that takes POST alone may well answer 404, 405 or 501 to what is asked here.
    """
    from worker.settings import mask_webhook

    place = f"{recipient.id}: {mask_webhook(recipient.address)}"
    try:
        answer = fetching.get(runtime, recipient.address, limit=100_000)
    except FetchError as error:
        # The error names the whole address, which may be a secret.
        detail = f"{place}: {phrase('cause.' + error.cause)}"
        return Finding("webhook", FAULT, detail, phrase("doctor.fix_webhook"), exits.FAILED)
    if answer.status == 410 or (answer.status >= 500 and answer.status != 501):
        detail = f"{place}: {answer.status}"
        return Finding("webhook", FAULT, detail, phrase("doctor.fix_webhook"), exits.FAILED)
    return Finding("webhook", OK, place, phrase("doctor.try_webhook", name=recipient.id))


def _feed_and_clock(runtime: Runtime) -> Iterator[Finding]:
    feed = _sample(runtime.settings.feeds)
    if feed is None:
        yield Finding("feed", FAULT, phrase("doctor.no_feed"), phrase("doctor.add_feed"), exits.USAGE)
        return
    now = runtime.clock.now()
    trial = fetching.attempt(runtime, feed, now=now)
    if trial.ok and trial.parsed:
        yield Finding("feed", OK, phrase("doctor.feed", id=feed.id, entries=len(trial.parsed.entries)))
    else:
        detail = f"{feed.id}: {phrase('cause.' + trial.cause.value)}. "
        said = (detail + told(trial.message)).strip()
        yield Finding("feed", FAULT, (detail + trial.message).strip(), phrase("doctor.fix_feed"), exits.FAILED, said)
    yield _clock(trial.date, now)


def _sample(feeds: tuple[Feed, ...]) -> Feed | None:
    followed = [feed for feed in feeds if not feed.paused]
    return min(followed, key=lambda feed: feed.priority, default=None)


def _clock(date: str, now: datetime) -> Finding:
    try:
        server = parsedate_to_datetime(date)
        off = abs((now - server).total_seconds())
    except (TypeError, ValueError):
        return Finding("clock", NOTE, phrase("doctor.no_clock"))
    detail = phrase("doctor.clock", seconds=f"{off:.0f}")
    if off > _CLOCK_OFF_S:
        return Finding("clock", FAULT, detail, phrase("doctor.fix_clock"), exits.FAILED)
    return Finding("clock", OK, detail)
