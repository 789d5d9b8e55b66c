"""One item embedded at once, wired from the environment: what a shop calls when an item comes in by day."""

from uuid import UUID

from catalog_embeddings.bootstrap.platform import open_platform
from catalog_embeddings.domain.embedded_item import EmbeddedItem
from catalog_embeddings.pipeline.embed_item import ItemEmbedding, refuse_unkept
from catalog_embeddings.pipeline.register import choose_version
from catalog_embeddings.postgres import catalog_items


def embed_item(
    item_id: str, namespace: str | None = None, org_id: UUID | None = None, version: str | None = None
) -> EmbeddedItem:
    """Enrich, embed and load an item of the catalog without waiting for the nightly run, and safely beside it.

    Raises:
        InputError: there is no such item, or the version is not one that is kept up every night.
        RequestRefused: the API refuses its text.
        RunPaused: quota, auth or an outage.
        RunLocked: the version is being rebuilt.
    """
    with open_platform() as platform:
        chosen = choose_version(platform.connection, version, platform.identify_provider)
        found = catalog_items.find_item(platform.connection, chosen, item_id, namespace, org_id)
        refuse_unkept(platform.connection, chosen, found)
        return ItemEmbedding(
            platform.connection,
            platform.lake,
            chosen,
            platform.chat_api,
            platform.api,
            platform.settings.parallelism,
        ).embed(found)
