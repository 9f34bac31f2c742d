"""Outlines: what a list shows of VNF instances, beside the whole of them.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

VNF_INSTANCES = sa.table("vnf_instances", sa.column("id"), sa.column("doc"), sa.column("outline"))
LEFT_OUT = ("shape", "attachments", "graph")
KEPT_OF_INFO = ("flavourId", "vnfState", "scaleStatus")


def upgrade() -> None:
    """Add the column, and fill it in."""
    op.add_column("vnf_instances", sa.Column("outline", sa.Text))
    connection = op.get_bind()
    for id_ in connection.execute(sa.select(VNF_INSTANCES.c.id)).scalars().all():
        one = VNF_INSTANCES.c.id == id_
        doc = connection.execute(sa.select(VNF_INSTANCES.c.doc).where(one)).scalar_one()
        connection.execute(sa.update(VNF_INSTANCES).where(one).values(outline=json.dumps(_outline(json.loads(doc)))))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("vnf_instances", "outline")


def _outline(record: dict[str, Any]) -> dict[str, Any]:
    outline = {name: value for name, value in record.items() if name not in LEFT_OUT}
    if outline.get("info"):
        outline["info"] = {name: value for name, value in outline["info"].items() if name in KEPT_OF_INFO}
    return outline
