"""Every key in the lake, in one place. Keys are relative to the lake's address and never hold catalog text."""


def texts_prefix(plan_id: str, shard: int) -> str:
    """The planned texts of a shard."""
    return f"plans/{plan_id}/{shard:05d}/"


def texts_key(plan_id: str, shard: int, number: int, sha256: str) -> str:
    """One file of planned texts, named by the hash of its bytes; read back in the order of their numbers."""
    return f"{texts_prefix(plan_id, shard)}{number:06d}-{sha256}.parquet"


def worklists_prefix(run_id: str) -> str:
    """The records that a run has to ask a language model about."""
    return f"worklists/{run_id}/"


def worklist_prefix(run_id: str, worklist_id: str, shard: int) -> str:
    """Those of one shard. A run that was cut off before its plan draws up another list."""
    return f"{worklists_prefix(run_id)}{worklist_id}/{shard:05d}/"


def worklist_key(run_id: str, worklist_id: str, shard: int, number: int, sha256: str) -> str:
    """One file of them, named by the hash of its bytes; read back in the order of their numbers."""
    return f"{worklist_prefix(run_id, worklist_id, shard)}{number:06d}-{sha256}.parquet"


def answers_prefix(prompt_version: str, recipe: str, record_hash: str) -> str:
    """What a language model ever answered about a record; ``recipe`` is that of the asking, both hashes are in hex."""
    return f"answers/{prompt_version}/{recipe[:16]}/{record_hash[:2]}/{record_hash}/"


def answer_key(prompt_version: str, recipe: str, record_hash: str, attempt: int, sha256: str) -> str:
    """One answer, named by the hash of its bytes; read back in the order of the attempts."""
    return f"{answers_prefix(prompt_version, recipe, record_hash)}{attempt}-{sha256}.parquet"


#: The vectors that were ever paid for, by any run of any version.
ALL_PARTS = "vectors/"


def parts_prefix(run_id: str, shard: int) -> str:
    """The vectors that a shard of a run has paid for."""
    return f"{ALL_PARTS}{run_id}/{shard:05d}/"


def part_key(run_id: str, shard: int, sha256: str) -> str:
    """One API answer: a part is named by the hash of its bytes."""
    return f"{parts_prefix(run_id, shard)}{sha256}.parquet"


def shard_of(part_key: str) -> tuple[str, int]:
    """The run and the shard that paid for a part."""
    _, run_id, shard, _ = part_key.split("/")
    return run_id, int(shard)


def trial_key(token: str) -> str:
    """What is written, read and removed to see whether that can be done."""
    return f"doctor/{token}"


def sha256_in(key: str) -> str:
    """The hash that a file's name promises."""
    return key.removesuffix(".parquet")[-64:]


def rows_key(version: str, run_id: str, number: int, sha256: str) -> str:
    """One file of the rows that a run sealed: named by the hash of its bytes."""
    return f"rows/{version}/{run_id}/{number:06d}-{sha256}.parquet"


def manifests_prefix(version: str) -> str:
    """What the runs of a version sealed."""
    return f"manifests/{version}/"


def manifest_key(version: str, run_id: str, fence: int, attempt: int) -> str:
    """One sealing of a run; of several the one with the highest fence, then the highest attempt, counts."""
    return f"{manifests_prefix(version)}{run_id}/{fence:010d}-{attempt:010d}.json"


def sealing_of(manifest_key: str) -> tuple[str, int, int]:
    """The run, fence and attempt that a manifest's key names."""
    *_, run_id, name = manifest_key.split("/")
    fence, attempt = name.removesuffix(".json").split("-")
    return run_id, int(fence), int(attempt)
