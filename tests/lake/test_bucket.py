"""A bucket's failures: which are waited out, which pause the run at once, and what a person is told."""

import traceback
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx2
import pytest

from catalog_embeddings.errors import CatalogEmbeddingsError, ConfigurationError, RunPaused
from catalog_embeddings.lake.bucket import Bucket
from tests.faults.proxy import Answer, HttpProxy, Reset, StripHeader, Truncate, always, in_turn, on

PATIENCE = 20.0
CALLS: dict[str, Callable[[Bucket], object]] = {
    "store": lambda bucket: bucket.put("a/new", b"desk"),
    "replace": lambda bucket: bucket.put("a/b", b"desk", replace=True),
    "read": lambda bucket: bucket.get("a/b"),
    "list": lambda bucket: bucket.keys("a/"),
    "remove": lambda bucket: bucket.remove("a/b"),
}
call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@pytest.fixture
def weather(s3_bucket: str, s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpProxy]:
    """What lies between us and the object store."""
    address = urlsplit(s3_server)
    with HttpProxy((str(address.hostname), int(address.port or 0))) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        yield proxy


@pytest.fixture
def bucket(weather: HttpProxy, s3_bucket: str) -> Bucket:
    """A bucket that holds a chair."""
    opened = Bucket(f"s3://{s3_bucket}/some/where", PATIENCE)
    opened.put("a/b", b"chair")
    return opened


def error_body(code: str) -> bytes:
    return (
        f'<?xml version="1.0"?>\n<Error><Code>{code}</Code><Message>sk-zanzibar</Message>'
        f"<StringToSign>sk-zanzibar http://x/?X-Amz-Signature=sk-zanzibar</StringToSign></Error>"
    ).encode()


def assert_says_only_ours(error: CatalogEmbeddingsError) -> None:
    assert "\n" not in str(error)
    assert "sk-zanzibar" not in "".join(traceback.format_exception(error))


def test_an_object_is_created_once_replaced_and_removed(bucket: Bucket) -> None:
    with pytest.raises(FileExistsError):
        bucket.put("a/b", b"desk")
    assert bucket.get("a/b") == b"chair"
    bucket.put("a/b", b"x" * 6_000_000, replace=True)
    assert bucket.get("a/b") == b"x" * 6_000_000
    bucket.remove("a/b")
    bucket.remove("a/b")
    assert bucket.keys("a/") == []
    with pytest.raises(FileNotFoundError):
        bucket.get("a/b")


@call
@pytest.mark.parametrize(
    "fault",
    [
        Answer(503, body=error_body("SlowDown")),
        Answer(429),
        Answer(409, body=error_body("ConditionalRequestConflict")),
        Answer(400, body=error_body("RequestTimeout")),
        Reset(),
        Truncate(),
    ],
    ids=lambda fault: f"{type(fault).__name__}{getattr(fault, 'status', '')}",
)
def test_what_passes_is_waited_out(
    bucket: Bucket, weather: HttpProxy, fault: Answer | Reset | Truncate, call: Callable[[Bucket], object]
) -> None:
    weather.program = in_turn(fault, fault)
    try:
        call(bucket)
    except FileExistsError:
        # The answer that was cut off was to a write that took place.
        assert isinstance(fault, Truncate)
    assert sum(weather.broken.values()) == 2


def test_an_answer_that_was_lost_looks_like_a_taken_key(bucket: Bucket, weather: HttpProxy) -> None:
    weather.program = on("PUT", in_turn(Reset(forwarded=True)))
    with pytest.raises(FileExistsError):
        bucket.put("a/new", b"desk")
    assert bucket.get("a/new") == b"desk"


@call
@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "ExpiredToken"), (403, "AccessDenied"), (401, "Unauthorized")],
)
def test_refused_credentials_pause_the_run_at_once(
    bucket: Bucket, weather: HttpProxy, status: int, code: str, call: Callable[[Bucket], object]
) -> None:
    weather.program = always(Answer(status, body=error_body(code)))
    before = weather.seen
    with pytest.raises(RunPaused, match=f"HTTP {status} {code}; renew the credentials.*run again") as paused:
        call(bucket)
    assert weather.seen - before == 1
    assert_says_only_ours(paused.value)


@call
def test_a_refusal_of_another_kind_pauses_at_once(
    bucket: Bucket, weather: HttpProxy, call: Callable[[Bucket], object]
) -> None:
    weather.program = always(Answer(400, body=error_body("InvalidArgument")))
    with pytest.raises(RunPaused, match="HTTP 400 InvalidArgument; the object store refuses this") as paused:
        call(bucket)
    assert_says_only_ours(paused.value)


@call
def test_a_bucket_in_another_region_is_a_setting_to_mend(
    bucket: Bucket, weather: HttpProxy, call: Callable[[Bucket], object]
) -> None:
    weather.program = always(Answer(301, body=error_body("PermanentRedirect")))
    with pytest.raises(ConfigurationError, match=r"another region.*AWS_REGION"):
        call(bucket)


@call
def test_without_the_bucket_nothing_is_said_to_be_missing(s3_bucket: str, call: Callable[[Bucket], object]) -> None:
    # A part that is said to be missing is paid for again.
    with pytest.raises(ConfigurationError, match="NoSuchBucket; create the bucket") as failed:
        call(Bucket("s3://no-such-bucket", PATIENCE))
    assert_says_only_ours(failed.value)


@call
def test_an_outage_pauses_the_run_in_the_end(
    s3_bucket: str, weather: HttpProxy, call: Callable[[Bucket], object]
) -> None:
    hurried = Bucket(f"s3://{s3_bucket}/some/where", 1.0)
    weather.go_down()
    with pytest.raises(RunPaused, match=f"; run again once the object store at s3://{s3_bucket}") as paused:
        call(hurried)
    assert_says_only_ours(paused.value)
    weather.come_back()
    hurried.put("a/b", b"chair")


def test_a_store_that_only_fails_is_named_by_its_status(s3_bucket: str, weather: HttpProxy) -> None:
    weather.program = always(Answer(503, body=error_body("SlowDown")))
    with pytest.raises(RunPaused, match="did not read a/b: HTTP 503 SlowDown; run again once") as paused:
        Bucket(f"s3://{s3_bucket}", 1.0).get("a/b")
    assert_says_only_ours(paused.value)


def test_a_machine_without_credentials_is_told_so(s3_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with HttpProxy(("127.0.0.1", 9)) as metadata:
        metadata.program = always(Answer(404))
        monkeypatch.setenv("AWS_METADATA_ENDPOINT", metadata.url)
        with pytest.raises(RunPaused, match="no credentials"):
            Bucket(f"s3://{s3_bucket}", 1.0).get("a/b")


def test_an_object_whose_name_is_no_path_is_told_not_skipped(bucket: Bucket, s3_server: str, s3_bucket: str) -> None:
    httpx2.put(f"{s3_server}/{s3_bucket}/some/where/a/%00").raise_for_status()
    with pytest.raises(RunPaused, match=r"list a/: .*no path; remove that object"):
        bucket.keys("a/")


def test_a_condition_that_never_arrives_overwrites(bucket: Bucket, weather: HttpProxy) -> None:
    # What the probe of the lake is for.
    weather.program = always(StripHeader("if-none-match"))
    bucket.put("a/b", b"desk")
    assert bucket.get("a/b") == b"desk"


def test_an_endpoint_that_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "sk-zanzibar@host")
    with pytest.raises(ConfigurationError, match="AWS_ENDPOINT_URL is wrong") as failed:
        Bucket("s3://shelf", PATIENCE)
    assert_says_only_ours(failed.value)
