"""The lake in bad weather: nothing lost, nothing wrong, and the same objects as in good weather.

The S3 is moto's, over HTTP through the fault proxy; the full disk is a small tmpfs.
"""

import subprocess
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import numpy as np
import pytest
from moto.server import ThreadedMotoServer

from catalog_embeddings.errors import ConfigurationError, RunPaused, UntrustedAnswer
from catalog_embeddings.lake.bucket import Bucket
from catalog_embeddings.lake.parts import Part, read_part, store_part
from catalog_embeddings.lake.store import KeyTaken, Lake, ObjectMissing
from tests.faults.proxy import (
    Answer,
    Drip,
    Fault,
    FlipBit,
    HttpProxy,
    Program,
    Request,
    Reset,
    Stall,
    StripHeader,
    Truncate,
    always,
    in_turn,
    on,
    rate_limited,
    sometimes,
)

PARTS = 6
FLIPS = 300
MANIFEST = "manifests/v1/r1.json"


@pytest.fixture(scope="module")
def s3() -> Iterator[tuple[str, int]]:
    """Where an S3 server listens, in this process."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield str(host), int(port)
    server.stop()


@pytest.fixture
def weather(s3: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpProxy]:
    """What lies between the lake and its S3, in an environment that leads there."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "anybody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sk-zanzibar")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with HttpProxy(s3) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        yield proxy


@pytest.fixture
def bucket(s3: tuple[str, int], weather: HttpProxy) -> str:
    """The address of an empty bucket, past the weather."""
    address = f"http://{s3[0]}:{s3[1]}/lake-{uuid.uuid4().hex[:12]}"
    httpx2.put(address).raise_for_status()
    return address


@pytest.fixture
def s3_lake(bucket: str) -> Lake:
    return lake_in(bucket)


@pytest.fixture
def folder_lake(tmp_path: Path) -> Lake:
    return Lake((tmp_path / "lake").as_uri())


def lake_in(bucket: str, patience_seconds: float = 60.0) -> Lake:
    return Lake(f"s3://{bucket.rpartition('/')[2]}", patience_seconds)


def part_of(seed: int) -> Part:
    dice = np.random.default_rng(seed)
    return Part(
        content_hashes=[dice.bytes(32) for _ in range(8)],
        owners=np.arange(8),
        weights=dice.integers(1, 200_000, 8),
        vectors=dice.standard_normal((8, 64)).astype(np.float32),
    )


def assert_same(part: Part, other: Part) -> None:
    assert part.content_hashes == other.content_hashes
    assert part.vectors.tobytes() == other.vectors.tobytes()


def work(lake: Lake) -> list[str]:
    """What a run does with its lake, part by part and four at once, and then again as after a crash."""
    with ThreadPoolExecutor(4) as pool:
        first, again = (
            [stored.key for stored in pool.map(lambda seed: store_part(lake, "r1", 0, part_of(seed)), range(PARTS))]
            for _ in range(2)
        )
        for seed, part in enumerate(pool.map(lambda key: read_part(lake, key), first)):
            assert_same(part, part_of(seed))
    for _ in range(2):
        lake.create(MANIFEST, b"sealed")
    assert first == again
    assert lake.keys("vectors/") == sorted(first)
    assert lake.keys("manifests/") == [MANIFEST]
    return [*first, MANIFEST]


def every_other_time(fault: Fault) -> Program:
    """The first read of each object, the third, and so on; in the answer to a list no flip could be told."""
    read: Counter[str] = Counter()

    def program(request: Request) -> Fault | None:
        read[request.path] += 1
        return fault if "list-type" not in request.path and read[request.path] % 2 else None

    return on("GET", program)


WEATHERS: dict[str, Callable[[], Program]] = {
    "503s": lambda: sometimes(0.4, Answer(503), Answer(500), seed=1),
    "bursts of 503": lambda: lambda request: Answer(503) if request.number % 24 < 6 else None,
    "429s": lambda: sometimes(0.3, rate_limited(seconds=0), rate_limited(milliseconds=1), rate_limited(), seed=2),
    "resets": lambda: sometimes(0.3, Reset(), seed=3),
    "lost answers": lambda: sometimes(0.3, Reset(forwarded=True), seed=4),
    "truncated answers": lambda: sometimes(0.3, Truncate(0.5), Truncate(0.0), seed=5),
    "flipped bits": lambda: every_other_time(FlipBit(0.4)),
    "slow answers": lambda: sometimes(0.2, Drip(pause_seconds=0.01, piece=200), seed=6),
    "all of it": lambda: sometimes(
        0.4, Answer(503), rate_limited(), Reset(), Reset(forwarded=True), Truncate(0.5), seed=7
    ),
}


