{{ config(unlogged=true) }}

with versions as (

    select * from {{ ref('stg_embedding_versions') }}

),

wanted as (

    select
        versions.version,
        records.org_id,
        records.namespace,
        records.item_id,
        records.record_hash,
        records.source_updated_at
    from versions
    inner join {{ ref('catalog_record_hashes') }} as records using (record_fields)

),

held as (

    select
        versions.version,
        embeddings.org_id,
        embeddings.namespace,
        embeddings.item_id,
        embeddings.record_hash
    from versions
    -- lateral with a fence, so that only the partitions of these versions are read
    cross join lateral (
        select
            item_embeddings.org_id,
            item_embeddings.namespace,
            item_embeddings.item_id,
            item_embeddings.record_hash
        from {{ source('public', 'item_embeddings') }} as item_embeddings
        where
            item_embeddings.version = versions.version
            and item_embeddings.modality = versions.modality
        offset 0 -- noqa: AM09
    ) as embeddings

),

compared as (

    select
        version,
        org_id,
        namespace,
        item_id,
        wanted.record_hash,
        held.record_hash as held_record_hash,
        wanted.source_updated_at
    from wanted
    full join held using (version, org_id, namespace, item_id)
    inner join versions using (version)
    where
        wanted.record_hash is distinct from held.record_hash
        and (
            -- what is gone from the catalog is deleted wherever it was
            wanted.record_hash is null
            or versions.slice_buckets is null
            or {{ slice_bucket('org_id', 'item_id', 'versions.slice_salt') }} < versions.slice_buckets
        )

),

-- refused once, and refused again as long as the record is the same; '*' stands for every version
refusals as (

    select distinct
        versions.version,
        dead_letters.org_id,
        dead_letters.namespace,
        dead_letters.item_id,
        dead_letters.record_hash
    from versions
    inner join {{ source('pipeline', 'dead_letters') }} as dead_letters
        on
            versions.version = dead_letters.version
            or (dead_letters.version = '*' and dead_letters.stage <> 'import')
    where dead_letters.resolved_at is null

)

select
    compared.version,
    compared.org_id,
    compared.namespace,
    compared.item_id,
    case
        when compared.record_hash is null then 'deleted'
        when refusals.record_hash is not null then 'refused'
        when compared.held_record_hash is null then 'new'
        else 'changed'
    end as change,
    compared.record_hash,
    compared.source_updated_at
from compared
left join refusals using (version, org_id, namespace, item_id, record_hash)
