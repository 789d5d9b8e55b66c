"""A worker in a process of its own, which stops or dies at a moment that is named from outside.

Knows the steps in the order in which the DAG calls them, and ``sys.setprofile``: the interpreter tells of every
function that is entered and left, so the code under test needs no hook for a crash. What a moment means, and what
must hold after it, is known to ``crash_points`` and ``invariants``.
"""

import importlib
import inspect
import itertools
import json
import logging
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import catalog_embeddings
from catalog_embeddings import bootstrap
from catalog_embeddings.cli import app
from catalog_embeddings.domain.batch import Via
from catalog_embeddings.errors import BatchesUnderWay, CatalogEmbeddingsError
from catalog_embeddings.postgres.runs import find_run
from tests.faults.compiled_models import CompiledModel, redo_models

_PACKAGE = str(Path(catalog_embeddings.__file__).parent)
_ENTER, _LEAVE = {"call", "c_call"}, {"return", "c_return", "c_exception"}
_SETTINGS = ("CATALOG_EMBEDDINGS_", "OPENAI_", "BLEND_", "AWS_")

Watch = Callable[[FrameType, str, Any], None]
Comes = Callable[[FrameType, str, Any], bool]


@dataclass(frozen=True)
class Moment:
    """The ``nth`` time that a function (``package.module:name``) is entered or left, and the signal that comes then.

    ``within`` counts only calls below another function. A name that no longer exists is an error, and so a moment
    never passes silently because somebody renamed a function.
    """

    function: str
    event: str
    nth: int = 1
    within: str | None = None
    signal: int = signal.SIGKILL


@dataclass(frozen=True)
class Place:
    """The ``nth`` time that the package's own code comes to a place, as a worker with ``places`` wrote it down."""

    name: str
    nth: int
    signal: int = signal.SIGKILL


@dataclass(frozen=True)
class Job:
    """What a worker does: the steps of a run as ``holder``, or else a command line; and when it is struck.

    ``via`` is how the run asks the API. ``models`` are what dbt would run: the steps fill the tables by them where the
    DAG would start dbt. ``places`` is where to write which places the package's code came to, and how often.
    """

    environment: dict[str, str]
    log: Path
    holder: str
    models: list[CompiledModel]
    command: tuple[str, ...] = ()
    via: Via | None = None
    moment: Moment | Place | None = None
    places: Path | None = None


def work(job: Job) -> None:
    """Do a job; what it prints and logs is appended to its log, and its exit code is the command line's."""
    for name in [name for name in os.environ if name.startswith(_SETTINGS)]:
        del os.environ[name]
    os.environ.update(job.environment)
    log = os.open(job.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(name)s %(levelname)s %(message)s", force=True)
    if job.moment is not None:
        _watch(_strike(job.moment))
    came = Counter[str]()
    if job.places is not None:
        _watch(lambda frame, event, arg: came.update(_place(frame, event, arg)))
    try:
        _do(job)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
        if job.places is not None:
            job.places.write_text(json.dumps(came), encoding="utf-8")


def _do(job: Job) -> None:
    if job.command:
        sys.argv = ["catalog-embeddings", *job.command]
        app.main()
        return
    try:
        run_id = bootstrap.start_run(None, job.holder, via=job.via)
        with bootstrap.open_database() as connection:
            if find_run(connection, run_id).plan_id is None:
                redo_models(connection, job.models)
        for enrichment in bootstrap.plan_enrichments([run_id]):
            _do_shard(bootstrap.enrich_shard, **enrichment)
        for shard in bootstrap.plan_run(run_id):
            _do_shard(bootstrap.load_shard, run_id, shard)
        bootstrap.finish_run(run_id)
    except CatalogEmbeddingsError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.exit(app.exit_code(error))


def _do_shard(step: Callable[[str, int], object], run_id: str, shard: int) -> None:
    """As a deferrable task does it, but for the time in between."""
    while True:
        try:
            step(run_id, shard)
        except BatchesUnderWay:
            time.sleep(0.1)
        else:
            return


def _watch(see: Watch) -> None:
    threading.setprofile(see)
    sys.setprofile(see)


def _strike(moment: Moment | Place) -> Watch:
    counted = itertools.count(1)
    comes = _is_named(moment) if isinstance(moment, Moment) else _is_at(moment.name)

    def see(frame: FrameType, event: str, arg: Any) -> None:
        if comes(frame, event, arg) and next(counted) == moment.nth:
            os.kill(os.getpid(), moment.signal)

    return see


def _is_at(name: str) -> Comes:
    return lambda frame, event, arg: name in _place(frame, event, arg)


def _place(frame: FrameType, event: str, arg: Any) -> list[str]:
    """Where the package's own code is, in words; nothing where other code is."""
    code = frame.f_code
    if not code.co_filename.startswith(_PACKAGE):
        return []
    called = f" {arg.__qualname__}" if event.startswith("c_") else ""
    return [f"{code.co_filename.removeprefix(_PACKAGE)} {code.co_qualname} {event}{called}"]


def _is_named(moment: Moment) -> Comes:
    events = {"enter": _ENTER, "leave": _LEAVE}[moment.event]
    target = resolve(moment.function)
    outer = None if moment.within is None else resolve(moment.within)

    def comes(frame: FrameType, event: str, arg: Any) -> bool:
        if event not in events or target is not (arg if event.startswith("c_") else frame.f_code):
            return False
        return outer is None or _stands_below(frame, outer)

    return comes


def _stands_below(frame: FrameType, outer: object) -> bool:
    above: FrameType | None = frame
    while above is not None:
        if above.f_code is outer:
            return True
        above = above.f_back
    return False


def resolve(function: str) -> object:
    """What the interpreter shows of a function that is called: its code, or a built-in itself.

    Raises:
        ImportError, AttributeError: there is no such function.
    """
    module, _, path = function.partition(":")
    found: Any = importlib.import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    found = inspect.unwrap(found)
    return getattr(found, "__code__", found)
