"""The audit log.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

PROMOTED = ("who", "resource", "outcome")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "audit",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("etag", sa.Integer, nullable=False),
        sa.Column("doc", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text) for name in PROMOTED),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    for name in PROMOTED:
        op.create_index(f"ix_audit_{name}", "audit", [name, "id"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("audit")
