"""The operator's decisions, recipients that are disabled, and what pruning goes by

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_WHOLE = sa.text("pruned_at IS NULL")


def _row_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "decision",
        sa.Column("id", _row_id(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_table(
        "merged_story",
        sa.Column("decision_id", _row_id(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("into_id", sa.String(length=64), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_merged_story_decision_id")),
        sa.PrimaryKeyConstraint("decision_id", "id", name=op.f("pk_merged_story")),
    )
    op.create_index(op.f("ix_merged_story_id"), "merged_story", ["id"])
    op.create_index(op.f("ix_merged_story_into_id"), "merged_story", ["into_id"])
    op.create_table(
        "split_story",
        sa.Column("story_id", sa.String(length=64), nullable=False),
        sa.Column("rival_id", sa.String(length=64), nullable=False),
        sa.Column("decision_id", _row_id(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_split_story_decision_id")),
        sa.PrimaryKeyConstraint("story_id", "rival_id", name=op.f("pk_split_story")),
    )
    op.create_table(
        "muted_story",
        sa.Column("story_id", sa.String(length=64), nullable=False),
        sa.Column("recipient_id", sa.String(length=120), nullable=False),
        sa.Column("decision_id", _row_id(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_muted_story_decision_id")),
        sa.PrimaryKeyConstraint("story_id", "recipient_id", name=op.f("pk_muted_story")),
    )
    op.create_table(
        "recipient",
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient")),
    )
    # Plain statements: no table is copied, however large it is.
    op.add_column("article", sa.Column("pruned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("alert", sa.Column("pruned_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_article_whole", "article", ["deal", "seen_at"], sqlite_where=_WHOLE, postgresql_where=_WHOLE)
    op.create_index("ix_alert_whole", "alert", ["created_at"], sqlite_where=_WHOLE, postgresql_where=_WHOLE)
    op.create_index(op.f("ix_delivery_at"), "delivery", ["at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_delivery_at"), "delivery")
    op.drop_index("ix_alert_whole", "alert")
    op.drop_index("ix_article_whole", "article")
    with op.batch_alter_table("alert") as batch:
        batch.drop_column("pruned_at")
    with op.batch_alter_table("article") as batch:
        batch.drop_column("pruned_at")
    for name in ("recipient", "muted_story", "split_story", "merged_story", "decision"):
        op.drop_table(name)
