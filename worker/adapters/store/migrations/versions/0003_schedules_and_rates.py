"""When alerts may leave, and rates of exchange

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.add_column(sa.Column("leave_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("hold", sa.String(length=20), server_default="", nullable=False))
        batch_op.create_index("ix_alert_leaving", ["recipient_id", "leave_at"], unique=False)
    # What is on its way left when it was decided: a ceiling must know of it from the first hour on. Held alerts of
    # before all wait for the digest of a first poll, so they have no time.
    op.execute("UPDATE alert SET leave_at = created_at WHERE state NOT IN ('held', 'bundled')")

    op.create_table(
        "exchange",
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("rates", sa.JSON(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_exchange")),
    )


def downgrade() -> None:
    op.drop_table("exchange")
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index("ix_alert_leaving")
        batch_op.drop_column("hold")
        batch_op.drop_column("leave_at")
