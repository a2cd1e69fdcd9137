"""Schema upgrades by Alembic, from inside the program: no ini file, no second address."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from worker.adapters.store.engine import MIGRATION_LOCK, Database
from worker.errors import StoreError


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def head() -> str:
    """Return the revision that this version of gigawatch works with."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    if found is None:
        raise StoreError("this installation holds no schema revisions; install gigawatch again")
    return found


def schema_version(database: Database) -> str | None:
    """Return the revision of the tables, None where there are none."""
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(database: Database) -> str:
    """Upgrade the tables to `head()` in one transaction. Raises StoreError for a database of a newer gigawatch."""
    config = _config()
    try:
        with database.write() as connection:
            database.lock(connection, MIGRATION_LOCK)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(
            f"the database was last used by a newer gigawatch ({error}); install that version or newer"
        ) from error
    return head()
