"""What Airflow loads from plugins/: the platform's name on its Plugins page.

The only file here that Airflow crawls (.airflowignore hides the package). It is loaded in every Airflow
process, so whatever it offers is imported when it is used, never at the top.
"""

from airflow.plugins_manager import AirflowPlugin


class CatalogEmbeddingsPlugin(AirflowPlugin):
    """Registered by standing here, and by no entry point: two registrations would be two plugins."""

    name = "catalog_embeddings"
