{#
    The time at which a row was written, or null where it says none: infinity, years that only Postgres knows, the
    first day of an epoch or the last of a calendar are a feed's placeholders. One in the future would outrank every
    later row of the item, and its vector would stay as it is for good.
#}
{% macro plausible_time(column) -%}
case when {{ column }} between '1990-01-01T00:00:00Z' and now() + interval '1 day' then {{ column }} end
{%- endmacro %}
