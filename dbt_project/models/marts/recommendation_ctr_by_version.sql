with arms as (

    select
        version,
        sum(impressions) as impressions,
        sum(clicks) as clicks
    from {{ source('analytics', 'recommendation_events') }}
    group by version

),

-- More clicks than impressions are no share of anything: such an arm is shown, and tested against none.
shares as (

    select
        version,
        impressions,
        clicks,
        clicks / nullif(impressions, 0)::float8 as ctr,
        coalesce(impressions > 0 and clicks between 0 and impressions, false) as testable
    from arms

),

active as (

    select version
    from {{ source('public', 'embedding_aliases') }}
    where org_id is null and namespace = '*' and modality = 'text'

),

pairs as (

    select
        shares.version,
        shares.impressions,
        shares.clicks,
        shares.ctr,
        control.version as control_version,
        shares.ctr - control.ctr as difference,
        -- The pooled share of clicks, and with it the standard error of the difference.
        (shares.clicks + control.clicks) / (shares.impressions + control.impressions)::float8 as pooled,
        1 / nullif(shares.impressions, 0)::float8 + 1 / control.impressions::float8 as per_impression
    from shares
    left join active on shares.version <> active.version
    left join shares as control on active.version = control.version and shares.testable and control.testable

),

tests as (

    select
        version,
        impressions,
        clicks,
        ctr,
        control_version,
        difference,
        difference / nullif(sqrt(pooled * (1 - pooled) * per_impression), 0) as z
    from pairs

)

select
    version,
    impressions::bigint as impressions,
    clicks::bigint as clicks,
    ctr,
    control_version,
    difference,
    z,
    erfc(abs(z) / sqrt(2)) as p_value
from tests
