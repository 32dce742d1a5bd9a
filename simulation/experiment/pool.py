"""Who makes the runs: processes of this machine, or a cluster. Both lend the same kind of executor.

A process that is killed loses the run it was at and no other: that run is made again, with the same
result, because a run depends on nothing but its job.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from simulation.experiment.store import code_version

T = TypeVar("T")
R = TypeVar("R")

PATIENCE = 3
"""How often in a row workers may be lost without a single run finished in between."""

_AHEAD = 2
"""Jobs handed out per worker, so that none waits for the next one."""

_SAFE_PATH = {"PYTHONSAFEPATH": "1"}
"""Keeps a new Python from searching the working folder first, where a user's file may be named signal.py."""


class LostWorkers(Exception):
    """The workers were lost again and again."""


class NoWorkers(LostWorkers):
    """There is nobody to give work to."""


class BadAddress(ValueError):
    """An address at which there cannot be a scheduler, or that this machine has no way to reach."""


class OtherCode(Exception):
    """A worker runs another version of the code than this command, so its results would differ."""


class Pool(Protocol):
    """Somewhere to have work done; ``losses`` are what its executor raises when a worker is gone."""

    losses: tuple[type[Exception], ...]

    def open(self) -> Executor:
        """Begin; raises NoWorkers if nobody answers."""

    def room(self) -> int:
        """How many jobs to hand out at once."""

    def close(self) -> None:
        """Stop at once, whatever is still being worked on."""

    def fewer(self) -> Pool:
        """What to go on with after workers were lost."""


