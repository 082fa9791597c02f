"""Workers of a Ray cluster that do jobs one at a time; one that dies is replaced and its job done again."""

from __future__ import annotations

import logging
import os
import socket
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType, TracebackType
from typing import Any, TypeVar

from turkic_nlp import __version__
from turkic_nlp.errors import ClusterFailed, MissingExtra, NoDevice, TurkicError

logger = logging.getLogger(__name__)
TRIES = 4
LOCAL_STORE = 100_000_000  # bytes of shared memory: only numbers and names go through it
_PATIENCE = 60.0
_KNOCK = 10.0
Job = TypeVar("Job")


def ray_module() -> ModuleType:
    """Ray, which sends no usage statistics; MissingExtra (T505) without the extra ``cluster``."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    logging.getLogger("ray").setLevel(logging.ERROR)
    try:
        import ray
    except ImportError as error:
        raise MissingExtra(what="--engine ray", extra="cluster") from error
    module: ModuleType = ray
    return module


@contextmanager
def connected(address: str | None = None, *, n_process: int | None = None) -> Iterator[None]:
    """Ray, for the time of a block: the cluster at ``address``, or one of this machine alone.

    Where the program is connected already, that connection is used and kept. Raises ClusterFailed (T615).
    """
    ray = ray_module()
    if ray.is_initialized():
        yield
        return
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    here = {"num_cpus": n_process, "include_dashboard": False, "object_store_memory": LOCAL_STORE}
    try:
        if address:
            _knock(address)
        ray.init(address=address or "local", **quiet, **({} if address else here))
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise ClusterFailed(
            f"no connection to {address or 'a cluster of this machine'} ({_said(error)})"
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Raise OSError where nobody listens; Ray would try for minutes."""
    host, _, port = address.rpartition("/")[2].rpartition(":")
    if host and port.isdecimal():
        with socket.create_connection((host, int(port)), timeout=_KNOCK):
            pass


def worker_device(device: str) -> str:
    """``cpu`` or ``cuda``, whatever this machine has itself; NoDevice (T612) in a cluster without a GPU."""
    gpus = ray_module().cluster_resources().get("GPU", 0)
    if device == "cuda" and not gpus:
        raise NoDevice(device)
    return "cuda" if device != "cpu" and gpus else "cpu"


def worker_count(device: str) -> int:
    """One worker for each GPU, or for each core."""
    return max(1, int(ray_module().cluster_resources().get("GPU" if device == "cuda" else "CPU", 1)))


class Worker:
    """What runs in an actor: calls methods of ``tools`` by name and hands numbered errors back as values."""

    def __init__(self, tools: Any) -> None:
        self.tools = tools

    def version(self) -> str:
        """The package's version on this worker's machine."""
        return __version__

    def do(self, method: str, job: Any) -> Any:
        """One job."""
        try:
            return getattr(self.tools, method)(job)
        except TurkicError as error:
            return error


class Pool:
    """``count`` actors, each with ``tools``, a core, and a GPU under ``device="cuda"``.

    Actors that find no room in the cluster wait and are not waited for. A job whose worker dies ``TRIES``
    times ends the run with ClusterFailed (T615).
    """

    def __init__(self, tools: Any, *, count: int, device: str) -> None:
        self._ray = ray_module()
        self._actor = self._ray.remote(num_cpus=1, num_gpus=int(device == "cuda"))(Worker)
        self._tools = self._ray.put(tools)
        self._count = count
        self._starting: dict[Any, Any] = {}
        self._running: dict[Any, tuple[Any, int]] = {}
        self._idle: list[Any] = []
        self._false_starts = 0

    def __enter__(self) -> Pool:
        for _ in range(self._count):
            self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        running = [actor for actor, _ in self._running.values()]
        for actor in [*self._idle, *self._starting.values(), *running]:
            self._ray.kill(actor)

    def run(self, method: str, jobs: Sequence[Job]) -> Iterator[tuple[Job, Any]]:
        """(job, result) as they come, in any order; the first numbered error of a job is raised."""
        waiting, deaths = deque(range(len(jobs))), Counter[int]()
        while waiting or self._running:
            while waiting and self._idle:
                actor, number = self._idle.pop(), waiting.popleft()
                self._running[actor.do.remote(method, jobs[number])] = actor, number
            for ref in self._next():
                if ref in self._starting:
                    self._started(ref)
                    continue
                actor, number = self._running.pop(ref)
                try:
                    result = self._ray.get(ref)
                except self._ray.exceptions.RayActorError as error:
                    deaths[number] += 1
                    self._replace(jobs[number], deaths[number], error)
                    waiting.appendleft(number)
                    continue
                self._idle.append(actor)
                if isinstance(result, TurkicError):
                    raise result
                yield jobs[number], result

    def _start(self) -> None:
        actor = self._actor.remote(self._tools)
        self._starting[actor.version.remote()] = actor

    def _next(self) -> list[Any]:
        """What has finished first."""
        ready: list[Any] = []
        while not ready:
            ready, _ = self._ray.wait([*self._running, *self._starting], num_returns=1, timeout=_PATIENCE)
            if not ready and not self._running:
                logger.warning("Ray has found no room for a worker in %.0f s; waiting on.", _PATIENCE)
        return ready

    def _started(self, ref: Any) -> None:
        actor = self._starting.pop(ref)
        try:
            version = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            self._false_starts += 1
            if self._false_starts == TRIES:
                raise ClusterFailed(f"workers do not start ({_said(error)})") from error
            self._start()
            return
        if version != __version__:
            raise ClusterFailed(f"a worker has spacy-turkic {version}, this machine has {__version__}")
        self._false_starts = 0
        self._idle.append(actor)

    def _replace(self, job: Any, deaths: int, error: Exception) -> None:
        if deaths == TRIES:
            raise ClusterFailed(f"{deaths} workers died of {job} ({_said(error)})") from error
        logger.warning("Ray: a worker died of %s (%s); it is done again.", job, _said(error))
        self._start()


def _said(error: Exception) -> str:
    """The last line of Ray's many, without its full stop."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__).rstrip(".")
