"""A portion of a comparison remembers which dossiers were in step: eight bytes each.

What a comparison that was not finished has of it nobody knows: it is made from its first day.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

_BEGIN_AGAIN = """
    DELETE FROM comparison_row
    WHERE comparison_id IN (SELECT id FROM comparison WHERE made_at IS NULL)
"""


def upgrade() -> None:
    """Make the table anew: only comparisons that are not finished have portions."""
    op.execute(_BEGIN_AGAIN)
    op.drop_table("comparison_portion")
    _portions(sa.Column("signs", sa.LargeBinary(), nullable=False))


def downgrade() -> None:
    """Give the table its former shape, empty."""
    op.execute(_BEGIN_AGAIN)
    op.drop_table("comparison_portion")
    _portions()


def _portions(*more: sa.Column[bytes]) -> None:
    op.create_table(
        "comparison_portion",
        sa.Column("comparison_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("in_step", sa.Text(), nullable=True),
        sa.Column("aside", sa.Text(), nullable=True),
        *more,
        sa.PrimaryKeyConstraint("comparison_id", "since"),
    )
