"""A step that is done shard by shard, and waits for the Batch API without a slot.

It holds no DAG: .airflowignore keeps it from being looked at for one.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import BaseOperator


class ShardStep(BaseOperator):
    """Deferrable: while the Batch API has a shard it holds no slot, and looks again when that is worth it.

    ``step`` is what is called for the shard: ``enrich_shard`` or ``load_shard``.
    """

    def __init__(self, step: str, run_id: str, shard: int, **rest: Any) -> None:
        super().__init__(**rest)
        self.step = step
        self.run_id = run_id
        self.shard = shard

    def execute(self, context: Any, event: Any = None) -> dict[str, int]:  # noqa: ARG002 - Airflow gives both
        """Do what can be done now."""
        from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger

        from catalog_embeddings import bootstrap
        from catalog_embeddings.errors import BatchesUnderWay

        try:
            counts: dict[str, int] = getattr(bootstrap, self.step)(self.run_id, self.shard)
        except BatchesUnderWay as waiting:
            self.defer(trigger=TimeDeltaTrigger(timedelta(seconds=waiting.seconds)), method_name="execute")
        return counts


def shard_step(name: str, shards: Any) -> Any:
    """A task for each of these shards, given as ``run_id`` and ``shard``.

    A shard keeps all ten requests in flight by itself, so it takes all ten slots of the pool: two shards at once, of
    any DAG, would make twenty.
    """
    return ShardStep.partial(task_id=name, step=name, pool="embedding_api", pool_slots=10).expand_kwargs(shards)
