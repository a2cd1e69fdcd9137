"""What a feed's document asks for, when it last came whole, and which identities the gate let through

Revision ID: 0011
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feed", sa.Column("ttl_s", sa.Float(), nullable=True))
    op.add_column("feed", sa.Column("skip_hours", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("feed", sa.Column("skip_days", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("feed", sa.Column("whole_at", sa.DateTime(timezone=True), nullable=True))
    # Or every feed would be asked for its whole document at the first poll.
    op.execute("UPDATE feed SET whole_at = last_success_at")
    op.add_column("entry_key", sa.Column("opened", sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade() -> None:
    op.drop_column("entry_key", "opened")
    op.drop_column("feed", "whole_at")
    op.drop_column("feed", "skip_days")
    op.drop_column("feed", "skip_hours")
    op.drop_column("feed", "ttl_s")
