-- pgvector must be installed on the server; everything the platform writes lives in public and pipeline.
create extension if not exists vector;
create schema if not exists analytics;
create schema if not exists pipeline;
