"""What both sides of some days showed as a whole; what is agreed says of which day it is.

What was agreed before nobody knows the day of: it is weighed once more.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of agreements anew, empty, and that of imprints."""
    op.drop_table("agreement")
    _agreements(sa.Column("day", sa.Date(), nullable=False))
    op.create_index("agreement_day", "agreement", ["system", "day"])
    op.create_table(
        "imprint",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("ours", sa.String(), nullable=False),
        sa.Column("theirs", sa.String(), nullable=False),
        sa.Column("in_step", sa.Text(), nullable=True),
        sa.Column("signs", sa.LargeBinary(), nullable=False),
        sa.Column("here", sa.Text(), nullable=True),
        sa.Column("there", sa.Text(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("system", "since"),
    )


def downgrade() -> None:
    """Remove imprints, and give the table of agreements its former shape, empty."""
    op.drop_table("imprint")
    op.drop_table("agreement")
    _agreements()


def _agreements(*more: sa.Column[date]) -> None:
    op.create_table(
        "agreement",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("link_id", sa.BigInteger(), nullable=False),
        *more,
        sa.Column("ours", sa.String(), nullable=False),
        sa.Column("theirs", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("system", "code"),
    )