@dataclass
class Machine:
    """So many processes of this machine."""

    processes: int
    losses: tuple[type[Exception], ...] = (BrokenExecutor, CancelledError, MemoryError)
    _executor: Any = field(default=None, repr=False)

    def open(self) -> Executor:
        """Start the processes; they end when this one does, however it ends."""
        from joblib.externals.loky import ProcessPoolExecutor

        # A process that has grown large is replaced between two runs: nothing is lost, nothing to be done.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
        _start_resource_trackers()
        self._executor = ProcessPoolExecutor(
            self.processes, initializer=_stay_with, initargs=(os.getpid(),), timeout=600, env=_SAFE_PATH
        )
        executor: Executor = self._executor
        return executor

    def room(self) -> int:
        """How many jobs to hand out at once."""
        return _AHEAD * self.processes

    def close(self) -> None:
        """Kill the processes."""
        if self._executor is None:
            return
        report = threading.excepthook

        def ignore_key_error(args: threading.ExceptHookArgs) -> None:
            # The manager's thread does not find a job that was handed out at this very moment.
            if args.exc_type is not KeyError:
                report(args)

        threading.excepthook = ignore_key_error
        try:
            self._executor.shutdown(wait=True, kill_workers=True)
        finally:
            threading.excepthook = report

    def fewer(self) -> Machine:
        """Half as many processes: the likeliest reason for a lost one is memory."""
        return Machine(max(1, self.processes // 2))


def _start_resource_trackers() -> None:
    """Start the two processes that loky needs beside its workers, which take their environment from here."""
    from multiprocessing import resource_tracker

    from joblib.externals.loky.backend import resource_tracker as loky_tracker

    before = {name: os.environ.get(name) for name in _SAFE_PATH}
    os.environ.update(_SAFE_PATH)
    try:
        loky_tracker.ensure_running()
        resource_tracker.ensure_running()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _stay_with(parent: int) -> None:
    """Leave Ctrl-C to the process that gave the work, and end when that one has been killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Cluster:
    """The workers of a dask.distributed scheduler, which have to run the same code.

    patience: seconds to look for the scheduler, and for its first worker. Raises BadAddress.
    """

    def __init__(self, address: str, patience: float = 10.0) -> None:
        import dask

        silent = dict.fromkeys(("distributed", "distributed.client", "distributed.core"), "critical")
        dask.config.set({"logging": silent, "distributed.comm.timeouts.connect": f"{patience}s"})
        from distributed import KilledWorker
        from distributed.client import ClosedClientError

        self._arguments = _connection_arguments(address)
        self.address = address
        self.patience = patience
        self.losses: tuple[type[Exception], ...] = (
            CancelledError,
            MemoryError,
            KilledWorker,
            ClosedClientError,
        )
        self._client: Any = None

    def open(self) -> Executor:
        """Connect."""
        import distributed

        connect: Any = distributed.Client
        loop: Any = distributed.utils.LoopRunner  # a notebook's own loop runs already
        try:
            loop().run_sync(self._knock)
            self._client = connect(self.address, timeout=self.patience, set_as_default=False)
            self._client.wait_for_workers(1, timeout=self.patience)
        except (OSError, TimeoutError, ValueError, ImportError) as error:
            why = str(error) or "it accepts the connection and sends nothing"
            raise NoWorkers(f"no worker answers at {self.address}: {why}") from None
        executor: Executor = self._client.get_executor(pure=False)
        return executor

    async def _knock(self) -> None:
        """Find out whether a scheduler answers: ``Client`` would wait for ever on one that only accepts."""
        from distributed.comm import core

        connect: Any = core.connect
        answer = connect(self.address, timeout=self.patience, **self._arguments)
        try:
            (await asyncio.wait_for(answer, self.patience + 1)).abort()
        except OSError:
            raise
        except Exception:  # noqa: BLE001  another kind of server may send anything
            raise NoWorkers(f"what answers at {self.address} is no Dask scheduler") from None

    def room(self) -> int:
        """How many jobs to hand out at once; workers may come and go."""
        return _AHEAD * max(1, sum(int(threads) for threads in self._client.nthreads().values()))

    def close(self) -> None:
        """Give back what is not begun and disconnect; the cluster itself goes on."""
        if self._client is not None:
            self._client.close(timeout=1)

    def fewer(self) -> Cluster:
        """The same cluster, connected to anew: it replaces lost workers itself."""
        return Cluster(self.address, self.patience)


def _connection_arguments(address: str) -> dict[str, Any]:
    """What a connection to this address takes besides; raises BadAddress if there cannot be one."""
    from distributed import security
    from distributed.comm.addressing import get_address_host_port, parse_address

    settings: Any = security.Security
    try:
        _, port = get_address_host_port(address)
        arguments: dict[str, Any] = settings().get_connection_args("client")
    except Exception as error:  # noqa: BLE001  addresses and settings are read by many libraries
        raise BadAddress(f"no address of a scheduler ({error}). Write it like tcp://HOST:8786") from None
    if not 0 < port < 2**16:
        raise BadAddress(f"there is no port {port}. Allowed: 1 to {2**16 - 1}")
    encrypted = parse_address(address)[0] in ("tls", "wss")
    if encrypted and arguments["ssl_context"] is None:
        raise BadAddress(
            "needs the settings distributed.comm.tls.ca-file and distributed.comm.tls.client.cert and .key "
            "of Dask, and none are set on this machine. See https://distributed.dask.org/en/stable/tls.html"
        )
    return arguments


def checked(function: Callable[[T], R], item: T, code: str) -> R:
    """Work on one item, if the worker has the right code."""
    if code != code_version():
        raise OtherCode("a worker has another version of Offramp, Python, numpy or SimPy than this command")
    return function(item)


def map_unordered(
    function: Callable[[T], R], items: Iterable[T], pool: Pool, warn: Callable[[str], None]
) -> Iterator[tuple[T, R]]:
    """Every item with the function's result, in order of completion.

    ``warn`` is called when a worker is lost; raises LostWorkers if that happens again and again.
    """
    todo = deque(items)
    losses = 0
    while todo:
        try:
            for item, result in _worked(function, todo, pool):
                losses = 0
                yield item, result
        except NoWorkers:
            raise
        except LostWorkers:
            losses += 1
            if losses >= PATIENCE:
                raise
            pool = pool.fewer()
            warn("A worker was lost, perhaps for lack of memory. Its work starts again.")


def _worked(function: Callable[[T], R], todo: deque[T], pool: Pool) -> Iterator[tuple[T, R]]:
    """As ``map_unordered`` until a worker is lost; unfinished items are then back in ``todo``."""
    running: dict[Future[R], T] = {}
    try:
        executor = pool.open()
        while todo or running:
            _hand_out(function, todo, running, pool, executor)
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                result = _outcome(future, pool.losses)
                yield running.pop(future), result
    finally:
        todo.extendleft(running.values())
        with suppress(Exception):
            pool.close()


def _hand_out(
    function: Callable[[T], R], todo: deque[T], running: dict[Future[R], T], pool: Pool, executor: Executor
) -> None:
    try:
        room = pool.room() if todo else 0
        while todo and len(running) < room:
            future = executor.submit(checked, function, todo[0], code_version())
            running[future] = todo.popleft()
    except pool.losses + (OSError, RuntimeError) as loss:  # noqa: RUF005
        raise LostWorkers(str(loss)) from None


def _outcome(future: Future[R], losses: tuple[type[Exception], ...]) -> R:
    try:
        return future.result()
    except losses as loss:
        raise LostWorkers(str(loss) or type(loss).__name__) from None
