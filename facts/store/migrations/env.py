"""How Alembic reaches the database: over the connection, and in the transaction, that the caller has opened."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes.get("metadata"),
    # SQLite can alter little of a table in place.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
