{#
    The bucket of an item, 0 to 9999: in the slice of p percent where it is below 100 * p. The database's own
    function, so that a model can never cut another slice than a reader who calls it; it is deployed with the
    migrations, before dbt runs. The arguments are SQL expressions; a null salt gives a null bucket.
#}
{% macro slice_bucket(org_id, item_id, salt) -%}
public.slice_bucket({{ org_id }}, {{ item_id }}, {{ salt }})
{%- endmacro %}
