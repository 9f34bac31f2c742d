"""The spine: instances, packages, descriptors, VIM connections, grants, operations and their journal.

Revision ID: 0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

DOCUMENTS = {
    "vnf_instances": ("vnfd_id", "state"),
    "ns_instances": ("nsd_id", "state"),
    "vnf_packages": ("vnfd_id", "onboarding_state"),
    "ns_descriptors": ("nsd_id", "onboarding_state"),
    "vim_connections": ("vim_id", "vim_type"),
    "grants": ("vnf_instance_id",),
}
OPEN = "state IN ('STARTING', 'PROCESSING', 'ROLLING_BACK', 'FAILED_TEMP')"


def upgrade() -> None:
    """Create the tables."""
    for name, promoted in DOCUMENTS.items():
        _documents(name, promoted)
    _documents(
        "operations",
        ("level", "kind", "subject", "state", "parent"),
        sa.Column("epoch", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_index(
        "uq_operations_open",
        "operations",
        ["level", "subject"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
    op.create_table(
        "journal",
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("started_at", sa.Text, nullable=False),
        sa.Column("ended_at", sa.Text),
        sa.Column("result", sa.Text),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("operation", "phase", "step", name="pk_journal"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("journal", "operations", *DOCUMENTS):
        op.drop_table(name)


def _documents(name: str, promoted: tuple[str, ...], *extra: sa.Column[int]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("etag", sa.Integer, nullable=False),
        sa.Column("doc", sa.Text, nullable=False),
        *(sa.Column(key, sa.Text) for key in promoted),
        *extra,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    for key in promoted:
        op.create_index(f"ix_{name}_{key}", name, [key])
