{#
    A jsonb object without the attributes that the variable volatile_attributes names; anything else as it is.
    Asking first whether there is one keeps the common case from being taken apart and put together again.
#}
{% macro without_volatile(attributes) -%}
{%- set names -%} array['{{ var("volatile_attributes") | join("', '") }}'] {%- endset -%}
case
    when jsonb_typeof({{ attributes }}) = 'object' and {{ attributes }} ?| {{ names }} then {{ attributes }} - {{ names }}
    else {{ attributes }}
end
{%- endmacro %}
