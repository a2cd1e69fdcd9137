"""How many attempts at a piece of work ended without an outcome

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WORK = ("feed", "entry", "article", "alert")


def upgrade() -> None:
    # Plain statements: no table is copied, however large it is.
    for table in _WORK:
        op.add_column(table, sa.Column("crashes", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    for table in _WORK:
        op.drop_column(table, "crashes")
