"""Where alembic enters: runs the chain on the connection that ``Database.open`` hands over."""

from __future__ import annotations

from alembic import context

from mano_runtime.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
