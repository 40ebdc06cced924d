"""Orphans are found at once, and a reason remembers what it is made of."""

from __future__ import annotations

import json
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ORPHANS = sa.text("state = 'orphan'")


def upgrade() -> None:
    """Index the orphans, and keep reasons as JSON."""
    op.create_index(
        "link_orphan",
        "link",
        ["system", "code"],
        sqlite_where=ORPHANS,
        postgresql_where=ORPHANS,
    )
    with op.batch_alter_table("system") as batch:
        batch.alter_column("reason", type_=sa.Text(), existing_type=sa.String())
    _rewrite(json.dumps)


def downgrade() -> None:
    """Drop the index, and keep reasons as plain text."""
    _rewrite(_words)
    with op.batch_alter_table("system") as batch:
        batch.alter_column("reason", type_=sa.String(), existing_type=sa.Text())
    op.drop_index("link_orphan", "link")


def _words(reason: str) -> str:
    said = json.loads(reason)
    return str(said["said"] if isinstance(said, dict) else said)


def _rewrite(how: Callable[[str], str]) -> None:
    connection = op.get_bind()
    given = sa.text("SELECT name, reason FROM system WHERE reason IS NOT NULL")
    keep = sa.text("UPDATE system SET reason = :reason WHERE name = :name")
    for name, reason in connection.execute(given).all():
        connection.execute(keep, {"name": name, "reason": how(reason)})
