"""Work that is shared out among the cores of a machine."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

# Children of a fork see what their parent holds: the work and all that it refers to need not be sent.
_CONTEXT = multiprocessing.get_context("fork")
_Job = TypeVar("_Job")
_Result = TypeVar("_Result")
_work: Callable[[Any], Any] | None = None


def each(work: Callable[[_Job], _Result], jobs: Sequence[_Job]) -> list[_Result]:
    """Return what `work` gives for each job, in order; results are sent between processes, jobs too."""
    global _work
    _work = work
    try:
        with _CONTEXT.Pool(min(multiprocessing.cpu_count(), len(jobs))) as pool:
            return pool.map(_call, jobs, chunksize=1)
    finally:
        _work = None


def _call(job: Any) -> Any:
    assert _work is not None
    return _work(job)
