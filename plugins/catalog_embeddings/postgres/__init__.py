"""The database edge: connections, migrations, named queries, and one module for each table."""
