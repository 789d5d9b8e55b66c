"""Faults happen to exactly the requests they are meant for, and wrong settings are refused in a sentence."""

import contextlib

import pytest

from catalog_embeddings.emulator.faults import Behaviour, Faults, ScriptedFault, refusal
from catalog_embeddings.emulator.openai_errors import ApiError


def _statuses(faults: Faults, calls: int) -> list[int]:
    statuses = []
    for _ in range(calls):
        try:
            faults.admit(["a lamp"], tokens=2, in_flight=1)
            statuses.append(200)
        except ApiError as error:
            statuses.append(error.status)
    return statuses


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"latncy_s": 1}, r"latncy_s is not a setting of the emulator; known are: latency_s, .*"),
        ({"rate_of_429": 2}, r"rate_of_429: Input should be less than or equal to 1\."),
        ({"latency_s": float("inf")}, r"latency_s: Input should be .*"),
        ({"fail_next": [{"sattus": 500}]}, r"fail_next\.0\.sattus is not a setting .*known are: status, .*"),
        ({"fail_next": [{}]}, r"fail_next\.0: a fault needs a status, a kind or stall_s\."),
        ({"fail_next": [{"status": 500, "kind": "nan"}]}, r"fail_next\.0: a fault has a status or a kind.*"),
        ({"fail_next": [{"kind": "unheard of"}]}, r"fail_next\.0\.kind.*"),
        ({"fail_next": [{"kind": "nan", "endpoint": "files"}]}, r"fail_next\.0: nan is a fault of vectors, and .*"),
        ({"batch_expires_after": 2}, r"batch_expires_after: Input should be less than or equal to 1\."),
        ({"poison": [""]}, r"poison\.0: .*"),
    ],
)
def test_a_wrong_setting_is_refused_in_a_sentence(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        Behaviour().changed(settings)


def test_settings_that_are_not_named_stay() -> None:
    behaviour = Behaviour().changed({"latency_s": 0.5}).changed({"rate_of_500": 0.1})
    assert (behaviour.latency_s, behaviour.rate_of_500) == (0.5, 0.1)


def test_a_fault_that_happened_is_no_longer_part_of_the_behaviour() -> None:
    faults = Faults(Behaviour().changed({"fail_next": [{"status": 500}, {"kind": "nan"}]}))
    assert faults.next_fault("embeddings") == ScriptedFault(status=500)
    assert faults.behaviour.fail_next == (ScriptedFault(kind="nan"),)


def test_faults_of_vectors_wait_for_an_embedding_request() -> None:
    faults = Faults(Behaviour().changed({"fail_next": [{"kind": "nan"}, {"status": 500}]}))
    assert faults.next_fault("chat") == ScriptedFault(status=500)
    assert faults.next_fault("chat") is None
    assert faults.next_fault("embeddings") == ScriptedFault(kind="nan")


def test_files_and_batches_fail_only_where_the_script_names_them() -> None:
    faults = Faults(Behaviour().changed({"fail_next": [{"status": 500, "endpoint": "batches"}, {"status": 503}]}))
    assert faults.next_fault("files") is None
    assert faults.next_fault("embeddings") == ScriptedFault(status=503)
    assert faults.next_fault("embeddings") is None
    assert faults.next_fault("batches") == ScriptedFault(status=500, endpoint="batches")


def test_the_dice_are_the_same_for_the_same_seed() -> None:
    def roll(seed: int) -> list[int]:
        return _statuses(Faults(Behaviour(rate_of_429=0.3, rate_of_500=0.3, seed=seed)), 300)

    assert roll(1) == roll(1) != roll(2)
    assert 60 < roll(1).count(429) < 120
    assert 60 < roll(1).count(500) < 120


def test_a_certain_failure_always_happens() -> None:
    assert _statuses(Faults(Behaviour(rate_of_429=1)), 20) == [429] * 20


def test_retry_after_goes_with_every_429() -> None:
    for settings in ({"rate_of_429": 1.0}, {"max_in_flight": 1}, {"requests_per_minute": 1}):
        faults = Faults(Behaviour().changed({**settings, "retry_after": 7}))
        with contextlib.suppress(ApiError):
            faults.admit(["a lamp"], tokens=2, in_flight=1)
        with pytest.raises(ApiError) as caught:
            faults.admit(["a lamp"], tokens=2, in_flight=2)
        assert caught.value.headers["retry-after"] == "7"


@pytest.mark.parametrize(("status", "kind"), [(413, "invalid_request_error"), (500, "server_error")])
def test_poison_may_be_refused_with_another_status(status: int, kind: str) -> None:
    faults = Faults(Behaviour(poison=("cyanide",), poison_status=status))
    with pytest.raises(ApiError) as refused:
        faults.admit(["cyanide"], tokens=1, in_flight=1)
    assert (refused.value.status, refused.value.kind) == (status, kind)
    faults.admit(["sugar"], tokens=1, in_flight=1)


def test_poison_is_refused_by_part_of_a_text_without_repeating_it() -> None:
    faults = Faults(Behaviour(poison=("cyanide",)))
    with pytest.raises(ApiError) as caught:
        faults.admit(["a lamp", "some cyanide here"], tokens=2, in_flight=1)
    assert caught.value.status == 400
    assert "cyanide" not in caught.value.message


def test_refusal_tells_errors_from_other_faults() -> None:
    assert refusal(ScriptedFault(kind="nan")) is None
    assert refusal(ScriptedFault(stall_s=1)) is None
    quota = refusal(ScriptedFault(kind="insufficient_quota"))
    assert quota
    assert (quota.status, quota.code) == (429, "insufficient_quota")
    overloaded = refusal(ScriptedFault(status=503, code="overloaded", headers={"retry-after": "2"}))
    assert overloaded
    assert (overloaded.status, overloaded.kind, overloaded.code) == (503, "server_error", "overloaded")
    assert overloaded.headers == {"retry-after": "2"}
