"""The dbt model of clicks by arm: the same test as in Python, which is scipy's."""

from pathlib import Path
from typing import Any

import pytest
from scipy.stats import chi2_contingency

from catalog_embeddings.dbt.build import dbt_build
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.significance import two_proportions


def test_each_arm_is_tested_against_the_active_version(
    connection: Connection, database_url: str, tmp_path: Path
) -> None:
    execute = connection.execute
    for version in ("v7", "v8"):
        execute(
            "insert into public.embedding_versions (version, modality, provider, model, dims, template, template_hash,"
            " record_fields, chunking, fingerprint) values (%s, 'text', 'p', 'm', 2, 't', 'h', '{title}', '{}', %s)",
            [version, version],
        )
    execute("insert into public.embedding_aliases (namespace, modality, version) values ('*', 'text', 'v7')")
    execute(
        "insert into analytics.recommendation_events (version, impressions, clicks)"
        " values ('v7', 1000, 80), ('v7', 2000, 220), ('v8', 1000, 120), ('experiment', 500, 70), ('none', 0, 0)"
    )
    statuses = dbt_build(database_url, target_directory=tmp_path, log=lambda _: None)
    assert {status.status for status in statuses if "recommendation_ctr" in status.name} == {"success", "pass"}

    rows: dict[str, tuple[Any, ...]] = {
        row[0]: row[1:]
        for row in execute(
            "select version, impressions, clicks, ctr, control_version, difference, z, p_value"
            " from catalog.recommendation_ctr_by_version"
        )
    }
    assert rows["v7"] == (3_000, 300, 0.1, None, None, None, None)
    assert rows["none"] == (0, 0, None, None, None, None, None)
    for version, clicks, impressions in (("v8", 120, 1_000), ("experiment", 70, 500)):
        *counts, control, difference, z, p_value = rows[version]
        expected = two_proportions(clicks, impressions, 300, 3_000)
        assert (counts, control) == ([impressions, clicks, clicks / impressions], "v7")
        assert (difference, z, p_value) == pytest.approx((expected.difference, expected.z, expected.p_value))
        table = [[clicks, impressions - clicks], [300, 2_700]]
        assert p_value == pytest.approx(chi2_contingency(table, correction=False).pvalue)
