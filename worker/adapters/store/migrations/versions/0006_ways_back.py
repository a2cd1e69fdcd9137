"""Find edges by who is paid, and by the pair

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_edge_payer", table_name="edge")
    op.create_index("ix_edge_payer", "edge", ["payer", "date", "payee"], unique=False)
    op.create_index("ix_edge_payee", "edge", ["payee", "date", "payer"], unique=False)
    op.create_index("ix_edge_pair", "edge", ["payer", "payee", "date"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_edge_pair", table_name="edge")
    op.drop_index("ix_edge_payee", table_name="edge")
    op.drop_index("ix_edge_payer", table_name="edge")
    op.create_index("ix_edge_payer", "edge", ["payer", "date"], unique=False)
