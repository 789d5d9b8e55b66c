"""The table leases: one run at a time works on a version, and a superseded worker writes nothing.

Two things together say that a run is alive: a session lock that its processes hold while they work, which
Postgres lets go the moment they die, and an expiry that covers the gaps between the tasks of a scheduler.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.errors import LockNotAvailable

from catalog_embeddings.domain.run import Lease
from catalog_embeddings.errors import RunFenced, RunLocked
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("leases")


def take(connection: Connection, version: str, run_id: str, holder: str, gap_seconds: float) -> Lease:
    """Take over a version for a run, and hold it for as long as this connection lives.

    ``gap_seconds`` is how long the lease outlives the processes that work under it: 0 for a single process,
    a scheduler's pause between two tasks otherwise.

    Raises:
        RunLocked: another run is alive.
    """
    if not _lock(connection, "hold_exclusive", version):
        raise _locked(connection, version)
    try:
        found = connection.execute(_QUERIES["holder"], [version]).fetchone()
        if found is not None and found[3] and found[1] != holder:
            raise _locked(connection, version)
        row = connection.execute(
            _QUERIES["take"], {"version": version, "run_id": run_id, "holder": holder, "seconds": gap_seconds}
        ).fetchone()
        connection.execute(_QUERIES["hold_shared"], [version])
    finally:
        connection.execute(_QUERIES["release_exclusive"], [version])
    if row is None or not isinstance(row[0], int):
        raise RunFenced(f"the lease of version {version} could not be taken")
    return Lease(version=version, run_id=run_id, fence=row[0])


@contextmanager
def hold_idle(connection: Connection, version: str) -> Iterator[None]:
    """Keep every run away from a version on which none is at work.

    Raises:
        RunLocked: a run is.
    """
    if not _lock(connection, "hold_exclusive", version):
        raise _locked(connection, version)
    try:
        found = connection.execute(_QUERIES["holder"], [version]).fetchone()
        if found is not None and found[3]:
            raise _locked(connection, version)
        yield
    finally:
        connection.execute(_QUERIES["release_exclusive"], [version])


def join(connection: Connection, run_id: str) -> Lease:
    """Work under the lease that a run already has, for as long as this connection lives.

    Raises:
        RunFenced: the run has lost its lease to another.
    """
    lease = _lease_of(connection, run_id)
    if not _lock(connection, "hold_shared", lease.version):
        raise RunFenced(f"run {run_id} is being taken over by another run")
    # Asked again, because only from here on nobody can take the version over.
    return _lease_of(connection, run_id)


def renew(connection: Connection, lease: Lease, gap_seconds: float) -> None:
    """Let the lease outlive its processes by so many seconds from now; 0 gives it up."""
    connection.execute(
        _QUERIES["renew"],
        {"version": lease.version, "run_id": lease.run_id, "fence": lease.fence, "seconds": gap_seconds},
    )


def check_fence(connection: Connection, lease: Lease) -> None:
    """Inside a transaction: nobody takes the version over, and nobody finishes the run, before it ends.

    Raises:
        RunFenced: somebody already has.
    """
    held = connection.execute(
        _QUERIES["check_fence"], {"version": lease.version, "run_id": lease.run_id, "fence": lease.fence}
    ).fetchone()
    if held is None:
        raise _fenced(lease)


def raise_fence(connection: Connection, lease: Lease, fence: int) -> Lease:
    """The same lease under a fence that is at least as high: what another database handed out counts here too."""
    row = connection.execute(
        _QUERIES["raise_fence"],
        {"version": lease.version, "run_id": lease.run_id, "fence": lease.fence, "least": fence},
    ).fetchone()
    if row is None:
        raise _fenced(lease)
    return Lease(version=lease.version, run_id=lease.run_id, fence=row[0])


def lock(connection: Connection, version: str) -> None:
    """Inside a transaction: nobody takes the version over, and no vector of it is written, before it ends.

    Raises:
        RunFenced: no run has ever held it.
    """
    if connection.execute(_QUERIES["lock"], [version]).fetchone() is None:
        raise RunFenced(f"version {version} was never run: there is nothing to add to")


@contextmanager
def borrow(connection: Connection, version: str, run_id: str) -> Iterator[Lease]:
    """In the transaction that has locked a version: hold it for a run that ends there too, whoever holds it otherwise.

    Afterwards it is whose it was, under the same fence. The caller makes sure that no other run has written what it
    has not sealed.
    """
    held_by, fence = connection.execute(_QUERIES["of_version"], [version]).fetchone() or (None, 0)
    connection.execute(_QUERIES["hand_over"], {"version": version, "run_id": run_id})
    yield Lease(version=version, run_id=run_id, fence=fence)
    connection.execute(_QUERIES["hand_over"], {"version": version, "run_id": held_by})


def _fenced(lease: Lease) -> RunFenced:
    return RunFenced(f"run {lease.run_id} was superseded or finished by another worker: nothing more is written")


def _locked(connection: Connection, version: str) -> RunLocked:
    found = connection.execute(_QUERIES["holder"], [version]).fetchone()
    if found is None:
        return RunLocked(f"version {version} is locked by a run that is just starting; try again in a moment")
    run_id, holder, since, _ = found
    return RunLocked(
        f"version {version} is locked by run {run_id}, since {since:%Y-%m-%d %H:%M:%S} UTC, on {holder}; "
        "wait for it to end, or stop it"
    )


def _lease_of(connection: Connection, run_id: str) -> Lease:
    row = connection.execute(_QUERIES["fence_of_run"], [run_id]).fetchone()
    if row is None:
        raise RunFenced(f"run {run_id} no longer holds its version: another run has taken it over")
    return Lease(version=row[0], run_id=run_id, fence=row[1])


def _lock(connection: Connection, query: str, version: str) -> bool:
    """Take a session lock; False when somebody else keeps it for longer than a closed connection would."""
    try:
        with connection.transaction():
            connection.execute(_QUERIES["patience"])
            connection.execute(_QUERIES[query], [version])
    except LockNotAvailable:
        return False
    return True
