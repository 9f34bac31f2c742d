"""Lookups: VNFs by the identity that the NFVO gave them, and grants that still keep room on a VIM.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ADDED = {"vnf_instances": "identity", "grants": "reserving"}
VNF_INSTANCES = sa.table("vnf_instances", sa.column("id"), sa.column("doc"), sa.column("identity"))


def upgrade() -> None:
    """Add the columns, and fill in the identities; grants from before keep no room."""
    for table, column in ADDED.items():
        op.add_column(table, sa.Column(column, sa.Text))
        op.create_index(f"ix_{table}_{column}", table, [column])
    connection = op.get_bind()
    for row in connection.execute(sa.select(VNF_INSTANCES.c.id, VNF_INSTANCES.c.doc)).all():
        identity = json.loads(row.doc).get("metadata", {}).get("mano.identity")
        if isinstance(identity, str):
            one = sa.update(VNF_INSTANCES).where(VNF_INSTANCES.c.id == row.id)
            connection.execute(one.values(identity=identity))


def downgrade() -> None:
    """Drop the columns."""
    for table, column in ADDED.items():
        op.drop_index(f"ix_{table}_{column}", table)
        op.drop_column(table, column)
