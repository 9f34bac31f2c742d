"""Terms: which server the database belongs to, where others can reach it.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "database_terms",
        sa.Column("term", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("since", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("term", name="pk_database_terms"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("database_terms")
