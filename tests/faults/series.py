"""What a long run looks like from outside, sample by sample: memory and files of each process, keys, rows, bytes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

import redis

_PROC = Path("/proc")
_PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024


@dataclass(frozen=True, slots=True)
class Process:
    """One process of the daemon. `role` is its command, with "child" for the pool's own; memory in KiB."""

    pid: int
    role: str
    rss_kb: int
    files: int


@dataclass(frozen=True, slots=True)
class Keys:
    """What a broker holds: number of keys, names of those that nothing bounds, messages in its longest list."""

    count: int
    stray: tuple[str, ...]
    longest: int
    used_kb: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One look. `at` in seconds since the begin; `database` in bytes."""

    at: float
    processes: tuple[Process, ...]
    keys: Keys | None
    database: int
    entries: int
    polls: int
    told: int


def tree(root: int) -> tuple[Process, ...]:
    """Return the process `root` and all below it, and those that its death or a parent's death left behind."""
    parents, found = _parents(), []
    for pid in parents:
        with contextlib.suppress(OSError, IndexError):
            if _below(pid, root, parents) or os.getsid(pid) == root:
                words = (_PROC / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
                found.append(
                    Process(
                        pid,
                        _role(words, lost=not _below(pid, root, parents), child=parents[pid] != root and pid != root),
                        int((_PROC / str(pid) / "statm").read_text().split()[1]) * _PAGE_KB,
                        len(list((_PROC / str(pid) / "fd").iterdir())),
                    )
                )
    return tuple(found)


def _parents() -> dict[int, int]:
    found = {}
    for place in _PROC.iterdir():
        if place.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                found[int(place.name)] = int((place / "stat").read_text().rpartition(")")[2].split()[1])
    return found


def _below(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid and pid != root:
        pid = parents.get(pid, 0)
    return pid == root


def _role(words: Sequence[str], *, lost: bool, child: bool) -> str:
    if "valkey" in words[0]:
        return "valkey"
    after = [word for word in words[words.index("worker") + 1 :] if word] if "worker" in words else ["?"]
    name = "fetching" if "poll,read" in after else "deciding" if after[:1] == ["worker"] else after[0]
    return ("orphan " if lost else "") + name + (" child" if child else "")


def keys(client: Any) -> Keys | None:
    """Return what a broker holds, `client` being of redis-py; None while it does not answer."""
    try:
        names = list(client.scan_iter(count=500))
        stray = []
        longest = 0
        for name in names:
            kind = bytes(client.type(name))
            length = int(client.llen(name)) if kind == b"list" else 0
            longest = max(longest, length)
            # Queues, bindings and what is unacknowledged are there by design; whatever else stays needs an end.
            own = (kind == b"list" and b"." not in name) or name.startswith((b"_kombu.binding", b"unacked"))
            if not own and int(client.ttl(name)) == -1:
                stray.append(name.decode("utf-8", "replace"))
        return Keys(len(names), tuple(stray), longest, int(client.info("memory")["used_memory"]) // 1024)
    except redis.RedisError:
        return None


def window(samples: Iterable[Sample], begin: float, end: float) -> list[Sample]:
    """Return the samples between two times."""
    return [one for one in samples if begin <= one.at <= end]


def medians(samples: Iterable[Sample]) -> dict[str, float]:
    """Return the median memory of each role's processes, in KiB."""
    found: dict[str, list[int]] = {}
    for one in samples:
        for process in one.processes:
            found.setdefault(process.role, []).append(process.rss_kb)
    return {role: median(values) for role, values in found.items()}


def most_files(samples: Iterable[Sample]) -> dict[str, float]:
    """Return the files that a process of each role has open: the nine tenth of its samples."""
    found: dict[str, list[int]] = {}
    for one in samples:
        for process in one.processes:
            found.setdefault(process.role, []).append(process.files)
    return {role: sorted(values)[int(0.9 * (len(values) - 1))] for role, values in found.items()}


def steepest(samples: Iterable[Sample], least_s: float) -> tuple[str, float]:
    """Return the role and the growth of the process that grew most from the second to the last quarter of its life,
    of those seen for at least `least_s`."""
    lives: dict[tuple[int, str], list[tuple[float, int]]] = {}
    for one in samples:
        for process in one.processes:
            lives.setdefault((process.pid, process.role), []).append((one.at, process.rss_kb))
    found = ("", 0.0)
    for (_, role), life in lives.items():
        if life[-1][0] - life[0][0] >= least_s and len(life) >= 8:
            quarter = len(life) // 4
            early = median(rss for _, rss in life[quarter : 2 * quarter])
            late = median(rss for _, rss in life[-quarter:])
            found = max(found, (role, late / early - 1), key=lambda one: one[1])
    return found


def line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return slope and R² of the least-squares line through `points`."""
    mean_x, mean_y = fmean(x for x, _ in points), fmean(y for _, y in points)
    sxx = sum((x - mean_x) ** 2 for x, _ in points)
    sxy = sum((x - mean_x) * (y - mean_y) for x, y in points)
    syy = sum((y - mean_y) ** 2 for _, y in points)
    if not sxx or not syy:
        return 0.0, 0.0
    return sxy / sxx, sxy**2 / (sxx * syy)
