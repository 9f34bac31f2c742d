"""The one schema: every table of every room is declared on ``metadata``."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Names of constraints follow a rule, so that a migration can name what it changes."""

COUNTER = BigInteger().with_variant(Integer, "sqlite")
"""Type of a number that each new row gets: SQLite counts in ``INTEGER PRIMARY KEY`` only, of 64 bits all the same."""
