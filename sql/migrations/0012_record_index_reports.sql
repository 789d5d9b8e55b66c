-- depends: 0003_create_embedding_versions 0004_create_item_embeddings

-- What is known of a version's vector index: how it was built, its size, and the recall it was measured to have;
-- domain/vector_index.py knows the fields. It may change; sql/functions/refuse_spec_change.sql knows the list.
alter table public.embedding_versions
add column index_report jsonb;

-- Of the partitions that are there; new ones get it from sql/functions/create_version_partition.sql.
alter table public.item_embeddings
alter column vector set statistics 0;

-- similar_items is asked for an item by its id alone, and the key begins with the org.
create index item_embeddings_by_item on public.item_embeddings (item_id);
