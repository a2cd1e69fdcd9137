"""What stopped an article from being told, and how near it came.

Theory: an article passes four sieves in turn (its opening, its subject by its words, first as they stand and then as
they are read, the score, a flow to tell it by), and only the one that stopped it says something of it. Each keeps its
figure in the verdict's reasons, so how far it fell short can be said afterwards.
Known exceptions: figures of an older detector stand in its verdicts and are compared with today's bounds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from worker.model import Reason, Verdict

# Log-odds below a sieve's bound up to which an article still counts as near: about a third of the odds it needed.
_NEAR = 1.1
_GATE, _SUBJECT = "gate.", "words.deal"


class Stop(IntEnum):
    """Where an article was stopped, in the order of the work; the later, the nearer it came."""

    GATE = 0
    SUBJECT = 1
    THRESHOLD = 2
    NO_FLOW = 3
    FAILED = 4


@dataclass(frozen=True, slots=True)
class Miss:
    """Why an article was not told. `margin` is how far it fell short of the sieve that stopped it, in log-odds (0: it
    was stopped for another reason); `score` is the verdict's, 0 for what was never weighed."""

    stop: Stop
    score: float
    margin: float
    reasons: tuple[Reason, ...] = ()

    @property
    def near(self) -> bool:
        """Whether little was missing."""
        return self.margin <= _NEAR

    @property
    def rank(self) -> tuple[float, int, float]:
        """The nearest sorts last: by score, then by the sieve reached, then by what was missing there."""
        return self.score, int(self.stop), -self.margin


def gated(reasons: Sequence[Reason], *, bias: float) -> Miss:
    """Return why the gate stopped an item; `bias` is the gate's own."""
    short = -(bias + sum(reason.weight for reason in reasons))
    return Miss(Stop.GATE, 0.0, max(0.0, round(short, 2)), _against(reasons))


def missed(verdict: Verdict, *, threshold: float, bias: float) -> Miss | None:
    """Return what stopped an article that was judged; None for one that was told.

    `threshold` is the score from which an article is a deal, `bias` the gate's.
    """
    if verdict.deal:
        return None if verdict.flows else Miss(Stop.NO_FLOW, verdict.score, 0.0, _against(verdict.reasons))
    if all(reason.code.startswith(_GATE) for reason in verdict.reasons):  # none at all: an empty text
        return gated(verdict.reasons, bias=bias)
    if len(verdict.reasons) == 1 and verdict.reasons[0].code == _SUBJECT:
        short = _number(verdict.reasons[0].detail) - verdict.reasons[0].weight
        return Miss(Stop.SUBJECT, 0.0, max(0.0, round(short, 2)), verdict.reasons)
    short = _logit(threshold) - _logit(verdict.score)
    return Miss(Stop.THRESHOLD, verdict.score, max(0.0, round(short, 2)), _against(verdict.reasons))


def _against(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Return the reasons, the heaviest against first."""
    return tuple(sorted(reasons, key=lambda reason: reason.weight))


def _logit(score: float) -> float:
    bounded = min(max(score, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return 0.0
