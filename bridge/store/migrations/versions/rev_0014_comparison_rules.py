"""By what rules a comparison was begun, and whether what may be repaired of it unasked has been."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both; a row is of no portion any more, for a portion is written whole."""
    op.add_column("comparison", sa.Column("rules", sa.String(), nullable=True))
    op.add_column("comparison", sa.Column("settled_at", sa.BigInteger(), nullable=True))
    op.execute("UPDATE comparison SET settled_at = made_at")
    op.drop_column("comparison_row", "portion")


def downgrade() -> None:
    """Remove both; what differed is of no portion, and is let go of."""
    op.execute("DELETE FROM comparison_row")
    op.add_column("comparison_row", sa.Column("portion", sa.Date(), nullable=False))
    op.drop_column("comparison", "settled_at")
    op.drop_column("comparison", "rules")