@pytest.mark.parametrize("program", WEATHERS.values(), ids=WEATHERS)
def test_the_work_is_done_as_in_good_weather(
    program: Callable[[], Program], weather: HttpProxy, s3_lake: Lake, folder_lake: Lake
) -> None:
    weather.program = program()
    keys = work(s3_lake)
    assert sum(weather.broken.values()) >= PARTS / 2, "this was no bad weather"
    weather.program = in_turn()
    assert keys == work(folder_lake)
    assert s3_lake.keys("") == folder_lake.keys("") == sorted(keys)
    for key in keys:
        assert s3_lake.read(key) == folder_lake.read(key)


def test_a_store_that_falls_silent_is_asked_again(weather: HttpProxy, bucket: str) -> None:
    # Each call stalls once: a write that never arrives, one whose answer does not, a read and a list.
    hurried = lake_in(bucket, patience_seconds=6.0)
    stored = store_part(hurried, "r1", 0, part_of(0))
    stalled: set[str] = set()

    def once_each(request: Request) -> Fault | None:
        kind = f"{request.method} {request.path}"
        if kind in stalled:
            return None
        stalled.add(kind)
        return Stall(forwarded="lost" in request.path)

    weather.program = once_each
    with ThreadPoolExecutor(4) as pool:
        writes = [pool.submit(hurried.create, key, b"sealed") for key in ("manifests/new", "manifests/lost")]
        read, keys = pool.submit(read_part, hurried, stored.key), pool.submit(hurried.keys, "vectors/")
    for write in writes:
        write.result()
    assert_same(read.result(), part_of(0))
    assert keys.result() == [stored.key]
    assert weather.broken["Stall"] >= 4
    assert hurried.keys("manifests/") == ["manifests/lost", "manifests/new"]


def test_a_short_outage_is_sat_out(weather: HttpProxy, s3_lake: Lake) -> None:
    weather.go_down()
    back = threading.Timer(1.5, weather.come_back)
    back.start()
    work(s3_lake)
    back.join()
    assert weather.broken["outage"]


def test_a_long_outage_pauses_and_what_was_stored_is_still_there(weather: HttpProxy, bucket: str) -> None:
    hurried = lake_in(bucket, patience_seconds=1.0)
    stored = store_part(hurried, "r1", 0, part_of(0))
    weather.go_down()
    with pytest.raises(RunPaused, match="run again once the object store"):
        store_part(hurried, "r1", 0, part_of(1))
    weather.come_back()
    work(hurried)
    assert_same(read_part(hurried, stored.key), part_of(0))


def test_credentials_that_expire_on_the_way_pause_the_run(weather: HttpProxy, s3_lake: Lake) -> None:
    stored = store_part(s3_lake, "r1", 0, part_of(0))
    body = b"<Error><Code>ExpiredToken</Code><Token>sk-zanzibar</Token></Error>"
    weather.program = always(Answer(400, body=body))
    before = weather.seen
    for call in (
        lambda: store_part(s3_lake, "r1", 0, part_of(1)),
        lambda: read_part(s3_lake, stored.key),
        lambda: s3_lake.keys("vectors/"),
    ):
        with pytest.raises(RunPaused, match=r"ExpiredToken; renew the credentials.*run again") as paused:
            call()
        assert "sk-zanzibar" not in str(paused.value)
    assert weather.seen - before == 3, "each call is made once"
    weather.program = in_turn()
    work(s3_lake)


def test_the_probe_takes_three_requests_and_passes_in_bad_weather(weather: HttpProxy, s3_lake: Lake) -> None:
    s3_lake.probe()
    assert weather.seen == 3
    weather.program = sometimes(0.4, Answer(503), Reset(), Reset(forwarded=True), seed=8)
    for _ in range(3):
        s3_lake.probe()
    weather.program = in_turn()
    assert s3_lake.keys("") == []


def test_a_store_that_ignores_the_condition_is_found_out(weather: HttpProxy, s3_lake: Lake) -> None:
    weather.program = always(StripHeader("if-none-match"))
    with pytest.raises(ConfigurationError, match=f"{s3_lake.address} overwrites objects .* If-None-Match"):
        s3_lake.probe()
    assert s3_lake.keys("") == []


def test_who_may_not_delete_passes_the_probe(weather: HttpProxy, s3_lake: Lake) -> None:
    weather.program = on("POST", always(Answer(403, body=b"<Error><Code>AccessDenied</Code></Error>")))
    s3_lake.probe()
    assert weather.broken["Answer"] == 1


