{#
    The functions that staging cleans with, made at the start of every run. They are functions and not macros, because
    a subquery over an item's tags among the columns of a view would keep every scan of that view from running in
    parallel. Those for text are in language sql, which the planner inlines; the others would ask for what they are
    given more often than a call costs.

    Each asks two cheap questions first, because most text is clean already: on a product description they
    take 1 microsecond each, regexp_replace and normalize 15.
#}
{% macro create_cleaning_functions() %}

-- Unicode NFC. Where every character is one octet, the text is ASCII. Putting a run of combining marks in order
-- takes time by the square of its length, hours for a megabyte of them: text with more marks in a row than UAX #15
-- lets a stream have stays as it is, and so does text that is too long to be embedded anyway.
create or replace function catalog.compose(value text)
returns text language sql immutable parallel safe as $$
    select case
        when octet_length(value) = char_length(value) or value is nfc normalized then value
        when octet_length(value) > 200000 or value ~ '[\u0300-\u036f]{31}' then value
        else normalize(value, nfc)
    end
$$;

-- One line in NFC: no control characters, single spaces, none at the ends; null when nothing is left. White
-- space is spelled as code points: what \s matches depends on the database's locale, and a hash must not.
create or replace function catalog.clean_text(value text)
returns text language sql immutable parallel safe as $$
    select nullif(
        case
            when value ~ '^ | $|  |[\u0001-\u001f\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]'
                then btrim(regexp_replace(
                    catalog.compose(value),
                    '[\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+', ' ', 'g'
                ))
            else catalog.compose(value)
        end,
        ''
    )
$$;

-- Tags cleaned one by one, without empties and repetitions, in the order given; null when none is left.
create or replace function catalog.clean_tags(tags text[])
returns text[] language plpgsql immutable strict parallel safe as $$
declare
    tag text;
    cleaned text[] := '{}';
begin
    -- The loop is three times as fast on a product's few tags, and quadratic in their number.
    if cardinality(tags) > 100 then
        return (
            select array_agg(distinct_tags.tag order by distinct_tags.position)
            from (
                select
                    catalog.clean_text(given.tag) as tag,
                    min(given.position) as position
                from unnest(tags) with ordinality as given (tag, position)
                group by 1
            ) as distinct_tags
            where distinct_tags.tag is not null
        );
    end if;
    foreach tag in array tags loop
        tag := catalog.clean_text(tag);
        if tag is not null and tag <> all(cleaned) then
            cleaned := cleaned || tag;
        end if;
    end loop;
    return nullif(cleaned, '{}');
end
$$;

-- jsonb in NFC with spaces for control characters, of any shape. This works on jsonb's own text, where a
-- control character is an escape such as \n. The escapes go first: NFC would join that n with a combining
-- tilde after it, and the rest would not be JSON. \\n, a backslash and an n, stays. Nothing else in the
-- syntax of JSON takes part in a composition.
create or replace function catalog.clean_json(value jsonb)
returns jsonb language plpgsql immutable strict parallel safe as $$
declare
    -- Written out once; inlined, it would be again in each place that asks for it, and what is handed in as well.
    spelled text := value::text;
begin
    if strpos(spelled, '\') = 0 and (octet_length(spelled) = char_length(spelled) or spelled is nfc normalized) then
        return value;
    end if;
    -- Nested so deeply, perhaps, that parsing it again exceeds the stack, which would end the whole build.
    if length(spelled) - length(translate(spelled, '[{', '')) > 1000 then
        return value;
    end if;
    return catalog.compose(
        regexp_replace(spelled, '(?<!\\)((?:\\\\)*)\\(?:[bfnrt]|u[0-9a-f]{4})', '\1 ', 'g')
    )::jsonb;
end
$$;

{% endmacro %}
