-- depends: 0001_create_extension_and_schemas

-- The shop's front end owns this table; it is created here only where nobody has made it yet. Any number of rows a
-- version, such as one a day: they are added up.
create table if not exists analytics.recommendation_events (
    version text not null,
    impressions bigint not null,
    clicks bigint not null
);
