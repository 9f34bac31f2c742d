"""Pages: the index of each promoted column keeps the order of identifiers, so that a page of equals is not sorted.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

PROMOTED = {
    "vnf_instances": ("vnfd_id", "state", "identity"),
    "ns_instances": ("nsd_id", "state"),
    "vnf_packages": ("vnfd_id", "onboarding_state"),
    "ns_descriptors": ("nsd_id", "onboarding_state"),
    "vim_connections": ("vim_id", "vim_type"),
    "grants": ("vnf_instance_id", "reserving"),
    "operations": ("level", "kind", "subject", "state", "parent"),
    "subscriptions": ("api", "fingerprint"),
}


def upgrade() -> None:
    """Make each index anew, with the identifier behind the column."""
    _index("id")


def downgrade() -> None:
    """Make each index anew, of the column alone."""
    _index()


def _index(*behind: str) -> None:
    for table, columns in PROMOTED.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}", table)
            op.create_index(f"ix_{table}_{column}", table, [column, *behind])
