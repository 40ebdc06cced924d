"""Records without a dossier are kept under keyed marks alone; a pair that was parted is remembered.

What was kept of persons is deleted. The records that wait for a person are worked once more, which
marks them anew; of each pair that a person parted before, the decision is written where it is kept now.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_WORK_AGAIN = """
    UPDATE inbox SET state = 'waiting', attempts = 0, reason = NULL, rule = NULL
    WHERE state = 'quarantined' AND payload IS NOT NULL
    AND reason LIKE '%looks like a dossier that is there%'
"""
_REMEMBER = """
    INSERT INTO conflict (code, system, field, why, onestop, ministry, since, resolved_at, resolution)
    SELECT code, system, 'link:' || ref, 'alike', '"' || code || '"', '"' || ref || '"',
    created_at, created_at, 'a person took the ministry''s'
    FROM link WHERE state = 'parted' AND ref IS NOT NULL
"""


def upgrade() -> None:
    """Make the table anew, without what it held."""
    op.drop_index("unpaired_mark", "unpaired")
    op.drop_table("unpaired")
    op.create_table(
        "unpaired",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("system", "ref", "mark"),
    )
    op.create_index("unpaired_mark", "unpaired", ["system", "mark"], unique=False)
    op.execute(_WORK_AGAIN)
    op.execute(_REMEMBER)


def downgrade() -> None:
    """Give the table its former shape, empty."""
    op.drop_index("unpaired_mark", "unpaired")
    op.drop_table("unpaired")
    op.create_table(
        "unpaired",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("who", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("system", "ref", "mark"),
    )
    op.create_index("unpaired_mark", "unpaired", ["system", "mark"], unique=False)
