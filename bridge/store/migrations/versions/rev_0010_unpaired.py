"""Records without a dossier, found by their person; conflicts, found by what they are about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and the index."""
    op.create_table(
        "unpaired",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("who", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("system", "ref", "mark"),
    )
    op.create_index("unpaired_mark", "unpaired", ["system", "mark"], unique=False)
    op.create_index("conflict_about", "conflict", ["system", "field"], unique=False)


def downgrade() -> None:
    """Remove them."""
    op.drop_index("conflict_about", "conflict")
    op.drop_table("unpaired")
