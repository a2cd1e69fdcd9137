"""What one call of the command line has in common: where the configuration is, the language, and the slow parts.

Importing the runtime brings in the queue, the database layer and the page readers, about a second of work. So it
happens inside these functions, at the first command that needs it, and `gigawatch --help` stays quick. The imports
still point down, and import-linter sees them here as well.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from worker.cli import hiding, phrases
from worker.cli.outages import Outages
from worker.errors import UsageError

if TYPE_CHECKING:
    from worker.runtime import Runtime
    from worker.settings import Settings


@dataclass
class Session:
    """The global options of this call."""

    config: Path | None = None
    data: Path | None = None
    verbose: bool = False
    outages: Outages = field(default_factory=Outages)

    @cached_property
    def settings(self) -> Settings:
        """Return the settings, checked whole. Raises ConfigError with every fault."""
        from worker import settings

        overrides: dict[str, Any] = {"general": {"data": str(self.data)}} if self.data else {}
        found = settings.load(config=self.config, environ=os.environ, overrides=overrides)
        phrases.choose(os.environ.get(phrases.VARIABLE) or found.general.language)
        hiding.hide(settings.mask_of(found))
        self.outages.data = found.general.data
        return found

    @contextmanager
    def runtime(self) -> Iterator[Runtime]:
        """Give a runtime over the settings, and close it; its store is not touched."""
        from worker import runtime

        built = runtime.build(self.settings)
        try:
            yield built
        finally:
            built.close()

    @contextmanager
    def opened(self) -> Iterator[Runtime]:
        """Give a runtime whose store is there and up to date: made or migrated on the spot where it is not."""
        with self.runtime() as built:
            built.store.migrate()
            yield built

    @property
    def environ(self) -> dict[str, str]:
        """Return the environment under which child processes see the same configuration."""
        own = {"GIGAWATCH_CONFIG": self.config, "GIGAWATCH_DATA": self.data}
        return {**os.environ, **{name: str(path.resolve()) for name, path in own.items() if path is not None}}

    def log(self) -> None:
        """Send log lines to stderr, so that stdout holds answers only."""
        level = logging.DEBUG if self.verbose else logging.INFO
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(hiding.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        if not self.verbose:
            handler.addFilter(self.outages)
        logging.basicConfig(level=level, handlers=[handler], force=True)
        # One line per request at INFO would drown the daemon's own lines.
        for name in ("httpx", "httpcore", "trafilatura", "htmldate", "alembic", "asyncio", "mail.log"):
            logging.getLogger(name).setLevel(logging.WARNING)


def of(context: typer.Context) -> Session:
    """Return the session that the global options made."""
    found = context.find_root().obj
    if not isinstance(found, Session):
        raise UsageError("no session: commands run under the gigawatch application")
    return found
