"""The store knows with which key its marks are made; what is over keeps no value.

What a word of ours went over is kept under such marks, for a time: that of before, under plain ones, is
let go of. A decided conflict of a field keeps no value: those of before are emptied.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_GONE_OVER = sa.text("state = 'confirmed' AND fields <> '{}'")
_LET_GO = "UPDATE delivery SET fields = '{}' WHERE state = 'confirmed' AND fields <> '{}'"
_EMPTY = """
    UPDATE conflict SET onestop = NULL, ministry = NULL
    WHERE resolved_at IS NOT NULL
    AND why NOT IN ('alike', 'elsewhere', 'shared', 'twice', 'withdrawn')
"""


def upgrade() -> None:
    """Create the table and the index, and let go of the values."""
    op.create_table(
        "mark_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(_LET_GO)
    op.execute(_EMPTY)
    op.create_index(
        "delivery_gone_over",
        "delivery",
        ["settled_at"],
        unique=False,
        sqlite_where=_GONE_OVER,
        postgresql_where=_GONE_OVER,
    )


def downgrade() -> None:
    """Remove them, and the marks that no older release reads."""
    op.drop_index("delivery_gone_over", "delivery")
    op.execute(_LET_GO)
    op.drop_table("mark_key")
