"""PNF descriptors.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

INDEXED = ("pnfd_id", "onboarding_state", "tenant")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "pnf_descriptors",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("etag", sa.Integer, nullable=False),
        sa.Column("doc", sa.Text, nullable=False),
        sa.Column("pnfd_id", sa.Text),
        sa.Column("onboarding_state", sa.Text),
        sa.Column("tenant", sa.Text, nullable=False, server_default="default"),
        sa.PrimaryKeyConstraint("id", name="pk_pnf_descriptors"),
    )
    for key in INDEXED:
        op.create_index(f"ix_pnf_descriptors_{key}", "pnf_descriptors", [key, "id"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("pnf_descriptors")
