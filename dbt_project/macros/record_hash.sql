{#
    sha256 over those source fields that record_fields (an array expression) names, and over nothing else: the
    identity of what an embedding version can see of an item. The order is the one below, whatever the array's.
    Each field is written as name:octets:text, with -1 octets for null, so no two records spell the same.
    The fields are text here: jsonb and arrays come as the model's text form of them.
#}
{% macro record_hash(record_fields, record) -%}
{%- set fields = ['title', 'description', 'brand', 'category', 'attributes', 'tags', 'locale', 'image_url'] -%}
sha256(convert_to(concat(
    {%- for field in fields %}
    case
        when '{{ field }}' = any({{ record_fields }})
            then concat('{{ field }}:', coalesce(octet_length({{ record }}.{{ field }}), -1), ':', {{ record }}.{{ field }})
    end{{ ',' if not loop.last }}
    {%- endfor %}
), 'UTF8'))
{%- endmacro %}
