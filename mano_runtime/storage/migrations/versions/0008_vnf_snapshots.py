"""Snapshots of VNFs.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "vnf_snapshots",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("etag", sa.Integer, nullable=False),
        sa.Column("doc", sa.Text, nullable=False),
        sa.Column("taken_from", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_vnf_snapshots"),
    )
    op.create_index("ix_vnf_snapshots_taken_from", "vnf_snapshots", ["taken_from", "id"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("vnf_snapshots")
