-- The identity of a record must not drift: each row found is a record whose hash is not the sha256 of the
-- bytes that the macro record_hash promises. A singular test, because dbt's unit tests cannot compare bytea;
-- it reads no table.
with records as (

    select
        *,
        null as description,
        null as category,
        null as attributes,
        null as tags,
        null as locale,
        null as image_url
    from (
        values
        ('only the fields named', array['title'], 'Cup', 'Acme', 'title:3:Cup'),
        ('null is not empty', array['title'], null, 'Acme', 'title:-1:'),
        ('empty is not null', array['title'], '', 'Acme', 'title:0:'),
        ('octets, not characters', array['title'], 'Café', 'Acme', 'title:5:Café'),
        ('always in the same order', array['brand', 'title'], 'Cup', 'Acme', 'title:3:Cupbrand:4:Acme'),
        ('no field at all', array[]::text[], 'Cup', 'Acme', '')
    ) as examples (example, record_fields, title, brand, spelled)

)

select records.example
from records
where {{ record_hash('records.record_fields', 'records') }} <> sha256(convert_to(records.spelled, 'UTF8'))
