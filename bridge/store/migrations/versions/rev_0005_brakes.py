"""How the calls of a system went, who tries it, its next free moment; how a delivery failed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SYSTEM = ("good", "bad", "probed_by", "probed_until", "free_at")
_DELIVERY = ("failed_as", "failed_times")


def upgrade() -> None:
    """Add the columns; so far nothing was counted, tried or taken."""
    op.add_column("system", sa.Column("good", sa.Float(), nullable=False, server_default="0"))
    op.add_column("system", sa.Column("bad", sa.Float(), nullable=False, server_default="0"))
    op.add_column("system", sa.Column("probed_by", sa.String(), nullable=True))
    op.add_column("system", sa.Column("probed_until", sa.BigInteger(), nullable=True))
    op.add_column("system", sa.Column("free_at", sa.BigInteger(), nullable=True))
    op.add_column("delivery", sa.Column("failed_as", sa.String(), nullable=True))
    times = sa.Column("failed_times", sa.Integer(), nullable=False, server_default="0")
    op.add_column("delivery", times)


def downgrade() -> None:
    """Drop the columns: brakes are set anew by the next failures."""
    for table, columns in (("delivery", _DELIVERY), ("system", _SYSTEM)):
        for column in columns:
            op.drop_column(table, column)
