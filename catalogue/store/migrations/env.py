"""Alembic's entry: runs on the connection that ``catalogue.store.migration`` hands over, inside its transaction."""

from alembic import context

from catalogue.store.indexes import COMPLETE

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=COMPLETE, transactional_ddl=False)
context.run_migrations()
