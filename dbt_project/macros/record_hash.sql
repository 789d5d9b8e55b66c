{#
    The identity of what an embedding version can see of an item: those fields of the record that record_fields (an
    array expression) names. The database's own function, so that no other reader can spell it in another way; it is
    deployed with the migrations, before dbt runs. The fields are text here: jsonb and arrays come as the model's
    text form of them.
#}
{% macro record_hash(record_fields, record) -%}
{%- set fields = ['title', 'description', 'brand', 'category', 'attributes', 'tags', 'locale', 'image_url'] -%}
public.record_hash(
    {{ record_fields }}
    {%- for field in fields %},
    {{ record }}.{{ field }}
    {%- endfor %}
)
{%- endmacro %}
