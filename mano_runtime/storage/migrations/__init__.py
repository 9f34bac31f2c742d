"""The chain of migrations, run by ``Database.open``."""

HEAD = "0013"
"""The last of the chain; a database at it opens without importing alembic. A test keeps it true."""
