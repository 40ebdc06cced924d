"""How far each system has been let in; those that run already run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the stage of a system, and the table of how it is let in."""
    op.add_column("system", sa.Column("stage", sa.String(), nullable=True))
    op.execute("UPDATE system SET stage = 'running'")
    op.create_table(
        "onboarding",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("chosen", sa.Text(), nullable=True),
        sa.Column("ceiling", sa.Text(), nullable=True),
        sa.Column("spent", sa.Text(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.Column("through", sa.Boolean(), nullable=False),
        sa.Column("heir", sa.String(), nullable=True),
        sa.Column("looked_at", sa.BigInteger(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("system"),
    )


def downgrade() -> None:
    """Remove both."""
    op.drop_table("onboarding")
    op.drop_column("system", "stage")
