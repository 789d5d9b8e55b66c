#!/usr/bin/env bash
# Run once, by the Postgres image, on an empty data directory: Airflow and the platform share a server, and each
# has a database and a user of its own. pgvector is not a trusted extension, so it is made here by the superuser.
set -euo pipefail

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set airflow_password="$AIRFLOW_DATABASE_PASSWORD" \
    --set catalog_embeddings_password="$CATALOG_EMBEDDINGS_DATABASE_PASSWORD" <<'SQL'
create role airflow login password :'airflow_password';
create database airflow owner airflow;
create role catalog_embeddings login password :'catalog_embeddings_password';
create database catalog_embeddings owner catalog_embeddings;
\connect catalog_embeddings
create extension vector;
SQL
