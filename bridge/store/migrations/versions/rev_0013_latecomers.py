"""What a system with an open backlog may miss; which procedures each takes; ceilings that slide."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_NOT_BEGUN = """
    UPDATE onboarding SET through = :over WHERE after IS NULL
    AND system NOT IN (SELECT name FROM system WHERE stage = 'all')
"""
"""What was let in further before its walk was at its end goes on with it."""


def upgrade() -> None:
    """Add the table and the column; what was used up of a ceiling is counted anew."""
    op.create_table(
        "latecomer",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("latecomer_system", "latecomer", ["system", "id"], unique=False)
    op.add_column("onboarding", sa.Column("procedures", sa.Text(), nullable=True))
    op.execute("UPDATE onboarding SET spent = NULL")
    op.execute(sa.text(_NOT_BEGUN).bindparams(over=True))


def downgrade() -> None:
    """Remove both; records that wait under a ceiling wait as the others do."""
    op.execute("UPDATE inbox SET state = 'waiting' WHERE state = 'in_turn'")
    op.execute("UPDATE onboarding SET spent = NULL")
    op.drop_column("onboarding", "procedures")
    op.drop_index("latecomer_system", "latecomer")
    op.drop_table("latecomer")
