"""`gigawatch stories ...`: the deals as the store holds them, and what was judged to be none."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import articles, screen, session
from worker.cli.decisions import mute_mark
from worker.cli.periods import MOST_DAYS
from worker.cli.phrases import phrase
from worker.cli.screen import Column
from worker.cli.usage import Commands
from worker.errors import UsageError

if TYPE_CHECKING:
    from worker.model import Loop, Story

app = Commands(no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help=phrase("option.json"))]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help=phrase("option.limit"))]


@app.command("list", help=phrase("stories.list"))
def list_stories(
    context: typer.Context,
    company: Annotated[str, typer.Option("--company", help=phrase("stories.company"))] = "",
    days: Annotated[int, typer.Option("--days", min=0, max=MOST_DAYS, help=phrase("stories.days"))] = 0,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    from worker.adapters.store.records import to_record

    with session.of(context).opened() as runtime:
        since = runtime.clock.now() - timedelta(days=days) if days else None
        found = runtime.store.stories(limit=limit, since=since, company=company or None)
        muted = runtime.store.muted_stories([story.id for story in found])
    if as_json:
        screen.emit(
            [
                {**to_record(story), "muted": [name or "*" for name in sorted(muted.get(story.id, ()))]}
                for story in found
            ]
        )
        return
    columns = (
        Column("column.id", style="dim", width=8),
        Column("column.updated"),
        Column("column.title", ratio=3),
        Column("column.flows", ratio=4),
        Column("column.sources", right=True),
    )
    screen.table(columns, [row for story in found for row in _rows(story, mute_mark(muted.get(story.id, frozenset())))])
    screen.remark("stories.sum", stories=len(found))


def _rows(story: Story, mark: str) -> list[tuple[str, ...]]:
    from worker.pipeline.messages.records import flow_record

    flows = [screen.flow_line(flow_record(held.flow)) for held in story.flows] or [""]
    mark += "↻ " if story.loops else ""
    first = (story.id[:8], screen.when(story.updated_at), mark + story.title, flows[0], str(len(story.sources)))
    return [first, *(("", "", "", flow, "") for flow in flows[1:])]


@app.command("show", help=phrase("stories.show"))
def show(
    context: typer.Context,
    story_id: Annotated[str, typer.Argument(metavar="ID", help=phrase("stories.id"))],
    as_json: Json = False,
) -> None:
    from worker.adapters.store.records import to_record

    with session.of(context).opened() as runtime:
        story = runtime.store.story(story_id) if story_id else None
        changes = runtime.store.changes(story.id) if story else ()
        earlier = runtime.store.story(story.earlier) if story and story.earlier else None
    if story is None:
        raise UsageError(phrase("stories.unknown", id=story_id))
    from worker.pipeline import stories

    story = stories.vouched(story)
    if as_json:
        history = [{"at": at, "kind": change.kind.value, "version": change.version} for at, change in changes]
        accounts = [to_record(stories.unpack(account)) for account in story.accounts]
        screen.emit({**to_record(story), "accounts": accounts, "history": history})
        return
    _show(story, earlier)
    rows = [(screen.when(at), str(change.version), phrase(f"change.{change.kind.value}")) for at, change in changes]
    screen.table((Column("column.when"), Column("column.version", right=True), Column("column.change", ratio=1)), rows)


def _show(story: Story, earlier: Story | None) -> None:
    from worker.cli import vouching
    from worker.pipeline.messages.records import flow_record

    console = screen.out()
    screen.facts(
        [
            (phrase("story.title"), story.title),
            (phrase("story.id"), story.id),
            (phrase("story.version"), str(story.version)),
            (phrase("story.opened"), screen.when(story.opened_at)),
            (phrase("story.updated"), screen.when(story.updated_at)),
            *([(phrase("story.earlier"), f"{earlier.id[:8]} {earlier.title}")] if earlier else []),
        ]
    )
    console.print()
    for held in story.flows:
        record = flow_record(held.flow)
        screen.facts([(f"{held.source}", screen.flow_line(record))])
        quotes = dict.fromkeys(item["sentence"] for item in record["evidence"])
        screen.facts([("  «", f"{quote} »") for quote in list(quotes)[:2]])
        screen.facts(list(vouching.rows(held)))
    for loop in story.loops:
        screen.facts([("↻ " + phrase("story.loop"), loop_line(loop))])
    console.print()
    columns = (Column("column.published"), Column("column.source", ratio=1), Column("column.title", ratio=3))
    screen.table(columns, [(screen.when(one.published), one.source, one.title) for one in story.sources])
    for one in story.sources:
        screen.facts([("", one.url)])
    console.print()


def loop_line(loop: Loop) -> str:
    """Return the path of a loop on one line."""
    steps = [f"{edge.payer} ({phrase('kind.' + edge.kind.value)})" for edge in loop.edges]
    return " → ".join([*steps, loop.edges[0].payer])


# Where it stood before it got a noun of its own.
app.command("rejected", help=phrase("stories.rejected"))(articles.rejected)
