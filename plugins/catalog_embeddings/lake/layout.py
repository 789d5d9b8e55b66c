"""Every key in the lake, in one place. Keys are relative to the lake's address and never hold catalog text."""


def texts_prefix(plan_id: str, shard: int) -> str:
    """The planned texts of a shard."""
    return f"plans/{plan_id}/{shard:05d}/"


def texts_key(plan_id: str, shard: int, number: int, sha256: str) -> str:
    """One file of planned texts, named by the hash of its bytes; read back in the order of their numbers."""
    return f"{texts_prefix(plan_id, shard)}{number:06d}-{sha256}.parquet"


def parts_prefix(run_id: str, shard: int) -> str:
    """The vectors that a shard of a run has paid for."""
    return f"vectors/{run_id}/{shard:05d}/"


def part_key(run_id: str, shard: int, sha256: str) -> str:
    """One API answer: a part is named by the hash of its bytes."""
    return f"{parts_prefix(run_id, shard)}{sha256}.parquet"


def sha256_in(key: str) -> str:
    """The hash that a file's name promises."""
    return key.removesuffix(".parquet")[-64:]