def test_every_flipped_bit_of_a_part_is_found(
    tmp_path: Path, folder_lake: Lake, record_property: Callable[[str, object], None]
) -> None:
    stored = store_part(folder_lake, "r1", 0, part_of(0))
    path = tmp_path / "lake" / stored.key
    right = path.read_bytes()
    found = wrong = 0
    for bit in np.linspace(0, len(right) * 8 - 1, FLIPS).astype(int).tolist():
        damaged = bytearray(right)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            wrong += read_part(folder_lake, stored.key).vectors.tobytes() != part_of(0).vectors.tobytes()
        except UntrustedAnswer:
            found += 1
    assert (found, wrong) == (FLIPS, 0)
    record_property("expected", f"{FLIPS} of {FLIPS} found, no wrong vector read")
    record_property("seen", f"{found} found, {wrong} wrong")


def test_a_bit_that_flips_on_every_way_is_found(weather: HttpProxy, s3_lake: Lake) -> None:
    stored = store_part(s3_lake, "r1", 0, part_of(0))
    for share in np.linspace(0, 1, 20).tolist():
        weather.program = always(FlipBit(share))
        with pytest.raises(UntrustedAnswer, match=stored.key):
            read_part(s3_lake, stored.key)


def test_a_missing_part_is_said_to_be_missing(s3_lake: Lake) -> None:
    stored = store_part(s3_lake, "r1", 0, part_of(0))
    Bucket(s3_lake.address, 60.0).remove(stored.key)
    with pytest.raises(ObjectMissing, match=stored.key):
        read_part(s3_lake, stored.key)
    assert store_part(s3_lake, "r1", 0, part_of(0)) == stored
    assert_same(read_part(s3_lake, stored.key), part_of(0))


@pytest.mark.parametrize("program", [in_turn, WEATHERS["all of it"]], ids=["good weather", "bad weather"])
def test_a_damaged_part_is_made_whole_by_storing_it_again_on_s3(
    program: Callable[[], Program], weather: HttpProxy, s3_lake: Lake
) -> None:
    stored = store_part(s3_lake, "r1", 0, part_of(0))
    for damage in (b"", b"<html>welcome</html>", s3_lake.read(stored.key)[:-1]):
        Bucket(s3_lake.address, 60.0).put(stored.key, damage, replace=True)
        with pytest.raises(UntrustedAnswer):
            read_part(s3_lake, stored.key)
        weather.program = program()
        assert store_part(s3_lake, "r1", 0, part_of(0)) == stored
        weather.program = in_turn()
        assert_same(read_part(s3_lake, stored.key), part_of(0))


def test_a_damaged_part_is_made_whole_by_storing_it_again_in_a_folder(tmp_path: Path, folder_lake: Lake) -> None:
    stored = store_part(folder_lake, "r1", 0, part_of(0))
    (tmp_path / "lake" / stored.key).write_bytes(b"damaged")
    assert store_part(folder_lake, "r1", 0, part_of(0)) == stored
    assert_same(read_part(folder_lake, stored.key), part_of(0))


def test_of_two_who_seal_at_once_in_bad_weather_one_wins(weather: HttpProxy, s3_lake: Lake) -> None:
    weather.program = WEATHERS["all of it"]()

    def sealed(data: bytes) -> bool:
        try:
            s3_lake.create(MANIFEST, data)
        except KeyTaken:
            return False
        return True

    writers = [bytes([number]) * 100 for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(sealed, writers))
    weather.program = in_turn()
    assert won.count(True) == 1
    assert s3_lake.read(MANIFEST) == writers[won.index(True)]


@contextmanager
def small_disk(at: Path) -> Iterator[Path]:
    at.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", at], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        yield at
    finally:
        subprocess.run(["umount", at], check=True)


def test_a_full_disk_pauses_and_leaves_nothing_torn(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        lake = Lake((disk / "lake").as_uri())
        lake.create("a/b", b"x" * 1_000_000)
        for key in ("a/c", "elsewhere/c"):
            with pytest.raises(RunPaused, match=f"did not store {key}: the disk of .* is full; make space there"):
                lake.create(key, b"y" * 1_500_000)
        assert lake.keys("") == ["a/b"]
        assert [path.name for path in disk.rglob("*") if path.is_file()] == ["b"]
        (disk / "lake" / "a" / "b").unlink()
        lake.create("a/c", b"y" * 1_500_000)
        assert lake.read("a/c") == b"y" * 1_500_000


def test_a_disk_that_became_read_only_pauses(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        lake = Lake((disk / "lake").as_uri())
        lake.create("a/b", b"chair")
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        for call in (lake.probe, lambda: lake.create("a/c", b"desk")):
            with pytest.raises(RunPaused, match=r"does not let us \(Read-only file system\); mend its mount"):
                call()
        assert lake.read("a/b") == b"chair"
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        lake.create("a/c", b"desk")
