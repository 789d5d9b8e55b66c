{#
    The test of a table's grain: fails with the whole keys that stand in more than one row. Where a unique index
    sees to that already, the filter is known to be false before the first row, and no row is read.
#}
{% test unique_combination(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
where
    ({{ columns | join(', ') }}) is not null
    and not exists (
        select
        from pg_index
        where
            indrelid = '{{ model }}'::regclass
            and indisunique
            and indisvalid
            and indpred is null
            and indexprs is null
            and array['{{ columns | join("', '") }}'] @> (
                select array_agg(attname::text)
                from pg_attribute
                where attrelid = indrelid and attnum = any(indkey[:indnkeyatts - 1])
            )
    )
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
