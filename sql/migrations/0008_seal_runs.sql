-- depends: 0006_create_pipeline_tables

-- manifest_key: where the lake holds what the run changed. kind: a rebuild fills a version from the lake, and no other
-- run may take it up.
alter table pipeline.runs
add column manifest_key text,
add column kind text not null default 'embed' check (kind in ('embed', 'rebuild'));

-- Tells the sealings of a run apart, also those whose transaction was lost: a sequence is not rolled back.
create sequence pipeline.seal_attempts;
