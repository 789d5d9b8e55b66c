"""Which bucket of the catalog an item falls into: the twin of the SQL function slice_bucket.

Knows the spelling that is hashed; which buckets are wanted is said by ``domain.slice``.
"""

import hashlib
from uuid import UUID

from catalog_embeddings.domain.slice import BUCKETS


def slice_bucket(org_id: UUID, item_id: str, salt: str) -> int:
    """The item's bucket, 0 to 9999: the same for good, and evenly spread over items and over salts.

    Raises:
        UnicodeEncodeError: the id or the salt holds a lone surrogate, so it is in no database either.
    """
    spelled = b"".join(b"%d:%b" % (len(part), part) for part in map(str.encode, (str(org_id), item_id, salt)))
    return int.from_bytes(hashlib.sha256(spelled).digest()[:4]) % BUCKETS
