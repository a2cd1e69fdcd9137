"""Work that is shared out among the cores of a machine."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

_Job = TypeVar("_Job")
_Result = TypeVar("_Result")
# Children of a fork see what their parent holds: the work and all that it refers to need not be sent.
_CONTEXT = multiprocessing.get_context("fork")
_PIECES = 16
_work: Callable[[Any], Any] | None = None


def each(work: Callable[[_Job], _Result], jobs: Sequence[_Job]) -> list[_Result]:
    """Return what `work` gives for each job, in order; jobs and results are sent between processes.

    Raises BrokenProcessPool if a process is killed, as one that needs more memory than there is.
    """
    global _work
    _work = work
    count = max(min(multiprocessing.cpu_count(), len(jobs)), 1)
    # Few jobs are sent one by one, many in pieces, sixteen or more of them for each core.
    piece = max(len(jobs) // (count * _PIECES), 1)
    try:
        with ProcessPoolExecutor(count, mp_context=_CONTEXT, initializer=_alone) as pool:
            return list(pool.map(_call, jobs, chunksize=piece))
    finally:
        _work = None


def _alone() -> None:
    # A child that asks for the threads of its parent's OpenMP waits for ever: a fork has none of them.
    threadpool_limits(1)


def _call(job: Any) -> Any:
    assert _work is not None
    return _work(job)
