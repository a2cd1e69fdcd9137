"""What the store says of the daemon's health, read by whoever asks: no other part need be alive for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from worker.cli import exits, phrases, screen
from worker.cli.faults_told import told
from worker.cli.phrases import phrase

if TYPE_CHECKING:
    from worker.adapters.store import Store
    from worker.model import CanaryRun
    from worker.ports import Clock
    from worker.settings import Settings

OK, FAULT, NOTE = "ok", "fault", "note"

_LEAST_AGE_S = 60.0
_NAMES = 8
_LARGEST = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: what was checked, how it is, and what to do about it ("" where nothing).

    `told` is the detail in the words of the command line, where programs get others.
    """

    check: str
    state: str
    detail: str
    todo: str = ""
    code: int = exits.OK
    told: str = ""


class View(Protocol):
    """What a look at the daemon's health needs; a runtime has it, and more that takes long to load."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def store(self) -> Store: ...


def missing(runtime: View) -> list[str]:
    """Return in words what has not happened in time: a watch, a canary. Raises StoreError."""
    found = list(_unwatched(runtime))
    fault = _canary_fault(runtime)
    return [*found, *([fault] if fault else [])]


def no_room(runtime: View) -> list[str]:
    """Return in words that the disk of the data folder is full, [] where it is not."""
    from worker.adapters.disk import room

    if not room(runtime.settings.general.data).full:
        return []
    found = disk(runtime)
    return [phrase("vitals.of", part=found.detail, detail=found.todo)]


def disk(runtime: View) -> Finding:
    """Return whether the data folder takes files, how much room is left, and what takes it up."""
    from worker.adapters.disk import room

    folder = runtime.settings.general.data
    while runtime.store.absent and not folder.exists() and folder != folder.parent:
        # Before the first start the folder is still to be made: its disk is that of the one around it.
        folder = folder.parent
    found = room(folder)
    place = phrase("health.room", folder=folder, free=_megabytes(found.free), total=_megabytes(found.total))
    if not found.fault and not found.low:
        return Finding("disk", OK, place)
    largest = ", ".join(f"{path.name} {_megabytes(size)}" for path, size in _largest(folder))
    detail = f"{place}; {largest}" if largest else place
    if found.fault:
        return Finding("disk", FAULT, f"{found.fault}: {detail}", phrase("health.fix_disk"), exits.DOWN)
    return Finding("disk", NOTE, detail, phrase("health.fix_disk"))


def _largest(folder: Path) -> list[tuple[Path, int]]:
    try:
        files = [(path, path.stat().st_size) for path in folder.rglob("*") if path.is_file()]
    except OSError:
        return []
    return sorted(files, key=lambda pair: -pair[1])[:_LARGEST]


def _megabytes(size: int) -> str:
    return screen.number(round(size / 2**20, 1), phrase("unit.megabyte"))


def canary(runtime: View) -> Finding:
    """Return how the last canary fared. Raises StoreError."""
    from worker.pipeline import canary as runs

    if not runtime.settings.canary.enabled:
        return Finding("canary", NOTE, phrase("health.canary_off"))
    planted = runtime.store.canary_runs() if runtime.store.schema_version() is not None else ()
    if not planted:
        return Finding("canary", NOTE, phrase("health.never_planted"), phrase("doctor.run_up"))
    fault = _canary_fault(runtime)
    if fault:
        return Finding("canary", FAULT, fault, phrase("health.fix_canary"), exits.FAILED)
    now = runtime.clock.now()
    last = next((one for one in planted if runs.is_over(one, now)), None)
    if last is None or last.arrived_at is None:
        return Finding("canary", OK, phrase("health.under_way", ago=screen.since(planted[0].planted_at, now)))
    seconds = (last.arrived_at - last.planted_at).total_seconds()
    return Finding(
        "canary",
        OK,
        phrase("health.arrived", seconds=f"{seconds:.0f}", ago=screen.since(last.planted_at, now)),
    )


def silences(runtime: View) -> Finding:
    """Return which feeds are known to be silent. Raises StoreError."""
    from worker.model import TroubleKind

    alarms = runtime.store.alarms() if runtime.store.schema_version() is not None else ()
    others = (
        TroubleKind.CANARY, TroubleKind.RECIPIENT, TroubleKind.FAILING, TroubleKind.GIVEN_UP, TroubleKind.DISK,
    )  # fmt: skip
    raised = [one.trouble for one in alarms if one.raised and one.trouble.kind not in others]
    if not raised:
        return Finding("silence", OK, phrase("health.no_silence"))
    names = list(dict.fromkeys(name for one in raised for name in one.names))
    shown = ", ".join(names[:_NAMES]) + (", …" if len(names) > _NAMES else "")
    grave = any(one.kind is TroubleKind.OUTAGE for one in raised)
    return Finding(
        "silence",
        FAULT if grave else NOTE,
        phrase("health.silences", count=len(names), names=shown),
        phrase("health.fix_silence"),
        exits.FAILED if grave else exits.OK,
    )


def _unwatched(runtime: View) -> Iterator[str]:
    now = runtime.clock.now()
    last = runtime.store.heartbeats().get("watch")
    if last is not None and (now - last).total_seconds() > max(_LEAST_AGE_S, 4 * runtime.settings.canary.watch_s):
        yield phrase("health.no_watch", ago=screen.since(last, now))


def _canary_fault(runtime: View) -> str:
    from worker.pipeline import canary as runs

    section = runtime.settings.canary
    if not section.enabled:
        return ""
    now = runtime.clock.now()
    planted = runtime.store.canary_runs()
    every, within = timedelta(seconds=section.every_s), timedelta(seconds=section.within_s)
    late = runs.missed(planted, now)
    if late is not None:
        return phrase("health.missed", ago=screen.since(late.planted_at, now), stage=_stage(runtime, late))
    if runs.is_stale(planted, now, every=every, within=within):
        return phrase("health.stale", ago=screen.since(planted[0].planted_at, now))
    return ""


def _stage(runtime: View, run: CanaryRun) -> str:
    from worker.pipeline.troubles import stage_words

    # Where no watch has written it down, nobody was left to; the rows still say it.
    stage, detail = (run.stage, run.detail) if run.stage is not None else runtime.store.canary_stage(run)
    words = stage_words(stage, phrases.language())
    return f"{words} ({told(detail)})" if detail else words
