"""`gigawatch export`: every flow for a spreadsheet, a program or a graph."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import periods, screen, session
from worker.cli.faults_told import quoted
from worker.cli.ledger import line_record
from worker.cli.phrases import phrase
from worker.errors import UsageError

if TYPE_CHECKING:
    from worker.pipeline.ledger import Entry


def export(
    context: typer.Context,
    as_csv: Annotated[bool, typer.Option("--csv", help=phrase("export.csv"))] = False,
    as_jsonl: Annotated[bool, typer.Option("--jsonl", help=phrase("export.jsonl"))] = False,
    as_graphml: Annotated[bool, typer.Option("--graphml", help=phrase("export.graphml"))] = False,
    since: Annotated[str, typer.Option("--since", metavar="24mo", help=phrase("option.since"))] = "",
    groups: Annotated[bool, typer.Option("--groups", help=phrase("option.groups"))] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=phrase("export.out"))] = None,
) -> None:
    from worker.pipeline.ledger import Names, entries

    if as_csv + as_jsonl + as_graphml != 1:
        raise UsageError(phrase("export.which"))
    here = session.of(context)
    names = Names(here.settings.companies, groups=groups)
    written = _Count()
    with here.opened() as runtime:
        start = periods.start(since, runtime.clock.now())
        lines = written.over(
            line
            for story in runtime.store.told_stories(since=start)
            for line in entries(story, names)
            if start is None or line.date >= start
        )
        pieces = _csv(lines) if as_csv else _jsonl(lines) if as_jsonl else _graphml(lines)
        if out is None:
            for piece in pieces:
                sys.stdout.write(piece.decode("utf-8"))
            return
        _save(out, pieces)
    screen.remark("export.done", count=written.count, path=out)


class _Count:
    """Counts what passes."""

    def __init__(self) -> None:
        self.count = 0

    def over(self, lines: Iterable[Entry]) -> Iterator[Entry]:
        for line in lines:
            self.count += 1
            yield line


def _csv(lines: Iterable[Entry]) -> Iterator[bytes]:
    from worker.pipeline import exporting

    yield exporting.csv_header().encode()
    for line in lines:
        yield exporting.csv_line(line).encode()


def _jsonl(lines: Iterable[Entry]) -> Iterator[bytes]:
    for line in lines:
        yield (json.dumps(line_record(line), ensure_ascii=False, allow_nan=False) + "\n").encode()


def _graphml(lines: Iterable[Entry]) -> Iterator[bytes]:
    from worker.pipeline import exporting

    yield exporting.graphml(lines)


def _save(path: Path, pieces: Iterable[bytes]) -> None:
    """Write beside the file and put it in its place at the end, so that nobody reads half of it."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        os.replace(part, path)  # noqa: PTH105  # one step, also over a file that is there
    except OSError as error:
        raise UsageError(phrase("export.unwritable", path=path, reason=quoted(error.strerror or str(error)))) from error
    finally:
        part.unlink(missing_ok=True)
