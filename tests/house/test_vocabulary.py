"""One word for one thing, from the dbt model to the command line; nothing is renamed on the way."""

import re
from pathlib import Path

import pytest

# the word that is not used here -> the word that is
SYNONYMS = {
    "article_id": "item_id",
    "content_digest": "content_hash",
    "embedding_vector": "vector",
    "embedding_version": "version",
    "embedding_version_id": "version",
    "item_hash": "record_hash",
    "model_version": "version",
    "organisation_id": "org_id",
    "organization_id": "org_id",
    "product_id": "item_id",
    "product_ids": "item_ids",
    "row_hash": "record_hash",
    "sku": "item_id",
    "skus": "item_ids",
    "tenant_id": "org_id",
    "text_hash": "content_hash",
    "vector_dimensions": "dims",
    "version_id": "version",
    "version_name": "version",
}
SYNONYM = re.compile(rf"(?<![\w-])(?:{'|'.join(SYNONYMS)})(?![\w-])")
SUFFIXES = {".py", ".sql", ".yml", ".yaml", ".j2"}

# Where other people's words stand: the mapping from a feed's columns to ours.
FOREIGN = re.compile(r"icecat")

CONTRACTS = {
    "analytics.catalog_features_raw": "org_id item_id namespace title description brand category attributes"
    " tags image_url locale metadata_version updated_at",
    "public.item_embeddings": "org_id item_id namespace version modality dims vector record_hash"
    " content_hash generated_at",
    "public.embedding_versions": "version modality model dims status",
    "public.embedding_aliases": "org_id namespace modality version",
}


@pytest.mark.parametrize("room", ["plugins", "sql", "dbt_project", "dags"])
def test_no_synonym_is_spoken(root: Path, tracked: list[str], room: str) -> None:
    spoken = [
        f"{name}:{number} {word} (say {SYNONYMS[word]})"
        for name in tracked
        if name.startswith(f"{room}/") and Path(name).suffix in SUFFIXES and not FOREIGN.search(name)
        for number, line in enumerate((root / name).read_text(encoding="utf-8").splitlines(), start=1)
        for word in SYNONYM.findall(line)
    ]
    assert not spoken, "\n".join(spoken)


@pytest.mark.parametrize("table", CONTRACTS)
def test_a_contract_table_has_the_columns_that_others_rely_on(root: Path, table: str) -> None:
    schema = "\n".join(path.read_text(encoding="utf-8") for path in sorted((root / "sql/migrations").glob("*.sql")))
    definition = re.search(
        rf"create table (?:if not exists )?{re.escape(table)} \((.*?)^\)", schema, re.DOTALL | re.MULTILINE
    )
    assert definition, f"no migration creates {table}"
    columns = set(re.findall(r"^    (\w+) ", definition[1], re.MULTILINE))
    assert set(CONTRACTS[table].split()) <= columns
