select
    version,
    modality,
    record_fields
from {{ source('public', 'embedding_versions') }}
where status in ('building', 'candidate', 'active')
