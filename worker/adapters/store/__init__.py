"""The store: the one place that holds queries, over SQLite or PostgreSQL."""

from worker.adapters.store.alerts import DEAD, MUTED, SENT
from worker.adapters.store.backlog import BacklogQueries
from worker.adapters.store.canary import CanaryQueries
from worker.adapters.store.claims import BUNDLED, DONE, HELD, LIFE, OPEN, QUARANTINED
from worker.adapters.store.decisions import DecisionQueries
from worker.adapters.store.engine import lives_of, new_life
from worker.adapters.store.exchange import ExchangeQueries
from worker.adapters.store.history import HistoryQueries
from worker.adapters.store.ledger import LedgerQueries, ToldLoop
from worker.adapters.store.pruning import PruneQueries
from worker.adapters.store.quarantine import Quarantined, QuarantineQueries
from worker.adapters.store.recipients import RecipientQueries
from worker.adapters.store.stories import Filing, Rejected


class Store(
    HistoryQueries,
    CanaryQueries,
    DecisionQueries,
    LedgerQueries,
    ExchangeQueries,
    PruneQueries,
    QuarantineQueries,
    RecipientQueries,
    BacklogQueries,
):
    """Everything that gigawatch remembers. `url` is a SQLAlchemy address, SQLite or PostgreSQL.

    Every method raises StoreUnavailable when the database cannot be reached just now and StoreError when a person must
    look (no tables, disk full). Safe to make in any process, never to carry over a fork.
    """

    def migrate(self) -> str:
        """Bring the tables to this version's schema; returns the revision. Several callers at once are fine."""
        # Here, for Alembic takes a while to load, and a health check has less than a second.
        from worker.adapters.store.migrate import migrate

        return migrate(self)

    def schema_version(self) -> str | None:
        """Return the revision of the tables, None where there are none."""
        from worker.adapters.store.migrate import schema_version

        return schema_version(self)


__all__ = [
    "BUNDLED", "DEAD", "DONE", "HELD", "LIFE", "MUTED", "OPEN", "QUARANTINED", "SENT",
    "Filing", "Quarantined", "Rejected", "Store", "ToldLoop", "lives_of", "new_life",
]  # fmt: skip
