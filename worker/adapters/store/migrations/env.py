"""Run by Alembic: uses the connection, and so the transaction, that `migrate` opened."""

from alembic import context

from worker.adapters.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
