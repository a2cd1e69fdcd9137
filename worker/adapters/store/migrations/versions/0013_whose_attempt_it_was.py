"""Which worker's life an attempt belongs to, and how many attempts ended together with their whole worker

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_WORK = ("feed", "entry", "article", "alert")


def upgrade() -> None:
    # Plain statements: no table is copied, however large it is.
    for table in _WORK:
        op.add_column(table, sa.Column("cut_off", sa.Integer(), server_default="0", nullable=False))
        op.add_column(table, sa.Column("claimed_by", sa.String(32), server_default="", nullable=False))


def downgrade() -> None:
    for table in _WORK:
        op.drop_column(table, "claimed_by")
        op.drop_column(table, "cut_off")
