"""`gigawatch stories merge|split|mute|unmute|decisions|undo`: the operator's word on stories, remembered for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import screen, session
from worker.cli.phrases import phrase
from worker.cli.screen import Column
from worker.errors import DecisionError, UsageError

if TYPE_CHECKING:
    from worker.model import Decision, Story
    from worker.runtime import Runtime
    from worker.steps.decide import Outcome

Json = Annotated[bool, typer.Option("--json", help=phrase("option.json"))]
Note = Annotated[str, typer.Option("--note", help=phrase("decisions.note"))]
Tell = Annotated[bool, typer.Option("--tell", help=phrase("decisions.tell"))]
For = Annotated[str, typer.Option("--for", metavar="RECIPIENT", help=phrase("decisions.for"))]
StoryId = Annotated[str, typer.Argument(metavar="ID", help=phrase("stories.id"))]


def merge(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID ID...", help=phrase("decisions.ids"))],
    note: Note = "",
    tell: Tell = False,
) -> None:
    from worker.steps import decide

    with _deciding(context) as runtime:
        chosen = [_story(runtime, name).id for name in ids]
        done = decide.merge(runtime.parts, chosen, note=note, tell=tell)
    (story,) = done.stories
    screen.say("decisions.merged", id=story.id[:8], title=story.title, sources=len(story.sources))
    _end(done, tell=tell)


def split(
    context: typer.Context,
    story_id: StoryId,
    articles: Annotated[list[str], typer.Argument(metavar="ARTICLE...", help=phrase("decisions.articles"))],
    note: Note = "",
    tell: Tell = False,
) -> None:
    from worker.steps import decide

    with _deciding(context) as runtime:
        story = _story(runtime, story_id)
        chosen = [_article(story, prefix) for prefix in articles]
        done = decide.split(runtime.parts, story.id, chosen, note=note, tell=tell)
    left, new = done.stories
    screen.say("decisions.split_off", id=new.id[:8], title=new.title, sources=len(new.sources), old=left.id[:8])
    _end(done, tell=tell)


def mute(context: typer.Context, story_id: StoryId, recipient: For = "", note: Note = "") -> None:
    from worker.steps import decide

    with _deciding(context) as runtime:
        _check_recipient(runtime, recipient)
        done = decide.mute(runtime.parts, _story(runtime, story_id).id, recipient=recipient, note=note)
    screen.say("decisions.muted", title=done.stories[0].title, who=_who(recipient))
    _end(done)


def unmute(context: typer.Context, story_id: StoryId, recipient: For = "") -> None:
    from worker.steps import decide

    with _deciding(context) as runtime:
        done = decide.unmute(runtime.parts, _story(runtime, story_id).id, recipient=recipient)
    screen.say("decisions.heard_again", title=done.stories[0].title, who=_who(recipient))


def undo(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="DECISION", min=1, help=phrase("decisions.number"))],
) -> None:
    from worker.steps import decide

    with _deciding(context) as runtime:
        done = decide.undo(runtime.parts, number)
    names = ", ".join(story.id[:8] for story in done.stories)
    screen.say("decisions.undone", number=number, stories=names)


def decisions(context: typer.Context, as_json: Json = False) -> None:
    with session.of(context).opened() as runtime:
        found = runtime.store.decisions()
    if as_json:
        screen.emit([_record(one) for one in found])
        return
    columns = (
        Column("column.number", right=True),
        Column("column.when"),
        Column("column.decision"),
        Column("column.detail", ratio=3),
        Column("column.note", ratio=2),
    )
    rows = [
        (
            str(one.id), screen.when(one.at), phrase(f"decision.{one.kind.value}"), _told(one),
            (phrase("decisions.taken_back", when=screen.when(one.undone_at)) if one.undone_at else "") + one.note,
        )
        for one in found
    ]  # fmt: skip
    screen.table(columns, rows)


# In the order in which help shows them.
COMMANDS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("merge", merge), ("split", split), ("mute", mute), ("unmute", unmute), ("decisions", decisions), ("undo", undo),
)  # fmt: skip


def mute_mark(recipients: frozenset[str]) -> str:
    """Return what a list puts before the title of a story that is muted; "" for one that is not."""
    return phrase("decisions.mark", who=", ".join(_who(name) for name in sorted(recipients))) if recipients else ""


@contextmanager
def _deciding(context: typer.Context) -> Iterator[Runtime]:
    with session.of(context).opened() as runtime:
        try:
            yield runtime
        except DecisionError as error:
            raise UsageError(phrase(f"undecided.{error.reason}", **error.values)) from error


def _story(runtime: Runtime, prefix: str) -> Story:
    found = runtime.store.story(prefix) if prefix else None
    if found is None:
        raise UsageError(phrase("stories.unknown", id=prefix))
    return found


def _article(story: Story, prefix: str) -> str:
    found = [one.article_id for one in story.sources if prefix and prefix in (one.url, one.article_id)]
    found = found or [one.article_id for one in story.sources if prefix and one.article_id.startswith(prefix)]
    if len(found) != 1:
        raise UsageError(phrase("decisions.unknown_article", id=prefix, story=story.id[:8], count=len(found)))
    return found[0]


def _check_recipient(runtime: Runtime, name: str) -> None:
    known = runtime.settings.recipients
    if name and name not in known:
        raise UsageError(phrase("alerts.unknown_recipient", name=name, known=", ".join(sorted(known)) or "-"))


def _who(recipient: str) -> str:
    return recipient or phrase("decisions.everybody")


def _told(one: Decision) -> str:
    if one.kind.value == "mute":
        return f"{one.story[:8]}: {_who(one.recipient)}"
    others = ", ".join(name[:8] for name in one.others)
    if one.kind.value == "merge":
        return f"{others} → {one.story[:8]}"
    return f"{one.story[:8]} → {others} ({phrase('decisions.count', count=len(one.articles))})"


def _record(one: Decision) -> dict[str, Any]:
    return {
        "id": one.id, "kind": one.kind.value, "story": one.story, "others": list(one.others),
        "articles": list(one.articles), "recipient": one.recipient or None, "note": one.note, "at": one.at,
        "undone_at": one.undone_at,
    }  # fmt: skip


def _end(done: Outcome, *, tell: bool = False) -> None:
    if tell:
        screen.say("decisions.told" if done.alerts else "decisions.nothing_told", count=len(done.alerts))
    screen.remark("decisions.how_to_undo", number=done.decision.id)
