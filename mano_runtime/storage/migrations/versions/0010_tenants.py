"""Tenants: whose each document is. What there is becomes the default tenant's; VIM connections are shared by all.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TABLES = (
    "vnf_instances",
    "vnf_snapshots",
    "ns_instances",
    "vnf_packages",
    "ns_descriptors",
    "vim_connections",
    "grants",
    "operations",
    "subscriptions",
)


def upgrade() -> None:
    """Add the column, indexed with the identifier behind it, so that a page of a tenant's is in order."""
    for table in TABLES:
        op.add_column(table, sa.Column("tenant", sa.Text, nullable=False, server_default="default"))
        op.create_index(f"ix_{table}_tenant", table, ["tenant", "id"])
    op.execute("UPDATE vim_connections SET tenant = 'shared'")


def downgrade() -> None:
    """Drop the column."""
    for table in TABLES:
        op.drop_index(f"ix_{table}_tenant", table)
        op.drop_column(table, "tenant")
