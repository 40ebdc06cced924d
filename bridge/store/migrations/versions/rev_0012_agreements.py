"""What both sides showed when they were last found in step; forgotten when the link moves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_FORGET = "DELETE FROM agreement WHERE system = OLD.system AND code = OLD.code;"
_SQLITE = {
    "link_moved": f"CREATE TRIGGER link_moved AFTER UPDATE ON link BEGIN {_FORGET} END",
    "link_gone": f"CREATE TRIGGER link_gone AFTER DELETE ON link BEGIN {_FORGET} END",
}
_FUNCTION = f"""
    CREATE FUNCTION forget_agreement() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN {_FORGET} RETURN NULL; END $$
"""
_TRIGGER = """
    CREATE TRIGGER link_moved AFTER UPDATE OR DELETE ON link
    FOR EACH ROW EXECUTE FUNCTION forget_agreement()
"""


def upgrade() -> None:
    """Create the table, and the triggers that keep it true."""
    op.create_table(
        "agreement",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("link_id", sa.BigInteger(), nullable=False),
        sa.Column("ours", sa.String(), nullable=False),
        sa.Column("theirs", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("system", "code"),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE.values() if sqlite else (_FUNCTION, _TRIGGER):
        op.execute(statement)


def downgrade() -> None:
    """Remove the triggers and the table."""
    if op.get_bind().dialect.name == "sqlite":
        for name in _SQLITE:
            op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute("DROP TRIGGER link_moved ON link")
        op.execute("DROP FUNCTION forget_agreement()")
    op.drop_table("agreement")
