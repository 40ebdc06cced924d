"""What a system gave no answer about is asked again later; what a walk passed over is walked anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ASKED = sa.text("due_at IS NOT NULL")

_WALK_ANEW = """
    UPDATE onboarding SET after = NULL, through = :no WHERE ceiling IS NOT NULL
    AND system IN (SELECT name FROM system WHERE stage IN ('all', 'running'))
"""
"""Whatever was let in under a ceiling, for before 0013 nobody noted what the walk had passed over."""


def upgrade() -> None:
    """Add when a latecomer is asked about again, and begin the walks anew."""
    op.add_column("latecomer", sa.Column("due_at", sa.BigInteger(), nullable=True))
    op.create_index(
        "latecomer_unanswered",
        "latecomer",
        ["system", "code"],
        sqlite_where=ASKED,
        postgresql_where=ASKED,
    )
    op.execute(sa.text(_WALK_ANEW).bindparams(no=False))


def downgrade() -> None:
    """Remove it; what was asked about in vain is asked about at once."""
    op.drop_index("latecomer_unanswered", "latecomer")
    op.drop_column("latecomer", "due_at")
