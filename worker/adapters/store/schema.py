"""The tables. One definition for SQLite and PostgreSQL; `migrations/` holds how a database got here.

Every unit of work is a row with `state`, `attempts`, `next_attempt_at`, `lease_until` and `enqueued_at`; `crashes` are
those of its attempts that had no outcome while their worker lived on, `cut_off` those that ended with the whole worker;
`claimed_by` is the life of a worker that made the last one. Times are UTC.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)

from worker.adapters.store.times import UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite gives rowids to INTEGER keys only; PostgreSQL wants 64 bits for tables that never stop growing.
RowId = BigInteger().with_variant(Integer, "sqlite")


def _work() -> list[Column[Any]]:
    return [
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("crashes", Integer, nullable=False, server_default="0"),
        Column("cut_off", Integer, nullable=False, server_default="0"),
        Column("claimed_by", String(32), nullable=False, server_default=""),
        Column("next_attempt_at", UtcTime),
        Column("lease_until", UtcTime),
        Column("enqueued_at", UtcTime),
        Column("last_error", Text, nullable=False, server_default=""),
    ]


feed = Table(
    "feed",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("origin", String(20), nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", String(64)),
    Column("interval_s", Float, nullable=False),
    Column("last_poll_at", UtcTime),
    Column("last_success_at", UtcTime),
    Column("last_new_at", UtcTime),
    Column("failures", Integer, nullable=False),
    Column("cause", String(20), nullable=False),
    Column("message", Text, nullable=False),
    Column("polls", Integer, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("moved_to", Text),
    Column("moved_seen", Integer, nullable=False),
    Column("ttl_s", Float),
    Column("skip_hours", JSON, nullable=False, server_default="[]"),
    Column("skip_days", JSON, nullable=False, server_default="[]"),
    Column("whole_at", UtcTime),
    *_work(),
    Index("ix_feed_due", "next_attempt_at"),
)

entry = Table(
    "entry",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("feed_id", String(120), ForeignKey("feed.id"), nullable=False),
    Column("guid", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("published", UtcTime),
    Column("seen_at", UtcTime, nullable=False),
    Column("backlog", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    Column("article_id", String(64)),
    *_work(),
    UniqueConstraint("feed_id", "guid"),
    Index("ix_entry_recent", "feed_id", "seen_at"),
    Index(
        "ix_entry_open", "next_attempt_at", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")
    ),
)

# Kept for ever, also when entries are pruned: an old item must not come back as news. `opened` where the gate let it
# through, so that one who is stopped takes no place from one who is not.
entry_key = Table(
    "entry_key",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("feed_id", String(120), nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("opened", Boolean, nullable=False, server_default=true()),
)

article = Table(
    "article",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("entry_id", RowId, nullable=False),
    Column("feed_id", String(120), nullable=False),
    Column("record", JSON, nullable=False),
    Column("published", UtcTime),
    Column("seen_at", UtcTime, nullable=False),
    Column("backlog", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    Column("deal", Boolean),
    Column("score", Float),
    Column("verdict", JSON),
    Column("story_id", String(64)),
    Column("pruned_at", UtcTime),
    Column("copy_of", String(64)),
    *_work(),
    Index("ix_article_judged", "deal", "seen_at"),
    Index(
        "ix_article_whole",
        "deal",
        "seen_at",
        sqlite_where=text("pruned_at IS NULL"),
        postgresql_where=text("pruned_at IS NULL"),
    ),
    Index("ix_article_story", "story_id"),
    Index(
        "ix_article_open",
        "next_attempt_at",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

# By what near-copies find the articles that the detector read in full: the bands of their fingerprints, for as long as
# a copy may come. The key is the way in, so SQLite keeps no second tree.
article_band = Table(
    "article_band",
    metadata,
    Column("band", BigInteger, primary_key=True),
    Column("judged_at", UtcTime, primary_key=True),
    Column("article_id", String(64), primary_key=True),
    Index("ix_article_band_judged_at", "judged_at"),
    sqlite_with_rowid=False,
)

story = Table(
    "story",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", String(20), nullable=False),
    Column("title", Text, nullable=False),
    Column("record", JSON, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False, index=True),
)

story_party = Table(
    "story_party",
    metadata,
    Column("party", String(200), primary_key=True),
    Column("story_id", String(64), ForeignKey("story.id"), primary_key=True),
    # The story's own, so that the latest stories of a party are the end of a range.
    Column("updated_at", UtcTime, nullable=False),
    Index("ix_story_party_latest", "party", "updated_at", "story_id"),
    Index("ix_story_party_story", "story_id"),
)

# Two parties of one flow, in alphabetical order: the stories of two firms that have thousands each.
story_pair = Table(
    "story_pair",
    metadata,
    Column("first", String(200), primary_key=True),
    Column("second", String(200), primary_key=True),
    Column("story_id", String(64), ForeignKey("story.id"), primary_key=True),
    Column("updated_at", UtcTime, nullable=False),
    Index("ix_story_pair_latest", "first", "second", "updated_at", "story_id"),
    Index("ix_story_pair_story", "story_id"),
)

# The ledger: one row per flow of money that a story holds, rewritten with the story.
edge = Table(
    "edge",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("story_id", String(64), ForeignKey("story.id"), nullable=False, index=True),
    Column("payer", String(200), nullable=False),
    Column("payee", String(200), nullable=False),
    Column("record", JSON, nullable=False),
    Column("date", UtcTime, nullable=False),
    # All that a search for loops reads stands in the index: a row is a page apart from the next.
    Index("ix_edge_payer", "payer", "date", "payee"),
    Index("ix_edge_payee", "payee", "date", "payer"),
    Index("ix_edge_pair", "payer", "payee", "date"),
)

loop = Table(
    "loop",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("story_id", String(64), ForeignKey("story.id"), nullable=False),
    Column("closed_at", UtcTime, nullable=False),
    Column("record", JSON, nullable=False),
    Index("ix_loop_story", "story_id"),
)

change = Table(
    "change",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("story_id", String(64), ForeignKey("story.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("article_id", String(64), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("record", JSON, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_change_story", "story_id", "version"),
)

alert = Table(
    "alert",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("type", String(20), nullable=False),
    Column("rule_id", String(120), nullable=False),
    Column("recipient_id", String(120), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("story_id", String(64)),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False, index=True),
    Column("state", String(20), nullable=False),
    Column("sent_at", UtcTime),
    Column("digest_id", String(64)),
    Column("pruned_at", UtcTime),
    # When it left or may leave, and what holds it; a held one without a time waits for the digest of a first poll.
    Column("leave_at", UtcTime),
    Column("hold", String(20), nullable=False, server_default=""),
    *_work(),
    Index(
        "ix_alert_whole",
        "created_at",
        sqlite_where=text("pruned_at IS NULL"),
        postgresql_where=text("pruned_at IS NULL"),
    ),
    Index(
        "ix_alert_open", "next_attempt_at", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")
    ),
    Index("ix_alert_state", "state"),
    Index("ix_alert_leaving", "recipient_id", "leave_at"),
    Index("ix_alert_story", "story_id"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("alert_id", String(64), ForeignKey("alert.id"), nullable=False, index=True),
    Column("attempt", Integer, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    Column("ok", Boolean, nullable=False),
    Column("detail", Text, nullable=False),
)

# One request at a time per host, whatever the number of workers.
host = Table(
    "host",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("free_at", UtcTime),
    Column("lease_until", UtcTime),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("part", String(60), primary_key=True),
    Column("at", UtcTime, nullable=False),
)

# The operator's word on stories, kept for ever; what follows from it stands in the three tables below.
decision = Table(
    "decision",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("record", JSON, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("undone_at", UtcTime),
)

# Each story of a merge as it was before, the one that took the others in among them. Also those that a late article
# dissolved: every id that was ever told of leads on.
merged_story = Table(
    "merged_story",
    metadata,
    Column("decision_id", RowId, ForeignKey("decision.id"), primary_key=True),
    Column("id", String(64), primary_key=True, index=True),
    Column("into_id", String(64), nullable=False, index=True),
    Column("record", JSON, nullable=False),
)

# Stories that must not grow together again, in both directions.
split_story = Table(
    "split_story",
    metadata,
    Column("story_id", String(64), primary_key=True),
    Column("rival_id", String(64), primary_key=True),
    Column("decision_id", RowId, ForeignKey("decision.id"), nullable=False),
)

muted_story = Table(
    "muted_story",
    metadata,
    Column("story_id", String(64), primary_key=True),
    Column("recipient_id", String(120), primary_key=True),
    Column("decision_id", RowId, ForeignKey("decision.id"), nullable=False),
)

# How deliveries to a recipient go; who is disabled is sent nothing.
recipient = Table(
    "recipient",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("failing_since", UtcTime),
    Column("failed_at", UtcTime),
    Column("disabled_at", UtcTime),
    Column("reason", Text, nullable=False),
    Column("rests_until", UtcTime),
)

# Rates of exchange by where they came from: units of each currency for one euro, and when they are asked for again.
exchange = Table(
    "exchange",
    metadata,
    Column("source", String(500), primary_key=True),
    Column("day", Date),
    Column("rates", JSON, nullable=False),
    Column("next_attempt_at", UtcTime, nullable=False),
    Column("last_error", Text, nullable=False, server_default=""),
)

# One row per silence that is under way, so that it is told once and its end is told once.
alarm = Table(
    "alarm",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("record", JSON, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("raised", Boolean, nullable=False),
)

# The canary's runs. Its articles and alerts pass through the tables above and are deleted once a run is over.
canary = Table(
    "canary",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("planted_at", UtcTime, nullable=False, index=True),
    Column("due_at", UtcTime, nullable=False),
    Column("arrived_at", UtcTime),
    Column("stage", String(20)),
    Column("detail", Text, nullable=False),
    Column("pruned", Boolean, nullable=False),
)

# Open work by the step that does it: the table, and the column that a ring carries.
WORK: dict[str, Table] = {"poll": feed, "read": entry, "judge": article, "deliver": alert}
