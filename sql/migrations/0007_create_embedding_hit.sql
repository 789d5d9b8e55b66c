-- depends: 0001_create_extension_and_schemas

-- What the reader functions return. A type of its own, because their parameters bear the same names.
create type public.embedding_hit as (
    item_id text,
    namespace text,
    score double precision,
    title text,
    org_id uuid
);
