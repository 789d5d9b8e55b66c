-- depends: 0015_create_item_enrichments

-- Every text gets its outcome later: with room on its page the row is updated in place, and no index is touched.
alter table pipeline.run_texts set (fillfactor = 60);
