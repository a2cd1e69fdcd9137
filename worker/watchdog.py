"""When a part that runs counts as stuck: by the signs of life that its work gives, and by whether it could have any."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

BEAT = "beat"
# Workers get an empty task every 15 s and give a sign at every row that they take; one row may wait for a slow relay.
SILENT_S = 90.0
BEAT_SILENT_S = 60.0
# A scheduler so late has left the workers without work to show.
_BEAT_LATE_S = 30.0
# One who was put to sleep for so long, with all others, knows nothing of them.
_SLEPT_S = 10.0
# A busy machine may take so long to load a part before it can work at all.
START_S = 90.0
# By then a part that was ended and started again has proved itself, or a start of everything is worth a trial.
PROOF_S = 300.0


@dataclass
class Watchdog:
    """The signs of life of several parts. Times are seconds of a monotonic clock."""

    _patient_since: dict[str, float] = field(default_factory=dict)
    _proved_at: dict[str, float] = field(default_factory=dict)
    _starting: set[str] = field(default_factory=set)
    _looked_at: float | None = None

    def started(self, name: str, now: float) -> None:
        """A part was started: it has a whole term to give its first sign."""
        self._patient_since[name] = now + START_S
        self._proved_at.setdefault(name, now)
        self._starting.add(name)

    def heard(self, name: str, now: float) -> None:
        """A part has shown that it works."""
        self._patient_since[name] = self._proved_at[name] = now
        self._starting.discard(name)

    def excuse(self, now: float) -> None:
        """Nobody could have given a sign: what all of them need was away."""
        self._proved_at.update(dict.fromkeys(self._proved_at, now))
        self._be_patient(self._patient_since, now)

    def _be_patient(self, names: Iterable[str], now: float) -> None:
        self._patient_since.update({name: max(now, self._patient_since[name]) for name in names})

    def quietest_s(self, now: float) -> float:
        """Return for how long the quietest part has given no sign."""
        return max((now - since for since in self._patient_since.values()), default=0.0)

    def stuck(self, now: float) -> tuple[str, ...]:
        """Return the parts that count as stuck, to be asked often."""
        if self._looked_at is not None and now - self._looked_at > _SLEPT_S:
            self.excuse(now)
        self._looked_at = now
        silent = {name: now - since for name, since in self._patient_since.items()}
        if BEAT in self._starting or silent.get(BEAT, 0.0) > _BEAT_LATE_S:
            self._be_patient([name for name in silent if name != BEAT], now)
            return (BEAT,) if silent[BEAT] > BEAT_SILENT_S else ()
        return tuple(name for name, seconds in silent.items() if seconds > SILENT_S)

    def proved(self, now: float) -> bool:
        """Return whether every part has lately shown that it works, or had an excuse."""
        return all(now - at < PROOF_S for at in self._proved_at.values())
