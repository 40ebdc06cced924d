"""Alerts and the messages that tell of them, certificates, and how often what was journalled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN, WAITING = sa.text("closed_at IS NULL"), sa.text("done_at IS NULL")


def upgrade() -> None:
    """Create the tables; the oldest delivery in a state is found without reading the others."""
    op.drop_index("delivery_state", table_name="delivery")
    op.create_index("delivery_state", "delivery", ["system", "state", "id"], unique=False)
    _alerts()
    _messages()
    op.create_table(
        "sighting",
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("well_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("matter", "subject"),
    )
    op.create_table(
        "certificate",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("looked_at", sa.BigInteger(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("system", "place"),
    )
    op.create_table(
        "tally",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("deliveries", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("system", "event"),
    )


def _alerts() -> None:
    op.create_table(
        "alert",
        _numbered(),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "alert_open",
        "alert",
        ["matter", "subject"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _messages() -> None:
    op.create_table(
        "message",
        _numbered(),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("alert_id", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("uncertain", sa.Boolean(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "receiver", "occasion", name="message_once"),
    )
    op.create_index(
        "message_waiting",
        "message",
        ["receiver", "id"],
        unique=False,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("message_alert", "message", ["alert_id"], unique=False)


def _numbered() -> sa.Column[int]:
    return sa.Column(
        "id",
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        autoincrement=True,
        nullable=False,
    )


def downgrade() -> None:
    """Drop the tables; what is open opens again, and the journal is counted anew."""
    for name in ("tally", "certificate", "sighting", "message", "alert"):
        op.drop_table(name)
    op.drop_index("delivery_state", table_name="delivery")
    op.create_index("delivery_state", "delivery", ["system", "state"], unique=False)
