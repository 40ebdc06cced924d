"""Comparisons of both sides: how far one is, what it came to, and what differed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "comparison",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.Column("unasked", sa.Boolean(), nullable=False),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("worked_until", sa.BigInteger(), nullable=True),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=True),
        sa.Column("counts", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("comparison_system", "comparison", ["system", "id"], unique=False)
    op.create_table(
        "comparison_portion",
        sa.Column("comparison_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("in_step", sa.Text(), nullable=True),
        sa.Column("aside", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("comparison_id", "since"),
    )
    op.create_table(
        "comparison_row",
        sa.Column("comparison_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("portion", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("procedure", sa.String(), nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("comparison_id", "key"),
    )


def downgrade() -> None:
    """Remove the tables."""
    op.drop_table("comparison_row")
    op.drop_table("comparison_portion")
    op.drop_table("comparison")
