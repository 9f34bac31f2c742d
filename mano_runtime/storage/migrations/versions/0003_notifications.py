"""Notifications: subscriptions, and the outbox of what their subscribers have not taken yet.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("etag", sa.Integer, nullable=False),
        sa.Column("doc", sa.Text, nullable=False),
        sa.Column("api", sa.Text),
        sa.Column("fingerprint", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
    )
    for column in ("api", "fingerprint"):
        op.create_index(f"ix_subscriptions_{column}", "subscriptions", [column])
    op.create_table(
        "outbox",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("subscription", sa.Text, nullable=False),
        sa.Column("notification", sa.Text, nullable=False),
        sa.Column("written_at", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_outbox"),
    )
    op.create_index("ix_outbox_queue", "outbox", ["subscription", "sequence"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("outbox")
    op.drop_table("subscriptions")
