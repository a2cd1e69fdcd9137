"""`gigawatch backup` and `gigawatch restore`: the store as one verified file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import screen, session
from worker.cli.phrases import phrase
from worker.errors import UsageError

if TYPE_CHECKING:
    from worker.adapters.store.backup import Copy
    from worker.cli.session import Session

Json = Annotated[bool, typer.Option("--json", help=phrase("option.json"))]


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=phrase("backup.file"))],
    force: Annotated[bool, typer.Option("--force", help=phrase("backup.force"))] = False,
    as_json: Json = False,
) -> None:
    from worker.adapters.store.backup import back_up

    store = _file(session.of(context), file, restore=False)
    with screen.gauge("progress.backup") as progress:
        found = back_up(store, file.absolute(), force=force, progress=progress)
    if as_json:
        screen.emit(_record(found))
        return
    screen.say("backup.done", file=found.path, **_words(found))


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=phrase("restore.file"))],
    as_json: Json = False,
) -> None:
    from worker.adapters.clock import SystemClock
    from worker.adapters.lock import only_one
    from worker.adapters.store import backup as copies
    from worker.runtime import make_data_folder

    here = session.of(context)
    store = _file(here, file, restore=True)
    data = here.settings.general.data
    make_data_folder(data)
    with only_one(data, todo=phrase("restore.stop")):
        found = copies.restore(file.absolute(), store, now=SystemClock().now())
    if as_json:
        kept = str(found.kept) if found.kept else None
        screen.emit({**_record(found.copy), "store": str(store), "schema": found.revision, "kept": kept})
        return
    screen.say("restore.done", file=file, store=store, **_words(found.copy))
    if found.revision != found.copy.revision:
        screen.say("restore.upgraded", before=found.copy.revision, after=found.revision)
    if found.kept is not None:
        screen.say("restore.kept", file=found.kept)
    screen.remark("restore.again")


def _file(here: Session, file: Path, *, restore: bool) -> Path:
    from worker.adapters.store.backup import dump_command, sqlite_file
    from worker.runtime import database_url

    url = database_url(here.settings)
    store = sqlite_file(url)
    if store is None:
        key = "restore.postgres" if restore else "backup.postgres"
        raise UsageError(phrase(key, command=dump_command(url, file, restore=restore)))
    return store


def _record(found: Copy) -> dict[str, object]:
    return {"file": str(found.path), "bytes": found.size, "revision": found.revision, "rows": dict(found.rows)}


def _words(found: Copy) -> dict[str, object]:
    rows = found.rows
    size = screen.number(found.size / 2**20, phrase("unit.megabyte"))
    return {
        "size": size, "revision": found.revision, "articles": rows["article"], "stories": rows["story"],
        "alerts": rows["alert"],
    }  # fmt: skip
