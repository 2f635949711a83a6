"""Alembic's entry: runs on the connection that ``catalogue.store.migration`` hands over, inside its transaction."""

from alembic import context

from catalogue.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
