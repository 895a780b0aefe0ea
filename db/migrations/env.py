"""Alembic's entry: runs inside the connection and transaction that `db.connect.migrate` hands over."""

from alembic import context

from db.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
