"""Access: clients, and the keys that their tokens are signed with.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TABLES = ("access_clients", "signing_keys")


def upgrade() -> None:
    """Create the tables."""
    for name in TABLES:
        op.create_table(
            name,
            sa.Column("id", sa.Text, nullable=False),
            sa.Column("etag", sa.Integer, nullable=False),
            sa.Column("doc", sa.Text, nullable=False),
            sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        )


def downgrade() -> None:
    """Drop the tables."""
    for name in TABLES:
        op.drop_table(name)
