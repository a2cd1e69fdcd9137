"""`gigawatch feeds ...`: which feeds are followed, how they are, and which others to follow."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import exits, fetching, opml, screen, session
from worker.cli.faults_told import told
from worker.cli.inputs import file_bytes
from worker.cli.phrases import phrase
from worker.cli.screen import Column
from worker.cli.usage import Commands
from worker.errors import UsageError
from worker.model import Feed, FeedState
from worker.text import host_of, is_web_address, one_line

if TYPE_CHECKING:
    from worker.runtime import Runtime

app = Commands(no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help=phrase("option.json"))]
FeedId = Annotated[str, typer.Argument(metavar="ID", help=phrase("feeds.id"))]


@app.command("list", help=phrase("feeds.list"))
def list_feeds(
    context: typer.Context,
    as_json: Json = False,
    failing: Annotated[bool, typer.Option("--failing", help=phrase("feeds.failing"))] = False,
) -> None:
    with session.of(context).opened() as runtime:
        _sync(runtime)
        states = [state for state in runtime.store.feeds() if not failing or state.cause.value != "ok"]
        now = runtime.clock.now()
    if as_json:
        screen.emit([_record(state) for state in states])
        return
    columns = (
        Column("column.id", ratio=3, style="bold"),
        Column("column.state", ratio=3),
        Column("column.last_success", right=True),
        Column("column.last_new", right=True),
        Column("column.next", right=True),
        Column("column.entries", right=True),
    )
    rows = [
        (
            state.feed.id, _state_word(state), screen.since(state.last_success_at, now),
            screen.since(state.last_new_at, now), screen.since(state.next_poll_at, now), str(state.entries),
        )
        for state in states
    ]  # fmt: skip
    screen.table(columns, rows)
    screen.remark("feeds.sum", feeds=len(states), faulty=sum(state.cause.value != "ok" for state in states))


def _sync(runtime: Runtime) -> None:
    # What the configuration lists is followed from the next start on; a list that lacked it would puzzle people.
    runtime.store.sync_feeds(runtime.settings.feeds, runtime.clock.now())


def _state_word(state: FeedState) -> str:
    if state.disabled:
        return phrase("feeds.disabled")
    if state.feed.paused:
        return phrase("feeds.paused")
    return phrase("feeds.waiting") if state.last_poll_at is None else phrase(f"cause.{state.cause.value}")


def _record(state: FeedState) -> dict[str, Any]:
    feed = state.feed
    return {
        "id": feed.id, "name": feed.name, "url": feed.url, "site": feed.site, "country": feed.country,
        "house": feed.house, "paywall": feed.paywall, "topics": list(feed.topics), "paused": feed.paused,
        "disabled": state.disabled, "cause": state.cause.value, "message": state.message, "failures": state.failures,
        "interval_s": state.interval_s, "next_poll_at": state.next_poll_at, "last_poll_at": state.last_poll_at,
        "last_success_at": state.last_success_at, "last_new_at": state.last_new_at, "polls": state.polls,
        "entries": state.entries, "moved_to": state.moved_to,
    }  # fmt: skip


@app.command("add", help=phrase("feeds.add"))
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help=phrase("feeds.url"))],
    feed_id: Annotated[str, typer.Option("--id", help=phrase("feeds.new_id"))] = "",
    name: Annotated[str, typer.Option("--name", help=phrase("feeds.name"))] = "",
    check: Annotated[bool, typer.Option("--check/--no-check", help=phrase("feeds.no_check"))] = True,
) -> None:
    _web(url)
    with session.of(context).opened() as runtime:
        _sync(runtime)
        feed = Feed(id="new", name=name or host_of(url), url=url)
        if check:
            trial = fetching.attempt(runtime, feed, now=runtime.clock.now())
            if not trial.ok:
                screen.fault(f"{url}: {phrase('cause.' + trial.cause.value)}. {told(trial.message)}".strip())
                screen.remark("feeds.not_added", url=url)
                raise typer.Exit(exits.FAILED)
            title = trial.parsed.title if trial.parsed else ""
            feed = Feed(id="new", name=name or one_line(title, 120) or host_of(url), url=url)
        taken = {state.feed.id for state in runtime.store.feeds()}
        if feed_id in taken:
            raise UsageError(phrase("feeds.id_taken", id=feed_id))
        new = Feed(id=opml.feed_id(feed_id or feed.name, url, taken), name=feed.name, url=url)
        if not runtime.store.add_feed(new, runtime.clock.now()):
            raise UsageError(phrase("feeds.url_taken", url=url))
    screen.say("feeds.added", id=new.id, name=new.name)


def _web(url: str) -> None:
    if not is_web_address(url):
        raise UsageError(phrase("feeds.not_an_address", url=url))


@app.command("test", help=phrase("feeds.test"))
def try_feed(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="ID|URL", help=phrase("feeds.id_or_url"))],
    as_json: Json = False,
) -> None:
    here = session.of(context)
    with here.runtime() as runtime:
        feed = Feed(id="test", name=host_of(target), url=target) if is_web_address(target) else _known(runtime, target)
        now = runtime.clock.now()
        trial = fetching.attempt(runtime, feed, now=now)
    entries = trial.parsed.entries if trial.parsed else ()
    if as_json:
        screen.emit(
            {
                "id": feed.id, "url": feed.url, "address": trial.address, "status": trial.status, "ok": trial.ok,
                "cause": trial.cause.value, "message": trial.message, "content_type": trial.content_type,
                "bytes": trial.size, "version": trial.parsed.version if trial.parsed else "",
                "title": trial.parsed.title if trial.parsed else "", "interval_s": trial.after.interval_s,
                "next_poll_at": trial.after.next_poll_at,
                "entries": [
                    {"title": one.title, "url": one.url, "published": one.published, "guid": one.guid}
                    for one in entries
                ],
            }
        )  # fmt: skip
        raise typer.Exit(exits.OK if trial.ok else exits.FAILED)
    _show_trial(trial)
    raise typer.Exit(exits.OK if trial.ok else exits.FAILED)


def _known(runtime: Runtime, feed_id: str) -> Feed:
    found = next((feed for feed in runtime.settings.feeds if feed.id == feed_id), None)
    if found is None:
        runtime.store.migrate()
        state = runtime.store.feed(feed_id)
        found = state.feed if state else None
    if found is None:
        raise UsageError(phrase("feeds.unknown", id=feed_id))
    return found


def _show_trial(trial: fetching.Trial) -> None:
    parsed = trial.parsed
    rows = [
        ("trial.address", trial.address),
        ("trial.answer", f"{trial.status or '-'}  {trial.content_type}  {screen.number(trial.size / 1000, 'kB')}"),
        ("trial.cause", f"{phrase('cause.' + trial.cause.value)}  {told(trial.message)}".strip()),
        ("trial.title", f"{parsed.title} ({parsed.version})" if parsed else "-"),
        ("trial.entries", str(len(parsed.entries)) if parsed else "0"),
        ("trial.interval", screen.span(trial.after.interval_s)),
        ("trial.next", screen.when(trial.after.next_poll_at)),
    ]
    screen.facts([(phrase(key), value) for key, value in rows])
    if parsed and parsed.entries:
        columns = (Column("column.published"), Column("column.title", ratio=1))
        screen.table(columns, [(screen.when(one.published), one.title) for one in parsed.entries[:10]])


@app.command("discover", help=phrase("feeds.discover"))
def discover(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help=phrase("feeds.page"))],
    as_json: Json = False,
) -> None:
    from worker.pipeline import feeds

    _web(url)
    here = session.of(context)
    with here.runtime() as runtime:
        page = fetching.get(runtime, url, limit=here.settings.fetch.page_bytes)
        if page.status != 200:
            screen.fault(f"{url}: {page.status}")
            raise typer.Exit(exits.FAILED)
        found = feeds.find_feeds(page.body.decode("utf-8", "replace"), page.url)
    if as_json:
        screen.emit(list(found))
    for address in () if as_json else found:
        sys.stdout.write(one_line(address) + "\n")
    if not found:
        screen.remark("feeds.none_found", url=url)
        raise typer.Exit(exits.FAILED)


@app.command("pause", help=phrase("feeds.pause"))
def pause(context: typer.Context, feed_id: FeedId) -> None:
    _change(context, feed_id, "pause", "feeds.paused_now")


@app.command("resume", help=phrase("feeds.resume"))
def resume(context: typer.Context, feed_id: FeedId) -> None:
    _change(context, feed_id, "resume", "feeds.resumed_now")


@app.command("remove", help=phrase("feeds.remove"))
def remove(context: typer.Context, feed_id: FeedId) -> None:
    _change(context, feed_id, "remove", "feeds.removed_now")


def _change(context: typer.Context, feed_id: str, verb: str, done: str) -> None:
    here = session.of(context)
    if verb == "remove" and any(feed.id == feed_id for feed in here.settings.feeds):
        raise UsageError(phrase("feeds.configured", id=feed_id, file=here.settings.config_files["feeds.toml"]))
    with here.opened() as runtime:
        _sync(runtime)
        store = runtime.store
        changed = (
            store.remove_feed(feed_id)
            if verb == "remove"
            else store.set_feed_paused(feed_id, verb == "pause", runtime.clock.now())
        )
    if not changed:
        raise UsageError(phrase("feeds.unknown", id=feed_id))
    screen.say(done, id=feed_id)


@app.command("import", help=phrase("feeds.import"))
def import_feeds(
    context: typer.Context, file: Annotated[Path, typer.Argument(metavar="FILE.opml", help=phrase("feeds.opml"))]
) -> None:
    body = sys.stdin.buffer.read() if str(file) == "-" else file_bytes(file)
    with session.of(context).opened() as runtime:
        _sync(runtime)
        taken = {state.feed.id for state in runtime.store.feeds()}
        found, refused = opml.read(body, name=str(file), taken=taken)
        added = sum(runtime.store.add_feed(feed, runtime.clock.now()) for feed in found)
    for address in refused:
        screen.remark("feeds.refused", url=address)
    screen.say("feeds.imported", added=added, known=len(found) - added, refused=len(refused))


@app.command("export", help=phrase("feeds.export"))
def export(context: typer.Context) -> None:
    with session.of(context).opened() as runtime:
        _sync(runtime)
        states = runtime.store.feeds()
        sys.stdout.write(opml.write((state.feed for state in states), title="gigawatch", now=runtime.clock.now()))
