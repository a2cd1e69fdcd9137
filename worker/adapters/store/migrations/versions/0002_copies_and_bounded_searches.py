"""Copies of articles, and the indexes by which a filing looks at a bounded number of rows

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The record of an article holds its fingerprint; what finds it by that is a table of its own.
    op.drop_column("article", "fingerprint")
    op.add_column("article", sa.Column("copy_of", sa.String(length=64), nullable=True))
    op.create_table(
        "article_band",
        sa.Column("band", sa.BigInteger(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("article_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("band", "judged_at", "article_id", name=op.f("pk_article_band")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_article_band_judged_at", "article_band", ["judged_at"], unique=False)

    op.add_column("story_party", sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE story_party SET updated_at = (SELECT updated_at FROM story WHERE story.id = story_party.story_id)"
    )
    with op.batch_alter_table("story_party", schema=None) as batch_op:
        batch_op.alter_column("updated_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.create_index("ix_story_party_latest", ["party", "updated_at", "story_id"], unique=False)

    op.create_table(
        "story_pair",
        sa.Column("first", sa.String(length=200), nullable=False),
        sa.Column("second", sa.String(length=200), nullable=False),
        sa.Column("story_id", sa.String(length=64), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_story_pair_story_id")),
        sa.PrimaryKeyConstraint("first", "second", "story_id", name=op.f("pk_story_pair")),
    )
    # Flows are in the stories' records only: any two parties of a story stand for them, which finds a few more. In both
    # orders, for the database may not sort names as the program does.
    op.execute(
        "INSERT INTO story_pair (first, second, story_id, updated_at) "
        "SELECT one.party, other.party, one.story_id, one.updated_at FROM story_party AS one "
        "JOIN story_party AS other ON other.story_id = one.story_id AND one.party <> other.party"
    )
    op.create_index("ix_story_pair_latest", "story_pair", ["first", "second", "updated_at", "story_id"], unique=False)
    # What merges and dissolves stories looks for all that hangs on one.
    for table in ("story_party", "story_pair", "loop", "alert"):
        op.create_index(f"ix_{table}_story", table, ["story_id"], unique=False)


def downgrade() -> None:
    for table in ("alert", "loop", "story_pair", "story_party"):
        op.drop_index(f"ix_{table}_story", table_name=table)
    op.drop_index("ix_story_pair_latest", table_name="story_pair")
    op.drop_table("story_pair")
    with op.batch_alter_table("story_party", schema=None) as batch_op:
        batch_op.drop_index("ix_story_party_latest")
        batch_op.drop_column("updated_at")
    op.drop_index("ix_article_band_judged_at", table_name="article_band")
    op.drop_table("article_band")
    op.drop_column("article", "copy_of")
    op.add_column("article", sa.Column("fingerprint", sa.String(length=32), nullable=False, server_default=""))
