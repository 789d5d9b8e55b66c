{#
    Why an item cannot be told apart by its key, as a stable reason; null where it can. Every table that names an
    item by it has an index whose entries hold 2,704 bytes, and one entry too long would end the whole statement.
#}
{% macro key_refusal() -%}
case
    when org_id is null then 'org_id_missing'
    when namespace is null or namespace = '' then 'namespace_missing'
    when item_id is null or item_id = '' then 'item_id_missing'
    when octet_length(namespace) > 512 then 'namespace_too_long'
    when octet_length(item_id) > 2000 then 'item_id_too_long'
end
{%- endmacro %}
