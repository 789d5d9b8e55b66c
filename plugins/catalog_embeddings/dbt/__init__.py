"""The dbt edge: runs the project in dbt_project/ and says what became of it."""
