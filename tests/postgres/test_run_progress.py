"""Following a run that another process works on."""

from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.run_progress import database_clock, taken_up_since


def _begin(connection: Connection, run_id: str, version: str) -> None:
    connection.execute(
        "insert into public.embedding_versions"
        " (version, modality, provider, model, dims, template, template_hash, record_fields, chunking, fingerprint)"
        " values (%(version)s, 'text', 'p', 'm', 3, 't', 'h', '{title}', '{}', %(version)s)",
        {"version": version},
    )
    connection.execute(
        "insert into pipeline.runs (run_id, version, state, started_by) values (%s, %s, 'leased', 'a test')",
        [run_id, version],
    )
    connection.execute(
        "insert into pipeline.leases (version, run_id, fence, holder, expires_at) values (%s, %s, 1, 'a test', now())",
        [version, run_id],
    )


def test_a_run_is_followed_from_its_lease_to_its_summary(connection: Connection) -> None:
    _begin(connection, "earlier", "v1")
    since = database_clock(connection)
    assert taken_up_since(connection, since) is None

    _begin(connection, "mine", "v2")
    begun = taken_up_since(connection, since)
    assert begun is not None
    assert (begun.run_id, begun.state, begun.plan, begun.texts_done) == ("mine", "leased", None, 0)

    connection.execute("update pipeline.runs set state = 'planned', plan = '{\"new\": 7}' where run_id = 'mine'")
    connection.execute(
        "insert into pipeline.run_shards (run_id, shard, texts, embedded, reused)"
        " values ('mine', 0, 4, 3, 1), ('mine', 1, 3, 2, 0)"
    )
    loading = taken_up_since(connection, since)
    assert loading is not None
    assert (loading.plan, loading.texts_done, loading.summary) == ({"new": 7}, 6, None)
